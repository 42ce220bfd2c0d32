/** Shell patterns (XCU 2.13): `*`, `?`, `[…]`. Matching takes time proportional to pattern times text, whatever the pattern. */

type Item =
  | { type: 'char'; char: string }
  | { type: 'any' }
  | { type: 'star' }
  | { type: 'set'; negate: boolean; test: (c: string) => boolean }

/** A pattern's text in which a backslash takes the meaning from the next character. */
export class Pattern {
  private readonly items: Item[]
  /** Whether it is anything but plain text. */
  readonly magic: boolean

  constructor(readonly text: string) {
    this.items = compile(text)
    this.magic = this.items.some((i) => i.type !== 'char')
  }

  /** The text itself when the pattern has no special characters. */
  get plain(): string {
    return this.items.map((i) => (i.type === 'char' ? i.char : '')).join('')
  }

  /** Whether the whole text matches. */
  matches(text: string): boolean {
    const chars = [...text]
    const { items } = this
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
    for (let k = 0; k <= text.length; k++) {
      const n = longest ? text.length - k : k
      if (this.matches(text.slice(0, n))) return n
    }
    return -1
  }

  /** Where the shortest or longest matching suffix starts; -1 for none. */
  suffix(text: string, longest: boolean): number {
    if (!this.magic) return text.endsWith(this.plain) ? text.length - this.plain.length : -1
    for (let k = 0; k <= text.length; k++) {
      const n = longest ? k : text.length - k
      if (this.matches(text.slice(n))) return n
    }
    return -1
  }
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

function compile(text: string): Item[] {
  const chars = [...text]
  const items: Item[] = []
  for (let i = 0; i < chars.length; i++) {
    const c = chars[i]!
    if (c === '\\' && i + 1 < chars.length) items.push({ type: 'char', char: chars[++i]! })
    else if (c === '*') {
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
  return text.replace(/[\\*?[\]]/g, '\\$&')
}
