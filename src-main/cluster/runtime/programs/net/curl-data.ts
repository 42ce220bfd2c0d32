/** What curl sends along: data, forms and headers, read once before its first transfer. https://curl.se/docs/manpage.html */
import { SystemError } from '../../process.js'
import type { Command, Options } from '../command.js'
import { Fail } from '../command.js'
import { readAll, openForReading } from '../reading.js'
import { curlVersion } from './curl-options.js'
import { CurlError } from './curl-request.js'

/** What the options of one part of a command line give all its requests. */
export interface Payload {
  /** The content of -d and its like, or of -F; with -G it is in the query. */
  readonly body?: Buffer
  /** Its `Content-Type`. */
  readonly type?: string
  /** What is added to the query of the URL. */
  readonly query: readonly string[]
  /** The lines of -H, with those of files, and what --json adds. */
  readonly headers: readonly string[]
  /** The text of -w, which may stand in a file. */
  readonly format?: string | undefined
}

const ADVICE = "curl: try 'curl --help' or 'curl --manual' for more information"
const DATA = new Set(['d', 'data-raw', 'data-binary', 'data-urlencode', 'json'])
const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const isOld = (c: Command): boolean => curlVersion(c).startsWith('7.')

/** Reads what is sent. Throws Fail or CurlError 26 where a file cannot be read. */
export async function readPayload(c: Command, o: Options): Promise<Payload> {
  let data: Buffer | undefined
  for (const [letter, value] of o.given) {
    if (!DATA.has(letter)) continue
    const next = await dataOf(c, o, letter, value)
    data = data === undefined ? next : Buffer.concat([data, Buffer.from(data.length > 0 && letter !== 'json' ? '&' : ''), next])
  }
  const query: string[] = []
  for (const text of o.all('url-query')) query.push(text.startsWith('+') ? text.slice(1) : await encoded(c, o, 'url-query', text))
  if (data !== undefined && o.has('G')) query.unshift(data.toString())
  const format = await formatOf(c, o)
  const headers = (await Promise.all(o.all('H').map((line) => headerLines(c, o, line)))).flat()
  if (o.has('json'))
    for (const [name, value] of [
      ['Content-Type', 'application/json'],
      ['Accept', 'application/json'],
    ] as const)
      // prettier-ignore
      if (!headers.some((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))) headers.push(`${name}: ${value}`)
  const fields = o.given.filter(([letter]) => letter === 'F' || letter === 'form-string')
  if (fields.length > 0) {
    const boundary = `------------------------${c.task.random.hex(isOld(c) ? 8 : 11)}`
    const body = await formBody(c, fields.map(([letter, text]) => ({ text, plain: letter !== 'F' })), boundary) // prettier-ignore
    return { body, type: `multipart/form-data; boundary=${boundary}`, query, headers, format }
  }
  if (data === undefined || o.has('G')) return { query, headers, format }
  return { body: data, ...(o.has('json') ? {} : { type: 'application/x-www-form-urlencoded' }), query, headers, format } // prettier-ignore
}

async function dataOf(c: Command, o: Options, letter: string, value: string): Promise<Buffer> {
  if (letter === 'data-urlencode') return Buffer.from(await encoded(c, o, letter, value))
  if (letter === 'data-raw' || !value.startsWith('@')) return Buffer.from(value)
  const content = await contentOf(c, o, letter, value.slice(1))
  return letter === 'd' ? content.filter((byte) => byte !== LINE_FEED && byte !== CARRIAGE_RETURN && byte !== 0) as Buffer : content // prettier-ignore
}

/** A file, or standard input for `-`; version 7 goes on without one that is not there. */
async function contentOf(c: Command, o: Options, letter: string, path: string): Promise<Buffer> {
  try {
    return await readWhole(c, path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    if (!isOld(c))
      throw new Fail(
        `curl: Failed to open ${path}\ncurl: option ${letter.length === 1 ? `-${letter}` : `--${letter}`}: error encountered when reading a file\n${ADVICE}`,
        26,
      )
    await warn(c, o, `Couldn't read data from file "${path}", this makes an empty POST.`)
    return Buffer.alloc(0)
  }
}

async function readWhole(c: Command, path: string): Promise<Buffer> {
  if (path === '-') return readAll(c.task.fd(0)!)
  const file = await openForReading(c.task, path)
  try {
    return await readAll(file)
  } finally {
    file.close()
  }
}

/** A warning, unless -s. Lines of more than 79 columns are broken at a blank. */
export async function warn(c: Command, o: Options, text: string): Promise<void> {
  if (o.has('s')) return
  const width = 79 - 'Warning: '.length
  let [rest, out] = [text, '']
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width - 1)
    const to = at <= 0 ? width : at + 1
    out += `Warning: ${rest.slice(0, to)}\n`
    rest = rest.slice(to)
  }
  await c.task.writeError(`${out}Warning: ${rest}\n`)
}

/** `CONTENT`, `=CONTENT`, `NAME=CONTENT`, `@FILE` and `NAME@FILE`, with the content encoded. */
async function encoded(c: Command, o: Options, letter: string, text: string): Promise<string> {
  const equals = text.indexOf('=')
  const at = equals >= 0 ? equals : text.indexOf('@')
  if (at < 0) return escaped(Buffer.from(text))
  const name = at > 0 ? `${text.slice(0, at)}=` : ''
  return `${name}${escaped(equals >= 0 ? Buffer.from(text.slice(at + 1)) : await contentOf(c, o, letter, text.slice(at + 1)))}`
}

/** As forms are encoded: all but letters, digits and `-._~` as `%XX`, blanks as `+`. */
function escaped(content: Buffer): string {
  return content
    .toString('latin1')
    .replace(/[^A-Za-z0-9._~-]/g, (char) => (char === ' ' ? '+' : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`))
}

/** The text of -w: that of a file for `@FILE`. Version 7 goes on without one that is not there. */
async function formatOf(c: Command, o: Options): Promise<string | undefined> {
  const given = o.get('w')
  if (given === undefined || !given.startsWith('@')) return given
  const path = given.slice(1)
  try {
    return (await readWhole(c, path)).toString().replace(/[\r\n]/g, '')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    if (!isOld(c)) throw new Fail(`curl: Failed to open ${path}\ncurl: option -w: error encountered when reading a file\n${ADVICE}`, 26)
    await warn(c, o, `Failed to open ${path}`)
    return undefined
  }
}

async function headerLines(c: Command, o: Options, line: string): Promise<string[]> {
  if (!line.startsWith('@')) return [line]
  try {
    return (await readWhole(c, line.slice(1))).toString().split(/\r?\n/).filter((each) => each !== '') // prettier-ignore
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await warn(c, o, `Failed to open ${line.slice(1)}`)
    return []
  }
}

/** A multipart/form-data body: `name=value`, `name=@file`, `name=<file`, with `;type=`, `;filename=` and `;headers=`. */
async function formBody(c: Command, fields: readonly { text: string; plain: boolean }[], boundary: string): Promise<Buffer> {
  const parts: Buffer[] = []
  const add = (name: string, content: Buffer, { file, type, headers = [] }: { file?: string; type?: string | undefined; headers?: string[] }): void => {
    const quoted = (text: string): string => text.replace(/[\\"]/g, '\\$&')
    const head = [
      `--${boundary}`,
      `Content-Disposition: form-data; name="${quoted(name)}"${file === undefined ? '' : `; filename="${quoted(file)}"`}`,
      ...(type === undefined ? [] : [`Content-Type: ${type}`]),
      ...headers,
    ]
    parts.push(Buffer.from(`${head.join('\r\n')}\r\n\r\n`), content, Buffer.from('\r\n'))
  } // prettier-ignore
  for (const { text, plain } of fields) {
    const at = text.indexOf('=')
    if (at < 0) throw new Fail(`Warning: Illegally formatted input field\ncurl: option ${plain ? '--form-string' : '-F'}: is badly used here\n${ADVICE}`, 2) // prettier-ignore
    const name = text.slice(0, at)
    if (plain) {
      add(name, Buffer.from(text.slice(at + 1)), {})
      continue
    }
    const { value, type, filename, headers } = fieldOf(text.slice(at + 1))
    if (value.startsWith('@'))
      for (const path of value.slice(1).split(','))
        add(name, await formFile(c, path), { file: filename ?? path.split('/').at(-1)!, type: type ?? (path === '-' ? undefined : contentType(filename ?? path)), headers }) // prettier-ignore
    else add(name, value.startsWith('<') ? await formFile(c, value.slice(1)) : Buffer.from(value), { ...(filename === undefined ? {} : { file: filename }), type, headers }) // prettier-ignore
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`))
  return Buffer.concat(parts)
}

async function formFile(c: Command, path: string): Promise<Buffer> {
  try {
    return await readWhole(c, path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new CurlError(26, 'Failed to open/read local data from file/application')
  }
}

interface Field {
  readonly value: string
  readonly type?: string
  readonly filename?: string
  readonly headers: string[]
}

/** The value of a field of a form and what is said of it behind semicolons; quotes keep both together. */
function fieldOf(text: string): Field {
  const words = [...text.matchAll(/(?:^|;)((?:[@<]?"(?:[^"\\]|\\.)*"|[^;="]*="(?:[^"\\]|\\.)*"|[^;])*)/g)].map(([, word]) => word!)
  const bare = (word: string): string => word.replace(/^([@<]?)"((?:[^"\\]|\\.)*)"$/s, (_, mark: string, inner: string) => mark + inner.replace(/\\(["\\])/g, '$1')) // prettier-ignore
  const field: { value: string; type?: string; filename?: string; headers: string[] } = { value: bare(words[0] ?? ''), headers: [] }
  for (const word of words.slice(1)) {
    const [, key, value] = /^\s*(type|filename|headers)=(.*)$/s.exec(word) ?? []
    if (key === 'type') field.type = bare(value!)
    else if (key === 'filename') field.filename = bare(value!)
    else if (key === 'headers') field.headers.push(bare(value!))
    else if (field.type !== undefined) field.type += `;${word}`
  }
  return field
}

const TYPES: Readonly<Record<string, string>> = {
  gif: 'image/gif',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  htm: 'text/html',
  html: 'text/html',
  pdf: 'application/pdf',
  xml: 'application/xml',
}

function contentType(path: string): string {
  return TYPES[path.split('.').at(-1)!.toLowerCase()] ?? 'application/octet-stream'
}

/** The content of -T for one URL. Throws CurlError 26. */
export async function readUpload(c: Command, path: string): Promise<Buffer> {
  try {
    return await readWhole(c, path === '.' ? '-' : path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const first = isOld(c) ? `curl: Can't open '${path}'!` : `curl: cannot open '${path}'`
    const message = 'Failed to open/read local data from file/application'
    throw new CurlError(26, message, { told: `${first}\n${ADVICE}\ncurl: (26) ${message}\n` })
  }
}
