/** An accent that a person chooses, as the colours of the theme that hang on it. Each is made light or dark enough to be read. */

/** Accents that are offered, far apart. */
export const accents = ['#1d5fd1', '#0f766e', '#15803d', '#7c3aed', '#be185d', '#c2410c', '#4d5b6a'] as const

type Rgb = readonly [number, number, number]

/** Contrast of text that WCAG 2 asks for. */
const READABLE = 4.5

/** The colour of `#rrggbb`; undefined for other texts. */
export function rgbOf(text: string): Rgb | undefined {
  const m = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text)
  return m ? [parseInt(m[1]!, 16), parseInt(m[2]!, 16), parseInt(m[3]!, 16)] : undefined
}
const hex = (c: Rgb): string => `#${c.map((x) => Math.round(x).toString(16).padStart(2, '0')).join('')}`
const mix = (a: Rgb, b: Rgb, share: number): Rgb => [0, 1, 2].map((i) => a[i]! + (b[i]! - a[i]!) * share) as unknown as Rgb

function luminance(c: Rgb): number {
  const [r, g, b] = c.map((x) => (x / 255 <= 0.03928 ? x / 255 / 12.92 : ((x / 255 + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
/** The contrast of two colours, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)]
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}

const white: Rgb = [255, 255, 255]
const black: Rgb = [0, 0, 0]
/** What the accent is written on: the surface, the chrome and its own soft ground have to be told apart from it. */
const grounds = { light: [rgbOf('#ffffff')!, rgbOf('#eef0f3')!], dark: [rgbOf('#171b20')!, rgbOf('#2a3038')!] }

/** The colour, moved towards another one until it is readable on all grounds. */
function readable(colour: Rgb, towards: Rgb, on: readonly Rgb[]): Rgb {
  for (let share = 0; share < 1; share += 0.04) {
    const moved = mix(colour, towards, share)
    if (on.every((ground) => contrast(moved, ground) >= READABLE)) return moved
  }
  return towards
}

/**
 * The variables of a theme that an accent sets; none for a text that is no colour.
 * @param own the surface, and what lies under the pointer, of a theme that has its own
 */
export function accentTokens(accent: string, theme: 'light' | 'dark', own: readonly (string | undefined)[] = []): Record<string, string> {
  const chosen = rgbOf(accent)
  if (!chosen) return {}
  const on = grounds[theme].map((usual, i) => rgbOf(own[i] ?? '') ?? usual)
  const surface = on[0]!
  const towards = theme === 'light' ? black : white
  const soft = mix(surface, chosen, theme === 'light' ? 0.11 : 0.22)
  const main = readable(chosen, towards, [...on, soft])
  const strong = readable(mix(main, towards, 0.2), towards, [...on, soft])
  const text = contrast(white, main) >= READABLE ? white : mix(main, black, 0.88)
  return {
    '--accent': hex(main),
    '--accent-strong': hex(strong),
    '--accent-text': hex(text),
    '--accent-soft': hex(soft),
    '--accent-line': hex(mix(surface, main, 0.45)),
  }
}
