import { shallowRef, watchEffect } from 'vue'
import type { Settings } from '../../src-main/backend/rpc/contract.js'

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)')
const systemDark = shallowRef(prefersDark.matches)
prefersDark.addEventListener('change', (e) => (systemDark.value = e.matches))

/** The theme that is shown now. */
export const theme = shallowRef<'light' | 'dark'>('light')

/** Keeps the document in the theme that `choice` gives. */
export function followTheme(choice: () => Settings['theme']): void {
  watchEffect(() => {
    const c = choice()
    theme.value = c === 'system' ? (systemDark.value ? 'dark' : 'light') : c
    document.documentElement.dataset.theme = theme.value
  })
}
