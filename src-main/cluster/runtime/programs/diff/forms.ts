/** The forms that diff prints differences in: normal, ed's scripts, RCS', unified and context. */
import { addedLines, type Change, type Text } from './changes.js'
import { colored, letterOf, lineRange, marked, markedLines, type Comparison, type Look } from './look.js'

/** `2,3c2`: the form that diff has by default. */
export function normalForm({ left, right, changes }: Comparison, look: Look): string {
  const blank = look.initialTab ? '\t' : ' '
  return changes
    .filter((change) => !change.trivial)
    .map((change) => {
      const letter = letterOf(change)
      const head = `${lineRange(change.a, change.removed)}${letter}${lineRange(change.b, change.added)}`
      const gone = markedLines(look, `<${blank}`, left, change.a, change.removed, 'de')
      const come = markedLines(look, `>${blank}`, right, change.b, change.added, 'ad')
      return `${colored(look, 'ln', head)}\n${gone}${letter === 'c' ? '---\n' : ''}${come}`
    })
    .join('')
}

/** A script for ed(1), from the last change to the first, so that its line numbers stay true. */
export function edScript({ right, changes }: Comparison): string {
  return changes
    .toReversed()
    .map((change) => {
      const head = `${lineRange(change.a, change.removed)}${letterOf(change)}\n`
      if (change.added === 0) return head
      let out = head
      let typing = true
      for (const line of addedLines(change, right)) {
        if (!typing) out += 'a\n'
        // A line that is a dot would end what is typed: it is made of two.
        typing = line !== '.'
        out += typing ? `${line}\n` : '..\n.\ns/.//\n'
      }
      return typing ? `${out}.\n` : out
    })
    .join('')
}

/** -f: as ed's script, forward, which ed cannot read. */
export function forwardScript({ right, changes }: Comparison): string {
  return changes
    .map((change) => {
      const head = `${letterOf(change)}${lineRange(change.a, change.removed, ' ')}\n`
      const lines = addedLines(change, right)
      return lines.length === 0 ? head : `${head}${lines.join('\n')}\n.\n`
    })
    .join('')
}

/** -n: what RCS keeps of a revision. */
export function rcsForm({ right, changes }: Comparison): string {
  return changes
    .map((change) => {
      const deleted = change.removed > 0 ? `d${change.a + 1} ${change.removed}\n` : ''
      if (change.added === 0) return deleted
      const last = change.b + change.added === right.lines.length
      const text = `${addedLines(change, right).join('\n')}${right.open && last ? '' : '\n'}`
      return `${deleted}a${change.a + change.removed} ${change.added}\n${text}`
    })
    .join('')
}

/** Changes with the lines around them, from a line of each text on. */
interface Hunk {
  changes: readonly Change[]
  a: number
  b: number
  removed: number
  added: number
  /** The line that -p or -F shows of it. */
  heading: string
}

/** Puts changes together that are near each other; those of which nothing counts are left out. */
function hunksOf({ left, right, changes }: Comparison, context: number, heading: RegExp | undefined): Hunk[] {
  const groups: Change[][] = []
  for (const change of changes) {
    const last = groups.at(-1)?.at(-1)
    if (last && change.a - (last.a + last.removed) < (change.trivial ? context : 2 * context + 1)) groups.at(-1)!.push(change)
    else groups.push([change])
  }
  return groups
    .filter((group) => group.some((change) => !change.trivial))
    .map((group) => {
      const [first, last] = [group[0]!, group.at(-1)!]
      const a = Math.max(0, first.a - context)
      const b = Math.max(0, first.b - context)
      return {
        changes: group,
        a,
        b,
        removed: Math.min(left.lines.length, last.a + last.removed + context) - a,
        added: Math.min(right.lines.length, last.b + last.added + context) - b,
        heading: heading ? headingOf(left, a, heading) : '',
      }
    })
}

/** Characters that are shown of a heading. */
const HEADING = 40

function headingOf(left: Text, before: number, heading: RegExp): string {
  const at = left.lines.slice(0, before).findLastIndex((line) => heading.test(line))
  return at < 0 ? '' : ` ${left.lines[at]!.trimStart().slice(0, HEADING).trimEnd()}`
}

export function unifiedForm(it: Comparison, look: Look, context: number, heading?: RegExp): string {
  const { left, right } = it
  const tab = look.initialTab ? '\t' : ''
  const range = (from: number, n: number): string => (n === 1 ? String(from + 1) : `${n === 0 ? from : from + 1},${n}`)
  return hunksOf(it, context, heading)
    .map((hunk) => {
      let out = `${colored(look, 'ln', `@@ -${range(hunk.a, hunk.removed)} +${range(hunk.b, hunk.added)} @@`)}${hunk.heading}\n`
      let at = hunk.a
      const same = (to: number): void => {
        out += markedLines(look, tab || ' ', left, at, to - at)
      }
      for (const change of hunk.changes) {
        same(change.a)
        out += markedLines(look, `-${tab}`, left, change.a, change.removed, 'de')
        out += markedLines(look, `+${tab}`, right, change.b, change.added, 'ad')
        at = change.a + change.removed
      }
      same(hunk.a + hunk.removed)
      return out
    })
    .join('')
}

export function contextForm(it: Comparison, look: Look, context: number, heading?: RegExp): string {
  const { left, right } = it
  const blank = look.initialTab ? '\t' : ' '
  const half = (hunk: Hunk, text: Text, side: 'a' | 'b'): string => {
    const [count, mark, color] = side === 'a' ? (['removed', '-', 'de'] as const) : (['added', '+', 'ad'] as const)
    if (!hunk.changes.some((change) => change[count] > 0)) return ''
    let out = ''
    let at = hunk[side]
    for (const change of hunk.changes) {
      for (; at < change[side]; at++) out += marked(look, ` ${blank}`, text, at, color)
      const sign = letterOf(change) === 'c' ? '!' : mark
      out += markedLines(look, `${sign}${blank}`, text, at, change[count], color)
      at += change[count]
    }
    return out + markedLines(look, ` ${blank}`, text, at, hunk[side] + hunk[count] - at, color)
  }
  return hunksOf(it, context, heading)
    .map((hunk) => {
      const heads = [`*** ${lineRange(hunk.a, hunk.removed)} ****`, `--- ${lineRange(hunk.b, hunk.added)} ----`]
      const [from, to] = heads.map((head) => `${colored(look, 'ln', head)}\n`)
      return `***************${hunk.heading}\n${from}${half(hunk, left, 'a')}${to}${half(hunk, right, 'b')}`
    })
    .join('')
}
