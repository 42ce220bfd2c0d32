/** Where in a YAML document a line is: told by indentation, so that it works while a document is being written. */

/** A key of a mapping, or a number in a list. */
export type PathStep = string | number

export interface YamlPlace {
  /** The mapping that the line is in. */
  parent: PathStep[]
  /** The key that the line has, if there is one already. */
  key?: string
  /** Keys that the same mapping has on other lines. */
  siblings: string[]
}

interface Line {
  number: number
  /** Columns of the dashes before the key, and of the key itself. */
  dashes: number[]
  column: number
  key?: string
}

const keyed = /^(?:"([^"]+)"|'([^']+)'|([^\s#"'[\]{},&*!|>%@`][^#]*?))\s*:(?:\s|$)/

function read(text: string, number: number): Line | null {
  let column = /^ */.exec(text)![0].length
  let rest = text.slice(column)
  if (rest === '' || rest.startsWith('#')) return null
  const dashes: number[] = []
  for (let m = /^-(?:\s+|$)/.exec(rest); m; m = /^-(?:\s+|$)/.exec(rest)) {
    dashes.push(column)
    column += m[0].length
    rest = rest.slice(m[0].length)
  }
  const m = keyed.exec(rest)
  const key = m?.[1] ?? m?.[2] ?? m?.[3]
  return { number, dashes, column, ...(key !== undefined ? { key } : {}) }
}

/** The first line of the document (of several in one text) that a line belongs to. */
export function documentStart(lines: readonly string[], number: number): number {
  for (let i = number; i > 0; i--) if (/^---(\s|$)/.test(lines[i]!)) return i + 1
  return /^---(\s|$)/.test(lines[0] ?? '') ? 1 : 0
}

/** Where line `number` (from 0) is. `column` is where the cursor is: it stands for the indentation of a line that has nothing yet. */
export function placeOf(lines: readonly string[], number: number, column: number): YamlPlace {
  const start = documentStart(lines, number)
  const here = read(lines[number] ?? '', number) ?? { number, dashes: [], column }
  const path: PathStep[] = []
  const siblings: string[] = []
  const dashes = [...here.dashes]
  let own = here.column
  let level = own
  // How many items of the list at `level` come before.
  let index = 0
  let inOwn = true
  const enter = (): void => {
    // Dashes of the line that was reached: each opens an item of a list.
    level = dashes.pop()!
    inOwn = false
    index = 0
  }
  let listAt = -1
  if (dashes.length) {
    enter()
    listAt = level
  }
  for (let i = number - 1; i >= start; i--) {
    const line = read(lines[i]!, i)
    if (!line) continue
    if (listAt >= 0) {
      if (line.dashes.includes(listAt)) {
        index++
        continue
      }
      if (line.column > listAt) continue
      // The key whose value the list is: its dashes may stand below it or further in.
      path.unshift(index)
      listAt = -1
      if (line.key === undefined) continue
      path.unshift(line.key)
      level = line.column
      dashes.push(...line.dashes)
    } else if (line.column < level) {
      if (line.key === undefined) continue
      path.unshift(line.key)
      level = line.column
      inOwn = false
      dashes.push(...line.dashes)
    } else {
      if (line.column === level && inOwn && line.key !== undefined) siblings.push(line.key)
      if (line.column !== level || line.dashes.length === 0) continue
      // The item that this line is in begins here.
      dashes.push(...line.dashes)
    }
    if (dashes.length) {
      const at = dashes.at(-1)!
      enter()
      listAt = at
    }
  }
  if (listAt >= 0) path.unshift(index)
  // What follows in the same mapping.
  own = here.column
  for (let i = number + 1; i < lines.length && !/^---(\s|$)/.test(lines[i]!); i++) {
    const line = read(lines[i]!, i)
    if (!line) continue
    if (line.column < own || (line.dashes.length > 0 && line.dashes[0]! < own)) break
    if (line.column === own && line.key !== undefined) siblings.push(line.key)
  }
  return { parent: path, ...(here.key !== undefined ? { key: here.key } : {}), siblings }
}
