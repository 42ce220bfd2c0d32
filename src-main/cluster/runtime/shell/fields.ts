/** From the pieces of an expanded word to fields: splitting and globs. */
import { globPaths } from './glob.js'
import { escapePattern } from './pattern.js'
import type { Shell } from './shell.js'

/** A piece of an expanded word. Pieces of an unquoted expansion can be split. */
export type Piece = { text: string; quoted: boolean; split: boolean } | 'break'

interface Segment {
  text: string
  quoted: boolean
}

/** What finds the separators of the last IFS that was split at. */
let separators: { ifs: string; pattern: RegExp } | undefined

function separatorsOf(ifs: string): RegExp {
  if (separators?.ifs !== ifs) {
    const pattern = ifs === '' ? /(?!)/g : new RegExp(`[${ifs.replaceAll(/[\\\]^-]/g, '\\$&')}]`, 'g')
    separators = { ifs, pattern }
  }
  return separators.pattern
}

/** The fields of a word, one after the other: there may be millions. */
export function* split(shell: Shell, all: Piece[]): Generator<Segment[]> {
  const pattern = separatorsOf(shell.variables.get('IFS') ?? ' \t\n')
  let current: Segment[] | undefined
  /** The last field was ended by blanks only: one separator that follows belongs to them. */
  let afterBlank = false
  for (const piece of all) {
    if (piece === 'break') {
      if (current) yield current
      current = undefined
      afterBlank = false
      continue
    }
    if (!piece.split) {
      if (piece.quoted || piece.text !== '') (current ??= []).push(piece)
      afterBlank = false
      continue
    }
    let start = 0
    const { text } = piece
    for (;;) {
      // Others may have used the pattern since the last field.
      pattern.lastIndex = start
      const i = pattern.exec(text)?.index
      if (i === undefined) break
      const c = text[i]!
      if (i > start) (current ??= []).push({ text: text.slice(start, i), quoted: false })
      start = i + 1
      const blank = c === ' ' || c === '\t' || c === '\n'
      if (current) {
        yield current
        current = undefined
        afterBlank = blank
      } else if (!blank) {
        if (!afterBlank) yield []
        afterBlank = false
      }
    }
    if (start < text.length) {
      ;(current ??= []).push({ text: text.slice(start), quoted: false })
      afterBlank = false
    }
  }
  if (current) yield current
}

export function glob(shell: Shell, field: Segment[]): string[] {
  const plain = field.map((s) => s.text).join('')
  const bash = shell.dialect === 'bash'
  if (shell.options.noglob || !field.some((s) => !s.quoted && (/[*?[]/.test(s.text) || (bash && /[@+!]\(/.test(s.text))))) return [plain]
  const pattern = field.map((s) => (s.quoted ? escapePattern(s.text) : s.text)).join('')
  const found = globPaths(shell.task.fs, pattern, {
    extended: bash,
    dots: shell.shopt.has('dotglob'),
    recursive: shell.shopt.has('globstar'),
    anyCase: shell.shopt.has('nocaseglob'),
    skipDots: shell.shopt.has('globskipdots'),
  })
  if (found.length > 0) return found
  if (shell.shopt.has('failglob')) throw shell.error(`no match: ${plain}`)
  return shell.shopt.has('nullglob') ? [] : [plain]
}
