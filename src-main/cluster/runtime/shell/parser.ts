/** The grammar of the shell command language: from text to {@link Node}s, one complete command (line) at a time. */
import {
  literal,
  ShellSyntaxError,
  type Assignment,
  type CaseClause,
  type Condition,
  type Dialect,
  type Node,
  type Redirect,
  type SimpleCommand,
  type Word,
} from './ast.js'
import { WordReader } from './word-reader.js'

type Token =
  | { type: 'word'; word: Word; start: number; text: string }
  | { type: 'op'; op: string; start: number; text: string }
  | { type: 'newline' | 'end'; start: number; text: string }

const OPERATORS = [
  '<<-',
  '<<<',
  '&>>',
  ';;&',
  '&&',
  '||',
  ';;',
  ';&',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '<',
  '>',
  '|&',
  '&',
  ';',
  '|',
  '(',
  ')',
]
const BASH_ONLY = new Set(['<<<', '&>>', ';;&', ';&', '&>', '|&'])
const ASH_EXTRA = new Set(['<<<', '&>', '&>>'])
const REDIRECTS = new Set(['<', '>', '>>', '>|', '<>', '<&', '>&', '<<', '<<-', '<<<', '&>', '&>>'])
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

interface HereDocument {
  redirect: Redirect
  delimiter: string
  quoted: boolean
  strip: boolean
}

const RESERVED = new Set(['if', 'then', 'else', 'elif', 'fi', 'do', 'done', 'case', 'esac', 'while', 'until', 'for', '{', '}', '!', 'in'])
const RESERVED_BASH = new Set(['[[', ']]', 'function', 'select', 'time'])
/** Builtins whose arguments may be arrays in parentheses. */
const DECLARATIONS = new Set(['declare', 'typeset', 'local', 'export', 'readonly'])
/** Reserved words that can only end something. */
const CLOSERS = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'])

/** Parses a script. `aliases` are looked up as commands are read, so that a line can define what the next one uses. */
export class Parser extends WordReader {
  private token: Token | undefined
  private documents: HereDocument[] = []
  /** Alias texts put into the source: each name is not expanded again before `until`. */
  private expanding: { name: string; until: number }[] = []
  private depth = 0

  constructor(
    source: string,
    dialect: Dialect,
    private readonly aliases: ReadonlyMap<string, string> = new Map(),
    startLine = 1,
  ) {
    super(source, dialect, startLine)
  }

  get currentLine(): number {
    return this.line
  }

  /** Where the next command begins in the source. */
  get position(): number {
    return this.token ? this.token.start : this.pos
  }

  /** Whether nothing but blanks and comments is left. */
  get atEnd(): boolean {
    return /^(?:[ \t\n]|#[^\n]*(?=\n|$))*$/.test(this.source.slice(this.position))
  }

  /** The next complete command line; undefined at the end of the source; null for an empty line. */
  nextCommand(): Node | undefined | null {
    const t = this.look()
    if (t.type === 'end') return undefined
    if (t.type === 'newline') {
      this.take()
      return null
    }
    const node = this.list(false)
    const end = this.look()
    if (end.type === 'newline') this.take()
    else if (end.type !== 'end') throw this.unexpected(end)
    if (this.documents.length > 0) this.readDocuments()
    return node
  }

  /** A whole text as one list; undefined when it is empty. */
  all(): Node | undefined {
    const items: Node[] = []
    for (;;) {
      const node = this.nextCommand()
      if (node === undefined) break
      if (node) items.push(node)
    }
    if (items.length < 2) return items[0]
    return { type: 'list', items, line: items[0]!.line, redirects: [] }
  }

  // Tokens.

  private look(): Token {
    this.token ??= this.scan()
    return this.token
  }

  private take(): Token {
    const t = this.look()
    this.token = undefined
    if (t.type === 'newline' && this.documents.length > 0) this.readDocuments()
    return t
  }

  private scan(): Token {
    for (;;) {
      const c = this.peek()
      if (c === ' ' || c === '\t') this.pos++
      else if (this.skipContinuation()) continue
      else if (c === '#') while (this.peek() !== '' && this.peek() !== '\n') this.pos++
      else break
    }
    const start = this.pos
    this.expanding = this.expanding.filter((e) => e.until >= start)
    const c = this.peek()
    if (c === '') return { type: 'end', start, text: '' }
    if (c === '\n') {
      this.next()
      return { type: 'newline', start, text: '\n' }
    }
    const processSubstitution = this.dialect === 'bash' && (c === '<' || c === '>') && this.peek(1) === '('
    const op = processSubstitution ? undefined : OPERATORS.find((o) => this.startsWith(o) && this.hasOperator(o))
    if (op) {
      this.pos += op.length
      return { type: 'op', op, start, text: op }
    }
    const word = this.readWord()!
    return { type: 'word', word, start, text: this.source.slice(start, this.pos) }
  }

  private hasOperator(op: string): boolean {
    return this.dialect === 'bash' || !BASH_ONLY.has(op) || (this.dialect === 'ash' && ASH_EXTRA.has(op))
  }

  private isOp(op: string): boolean {
    const t = this.look()
    return t.type === 'op' && t.op === op
  }

  /** The reserved word here, if there is one. */
  private reserved(): string | undefined {
    const t = this.look()
    if (t.type !== 'word') return undefined
    const text = literal(t.word)
    if (text === undefined) return undefined
    return RESERVED.has(text) || (this.dialect !== 'dash' && RESERVED_BASH.has(text) && !(this.dialect === 'ash' && text === 'select'))
      ? text
      : undefined
  }

  private expect(word: string): void {
    if (this.reserved() !== word && !this.isOp(word)) throw this.unexpected(this.look(), word)
    this.take()
  }

  private unexpected(t: Token, expecting?: string): ShellSyntaxError {
    const text = t.type === 'end' ? 'end of file' : t.type === 'newline' ? 'newline' : t.text
    return new ShellSyntaxError('unexpected', text, this.line - (t.type === 'newline' ? 1 : 0), t.type === 'end', expecting)
  }

  private skipNewlines(): void {
    while (this.look().type === 'newline') this.take()
  }

  // Lists and pipelines.

  /** Commands separated by `;`, `&` and, inside a compound command, newlines. */
  private list(multiline: boolean): Node | undefined {
    const items: Node[] = []
    const { line } = this
    if (multiline) this.skipNewlines()
    while (!this.atListEnd()) {
      const { start } = this.look()
      let node = this.andOr()
      if (this.isOp('&')) {
        const text = this.source.slice(start, this.look().start).trim()
        this.take()
        node = { type: 'background', body: node, text, line: node.line, redirects: [] }
      } else if (this.isOp(';')) this.take()
      else if (!(multiline && this.look().type === 'newline')) {
        items.push(node)
        break
      }
      items.push(node)
      if (multiline) this.skipNewlines()
    }
    if (items.length < 2) return items[0]
    return { type: 'list', items, line, redirects: [] }
  }

  private atListEnd(): boolean {
    const t = this.look()
    if (t.type === 'end' || t.type === 'newline') return true
    if (t.type === 'op') return [')', ';;', ';&', ';;&'].includes(t.op)
    const word = this.reserved()
    return word !== undefined && CLOSERS.has(word)
  }

  /** A list that must not be empty, as after `do`. */
  private compoundList(expecting?: string): Node {
    const node = this.list(true)
    if (!node) throw this.unexpected(this.look(), this.look().type === 'end' ? expecting : undefined)
    return node
  }

  private andOr(): Node {
    let left = this.pipeline()
    for (;;) {
      const type = this.isOp('&&') ? 'and' : this.isOp('||') ? 'or' : undefined
      if (!type) return left
      this.take()
      this.skipNewlines()
      left = { type, left, right: this.pipeline(), line: left.line, redirects: [] }
    }
  }

  private pipeline(): Node {
    const { line } = this
    let negate = false
    let timed = false
    for (;;) {
      const word = this.reserved()
      if (word === '!') negate = !negate
      else if (word === 'time' && this.dialect === 'bash') timed = true
      else break
      this.take()
    }
    const commands = [this.command()]
    while (this.isOp('|') || this.isOp('|&')) {
      const both = this.isOp('|&')
      this.take()
      if (both) commands.at(-1)!.redirects.push({ op: '>&', fd: 2, target: [{ type: 'text', text: '1', quoted: false }] })
      this.skipNewlines()
      commands.push(this.command())
    }
    if (commands.length === 1 && !negate && !timed) return commands[0]!
    return { type: 'pipeline', commands, negate, timed, line, redirects: [] }
  }

  private command(): Node {
    if (++this.depth > 500) throw new ShellSyntaxError('bad', 'nested too deeply', this.line, false)
    try {
      this.expandAlias()
      const node = this.compound()
      if (node) {
        while (this.redirect(node.redirects)) continue
        return node
      }
      return this.simple()
    } finally {
      this.depth--
    }
  }

  // Compound commands.

  private compound(): Node | undefined {
    const { line } = this
    const base = { line, redirects: [] as Redirect[] }
    if (this.isOp('(')) {
      const open = this.look()
      this.take()
      if (this.dialect !== 'dash' && this.peek() === '(' && this.pos === open.start + 1) {
        const arithmetic = this.arithmeticCommand(line)
        if (arithmetic) return arithmetic
      }
      const body = this.compoundList(')')
      this.expect(')')
      return { type: 'subshell', body, ...base }
    }
    switch (this.reserved()) {
      case '{': {
        this.take()
        const body = this.compoundList('}')
        this.expect('}')
        return { type: 'group', body, ...base }
      }
      case 'if':
        return this.ifCommand()
      case 'while':
      case 'until': {
        const type = this.reserved() as 'while' | 'until'
        this.take()
        const condition = this.compoundList('do')
        const body = this.doGroup()
        return { type, condition, body, ...base }
      }
      case 'for':
      case 'select':
        return this.forCommand()
      case 'case':
        return this.caseCommand()
      case '[[':
        return this.conditionCommand()
      case 'function': {
        this.take()
        const t = this.take()
        if (t.type !== 'word') throw this.unexpected(t)
        if (this.isOp('(')) {
          this.take()
          this.expect(')')
        }
        return this.functionBody(t.text, line)
      }
      case undefined:
      case '!':
      case 'in':
      case 'time':
      case ']]':
        return undefined
      default:
        throw this.unexpected(this.look())
    }
  }

  private arithmeticCommand(line: number): Node | undefined {
    const start = this.pos
    const startLine = this.line
    this.pos++
    const expression = this.arithmeticText()
    if (expression) return { type: 'arithmetic', expression, line, redirects: [] }
    this.pos = start
    this.line = startLine
    return undefined
  }

  private ifCommand(): Node {
    const { line } = this
    this.take()
    const condition = this.compoundList('then')
    this.expect('then')
    const consequent = this.compoundList('fi')
    let alternative: Node | undefined
    if (this.reserved() === 'elif') return { type: 'if', condition, consequent, alternative: this.ifCommand(), line, redirects: [] }
    if (this.reserved() === 'else') {
      this.take()
      alternative = this.compoundList('fi')
    }
    this.expect('fi')
    return { type: 'if', condition, consequent, alternative, line, redirects: [] }
  }

  private doGroup(): Node {
    this.skipNewlines()
    this.expect('do')
    const body = this.compoundList('done')
    this.expect('done')
    return body
  }

  private forCommand(): Node {
    const { line } = this
    const type = this.reserved() as 'for' | 'select'
    this.take()
    if (this.dialect === 'bash' && this.isOp('(') && this.peek() === '(') return this.forArithmetic(line)
    const t = this.take()
    const name = t.type === 'word' ? literal(t.word) : undefined
    if (name === undefined || !NAME.test(name)) {
      if (t.type === 'word') throw new ShellSyntaxError('bad', 'Bad for loop variable', this.line, false)
      throw this.unexpected(t)
    }
    let words: Word[] | undefined
    this.skipNewlines()
    if (this.reserved() === 'in') {
      this.take()
      words = []
      for (let w = this.look(); w.type === 'word'; w = this.look()) {
        words.push(w.word)
        this.take()
      }
      const end = this.look()
      if (end.type !== 'newline' && !this.isOp(';')) throw this.unexpected(end, 'do')
      this.take()
    } else if (this.isOp(';')) this.take()
    this.skipNewlines()
    let body: Node
    if (this.reserved() === '{' && this.dialect === 'bash') {
      this.take()
      body = this.compoundList('}')
      this.expect('}')
    } else body = this.doGroup()
    return { type, name, words, body, line, redirects: [] }
  }

  private forArithmetic(line: number): Node {
    this.token = undefined
    this.pos++
    const expression = this.arithmeticText()
    if (!expression) throw new ShellSyntaxError('unexpected', '((', line, false)
    const sections: Word[] = [[]]
    for (const part of expression) {
      if (part.type !== 'text') {
        sections.at(-1)!.push(part)
        continue
      }
      part.text.split(';').forEach((text, i) => {
        if (i > 0) sections.push([])
        if (text.trim()) sections.at(-1)!.push({ type: 'text', text, quoted: true })
      })
    }
    if (this.isOp(';')) this.take()
    const body = this.doGroup()
    return { type: 'forArithmetic', init: sections[0]!, test: sections[1] ?? [], step: sections[2] ?? [], body, line, redirects: [] }
  }

  private caseCommand(): Node {
    const { line } = this
    this.take()
    const t = this.take()
    if (t.type !== 'word') throw this.unexpected(t)
    this.skipNewlines()
    this.expect('in')
    this.skipNewlines()
    const clauses: CaseClause[] = []
    while (this.reserved() !== 'esac') {
      if (this.isOp('(')) this.take()
      const patterns: Word[] = []
      for (;;) {
        const p = this.take()
        if (p.type !== 'word') throw this.unexpected(p, p.type === 'end' ? ')' : undefined)
        patterns.push(p.word)
        if (!this.isOp('|')) break
        this.take()
      }
      this.expect(')')
      const body = this.list(true)
      const end = this.look()
      let ending: CaseClause['end'] = ';;'
      if (end.type === 'op' && [';;', ';&', ';;&'].includes(end.op)) {
        ending = end.op as ';;'
        this.take()
      } else if (this.reserved() !== 'esac') throw this.unexpected(end, ';;')
      clauses.push({ patterns, body, end: ending })
      this.skipNewlines()
    }
    this.take()
    return { type: 'case', subject: t.word, clauses, line, redirects: [] }
  }

  private functionBody(name: string, line: number): Node {
    this.skipNewlines()
    const body = this.command()
    return { type: 'function', name, body, line, redirects: [] }
  }

  // [[ … ]]

  private conditionCommand(): Node {
    const { line } = this
    this.take()
    const condition = this.conditionOr()
    this.expect(']]')
    return { type: 'condition', condition, line, redirects: [] }
  }

  private conditionOr(): Condition {
    let left = this.conditionAnd()
    while (this.isOp('||')) {
      this.take()
      left = { type: 'or', left, right: this.conditionAnd() }
    }
    return left
  }

  private conditionAnd(): Condition {
    let left = this.conditionPrimary()
    while (this.isOp('&&')) {
      this.take()
      left = { type: 'and', left, right: this.conditionPrimary() }
    }
    return left
  }

  private conditionPrimary(): Condition {
    this.skipNewlines()
    if (this.isOp('(')) {
      this.take()
      const inner = this.conditionOr()
      this.expect(')')
      return inner
    }
    const t = this.take()
    if (t.type !== 'word') throw this.unexpected(t)
    const text = literal(t.word)
    if (text === '!') return { type: 'not', of: this.conditionPrimary() }
    if (text !== undefined && /^-[a-zA-Z]$/.test(text) && this.look().type === 'word' && this.reserved() !== ']]') {
      const operand = this.take()
      return { type: 'unary', op: text, operand: (operand as { word: Word }).word }
    }
    const op = this.look()
    if (op.type === 'op' && (op.op === '<' || op.op === '>')) {
      this.take()
      const right = this.take()
      if (right.type !== 'word') throw this.unexpected(right)
      return { type: 'binary', op: op.op, left: t.word, right: right.word }
    }
    const opText = op.type === 'word' ? literal(op.word) : undefined
    if (opText !== undefined && /^(=|==|!=|=~|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/.test(opText)) {
      this.token = undefined
      // A regular expression may hold parentheses and bars.
      while (this.peek() === ' ' || this.peek() === '\t') this.pos++
      const right = this.readWord(opText === '=~' ? ' \t\n' : ' \t\n;&|<>()')
      if (!right) throw this.unexpected(this.look())
      return { type: 'binary', op: opText, left: t.word, right }
    }
    return { type: 'word', word: t.word }
  }

  // Simple commands.

  private simple(): Node {
    const { line } = this
    const node: SimpleCommand = { type: 'simple', assignments: [], words: [], redirects: [], line }
    for (;;) {
      if (this.redirect(node.redirects)) continue
      const t = this.look()
      if (t.type !== 'word') {
        if (t.type === 'op' && t.op === '(' && node.words.length === 1 && node.assignments.length + node.redirects.length === 0) {
          const name = literal(node.words[0]!)
          this.take()
          if (!this.isOp(')')) throw this.unexpected(this.look(), this.dialect === 'bash' ? undefined : ')')
          this.take()
          if (name === undefined) throw new ShellSyntaxError('bad', 'Bad function name', this.line, false)
          return this.functionBody(name, line)
        }
        break
      }
      const assignment = node.words.length === 0 ? this.assignment(t) : undefined
      const array = assignment ? undefined : this.declaredArray(node, t)
      if (assignment) node.assignments.push(assignment)
      else if (array) {
        ;(node.arrays ??= []).push(array)
        node.words.push([{ type: 'text', text: array.name, quoted: true }])
      } else {
        this.take()
        node.words.push(t.word)
        if (node.words.length === 1 && /[ \t]$/.test(this.lastAlias ?? '')) this.expandAlias()
      }
      if (node.words.length === 0 && !this.isOp('(')) this.expandAlias()
    }
    if (node.words.length + node.assignments.length + node.redirects.length === 0) throw this.unexpected(this.look())
    return node
  }

  private lastAlias: string | undefined

  /** Puts an alias' text in the place of its name, when an unquoted command word here is one. */
  private expandAlias(): void {
    this.lastAlias = undefined
    if (this.aliases.size === 0) return
    for (;;) {
      const t = this.look()
      if (t.type !== 'word') return
      const name = literal(t.word)
      const text = name === undefined ? undefined : this.aliases.get(name)
      if (text === undefined || this.expanding.some((e) => e.name === name)) return
      this.source = this.source.slice(0, t.start) + text + this.source.slice(this.pos)
      this.expanding = this.expanding.map((e) => ({ ...e, until: e.until + text.length - t.text.length }))
      this.expanding.push({ name: name!, until: t.start + text.length })
      this.pos = t.start
      this.token = undefined
      this.lastAlias = text
    }
  }

  private assignment(t: Token & { type: 'word' }): Assignment | undefined {
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
  private declaredArray(node: SimpleCommand, t: Token & { type: 'word' }): Assignment | undefined {
    if (this.dialect !== 'bash' || this.peek() !== '(' || !/^[A-Za-z_]\w*\+?=$/.test(t.text)) return undefined
    const command = node.words[0] && literal(node.words[0])
    return command !== undefined && DECLARATIONS.has(command) ? this.assignment(t) : undefined
  }

  /** bash: `name[$i]=value`, where the subscript is not plain text. */
  private subscriptAssignment(t: Token & { type: 'word' }): Assignment | undefined {
    const m = /^([A-Za-z_][A-Za-z0-9_]*)\[/.exec(t.text)
    if (!m) return undefined
    const reader = new Parser(t.text, this.dialect)
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
        const reader = new Parser(t.text, this.dialect)
        reader.pos = m[0].length
        const index = new Parser(m[1]!, this.dialect)
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

  private redirect(into: Redirect[]): boolean {
    let t = this.look()
    let fd: number | undefined
    let variable: string | undefined
    const here = this.peek() === '<' || this.peek() === '>'
    if (here && t.type === 'word' && /^\d{1,4}$/.test(t.text)) {
      fd = Number(t.text)
      this.take()
      t = this.look()
    } else if (here && t.type === 'word' && this.dialect === 'bash' && /^\{[A-Za-z_]\w*\}$/.test(t.text)) {
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
  private readDocuments(): void {
    const documents = this.documents
    this.documents = []
    for (const document of documents) {
      let text = ''
      const startLine = this.line
      for (;;) {
        if (this.peek() === '') {
          // Shells take the end of the file for the delimiter; a person who types gets asked for more.
          if (this.interactive) throw this.unterminated('<<')
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
        const reader = new Parser(text, this.dialect, this.aliases, startLine)
        document.redirect.target = reader.quotedParts(() => false, '$`\\')
      }
    }
  }

  /** More input may come: an unfinished here-document is not finished by the end of the text. */
  interactive = false

  protected substitution(): Node | undefined {
    const saved = { token: this.token, documents: this.documents }
    this.token = undefined
    this.documents = []
    const node = this.list(true)
    if (!this.isOp(')')) throw this.unexpected(this.look(), ')')
    this.token = undefined
    this.token = saved.token
    this.documents = saved.documents
    return node
  }

  protected parseText(text: string): Node | undefined {
    return new Parser(text, this.dialect, this.aliases, this.line).all()
  }
}
