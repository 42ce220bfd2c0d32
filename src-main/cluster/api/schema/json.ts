/**
 * Reading JSON and YAML bodies as the API server does: its error texts are those of Go's encoding/json and go-yaml.
 * Hostile input is bounded: nesting by {@link MAX_DEPTH}, YAML aliases by the parser's own limit, and no key can reach
 * an object's prototype.
 */
import { isMap, isPair, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml'
import type { Document, YAMLError } from 'yaml'
import { exactIn, jsonText, MANY_DIGITS, mayBeLongInYaml, parseExactJson } from '../../../exact-json.js'
import { printed, StatusError } from '../errors.js'
import { withoutHalves } from './surrogates.js'

/** How deeply a body may nest. Go allows 10,000, which no real object comes near; ours has to fit the stack. */
export const MAX_DEPTH = 1000

const TOO_DEEP = `yaml: exceeded max depth of ${MAX_DEPTH}`

/**
 * How many lines and elements of flow style a YAML body may have. Its parser is slow, and nothing else is served
 * meanwhile; the largest objects that people write have some 20,000 lines. Clients send JSON, which has no such limit.
 */
const MAX_YAML_ELEMENTS = 100_000

/** A body that is no JSON or YAML; the message is the Go decoder's. */
export class SyntaxFault extends Error {}

/** A parsed body, and where it said something twice. */
export interface Parsed {
  value: unknown
  /** Paths of repeated keys in JSON (`spec.replicas`), in the order they came. */
  duplicates: string[]
  /** Lines and keys of repeated keys in YAML. */
  yamlDuplicates: { line: number; key: string }[]
}

/**
 * Parses a JSON body.
 * @param findDuplicates whether repeated keys are looked for; it costs a scan of the text
 * @throws SyntaxFault
 */
export function parseJson(bytes: Buffer, findDuplicates: boolean): Parsed {
  const shape = scan(bytes)
  if (shape.depth > MAX_DEPTH) throw new SyntaxFault('exceeded max depth')
  const text = withoutHalves(bytes.toString('utf8'))
  let value: unknown
  try {
    value = shape.long ? parseExactJson(text) : JSON.parse(text)
  } catch {
    throw new SyntaxFault(describeSyntaxError(text))
  }
  // Only when an object has fewer keys than the text has colons can a key have been said twice.
  const duplicates = findDuplicates && countKeys(value) !== shape.colons ? duplicateKeys(text) : []
  if (shape.proto) refuseProto(value)
  return { value, duplicates, yamlDuplicates: [] }
}

/**
 * Parses a YAML body (the first document) with go-yaml's YAML 1.1 reading of scalars: `yes` is true, `0644` is octal.
 * Text that starts with `{` is tried as JSON first, which most clients send as YAML.
 * @throws SyntaxFault, or StatusError 413 for more than can be parsed in good time
 */
export function parseYaml(bytes: Buffer, findDuplicates: boolean): Parsed {
  let first = 0
  while (first < bytes.length && bytes[first]! <= 0x20) first++
  if (bytes[first] === 0x7b) {
    try {
      const parsed = parseJson(bytes, findDuplicates)
      if (parsed.duplicates.length === 0) return parsed
    } catch {
      // Not JSON: flow-style YAML also starts with a brace.
    }
  }
  const lines = new LineCounter()
  const text = bytes.toString('utf8')
  checkYamlSize(text)
  const long = mayBeLongInYaml(text)
  let documents: readonly Document[]
  try {
    documents = parseAllDocuments(text, {
      version: '1.1',
      merge: true,
      uniqueKeys: false,
      lineCounter: lines,
      intAsBigInt: long,
      // go-yaml knows neither sexagesimal numbers nor, when it makes JSON, timestamps, binary, sets and ordered maps.
      customTags: (tags) =>
        tags.filter(
          (t) =>
            typeof t === 'string' || !/(INT|FLOAT)?TIME|timestamp|binary|set|omap|pairs/i.test(`${t.tag} ${'format' in t ? t.format : ''}`),
        ),
    }) as readonly Document[]
  } catch (error) {
    throw new SyntaxFault(error instanceof RangeError ? TOO_DEEP : `yaml: ${String((error as Error).message)}`)
  }
  const document = documents[0]
  if (!document) return { value: null, duplicates: [], yamlDuplicates: [] }
  const [problem] = document.errors
  // The parser keeps to itself that the stack was too small for it.
  if (problem) throw new SyntaxFault(problem.message.includes('Maximum call stack size') ? TOO_DEEP : yamlErrorText(problem))
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
    if (long) value = exactIn(value)
    // Its parser takes half characters; no string of an object may hold one.
    if (/\\[uU]0*[dD][89a-fA-F]/.test(text)) value = parseExactJson(withoutHalves(jsonText(value)))
  } catch {
    throw new SyntaxFault('yaml: document contains excessive aliasing')
  }
  refuseProto(value)
  return { value, duplicates: [], yamlDuplicates: findDuplicates ? yamlDuplicateKeys(document, lines) : [] }
}

/** One pass over the bytes: the number of keys, the deepest nesting, and whether a `__proto__` or long numbers may be in it. */
function scan(bytes: Buffer): { colons: number; depth: number; proto: boolean; long: boolean } {
  let colons = 0
  let level = 0
  let depth = 0
  let long = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    switch (byte) {
      case 0x22:
        for (i++; i < bytes.length && bytes[i] !== 0x22; i++) if (bytes[i] === 0x5c) i++
        break
      case 0x3a:
        colons++
        break
      case 0x7b:
      case 0x5b:
        if (++level > depth) depth = level
        break
      case 0x7d:
      case 0x5d:
        level--
        break
      default:
        if (byte < 0x31 || byte > 0x39) break
        const start = i
        while (i + 1 < bytes.length && bytes[i + 1]! >= 0x30 && bytes[i + 1]! <= 0x39) i++
        if (i - start + 1 >= MANY_DIGITS) long = true
    }
  }
  return { colons, depth, long, proto: bytes.includes('__proto__') || bytes.includes('\\u005') }
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let n = 0
  if (Array.isArray(value)) {
    for (const element of value) n += countKeys(element)
    return n
  }
  for (const key of Object.keys(value)) n += 1 + countKeys((value as Record<string, unknown>)[key])
  return n
}

/** A key `__proto__` is legal in the API but a trap for every program in this language: it is refused. */
function refuseProto(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const element of value) refuseProto(element)
    return
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw new SyntaxFault('the key "__proto__" is not supported')
    refuseProto((value as Record<string, unknown>)[key])
  }
}

/** Bounds the work and the recursion of the YAML parser, by how much it has to read and how deeply that can nest. */
function checkYamlSize(text: string): void {
  let elements = 0
  let flow = 0
  let deepest = 0
  let indent = 0
  let leading = true
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x0a) {
      elements++
      indent = 0
      leading = true
      continue
    }
    if (leading && (c === 0x20 || c === 0x2d)) {
      if (++indent > deepest) deepest = indent
      continue
    }
    leading = false
    if (c === 0x2c) elements++
    else if (c === 0x5b || c === 0x7b) {
      if (++flow > deepest) deepest = flow
    } else if ((c === 0x5d || c === 0x7d) && flow > 0) flow--
  }
  if (deepest > MAX_DEPTH) throw new SyntaxFault(TOO_DEEP)
  if (elements > MAX_YAML_ELEMENTS) {
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: YAML of more than ${MAX_YAML_ELEMENTS} lines or elements; send it as JSON`,
    )
  }
}

function yamlDuplicateKeys(document: Document, lines: LineCounter): { line: number; key: string }[] {
  const found: { line: number; key: string }[] = []
  visit(document, {
    Map(_, map) {
      if (!isMap(map)) return
      const seen = new Set<unknown>()
      for (const pair of map.items) {
        if (!isPair(pair) || !isScalar(pair.key)) continue
        if (seen.has(pair.key.value)) {
          found.push({ line: lines.linePos(pair.key.range?.[0] ?? 0).line, key: String(pair.key.value) })
        }
        seen.add(pair.key.value)
      }
    },
  })
  return found.sort((a, b) => a.line - b.line)
}

const YAML_TEXTS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'did not find expected key',
  BLOCK_IN_FLOW: "did not find expected ',' or ']'",
  MISSING_CHAR: 'did not find expected key',
  TAB_AS_INDENT: 'found character that cannot start any token',
  BAD_ALIAS: 'did not find expected alphabetic or numeric character',
  MULTILINE_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  BAD_SCALAR_START: 'found character that cannot start any token',
  UNEXPECTED_TOKEN: 'did not find expected node content',
  IMPOSSIBLE: 'did not find expected node content',
}

/** What go-yaml says, as near as the other parser's reasons allow. */
function yamlErrorText(error: YAMLError): string {
  const line = error.linePos?.[0].line ?? 1
  let text = YAML_TEXTS[error.code] ?? error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')
  if (/flow (sequence|collection)/i.test(error.message) && error.message.includes(']')) text = "did not find expected ',' or ']'"
  else if (/flow (map|collection)/i.test(error.message) && error.message.includes('}')) text = "did not find expected ',' or '}'"
  else if (/closing ["']quote|Missing closing/.test(error.message)) text = 'found unexpected end of stream'
  return `yaml: line ${line}: ${text}`
}

/** The paths of keys that an object has twice, as strict decoding names them. The text is valid JSON. */
function duplicateKeys(text: string): string[] {
  const found: string[] = []
  let i = 0
  const space = (): void => {
    while (text.charCodeAt(i) <= 0x20) i++
  }
  const string = (): string => {
    const start = i++
    for (; text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++
    i++
    return JSON.parse(text.slice(start, i)) as string
  }
  const value = (path: string): void => {
    space()
    const c = text[i]
    if (c === '{') {
      const seen = new Set<string>()
      i++
      for (space(); text[i] !== '}'; space()) {
        if (text[i] === ',') {
          i++
          space()
        }
        const key = string()
        const at = path ? `${path}.${key}` : key
        if (seen.has(key)) found.push(at)
        seen.add(key)
        space()
        i++ // the colon
        value(at)
      }
      i++
    } else if (c === '[') {
      i++
      let n = 0
      for (space(); text[i] !== ']'; space()) {
        if (text[i] === ',') i++
        value(`${path}[${n++}]`)
      }
      i++
    } else if (c === '"') string()
    else while (i < text.length && !',]} \n\r\t'.includes(text[i]!)) i++
  }
  value('')
  return found
}

/** Why a text is no JSON, in the words of Go's encoding/json. */
export function describeSyntaxError(text: string): string {
  let i = 0
  // One byte is shown, also where it is the first of several that make a character.
  const quote = (c: string): string => {
    if (c === "'") return `'\\''`
    if (c === '"') return `'"'`
    return `'${printed(String.fromCharCode(Buffer.from(c)[0]!)).slice(1, -1)}'`
  }
  class Fault extends Error {}
  const fail = (context: string): never => {
    if (i >= text.length) throw new Fault('unexpected end of JSON input')
    throw new Fault(`invalid character ${quote(String.fromCodePoint(text.codePointAt(i)!))} ${context}`)
  }
  const space = (): void => {
    while (i < text.length && ' \t\r\n'.includes(text[i]!)) i++
  }
  const string = (): void => {
    for (i++; text[i] !== '"'; i++) {
      if (i >= text.length || text.charCodeAt(i) < 0x20) fail('in string literal')
      if (text[i] !== '\\') continue
      i++
      if (text[i] === 'u') {
        for (let n = 0; n < 4; n++) {
          i++
          if (!/[0-9a-fA-F]/.test(text[i] ?? '')) fail('in \\u hexadecimal character escape')
        }
      } else if (!'bfnrt\\/"'.includes(text[i] ?? ' ')) fail('in string escape code')
    }
    i++
  }
  const literal = (word: string): void => {
    for (let n = 0; n < word.length; n++, i++) if (text[i] !== word[n]) fail(`in literal ${word} (expecting ${quote(word[n]!)})`)
  }
  const number = (): void => {
    if (text[i] === '-') i++
    if (!/[0-9]/.test(text[i] ?? '')) fail('in numeric literal')
    if (text[i] === '0') i++
    else while (/[0-9]/.test(text[i] ?? '')) i++
    if (text[i] === '.') {
      i++
      if (!/[0-9]/.test(text[i] ?? '')) fail('after decimal point in numeric literal')
      while (/[0-9]/.test(text[i] ?? '')) i++
    }
    if (text[i] === 'e' || text[i] === 'E') {
      i++
      if (text[i] === '+' || text[i] === '-') i++
      if (!/[0-9]/.test(text[i] ?? '')) fail('in exponent of numeric literal')
      while (/[0-9]/.test(text[i] ?? '')) i++
    }
  }
  const value = (): void => {
    space()
    const c = text[i] ?? ''
    if (c === '{') {
      i++
      space()
      if (text[i] === '}') {
        i++
        return
      }
      for (;;) {
        space()
        if (text[i] !== '"') fail('looking for beginning of object key string')
        string()
        space()
        if (text[i] !== ':') fail('after object key')
        i++
        value()
        space()
        if (text[i] === '}') break
        if (text[i] !== ',') fail('after object key:value pair')
        i++
      }
      i++
    } else if (c === '[') {
      i++
      space()
      if (text[i] === ']') {
        i++
        return
      }
      for (;;) {
        value()
        space()
        if (text[i] === ']') break
        if (text[i] !== ',') fail('after array element')
        i++
      }
      i++
    } else if (c === '"') string()
    else if (c === 't') literal('true')
    else if (c === 'f') literal('false')
    else if (c === 'n') literal('null')
    else if (c === '-' || (c >= '0' && c <= '9')) number()
    else fail('looking for beginning of value')
  }
  try {
    value()
    space()
    if (i < text.length) fail('after top-level value')
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
  return 'unexpected end of JSON input'
}
