/** How iproute2's ip shows things: its options, colours, JSON. */
import { Fail, type Command } from '../command.js'

/** What the options in front of the object ask for. */
export interface View {
  brief: boolean
  oneLine: boolean
  family?: 'inet' | 'inet6' | 'link'
  /** With what the links have carried; twice for each kind of error. */
  counts: number
  json: boolean
  pretty: boolean
  details: boolean
  colour: boolean
  /** Numbers in thousands, or in units of 1024. */
  units: '' | 'human' | 'iec'
  /** The file of -batch, and whether it goes on after a failure. */
  batch?: string
  force: boolean
}

export const PLAIN: View = {
  brief: false,
  oneLine: false,
  counts: 0,
  json: false,
  pretty: false,
  details: false,
  colour: false,
  units: '',
  force: false,
}

/** The options by their long names, in the order in which what is cut short is looked up. */
const OPTIONS = [
  'loops', 'family', '4', '6', '0', 'M', 'B', 'human-readable', 'iec', 'stats', 'statistics', 'details', 'resolve', 'oneline',
  'timestamp', 'tshort', 'Version', 'force', 'batch', 'brief', 'json', 'pretty', 'rcvbuf', 'color', 'colour', 'help', 'netns', 'Numeric', 'all', 'echo',
] as const // prettier-ignore

/** Reads the options off the front of `words`; `version` or `help` where they ask for no more. Throws {@link Fail} in ip's words. */
export function readOptions(words: string[], terminal: boolean): View | 'version' | 'help' {
  const view: View = { ...PLAIN }
  let asked: 'version' | 'help' | undefined
  while (words[0]?.startsWith('-')) {
    const given = words.shift()!
    if (given === '--') break
    const [text = '', setting] = given.replace(/^--?/, '').split('=', 2)
    const name =
      text === 'rc' || text.startsWith('rcv')
        ? 'rcvbuf'
        : text === 'ts'
          ? 'tshort'
          : OPTIONS.find((option) => text !== '' && option.startsWith(text))
    const value = (): string => {
      const next = words.shift()
      if (next === undefined) throw new Fail('Command line is not complete. Try option "help"', 255)
      return next
    }
    if (name === undefined || (setting !== undefined && name !== 'color'))
      throw new Fail(`Option "${given.replace(/^--/, '-')}" is unknown, try "ip -help".`, 255)
    if (name === '4') view.family = 'inet'
    else if (name === '6') view.family = 'inet6'
    else if (name === '0') view.family = 'link'
    else if (name === 'family') {
      const family = value()
      if (family === 'help') asked = 'help'
      else if (!['inet', 'inet6', 'link', 'mpls', 'bridge'].includes(family)) throw wrong(family, 'invalid protocol family')
      else if (family === 'inet' || family === 'inet6' || family === 'link') view.family = family
    } else if (name === 'stats' || name === 'statistics') view.counts++
    else if (name === 'details') view.details = true
    else if (name === 'oneline') view.oneLine = true
    else if (name === 'brief') view.brief = true
    else if (name === 'json') view.json = true
    else if (name === 'pretty') view.pretty = true
    else if (name === 'human-readable') view.units = 'human'
    else if (name === 'iec') view.units = 'iec'
    else if (name === 'force') view.force = true
    else if (name === 'batch') view.batch = value()
    else if (name === 'color' || name === 'colour') {
      if (setting !== undefined && !['always', 'auto', 'never'].includes(setting))
        throw new Fail(`Option "${given}" is unknown, try "ip -help".`, 255)
      view.colour = setting === undefined || setting === 'always' || (setting === 'auto' && terminal)
    } else if (name === 'netns') throw new Fail(`Cannot open network namespace "${value()}": No such file or directory`, 255)
    else if (name === 'loops' || name === 'rcvbuf') {
      const number = value()
      if (!/^\d+$/.test(number))
        throw new Fail(name === 'loops' ? `Invalid "loops" value: ${number}` : `Invalid rcvbuf size '${number}'`, 255)
    } else if (name === 'Version') asked ??= 'version'
    else if (name === 'help') asked ??= 'help'
    // Names are numbers already, times stand beside what changes only, nothing is looked up in several namespaces.
  }
  return asked ?? { ...view, colour: view.colour && !view.json }
}

const COLOURS = { name: 36, mac: 33, inet: 35, inet6: 34, UP: 32, DOWN: 31 } as const

/** A text in the colour of what it is, where colours are asked for. */
export function paint(view: View, kind: string, text: string): string {
  const colour = COLOURS[kind as keyof typeof COLOURS]
  return view.colour && colour !== undefined && text !== '' ? `\u001b[${colour}m${text}\u001b[0m` : text
}

/** What ip says of a word that it cannot take. */
export function wrong(word: string, why: string): Fail {
  return new Fail(`Error: argument "${word}" is wrong: ${why}\n`, 255)
}

/** As -j prints, with -p over several lines. */
export function printJson(c: Command, view: View, value: readonly object[]): Promise<void> {
  return c.print(`${view.pretty ? over(value, 0) : JSON.stringify(value)}\n`)
}

/** JSON over several lines: objects of an array begin in its line. */
function over(value: unknown, indent: number): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return '[ ]'
    return `[ ${value.map((each) => over(each, indent + 4)).join(',')} ]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pad = ' '.repeat(indent + 4)
  const members = Object.entries(value).map(([name, each]) => `${pad}${JSON.stringify(name)}: ${over(each, indent + 4)}`)
  return `{\n${members.join(',\n')}\n${' '.repeat(indent)}}`
}

/** A count as -h and -iec shorten it. */
export function shortened(view: View, n: number): string {
  const base = view.units === 'iec' ? 1024 : 1000
  if (view.units === '' || n < base) return String(n)
  const units = ['', 'K', 'M', 'G', 'T', 'P']
  const at = Math.min(units.length - 1, Math.floor(Math.log(n) / Math.log(base)))
  const shown = Math.floor((n / base ** at) * (at === 0 ? 1 : 10)) / 10
  return `${shown >= 1000 ? Math.floor(shown) : shown.toFixed(1).replace(/\.0$/, '')}${units[at]}${view.units === 'iec' ? 'i' : ''}`
}
