/** Word expansion (XCU 2.6): tilde, parameters, command substitution, arithmetic, field splitting, globs, quote removal. */
import type { Word, WordPart } from './ast.js'
import { expandBraces } from './braces.js'
import { escapePattern, Pattern } from './pattern.js'
import { LARGEST_TEXT, noMemory, substituteCommand, substituteProcess } from './substitution.js'
import type { Shell } from './shell.js'
import { expandArithmetic } from './arithmetic-expansion.js'
import { parameter } from './parameter-expansion.js'
import { type Piece, glob, split } from './fields.js'

/** CPU ms that one field of many costs, and one place at which a pattern is tried. */
const FIELD_COST = 0.001
const PLACE_COST = 0.0001
/** CPU ms that a character of a long text costs. */
const CHARACTER_COST = 0.000_005
/** Fields and places, and characters, that are not worth a bill. */
const FEW = 64
const FIELDS_PER_BILL = 4096
/** Bytes that a field takes besides its text. */
const FIELD_SIZE = 48
const SHORT = 4096

/** Words of a command: each becomes any number of fields. */
export async function expandWords(shell: Shell, words: readonly Word[]): Promise<string[]> {
  const out: string[] = []
  let size = 0
  let billed = 0
  for (const original of words) {
    // The most common words by far: plain text.
    const only = original.length === 1 ? original[0]! : undefined
    if (only?.type === 'text' && (only.quoted || !/[*?[~{\\]/.test(only.text))) {
      out.push(only.text)
      continue
    }
    for (const word of shell.options.braceexpand ? expandBraces(original) : [original]) {
      for (const field of split(shell, await pieces(shell, word, true))) {
        for (const text of glob(shell, field)) {
          size += FIELD_SIZE + text.length
          out.push(text)
        }
        if (size > LARGEST_TEXT) throw noMemory(shell)
        if (out.length - billed < FIELDS_PER_BILL) continue
        await shell.task.tick((out.length - billed) * FIELD_COST)
        billed = out.length
      }
    }
  }
  if (out.length - billed > FEW) await shell.task.tick((out.length - billed) * FIELD_COST)
  return out
}

/** Bills what the matching of `pattern` has cost since the last time. */
export async function billMatching(shell: Shell, pattern: Pattern): Promise<void> {
  const places = pattern.takePlaces()
  if (places > FEW) await shell.task.tick(places * PLACE_COST)
}

/** A word that stays one field: the value of an assignment, the subject of `case`, a redirection's target. */
export async function expandString(shell: Shell, word: Word, options: { assignment?: boolean } = {}): Promise<string> {
  const only = word.length === 1 ? word[0]! : undefined
  if (only?.type === 'text' && (only.quoted || !only.text.includes('~'))) return only.text
  let text = ''
  for (const piece of await pieces(shell, word, false, options.assignment)) text += piece === 'break' ? ' ' : piece.text
  return text
}

/** Whether a text matches a word as `case` and `[[ == ]]` ask; bash's nocasematch lets upper and lower case be the same. */
export async function matchesWord(shell: Shell, word: Word, text: string): Promise<boolean> {
  const written = await expandPattern(shell, word)
  const anyCase = shell.shopt.has('nocasematch')
  const pattern = anyCase ? new Pattern(written.text.toLowerCase(), shell.dialect === 'bash') : written
  const matches = pattern.matches(anyCase ? text.toLowerCase() : text)
  await billMatching(shell, pattern)
  return matches
}

/** A word as a pattern: what was quoted stands for itself. */
export async function expandPattern(shell: Shell, word: Word): Promise<Pattern> {
  let text = ''
  for (const piece of await pieces(shell, word, false))
    text += piece === 'break' ? ' ' : piece.quoted ? escapePattern(piece.text) : piece.text
  return new Pattern(text, shell.dialect === 'bash')
}

export async function pieces(shell: Shell, word: Word, fields: boolean, assignment = false): Promise<Piece[]> {
  const out: Piece[] = []
  for (let i = 0; i < word.length; i++) {
    const part = word[i]!
    if (part.type === 'text') {
      if (part.quoted || !part.text.includes('~')) out.push({ text: part.text, quoted: part.quoted, split: false })
      else tilde(shell, part.text, { first: i === 0, last: i === word.length - 1, assignment }, out)
    } else await expansion(shell, part, fields, out)
  }
  let length = 0
  for (const piece of out) if (piece !== 'break') length += piece.text.length
  if (length > LARGEST_TEXT) throw noMemory(shell)
  if (length > SHORT) await shell.task.tick(length * CHARACTER_COST)
  return out
}

/** `~` and `~user` at the beginning, and after colons of an assignment. */
function tilde(shell: Shell, text: string, at: { first: boolean; last: boolean; assignment: boolean }, out: Piece[]): void {
  const sections = at.assignment ? text.split(/(?<=:)/) : [text]
  sections.forEach((section, i) => {
    const m = /^~(\+|[A-Za-z0-9._-]*)(?=$|[/:])/.exec(section)
    const complete = m && (m[0].length < section.length || at.last)
    const home = m && complete && (at.first || i > 0) ? homeOf(shell, m[1]!) : undefined
    if (home === undefined) out.push({ text: section, quoted: false, split: false })
    else {
      out.push({ text: home, quoted: true, split: false })
      out.push({ text: section.slice(m![0].length), quoted: false, split: false })
    }
  })
}

function homeOf(shell: Shell, user: string): string | undefined {
  if (user === '') return shell.variables.get('HOME')
  // bash: where it is, and where it was.
  if (shell.dialect === 'bash' && user === '+') return shell.variables.get('PWD')
  if (shell.dialect === 'bash' && user === '-') return shell.variables.get('OLDPWD')
  return shell.users().find((u) => u.name === user)?.home
}

async function expansion(shell: Shell, part: Exclude<WordPart, { type: 'text' }>, fields: boolean, out: Piece[]): Promise<void> {
  switch (part.type) {
    case 'command':
      out.push({ text: await substituteCommand(shell, part.body), quoted: part.quoted, split: !part.quoted })
      return
    case 'arithmetic':
      out.push({ text: String(await expandArithmetic(shell, part.expression)), quoted: part.quoted, split: !part.quoted })
      return
    case 'process':
      out.push({ text: substituteProcess(shell, part.direction, part.body), quoted: true, split: false })
      return
    case 'parameter':
      await parameter(shell, part, fields, out)
  }
}
