/**
 * Shell patterns (XCU 2.13): `*`, `?`, `[…]`, and bash's `?(…)`, `*(…)`, `+(…)`, `@(…)`, `!(…)`. Matching takes time
 * proportional to pattern times text (with groups: times text again), whatever the pattern; what groups in groups cost beyond that is bounded.
 */

import { ShellError } from './endings.js'

type Item =
  | { type: 'char'; char: string }
  | { type: 'any' }
  | { type: 'star' }
  | { type: 'set'; negate: boolean; test: (c: string) => boolean }
  | { type: 'group'; kind: string; alternatives: Item[][] }

function foldCase(item: Item): Item {
  if (item.type === 'group') return { ...item, alternatives: item.alternatives.map((a) => a.map(foldCase)) }
  const test = item.type === 'set' ? item.test : item.type === 'char' ? (c: string) => c === item.char : undefined
  if (!test) return item
  return { type: 'set', negate: item.type === 'set' && item.negate, test: (c) => test(c.toLowerCase()) || test(c.toUpperCase()) }
}

/** A text as its characters: the text itself, where each of them takes one place. */
export type Matchable = string | readonly string[]

/** The characters of a text. */
export function matchable(text: string): Matchable {
  return /[\ud800-\udfff]/.test(text) ? [...text] : text
}

/** Some of the characters as a text. */
export function textOf(chars: Matchable, from: number, to?: number): string {
  return typeof chars === 'string' ? chars.slice(from, to) : chars.slice(from, to).join('')
}

function backwards(text: string): Matchable {
  const chars = matchable(text)
  if (typeof chars !== 'string') return [...chars].reverse()
  // Halves of characters swapped, and then all bytes turned round.
  return Buffer.from(chars, 'utf16le').swap16().reverse().toString('utf16le')
}

/** A pattern's text in which a backslash takes the meaning from the next character. */
export class Pattern {
  private readonly items: Item[]
  /** Whether it is anything but plain text. */
  readonly magic: boolean

  private readonly grouped: boolean
  private readonly work: Work = { places: 0, bound: 0 }

  /**
   * @param extended whether bash's groups are understood
   * @param folded whether upper and lower case are the same
   */
  constructor(
    readonly text: string,
    private readonly extended = false,
    folded = false,
  ) {
    const items = compile([...text], extended)
    this.items = folded ? items.map(foldCase) : items
    this.grouped = this.items.some((i) => i.type === 'group')
    this.magic = this.items.some((i) => i.type !== 'char')
  }

  /** The same pattern for which upper and lower case are the same. */
  ignoringCase(): Pattern {
    return new Pattern(this.text, this.extended, true)
  }

  /** The text itself when the pattern has no special characters. */
  get plain(): string {
    return this.items.map((i) => (i.type === 'char' ? i.char : '')).join('')
  }

  /** How many places of texts have been looked at. */
  get places(): number {
    return this.work.places
  }

  /** The places looked at since the last time. */
  takePlaces(): number {
    const { places } = this.work
    this.work.places = 0
    return places
  }

  /** Whether the whole text matches. Throws {@link PatternTooHard}. */
  matches(text: string): boolean {
    const chars = matchable(text)
    const { items, work } = this
    if (this.grouped) return this.endsOf(items, chars, 0).has(chars.length)
    work.places += chars.length
    let i = 0
    let t = 0
    let star = -1
    let mark = 0
    // Going back to the last star is enough: what an earlier star takes more, the last one can take as well.
    while (t < chars.length) {
      const item = items[i]
      if (item?.type === 'star') {
        star = i++
        mark = t
      } else if (item && accepts(item, chars[t]!)) {
        i++
        t++
      } else if (star >= 0) {
        i = star + 1
        t = ++mark
      } else return false
    }
    while (items[i]?.type === 'star') i++
    return i === items.length
  }

  /** The length of the shortest or longest prefix of `text` that matches; -1 for none. */
  prefix(text: string, longest: boolean): number {
    if (!this.magic) return text.startsWith(this.plain) ? this.plain.length : -1
    const chars = matchable(text)
    const { end } = this.match(chars, 0, longest)
    return end < 0 || typeof chars === 'string' ? end : textOf(chars, 0, end).length
  }

  /** Where the shortest or longest matching suffix starts; -1 for none. */
  suffix(text: string, longest: boolean): number {
    if (!this.magic) return text.endsWith(this.plain) ? text.length - this.plain.length : -1
    // Read backwards it is a prefix.
    const chars = backwards(text)
    const { end } = this.matchItems(reversed(this.items), chars, 0, longest)
    return end < 0 ? -1 : text.length - textOf(chars, 0, end).length
  }

  /** A match that starts at `from`: where it ends, -1 for none; `final` when none that starts later can match either. */
  match(chars: Matchable, from: number, longest: boolean): { end: number; final: boolean } {
    return this.matchItems(this.items, chars, from, longest)
  }

  private matchItems(items: readonly Item[], chars: Matchable, from: number, longest: boolean): { end: number; final: boolean } {
    if (!this.grouped) {
      const result = matchSegments(items, chars, from, longest)
      this.work.places += result.end < 0 ? (result.final ? chars.length - from : 1) : result.end - from + 1
      return result
    }
    let end = -1
    for (const place of this.endsOf(items, chars, from)) if (end < 0 || (longest ? place > end : place < end)) end = place
    return { end, final: false }
  }

  private endsOf(items: readonly Item[], chars: Matchable, from: number): ReadonlySet<number> {
    this.work.bound = this.work.places + MOST_PLACES
    return ends(this.work, items, chars, new Set([from]))
  }
}

/** What a match has cost, and how much it may. */
interface Work {
  places: number
  bound: number
}

/** Places that one match of a pattern with groups may look at: some tenths of a second. */
const MOST_PLACES = 2_000_000

/** A pattern with groups in groups that would be tried for minutes. */
export class PatternTooHard extends ShellError {
  constructor() {
    super('pattern: Cannot allocate memory', 1)
  }
}

/** The items that match what `items` match, read backwards. */
function reversed(items: readonly Item[]): Item[] {
  return items.map((item) => (item.type === 'group' ? { ...item, alternatives: item.alternatives.map(reversed) } : item)).reverse()
}

/** As {@link Pattern.match}, of items without groups: what is between two stars is looked for from left to right. */
function matchSegments(items: readonly Item[], chars: Matchable, from: number, longest: boolean): { end: number; final: boolean } {
  const segments: Item[][] = [[]]
  for (const item of items) {
    if (item.type === 'star') segments.push([])
    else segments.at(-1)!.push(item)
  }
  const fits = (segment: readonly Item[], at: number): boolean =>
    at + segment.length <= chars.length && segment.every((item, i) => accepts(item, chars[at + i]!))
  const head = segments.shift()!
  if (!fits(head, from)) return { end: -1, final: false }
  let at = from + head.length
  const last = segments.pop()
  if (!last) return { end: at, final: false }
  for (const segment of segments) {
    const plain = typeof chars === 'string' && segment.every((item) => item.type === 'char')
    // Plain text is looked for by the machine itself.
    if (plain) {
      const found = chars.indexOf(segment.map((item) => (item as { char: string }).char).join(''), at)
      at = found < 0 ? chars.length + 1 : found
    } else while (at <= chars.length && !fits(segment, at)) at++
    if (at > chars.length) return { end: -1, final: true }
    at += segment.length
  }
  if (last.length === 0) return { end: longest ? chars.length : at, final: false }
  if (typeof chars === 'string' && last.every((item) => item.type === 'char')) {
    const text = last.map((item) => (item as { char: string }).char).join('')
    const place = longest ? chars.lastIndexOf(text) : chars.indexOf(text, at)
    return place >= at ? { end: place + last.length, final: false } : { end: -1, final: true }
  }
  const step = longest ? -1 : 1
  for (let place = longest ? chars.length - last.length : at; place >= at && place <= chars.length; place += step)
    if (fits(last, place)) return { end: place + last.length, final: false }
  return { end: -1, final: true }
}

/** All places where a match of `items` that starts at one of `starts` can end. */
function ends(work: Work, items: readonly Item[], chars: Matchable, starts: ReadonlySet<number>): ReadonlySet<number> {
  let places = starts
  for (const item of items) {
    if (places.size === 0) break
    const next = new Set<number>()
    spend(work, item.type === 'star' ? chars.length : places.size)
    if (item.type === 'group') for (const p of groupEnds(work, item, chars, places)) next.add(p)
    else if (item.type === 'star') for (let p = least(places); p <= chars.length; p++) next.add(p)
    else for (const p of places) if (p < chars.length && accepts(item, chars[p]!)) next.add(p + 1)
    places = next
  }
  return places
}

/** The first of some places: they may be more than a call can be given. */
function least(places: ReadonlySet<number>): number {
  let first = Infinity
  for (const place of places) if (place < first) first = place
  return first
}

function groupEnds(work: Work, group: Item & { type: 'group' }, chars: Matchable, starts: ReadonlySet<number>): ReadonlySet<number> {
  const once = (from: ReadonlySet<number>): Set<number> => new Set(group.alternatives.flatMap((a) => [...ends(work, a, chars, from)]))
  if (group.kind === '@') return once(starts)
  if (group.kind === '?') return new Set([...starts, ...once(starts)])
  if (group.kind === '!') {
    const out = new Set<number>()
    for (const start of starts) {
      const matched = once(new Set([start]))
      spend(work, chars.length - start)
      for (let p = start; p <= chars.length; p++) if (!matched.has(p)) out.add(p)
    }
    return out
  }
  const out = new Set(group.kind === '*' ? starts : [])
  for (let from = starts; from.size > 0;) {
    const fresh = new Set([...once(from)].filter((p) => !out.has(p)))
    for (const p of fresh) out.add(p)
    from = fresh
  }
  return out
}

/** Counts `places` that are looked at. Throws {@link PatternTooHard} when the match has looked at more than it may. */
function spend(work: Work, places: number): void {
  work.places += places
  if (work.places > work.bound) throw new PatternTooHard()
}

function accepts(item: Item, c: string): boolean {
  if (item.type === 'char') return item.char === c
  if (item.type === 'any') return true
  return item.type === 'set' && item.test(c) !== item.negate
}

const classes: Record<string, RegExp> = {
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  alnum: /[A-Za-z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /\s/,
  blank: /[ \t]/,
  // The characters of the POSIX locale.
  punct: /[!-/:-@[-`{-~]/,
  print: /[ -~]/,
  graph: /[!-~]/,
  // oxlint-disable-next-line no-control-regex
  cntrl: /[\0-\x1f\x7f]/,
  xdigit: /[0-9A-Fa-f]/,
}

function compile(chars: string[], extended: boolean): Item[] {
  const items: Item[] = []
  for (let i = 0; i < chars.length; i++) {
    const c = chars[i]!
    if (c === '\\' && i + 1 < chars.length) items.push({ type: 'char', char: chars[++i]! })
    else if (extended && '?*+@!'.includes(c) && chars[i + 1] === '(' && groupEnd(chars, i + 1) > 0) {
      const end = groupEnd(chars, i + 1)
      const alternatives = alternativesOf(chars.slice(i + 2, end)).map((a) => compile(a, true))
      items.push({ type: 'group', kind: c, alternatives })
      i = end
    } else if (c === '*') {
      if (items.at(-1)?.type !== 'star') items.push({ type: 'star' })
    } else if (c === '?') items.push({ type: 'any' })
    else if (c === '[') {
      const set = bracket(chars, i)
      if (set) {
        items.push(set.item)
        i = set.end
      } else items.push({ type: 'char', char: c })
    } else items.push({ type: 'char', char: c })
  }
  return items
}

/** Where the parenthesis opened at `start` closes; -1 when it does not. */
function groupEnd(chars: Matchable, start: number): number {
  let depth = 0
  for (let i = start; i < chars.length; i++) {
    if (chars[i] === '\\') i++
    else if (chars[i] === '(') depth++
    else if (chars[i] === ')' && --depth === 0) return i
  }
  return -1
}

/** The parts between the bars of a group. */
function alternativesOf(chars: Matchable): string[][] {
  const out: string[][] = [[]]
  let depth = 0
  for (let i = 0; i < chars.length; i++) {
    const c = chars[i]!
    if (c === '(') depth++
    if (c === ')') depth--
    if (c === '|' && depth === 0) out.push([])
    else {
      out.at(-1)!.push(c)
      if (c === '\\' && i + 1 < chars.length) out.at(-1)!.push(chars[++i]!)
    }
  }
  return out
}

/** A bracket expression that starts at `start`; undefined when it is never closed. */
function bracket(chars: string[], start: number): { item: Item; end: number } | undefined {
  let i = start + 1
  const negate = chars[i] === '!' || chars[i] === '^'
  if (negate) i++
  const tests: ((c: string) => boolean)[] = []
  const first = i
  for (;;) {
    let c = chars[i]
    if (c === undefined) return undefined
    if (c === ']' && i > first) break
    if (c === '[' && chars[i + 1] === ':') {
      const end = chars.indexOf(':', i + 2)
      const name = chars.slice(i + 2, end).join('')
      if (end > 0 && chars[end + 1] === ']' && Object.hasOwn(classes, name)) {
        tests.push((x) => classes[name]!.test(x))
        i = end + 2
        continue
      }
    }
    if (c === '\\') c = chars[++i]
    if (c === undefined) return undefined
    let to = c
    if (chars[i + 1] === '-' && chars[i + 2] !== undefined && chars[i + 2] !== ']') {
      i += 2
      to = chars[i] === '\\' ? (chars[++i] ?? c) : chars[i]!
    }
    const from = c
    tests.push((x) => x >= from && x <= to)
    i++
  }
  return { item: { type: 'set', negate, test: (c) => tests.some((t) => t(c)) }, end: i }
}

/** The text as a pattern that matches only itself. */
export function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]()|]/g, '\\$&')
}
