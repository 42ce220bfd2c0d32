/** md5sum, sha1sum, sha256sum, sha512sum and their kin: checksums made and checked. */
import { createHash } from 'node:crypto'
import { SystemError, type Program } from '../process.js'
import { command, Fail, openForReading, readAll, type Command, type Flavour, type Options } from './command.js'

const SPEC = {
  short: 'csbtwz',
  long: {
    check: 'c', status: 's', binary: 'b', text: 't', warn: 'w', tag: 'tag', quiet: 'quiet', strict: 'strict', 'ignore-missing': 'ignore-missing', zero: 'z',
  },
  usage: '[-c[sw]] [FILE]...\n\nPrint or check checksums',
} // prettier-ignore

/** What `--tag` and cksum call an algorithm of OpenSSL. */
const TAGS: Readonly<Record<string, string>> = {
  md5: 'MD5', sha1: 'SHA1', sha224: 'SHA224', sha256: 'SHA256', sha384: 'SHA384', sha512: 'SHA512', blake2b512: 'BLAKE2b',
} // prettier-ignore

/** @param algorithm of OpenSSL, `sha256` */
export function digest(flavour: Flavour, algorithm: string): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    if (o.has('c')) return check(c, o, algorithm)
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      const sum = await sumOf(c, algorithm, name)
      if (sum !== undefined) await c.print(sumLine(algorithm, sum, name, { tag: o.has('tag'), binary: o.has('b'), zero: o.has('z') }))
    }
    return c.status
  })
}

/** One line of a list of checksums. A name with a newline or a backslash is escaped, and the line says so. */
export function sumLine(algorithm: string, sum: string, name: string, as: { tag: boolean; binary: boolean; zero: boolean }): string {
  const escaped = as.zero ? name : name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  const mark = escaped === name ? '' : '\\'
  const line = as.tag ? `${TAGS[algorithm] ?? algorithm} (${escaped}) = ${sum}` : `${sum} ${as.binary ? '*' : ' '}${escaped}`
  return `${mark}${line}${as.zero ? '\0' : '\n'}`
}

/** The checksum of a file; complains and gives none when it cannot be read. */
export async function sumOf(c: Command, algorithm: string, name: string): Promise<string | undefined> {
  try {
    for await (const { file } of c.inputs([name])) {
      const hash = createHash(algorithm)
      for (let d = await file.read(65_536); d.length > 0; d = await file.read(65_536)) hash.update(d)
      return hash.digest('hex')
    }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.warn(`${name}: ${error.message}`)
  }
  return undefined
}

const plural = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`

async function check(c: Command, o: Options, algorithm: string): Promise<number> {
  const digits = createHash(algorithm).digest('hex').length
  const warn = (text: string): Promise<void> => (o.has('s') ? Promise.resolve() : c.task.writeError(`${c.name}: ${text}\n`))
  let status = 0
  for await (const { name, file } of c.inputs(o.operands)) {
    let [good, failed, unread, wrong, number] = [0, 0, 0, 0, 0]
    for (const line of (await readAll(file)).toString('utf8').split('\n').filter(Boolean)) {
      number++
      const plain = /^([0-9a-fA-F]+) [ *]?(.+)$/.exec(line)
      const tagged = /^(\w+) \((.+)\) = ([0-9a-fA-F]+)$/.exec(line)
      const [sum, path] = tagged && tagged[1] === TAGS[algorithm] ? [tagged[3]!, tagged[2]!] : [plain?.[1] ?? '', plain?.[2] ?? '']
      if (sum.length !== digits) {
        wrong++
        if (o.has('w')) await warn(`${name}: ${number}: improperly formatted ${TAGS[algorithm]} checksum line`)
        continue
      }
      const actual = await readable(c, o, algorithm, path)
      if (actual === 'missing') continue
      if (actual === undefined) unread++
      else if (actual === sum.toLowerCase()) good++
      else failed++
      const verdict = actual === undefined ? (c.busybox ? 'FAILED' : 'FAILED open or read') : actual === sum.toLowerCase() ? 'OK' : 'FAILED'
      if (!o.has('s') && !(verdict === 'OK' && o.has('quiet'))) await c.print(`${path}: ${verdict}\n`)
    }
    status = Math.max(status, await verdicts(c, o, name, { good, failed, unread, wrong, algorithm, warn }))
  }
  return Math.max(status, c.status)
}

/** The checksum of a file of the list; undefined when it cannot be read. */
async function readable(c: Command, o: Options, algorithm: string, path: string): Promise<string | undefined> {
  try {
    const file = await openForReading(c.task, path)
    const data = await readAll(file)
    file.close()
    return createHash(algorithm).update(data).digest('hex')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    if (o.has('ignore-missing') && error.code === 'ENOENT') return 'missing'
    await c.task.writeError(c.busybox ? `${c.name}: can't open '${path}': ${error.message}\n` : `${c.name}: ${path}: ${error.message}\n`)
    return undefined
  }
}

interface Verdicts {
  good: number
  failed: number
  unread: number
  wrong: number
  algorithm: string
  warn: (text: string) => Promise<void>
}

async function verdicts(c: Command, o: Options, name: string, v: Verdicts): Promise<number> {
  const all = v.good + v.failed + v.unread
  if (c.busybox) {
    const bad = v.failed + v.unread
    if (bad > 0) await v.warn(`WARNING: ${bad} of ${all} computed checksums did NOT match`)
    if (all === 0) throw new Fail(`${c.name}: ${name}: no checksum lines found`)
    return bad > 0 ? 1 : 0
  }
  if (all === 0 && !(o.has('ignore-missing') && v.wrong === 0)) {
    await v.warn(`${name}: no properly formatted checksum lines found`)
    return 1
  }
  if (v.wrong > 0) await v.warn(`WARNING: ${plural(v.wrong, 'line is', 'lines are')} improperly formatted`)
  if (v.unread > 0) await v.warn(`WARNING: ${plural(v.unread, 'listed file', 'listed files')} could not be read`)
  if (v.failed > 0) await v.warn(`WARNING: ${plural(v.failed, 'computed checksum', 'computed checksums')} did NOT match`)
  const unverified = o.has('ignore-missing') && v.good === 0
  if (unverified) await v.warn(`${name}: no file was verified`)
  return unverified || v.failed > 0 || v.unread > 0 || (v.wrong > 0 && o.has('strict')) ? 1 : 0
}
