/** Themes that a person brings: a file of colours over one of the two themes. */
import { contrast, rgbOf } from './accent.js'

/** The colours that a theme may set; see `styles/tokens.css`. */
export const themeColours: readonly string[] = [
  'chrome surface sunken raised hover press line line-strong text text-2 text-3 accent accent-strong accent-text accent-soft accent-line',
  'ok warn bad busy off ok-soft warn-soft bad-soft busy-soft off-soft scroll match',
  'ansi-0 ansi-1 ansi-2 ansi-3 ansi-4 ansi-5 ansi-6 ansi-7 ansi-8 ansi-9 ansi-10 ansi-11 ansi-12 ansi-13 ansi-14 ansi-15',
].flatMap((names) => names.split(' '))

/** A theme of a person's own: what it does not set is as in the theme under it. */
export interface OwnTheme {
  name: string
  base: 'light' | 'dark'
  /** `#rrggbb`, by the names of {@link themeColours}. */
  colours: Record<string, string>
}

/** Why a file is no theme: a key of `themes.problem` and what the message names. */
export class ThemeProblem extends Error {
  constructor(
    readonly key: 'json' | 'name' | 'base' | 'colours' | 'unknown' | 'value',
    readonly named: Record<string, string> = {},
  ) {
    super(`${key} ${Object.values(named).join(' ')}`)
  }
}

const isMap = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)

/** Reads a theme from the text of its file. @throws ThemeProblem */
export function readTheme(text: string): OwnTheme {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    throw new ThemeProblem('json')
  }
  if (!isMap(file)) throw new ThemeProblem('json')
  const { name, base, colours } = file
  if (typeof name !== 'string' || !name.trim() || name.length > 40) throw new ThemeProblem('name')
  if (base !== 'light' && base !== 'dark') throw new ThemeProblem('base')
  if (!isMap(colours) || Object.keys(colours).length === 0) throw new ThemeProblem('colours')
  for (const [colour, value] of Object.entries(colours)) {
    if (!themeColours.includes(colour)) throw new ThemeProblem('unknown', { colour })
    if (typeof value !== 'string' || !rgbOf(value)) throw new ThemeProblem('value', { colour, value: JSON.stringify(value) })
  }
  return { name: name.trim(), base, colours: colours as Record<string, string> }
}

/** The text of the file of a theme. */
export const writeTheme = (theme: OwnTheme): string => `${JSON.stringify(theme, null, 2)}\n`

/** What is written on what, and has to be told apart. */
const written = ['text', 'text-2', 'text-3', 'accent', 'ok', 'warn', 'bad', 'busy', 'off']
const grounds = ['surface', 'chrome', 'sunken']

/** Text that a theme makes hard to read. */
export interface FaintText {
  colour: string
  ground: string
  /** Of {@link READABLE}. */
  contrast: number
}

/** The contrast that WCAG 2 asks for between a text of this size and what it stands on. */
export const READABLE = 4.5

/** The texts of a theme that are hard to read. @param colourOf the colour of a name, with what the theme does not set */
export function faintTexts(colourOf: (name: string) => string): FaintText[] {
  const faint: FaintText[] = []
  for (const [colour, on] of [...written.flatMap((c) => grounds.map((g) => [c, g] as const)), ['accent-text', 'accent'] as const]) {
    const [a, b] = [rgbOf(colourOf(colour)), rgbOf(colourOf(on))]
    if (a && b && contrast(a, b) < READABLE) faint.push({ colour, ground: on, contrast: Math.floor(contrast(a, b) * 10) / 10 })
  }
  return faint
}
