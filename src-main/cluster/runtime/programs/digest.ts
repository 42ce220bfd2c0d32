/** md5sum, sha1sum, sha256sum, sha512sum and their kin: checksums made and checked. */
import { createHash } from 'node:crypto'
import { blake2b } from './blake2b.js'
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options, type OptionSpec } from './command.js'
import { openForReading, readAll } from './reading.js'

const SPEC = {
  short: 'csbtwz',
  long: {
    check: 'c', status: 's', binary: 'b', text: 't', warn: 'w', tag: 'tag', quiet: 'quiet', strict: 'strict', 'ignore-missing': 'ignore-missing', zero: 'z',
  },
  usage: '[-c[sw]] [FILE]...\n\nPrint or check checksums',
} // prettier-ignore

/** Options that only say how checksums are checked, in the order in which they are looked at. */
export const ONLY_CHECKING = [
  ['ignore-missing', 'ignore-missing'],
  ['s', 'status'],
  ['w', 'warn'],
  ['quiet', 'quiet'],
  ['strict', 'strict'],
] as const

/** What `--tag` and cksum call an algorithm of OpenSSL. */
const TAGS: Readonly<Record<string, string>> = {
  md5: 'MD5', sha1: 'SHA1', sha224: 'SHA224', sha256: 'SHA256', sha384: 'SHA384', sha512: 'SHA512', blake2b512: 'BLAKE2b', sm3: 'SM3',
} // prettier-ignore

/** @param algorithm of OpenSSL, `sha256` */
export function digest(flavour: Flavour, algorithm: string): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...SPEC, short: 'csw' } : specOf(algorithm))
    if (c.busybox && !o.has('c') && (o.has('s') || o.has('w'))) throw c.usageError(SPEC)
    return c.busybox && o.has('c') ? check(c, o, algorithm) : checksums(c, o, algorithm)
  })
}

/** GNU's letters: `-l` is only for BLAKE2b. */
function specOf(algorithm: string): OptionSpec {
  return algorithm === 'blake2b512' ? { ...SPEC, short: 'cbtwzl:', long: { ...SPEC.long, 'length=': 'l' } } : { ...SPEC, short: 'cbtwz' }
}

/** Makes checksums, or checks them. @param tagged unless it is told otherwise, as cksum does */
export async function checksums(c: Command, o: Options, algorithm: string, tagged = false): Promise<number> {
  if (o.has('c')) {
    if (o.has('z')) throw c.usageError(SPEC, 'the --zero option is not supported when verifying checksums')
    if (o.has('tag') && !tagged) throw c.usageError(SPEC, 'the --tag option is meaningless when verifying checksums')
    return check(c, o, algorithm)
  }
  const only = c.busybox ? undefined : ONLY_CHECKING.find(([letter]) => o.has(letter))
  if (only) throw c.usageError(SPEC, `the --${only[1]} option is meaningful only when verifying checksums`)
  const length = lengthOf(c, o)
  for (const name of o.operands.length > 0 ? o.operands : ['-']) {
    const sum = await sumOf(c, algorithm, name, length)
    if (sum !== undefined)
      await c.print(
        sumLine(algorithm, sum, name, {
          tag: o.has('tag') || (tagged && !o.has('untagged')),
          binary: o.has('b'),
          zero: o.has('z'),
          length,
        }),
      )
  }
  return c.status
}

/** The bits that -l asks for of BLAKE2b. Throws Fail. */
function lengthOf(c: Command, o: Options): number | undefined {
  const text = o.get('l')
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw new Fail(`${c.name}: invalid length: '${text}'`)
  const bits = Number(text)
  if (bits % 8 !== 0) throw new Fail(`${c.name}: invalid length: '${text}'\n${c.name}: length is not a multiple of 8`)
  if (bits > 512) throw new Fail(`${c.name}: invalid length: '${text}'\n${c.name}: maximum digest length for 'BLAKE2b' is 512 bits`)
  return bits === 0 || bits === 512 ? undefined : bits
}

/** One line of a list of checksums. A name with a newline or a backslash is escaped, and the line says so. */
export function sumLine(
  algorithm: string,
  sum: string,
  name: string,
  as: { tag: boolean; binary: boolean; zero: boolean; length?: number | undefined },
): string {
  const escaped = as.zero ? name : name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  const mark = escaped === name ? '' : '\\'
  const line = as.tag
    ? `${TAGS[algorithm] ?? algorithm}${as.length === undefined ? '' : `-${as.length}`} (${escaped}) = ${sum}`
    : `${sum} ${as.binary ? '*' : ' '}${escaped}`
  return `${mark}${line}${as.zero ? '\0' : '\n'}`
}

/** The checksum of a file; complains and gives none when it cannot be read. */
export async function sumOf(c: Command, algorithm: string, name: string, length?: number): Promise<string | undefined> {
  try {
    for await (const { file } of c.inputs([name])) {
      // Another length is another digest: it is part of what is hashed.
      if (length !== undefined) return blake2b(await readAll(file), length / 8)
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
