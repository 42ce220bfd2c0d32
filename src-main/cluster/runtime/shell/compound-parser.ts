/** The grammar of lists, pipelines and compound commands. */
import { literal, ShellSyntaxError, type CaseClause, type Node, type Redirect, type Word } from './ast.js'
import { CommandPartParser } from './command-parts.js'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Reserved words that can only end something. */
const CLOSERS = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'])

/** The words that a compound command begins with. */
const COMPOUND = new Set(['{', 'if', 'while', 'until', 'for', 'case', 'select', '[['])

/** Parses lists, pipelines and compound commands. */
export abstract class CompoundParser extends CommandPartParser {
  /** Commands separated by `;`, `&` and, inside a compound command, newlines. */
  protected list(multiline: boolean): Node | undefined {
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
    let timed: 'bash' | 'posix' | undefined
    for (;;) {
      const word = this.reserved()
      if (word === '!') negate = !negate
      else if (word === 'time' && this.dialect === 'bash') timed ??= 'bash'
      else {
        const t = this.look()
        if (!timed || t.type !== 'word' || (t.text !== '-p' && t.text !== '--')) break
        if (t.text === '-p') timed = 'posix'
      }
      this.take()
    }
    // `time` may stand alone.
    if (timed && (this.atListEnd() || this.isOp(';') || this.isOp('&')))
      return { type: 'pipeline', commands: [], negate, timed, line, redirects: [] }
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

  // Compound commands.

  protected compound(): Node | undefined {
    const { line } = this
    const base = { line, redirects: [] as Redirect[] }
    if (this.isOp('(')) {
      const open = this.look()
      this.take()
      if (this.dialect === 'bash' && this.peek() === '(' && this.pos === open.start + 1) {
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
      case 'coproc':
        return this.coprocess(line)
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

  /** bash: `coproc [NAME] command`; a name stands only in front of a compound command. */
  private coprocess(line: number): Node {
    this.take()
    const t = this.look()
    const saved = { pos: this.pos, line: this.line }
    if (t.type === 'word' && NAME.test(t.text) && !this.reserved()) {
      this.take()
      if (this.isOp('(') || ['{', 'if', 'while', 'until', 'for', 'case', 'select', '[['].includes(this.reserved() ?? ''))
        return { type: 'coproc', name: t.text, body: this.command(), line, redirects: [] }
      this.pos = saved.pos
      this.line = saved.line
      this.token = t
    }
    return { type: 'coproc', name: 'COPROC', body: this.command(), line, redirects: [] }
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

  protected functionBody(name: string, line: number): Node {
    this.skipNewlines()
    // Only dash takes any command for a body.
    const compound = this.isOp('(') || COMPOUND.has(this.reserved() ?? '')
    if (this.dialect === 'bash' && !compound && this.look().type === 'word') throw this.unexpected(this.look())
    const body = this.command()
    return { type: 'function', name, body, line, redirects: [] }
  }

  protected abstract command(): Node
}
