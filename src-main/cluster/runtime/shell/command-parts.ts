/** The grammar of assignments, arrays, redirections and here-documents. */
import { literal, type Assignment, type Redirect, type SimpleCommand, type Word } from './ast.js'
import type { Token } from './tokens.js'
import { ConditionParser } from './condition-parser.js'

/** The operators of redirections. */
export const REDIRECTS: ReadonlySet<string> = new Set(['<', '>', '>>', '>|', '<>', '<&', '>&', '<<', '<<-', '<<<', '&>', '&>>'])
/** Builtins whose arguments may be arrays in parentheses. */
const DECLARATIONS = new Set(['declare', 'typeset', 'local', 'export', 'readonly'])

/** Parses what a command is made of besides words: assignments, arrays, redirections and here-documents. */
export abstract class CommandPartParser extends ConditionParser {
  protected assignment(t: Token & { type: 'word' }): Assignment | undefined {
    const first = t.word[0]
    if (first?.type !== 'text' || first.quoted) return undefined
    const m = /^([A-Za-z_][A-Za-z0-9_]*)(\[[^\]]*\])?(\+?)=/.exec(first.text)
    if (!m) {
      return this.dialect === 'bash' ? this.subscriptAssignment(t) : undefined
    }
    if (m[2] !== undefined && this.dialect !== 'bash') return undefined
    if (m[3] && this.dialect === 'dash') return undefined
    this.take()
    const rest = first.text.slice(m[0].length)
    const value: Word = [...(rest ? [{ ...first, text: rest }] : []), ...t.word.slice(1)]
    const assignment: Assignment = { name: m[1]!, append: m[3] === '+', value }
    if (m[2] !== undefined) assignment.index = [{ type: 'text', text: m[2].slice(1, -1), quoted: true }]
    if (this.dialect === 'bash' && value.length === 0 && this.peek() === '(') assignment.elements = this.arrayElements()
    return assignment
  }

  /** bash: `name=(…)` as an argument of `declare` and its like. */
  protected declaredArray(node: SimpleCommand, t: Token & { type: 'word' }): Assignment | undefined {
    if (this.dialect !== 'bash' || this.peek() !== '(' || !/^[A-Za-z_]\w*\+?=$/.test(t.text)) return undefined
    const command = node.words[0] && literal(node.words[0])
    return command !== undefined && DECLARATIONS.has(command) ? this.assignment(t) : undefined
  }

  /** bash: `name[$i]=value`, where the subscript is not plain text. */
  private subscriptAssignment(t: Token & { type: 'word' }): Assignment | undefined {
    const m = /^([A-Za-z_][A-Za-z0-9_]*)\[/.exec(t.text)
    if (!m) return undefined
    const reader = this.nested(t.text)
    reader.pos = m[0].length
    const index = reader.readWord(']')
    const after = /^\](\+?)=/.exec(t.text.slice(reader.pos))
    if (!index || !after) return undefined
    reader.pos += after[0].length
    this.take()
    return { name: m[1]!, index, append: after[1] === '+', value: reader.readWord() ?? [] }
  }

  private arrayElements(): { index?: Word; value: Word }[] {
    this.take0('(')
    const elements: { index?: Word; value: Word }[] = []
    for (;;) {
      this.skipNewlines()
      const t = this.take()
      if (t.type === 'op' && t.op === ')') return elements
      if (t.type !== 'word') throw this.unexpected(t)
      const m = /^\[([^\]]*)\]=/.exec(t.text)
      if (m) {
        const reader = this.nested(t.text)
        reader.pos = m[0].length
        const index = this.nested(m[1]!)
        elements.push({ index: index.readWord('') ?? [], value: reader.readWord() ?? [] })
      } else elements.push({ value: t.word })
    }
  }

  private take0(op: string): void {
    this.token = undefined
    if (!this.isOp(op)) throw this.unexpected(this.look())
    this.take()
  }

  // Redirections and here-documents.

  protected redirect(into: Redirect[]): boolean {
    let t = this.look()
    let fd: number | undefined
    let variable: string | undefined
    const here = this.peek() === '<' || this.peek() === '>'
    if (here && t.type === 'word' && /^\d{1,4}$/.test(t.text)) {
      fd = Number(t.text)
      this.take()
      t = this.look()
    } else if (here && t.type === 'word' && this.dialect === 'bash' && /^\{[A-Za-z_]\w*(?:\[[^\]]*\])?\}$/.test(t.text)) {
      variable = t.text.slice(1, -1)
      this.take()
      t = this.look()
    }
    if (t.type !== 'op' || !REDIRECTS.has(t.op)) return false
    this.take()
    const target = this.look()
    if (target.type !== 'word') throw this.unexpected(target)
    const raw = target.text
    const redirect: Redirect = { op: (t.op === '<<-' ? '<<' : t.op) as Redirect['op'], target: target.word }
    if (fd !== undefined) redirect.fd = fd
    if (variable !== undefined) redirect.variable = variable
    if (t.op === '<<' || t.op === '<<-') {
      const quoted = /['"\\]/.test(raw)
      const delimiter = target.word.map((p) => (p.type === 'text' ? p.text : '')).join('')
      redirect.target = []
      redirect.delimiter = raw.replace(/['"\\]/g, '')
      this.documents.push({
        redirect,
        delimiter: target.word.every((p) => p.type === 'text') ? delimiter : raw,
        quoted,
        strip: t.op === '<<-',
      })
    }
    into.push(redirect)
    this.take()
    return true
  }

  /** Reads the here-documents of the line that has just ended. */
  protected readDocuments(): void {
    const documents = this.documents
    this.documents = []
    for (const document of documents) {
      let text = ''
      const startLine = this.line
      for (;;) {
        if (this.peek() === '') {
          // Shells take the end of the file for the delimiter; a person who types gets asked for more.
          if (this.interactive) throw this.unterminated('<<')
          this.warnings.push({ line: this.line - 1, started: startLine - 1, delimiter: document.delimiter })
          break
        }
        let end = this.source.indexOf('\n', this.pos)
        if (end < 0) end = this.source.length
        let line = this.source.slice(this.pos, end)
        this.pos = Math.min(end + 1, this.source.length)
        this.line++
        if (document.strip) line = line.replace(/^\t+/, '')
        if (line === document.delimiter) break
        text += `${line}\n`
      }
      if (document.quoted) document.redirect.target = text ? [{ type: 'text', text, quoted: true }] : []
      else {
        const reader = this.nested(text, startLine)
        document.redirect.target = reader.quotedParts(() => false, '$`\\')
      }
    }
  }

  /** Here-documents that the end of the text has ended: bash warns of them. */
  readonly warnings: { line: number; started: number; delimiter: string }[] = []

  /** More input may come: an unfinished here-document is not finished by the end of the text. */
  interactive = false

  protected abstract nested(text: string, startLine?: number): CommandPartParser
}
