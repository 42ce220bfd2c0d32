/**
 * Reads a Corefile: server blocks of directives, each with arguments and perhaps a block of its own
 * (https://coredns.io/manual/configuration/).
 */
import { createHash } from 'node:crypto'

interface Token {
  line: number
  text: string
}

/** One plugin as a server block has it. */
export interface Directive {
  name: string
  line: number
  args: string[]
  /** The lines between its braces. */
  body: { line: number; words: string[] }[]
}

export interface ServerBlock {
  /** Zones as they are written: `.:53`, `example.local`. */
  keys: string[]
  directives: Directive[]
}

export interface Corefile {
  blocks: ServerBlock[]
  /** The SHA-512 that the reload plugin tells, hexadecimal. */
  digest: string
}

/** What is wrong with a Corefile, in the words of CoreDNS. */
export class CorefileError extends Error {}

/** The plugins that CoreDNS' own image is built with; those that change no answer here are accepted all the same. */
const PLUGINS = new Set(
  (
    'root metadata geoip cancel tls quic grpc_server https https3 timeouts multisocket reload nsid bufsize bind debug trace ready health ' +
    'pprof prometheus errors log dnstap local dns64 acl any chaos loadbalance tsig cache rewrite header dnssec autopath minimal ' +
    'template transfer hosts route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward grpc erratic whoami ' +
    'on sign view nomad'
  ).split(' '),
)

/** Words, with what stands in quotes as one, without comments. */
function tokens(text: string): Token[] {
  return text.split('\n').flatMap((line, i) =>
    [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(#.*)|(\S+)/g)].flatMap(([, quoted, comment, word]) => {
      if (comment !== undefined) return []
      return [{ line: i + 1, text: word ?? quoted!.replaceAll('\\"', '"') }]
    }),
  )
}

class Parser {
  private at = 0
  private readonly snippets = new Map<string, Token[]>()
  private readonly list: Token[]
  private imports = 0

  constructor(
    text: string,
    private readonly file: string,
    private readonly load: (pattern: string) => string[] | undefined,
  ) {
    this.list = tokens(text)
  }

  /** Server blocks with the tokens of each directive name. */
  blocks(): { keys: string[]; tokens: Map<string, Token[]> }[] {
    const found: { keys: string[]; tokens: Map<string, Token[]> }[] = []
    while (this.at < this.list.length) {
      const keys = this.keys()
      const [, snippet] = keys.length === 1 ? (/^\((.+)\)$/.exec(keys[0]!) ?? []) : []
      if (snippet !== undefined) this.snippets.set(snippet, this.group())
      else if (this.list[this.at]?.text === '{') found.push({ keys, tokens: this.directives() })
      else if (this.at < this.list.length) throw this.fault(`Unknown directive '${this.list[this.at]!.text}'`)
    }
    return found
  }

  private keys(): string[] {
    const keys: string[] = []
    let another = true
    let line = this.list[this.at]!.line
    for (let token; (token = this.list[this.at]) && token.text !== '{'; this.at++) {
      if (token.text === 'import' && this.splice()) {
        this.at--
        continue
      }
      if (token.line !== line && !another) break
      ;[line, another] = [token.line, token.text.endsWith(',')]
      keys.push(token.text.replace(/,$/, ''))
    }
    return keys
  }

  /** What stands between braces, from the opening one on. */
  private group(): Token[] {
    const start = ++this.at
    for (let depth = 1; this.at < this.list.length; this.at++) {
      const { text } = this.list[this.at]!
      if (text === '{') depth++
      else if (text === '}' && --depth === 0) return this.list.slice(start, this.at++)
    }
    throw this.unexpectedEnd()
  }

  private directives(): Map<string, Token[]> {
    const found = new Map<string, Token[]>()
    for (this.at++; ;) {
      const first = this.list[this.at]
      if (!first) throw this.unexpectedEnd()
      if (first.text === '}') break
      if (first.text === 'import' && this.splice()) continue
      if (!PLUGINS.has(first.text)) throw this.fault(`Unknown directive '${first.text}'`)
      const own = found.get(first.text) ?? []
      found.set(first.text, own)
      own.push(first)
      let depth = 0
      let { line } = first
      for (this.at++; ; this.at++) {
        const token = this.list[this.at]
        if (!token && depth > 0) throw this.unexpectedEnd()
        if (!token || (token.text !== '{' && token.line !== line && depth === 0)) break
        if (token.text === '{') depth++
        else if (token.text === '}' && depth-- === 0) throw this.fault(`Unexpected '}' because no matching opening brace`)
        line = token.line
        own.push(token)
      }
    }
    this.at++
    return found
  }

  /** Puts what is imported in the place of `import NAME`. */
  private splice(): true {
    const name = this.list[this.at + 1]
    if (!name || name.line !== this.list[this.at]!.line) throw this.fault("Wrong argument count or unexpected line ending after 'import'")
    if (++this.imports > 1000) throw this.fault('maximum snippet import depth (1000) exceeded')
    const texts = this.snippets.has(name.text) ? [] : this.load(name.text)
    if (!texts) throw this.fault(`File to import not found: ${name.text}`)
    this.list.splice(this.at, 2, ...(this.snippets.get(name.text) ?? texts.flatMap(tokens)))
    return true
  }

  private fault(what: string): CorefileError {
    return faultAt(this.file, this.list[Math.min(this.at, this.list.length - 1)]?.line ?? 0, what)
  }

  private unexpectedEnd(): CorefileError {
    return faultAt(this.file, this.list.at(-1)?.line ?? 0, 'Unexpected EOF')
  }
}

/** A fault at a line. */
export function faultAt(file: string, line: number, what: string): CorefileError {
  return new CorefileError(`${file}:${line} - Error during parsing: ${what}`)
}

function directivesOf(list: readonly Token[]): Directive[] {
  const found: Directive[] = []
  let depth = 0
  let line = 0
  for (const token of list) {
    const current = found.at(-1)
    const isNewLine = token.line !== line
    line = token.line
    if (token.text === '{' && ++depth === 1) continue
    if (token.text === '}' && --depth === 0) continue
    if (depth > 0) {
      if (isNewLine || current!.body.length === 0) current!.body.push({ line, words: [] })
      current!.body.at(-1)!.words.push(token.text)
    } else if (!current || isNewLine) found.push({ name: token.text, line, args: [], body: [] })
    else current.args.push(token.text)
  }
  return found
}

/**
 * Reads a Corefile. Throws {@link CorefileError}.
 * @param file the name that faults are told with
 * @param load the texts of the files that a pattern of `import` names; undefined when there is no such file
 */
export function parseCorefile(text: string, file: string, load: (pattern: string) => string[] | undefined = () => undefined): Corefile {
  const blocks = new Parser(text, file, load).blocks()
  const digested = blocks.map(({ keys, tokens: byName }) => ({
    Keys: keys,
    Tokens: Object.fromEntries(
      [...byName]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, list]) => [name, list.map((t) => ({ File: '', Line: t.line, Text: t.text }))]),
    ),
  }))
  return {
    blocks: blocks.map(({ keys, tokens: byName }) => ({ keys, directives: [...byName.values()].flatMap(directivesOf) })),
    digest: createHash('sha512').update(JSON.stringify(digested)).digest('hex'),
  }
}
