import type { Cell, Row } from '../../src-main/backend/rpc/contract.js'

/** What a search text means, or why it means nothing. */
export interface Search {
  matches: ((row: Row) => boolean) | null
  /** The regular expression is not valid. */
  error?: string
}

function cellText(cell: Cell): string {
  if (cell === null || typeof cell === 'number') return ''
  const text = typeof cell === 'string' ? cell : cell.text
  // Of bricks what they are called and what they say, not how they are coloured and counted.
  return text.includes('\t') ? text.replace(/\t(?:ok|warn|bad|busy|off)(?:\t\d+)?$/gm, '').replaceAll('\t', '\n') : text
}

/** Rows are immutable, so what is searched of them is put together once. */
const haystacks = new WeakMap<Row, string>()

/** What a search looks at, a line each: name, namespace, text cells (status among them) and labels as `key=value`, and the last warning. In lower case. */
function haystack(row: Row): string {
  const known = haystacks.get(row)
  if (known !== undefined) return known
  const lines = [row.name, row.namespace]
  for (const c of row.cells) {
    const t = cellText(c)
    if (t) lines.push(t)
  }
  if (row.warning) lines.push(row.warning.reason, row.warning.message)
  if (row.labels) for (const [k, v] of Object.entries(row.labels)) lines.push(`${k}=${v}`)
  const text = lines.join('\n').toLowerCase()
  haystacks.set(row, text)
  return text
}

/** Whether something is wrong with a row's object: a state that is bad or a warning, or a Warning event about one that is not well (again). */
export function isFaulty(row: Row): boolean {
  const tones = row.cells.map((c) => (typeof c === 'object' && c !== null ? c.tone : undefined))
  if (tones.includes('bad') || tones.includes('warn')) return true
  return row.warning !== undefined && !tones.includes('ok') && !tones.includes('off')
}

/**
 * Reads a search: words that must all be found (in any case), `!word` that must not, `/regex/` and `!/regex/`.
 * Words are looked for in name, namespace, cells and labels.
 */
export function parseSearch(text: string): Search {
  const parts: { inverse: boolean; test: (row: Row) => boolean }[] = []
  const pattern = /(!)?(?:\/((?:\\.|[^/\\])+)\/(?=\s|$)|(\S+))/g
  for (const m of text.trim().matchAll(pattern)) {
    const inverse = m[1] !== undefined
    if (m[2] !== undefined) {
      let regex: RegExp
      try {
        // `^` and `$` stand for the ends of each text, not of all together.
        regex = new RegExp(m[2], 'im')
      } catch (e) {
        return { matches: null, error: e instanceof Error ? e.message : String(e) }
      }
      parts.push({ inverse, test: (row) => regex.test(haystack(row)) })
    } else if (m[3]) {
      const word = m[3].toLowerCase()
      parts.push({ inverse, test: (row) => haystack(row).includes(word) })
    }
  }
  if (parts.length === 0) return { matches: null }
  return { matches: (row) => parts.every((p) => p.test(row) !== p.inverse) }
}
