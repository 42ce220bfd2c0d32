/** The syntax of nginx' configuration files: directives, blocks, quotes, comments, `include`. */
import type { FileSystem } from '../../fs.js'
import { wildcards } from '../../star-pattern.js'

export interface Directive {
  readonly name: string
  readonly args: readonly string[]
  /** What is between its braces. */
  readonly block?: readonly Directive[]
  readonly file: string
  readonly line: number
}

/** A configuration that cannot be used, in nginx' words after `[emerg]`. */
export class ConfigError extends Error {
  constructor(
    message: string,
    readonly where?: { file: string; line: number },
  ) {
    super(where ? `${message} in ${where.file}:${where.line}` : message)
    this.name = 'ConfigError'
  }
}

interface Token {
  text: string
  /** A bare `;`, `{` or `}`. */
  mark: boolean
  line: number
}

function tokens(text: string, file: string): Token[] {
  const out: Token[] = []
  let line = 1
  let i = 0
  while (i < text.length) {
    const c = text[i]!
    if (c === '\n') line++
    if (/\s/.test(c)) {
      i++
    } else if (c === '#') {
      while (i < text.length && text[i] !== '\n') i++
    } else if (c === ';' || c === '{' || c === '}') {
      out.push({ text: c, mark: true, line })
      i++
    } else {
      const start = line
      let word = ''
      if (c === '"' || c === "'") {
        for (i++; i < text.length && text[i] !== c; i++) {
          if (text[i] === '\n') line++
          if (text[i] === '\\' && i + 1 < text.length) {
            i++
            word += text[i] === c || text[i] === '\\' ? text[i] : text[i] === 'n' ? '\n' : text[i] === 't' ? '\t' : `\\${text[i]}`
          } else word += text[i]
        }
        if (i >= text.length) throw new ConfigError('unexpected end of file, expecting ";" or "}"', { file, line })
        i++
      } else {
        for (; i < text.length && !/[\s;]/.test(text[i]!); i++) {
          // `${name}` is part of a word, a lone brace ends it.
          if (text[i] === '{' && text[i - 1] !== '$') break
          if (text[i] === '$' && text[i + 1] === '{') {
            const end = text.indexOf('}', i)
            if (end > 0) {
              word += text.slice(i, end + 1)
              i = end
              continue
            }
          }
          if (text[i] === '\\' && i + 1 < text.length) word += text[i++]!
          word += text[i]
        }
      }
      out.push({ text: word, mark: false, line: start })
    }
  }
  return out
}

/** Files as they were parsed: hundreds of pods of one image have the same ones. The oldest are forgotten. */
const parsed = new Map<string, readonly Directive[]>()
const MOST_PARSED = 64

/** Parses one file's text. What is returned is shared and frozen. Throws {@link ConfigError}. */
export function parseConf(text: string, file: string): readonly Directive[] {
  const key = `${file}\0${text}`
  let directives = parsed.get(key)
  if (!directives) {
    directives = frozen(parse(text, file))
    if (parsed.size >= MOST_PARSED) parsed.delete(parsed.keys().next().value!)
    parsed.set(key, directives)
  }
  return directives
}

function frozen(directives: readonly Directive[]): readonly Directive[] {
  for (const directive of directives) {
    Object.freeze(directive.args)
    if (directive.block) frozen(directive.block)
    Object.freeze(directive)
  }
  return Object.freeze(directives)
}

function parse(text: string, file: string): Directive[] {
  const list = tokens(text, file)
  let at = 0
  const lastLine = text.split('\n').length
  const block = (nested: boolean): Directive[] => {
    const directives: Directive[] = []
    for (;;) {
      const first = list[at++]
      if (!first) {
        if (nested) throw new ConfigError('unexpected end of file, expecting "}"', { file, line: lastLine })
        return directives
      }
      if (first.mark) {
        if (first.text === '}' && nested) return directives
        throw new ConfigError(`unexpected "${first.text}"`, { file, line: first.line })
      }
      const args: string[] = []
      let inner: Directive[] | undefined
      for (;;) {
        const next = list[at++]
        if (!next) throw new ConfigError('unexpected end of file, expecting ";" or "}"', { file, line: lastLine })
        if (!next.mark) args.push(next.text)
        else if (next.text === ';') break
        else if (next.text === '{') {
          inner = block(true)
          break
        } else throw new ConfigError('unexpected "}"', { file, line: next.line })
      }
      directives.push({ name: first.text, args, ...(inner ? { block: inner } : {}), file, line: first.line })
    }
  }
  return block(false)
}

/** Reads a file and all it includes. Throws {@link ConfigError}. */
export function loadConf(fs: FileSystem, file: string, prefix = '/etc/nginx'): Directive[] {
  return expand(read(fs, file), fs, file.slice(0, file.lastIndexOf('/')) || prefix, 0)
}

function read(fs: FileSystem, file: string): readonly Directive[] {
  let text: string
  try {
    text = fs.readText(file)
  } catch (error) {
    const code = (error as { code?: string }).code === 'EACCES' ? '13: Permission denied' : '2: No such file or directory'
    throw new ConfigError(`open() "${file}" failed (${code})`)
  }
  return parseConf(text, file)
}

function expand(list: readonly Directive[], fs: FileSystem, prefix: string, depth: number): Directive[] {
  return list.flatMap((directive) => {
    if (directive.name === 'include') {
      const pattern = directive.args[0] ?? ''
      const path = pattern.startsWith('/') ? pattern : `${prefix}/${pattern}`
      if (depth > 10) throw new ConfigError('too many levels of include', directive)
      return matching(fs, path).flatMap((file) => {
        try {
          return expand(read(fs, file), fs, prefix, depth + 1)
        } catch (error) {
          if (error instanceof ConfigError && !error.where) throw new ConfigError(error.message, directive)
          throw error
        }
      })
    }
    if (!directive.block) return [directive]
    return [{ ...directive, block: expand(directive.block, fs, prefix, depth) }]
  })
}

/** The files of a path that may hold `*` in its last part, in the order of their names. */
function matching(fs: FileSystem, path: string): string[] {
  if (!path.includes('*')) return [path]
  const slash = path.lastIndexOf('/')
  const directory = path.slice(0, slash)
  const pattern = wildcards(path.slice(slash + 1))
  if (!fs.exists(directory)) return []
  return fs
    .readdir(directory)
    .filter((name) => !name.startsWith('.') && pattern.test(name))
    .sort()
    .map((name) => `${directory}/${name}`)
}
