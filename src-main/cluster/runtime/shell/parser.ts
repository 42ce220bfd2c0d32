/** The grammar of the shell command language: from text to {@link Node}s, one complete command (line) at a time. */
import { literal, ShellSyntaxError, type Dialect, type Node, type SimpleCommand } from './ast.js'
import { CompoundParser } from './compound-parser.js'

/** Parses a script. `aliases` are looked up as commands are read, so that a line can define what the next one uses. */
export class Parser extends CompoundParser {
  private depth = 0

  constructor(
    source: string,
    dialect: Dialect,
    private readonly aliases: ReadonlyMap<string, string> = new Map(),
    startLine = 1,
    private readonly extendedPatterns: () => boolean = () => false,
  ) {
    super(source, dialect, startLine)
  }

  protected override get extended(): boolean {
    return this.extendedPatterns()
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

  protected command(): Node {
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
          if (!this.isOp(')')) throw this.unexpected(this.look(), this.dialect === 'bash' ? undefined : ')', this.dialect === 'bash')
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
    return this.nested(text, this.line).all()
  }

  protected nested(text: string, startLine = 1): Parser {
    return new Parser(text, this.dialect, this.aliases, startLine)
  }
}
