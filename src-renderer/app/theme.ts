import { shallowRef, watchEffect } from 'vue'
import { accentTokens } from './accent.js'
import { themeColours, type OwnTheme } from './own-theme.js'
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

/** What is set over the colours of the theme, as variables of CSS. */
export const ownColours = shallowRef<Record<string, string>>({})

/** What a person has chosen to look at. */
export interface Look {
  theme: Settings['theme']
  /** Takes the place of `theme`. */
  own?: OwnTheme | undefined
  /** `#rrggbb`; left out: that of the theme. */
  accent?: string | undefined
}

/** Keeps the document in the colours that `choice` gives. */
export function followLook(choice: () => Look): void {
  watchEffect(() => {
    const { theme: chosen, own, accent } = choice()
    theme.value = own?.base ?? (chosen === 'system' ? (systemDark.value ? 'dark' : 'light') : chosen)
    const { style, dataset } = document.documentElement
    dataset.theme = theme.value
    const set = {
      ...Object.fromEntries(Object.entries(own?.colours ?? {}).map(([name, colour]) => [`--${name}`, colour])),
      ...accentTokens(accent ?? '', theme.value, [own?.colours.surface, own?.colours.press]),
    }
    for (const name of themeColours) {
      const colour = set[`--${name}`]
      if (colour) style.setProperty(`--${name}`, colour)
      else style.removeProperty(`--${name}`)
    }
    ownColours.value = set
  })
}

/** The colour that a theme of the window has for a name of {@link themeColours}, as the document shows it: `#rrggbb`. */
export function shownColour(name: string): string {
  const colour = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
  // The stylesheet of the build writes #ffffff as #fff.
  return /^#[0-9a-f]{3}$/i.test(colour) ? colour.replace(/[^#]/g, '$&$&') : colour
}
