import { shallowRef, watchEffect } from 'vue'
import { accentTokens } from './accent.js'
import type { Settings } from '../../src-main/backend/rpc/contract.js'

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)')
const systemDark = shallowRef(prefersDark.matches)
prefersDark.addEventListener('change', (e) => (systemDark.value = e.matches))

/** The theme that is shown now. */
export const theme = shallowRef<'light' | 'dark'>('light')

/** Gives the document the sizes of text that `choice` gives, in px; nothing: the usual ones. */
export function followSizes(choice: () => { code: number | undefined; log: number | undefined }): void {
  watchEffect(() => {
    const { code, log } = choice()
    const { style } = document.documentElement
    for (const [name, px] of Object.entries({ '--code-size': code, '--log-size': log })) {
      if (px) style.setProperty(name, `${px}px`)
      else style.removeProperty(name)
    }
  })
}

/** The variables that an accent sets. */
const ACCENT = ['--accent', '--accent-strong', '--accent-text', '--accent-soft', '--accent-line']

/** Gives the document the accent that `choice` gives; nothing: that of the theme. */
export function followAccent(choice: () => string | undefined): void {
  watchEffect(() => {
    const tokens = accentTokens(choice() ?? '', theme.value)
    const { style } = document.documentElement
    for (const name of ACCENT) {
      if (tokens[name]) style.setProperty(name, tokens[name])
      else style.removeProperty(name)
    }
  })
}

/** Keeps the document in the theme that `choice` gives. */
export function followTheme(choice: () => Settings['theme']): void {
  watchEffect(() => {
    const c = choice()
    theme.value = c === 'system' ? (systemDark.value ? 'dark' : 'light') : c
    document.documentElement.dataset.theme = theme.value
  })
}
