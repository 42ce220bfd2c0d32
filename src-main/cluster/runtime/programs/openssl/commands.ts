/** The commands of openssl that look at keys and certificates, and make them. */
import 'reflect-metadata'
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair as makeKeyPair,
  webcrypto,
  X509Certificate,
  type KeyObject,
} from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { promisify } from 'node:util'
import { SystemError } from '../../process.js'
import { Fail, type Command } from '../command.js'
import { readAll, openForReading } from '../reading.js'
import { external } from '../net/connection.js'
import { certificateText, dateText, extensionsOf, nameText } from './certificate-text.js'

const generateKeyPair = promisify(makeKeyPair)
export const DAY = 24 * 3600 * 1000

/** What follows a flag on the command line, and which flags stand there. */
export class Flags {
  constructor(readonly args: readonly string[]) {}

  has(name: string): boolean {
    return this.args.includes(`-${name}`)
  }

  get(name: string): string | undefined {
    const at = this.args.indexOf(`-${name}`)
    return at < 0 ? undefined : this.args[at + 1]
  }
}

/** The bytes of `-in`, or of standard input. */
export async function input(c: Command, path: string | undefined, what: string): Promise<Buffer> {
  try {
    return path === undefined || path === '-' ? await readAll(c.task.fd(0)!) : await readAll(await openForReading(c.task, path))
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(`Could not open file or uri for loading ${what} from ${path}: ${error.message}\nUnable to load ${what}`)
  }
}

const PEM = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g

/** The certificates of a PEM or DER file, in its order. */
export function certificatesIn(data: Buffer): X509Certificate[] {
  const blocks = data.toString('latin1').match(PEM)
  try {
    return blocks ? blocks.map((block) => new X509Certificate(block)) : [new X509Certificate(data)]
  } catch {
    return []
  }
}

export async function x509Command(c: Command, flags: Flags): Promise<number> {
  const path = flags.get('in')
  const [certificate] = certificatesIn(await input(c, path, 'certificate'))
  if (!certificate) throw new Fail(`Could not find certificate from ${path ?? '<stdin>'}\nUnable to load certificate`)
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  let out = ''
  const digest = (['sha256', 'sha1', 'sha512', 'sha384', 'md5'] as const).find((name) => flags.has(name))
  // In the order in which they are asked for.
  for (const arg of flags.args) {
    if (arg === '-text') out += certificateText(certificate)
    else if (arg === '-subject') out += `subject=${nameText(certificate.subject)}\n`
    else if (arg === '-issuer') out += `issuer=${nameText(certificate.issuer)}\n`
    else if (arg === '-serial') out += `serial=${certificate.serialNumber}\n`
    else if (arg === '-startdate') out += `notBefore=${dateText(from)}\n`
    else if (arg === '-enddate') out += `notAfter=${dateText(to)}\n`
    else if (arg === '-dates') out += `notBefore=${dateText(from)}\nnotAfter=${dateText(to)}\n`
    else if (arg === '-fingerprint')
      out += `${digest ?? 'SHA1'} Fingerprint=${createHash(digest ?? 'sha1')
        .update(certificate.raw)
        .digest('hex')
        .toUpperCase()
        .match(/../g)!
        .join(':')}\n`
    else if (arg === '-pubkey') out += certificate.publicKey.export({ type: 'spki', format: 'pem' }) as string
    else if (arg === '-modulus')
      out += `Modulus=${Buffer.from(certificate.publicKey.export({ format: 'jwk' }).n ?? '', 'base64url')
        .toString('hex')
        .toUpperCase()}\n`
    else if (arg === '-ext') {
      const wanted = (flags.get('ext') ?? '').split(',')
      const found = extensionsOf(certificate).filter((e) => wanted.includes(e.key))
      out +=
        found.map((e) => `${e.name}: ${e.critical ? 'critical' : ''}\n    ${e.value}\n`).join('') ||
        'No extensions matching the requested names found in certificate\n'
    }
  }
  let code = 0
  if (flags.has('checkend')) {
    const expires = to < c.task.clock.now() + Number(flags.get('checkend')) * 1000
    out += expires ? 'Certificate will expire\n' : 'Certificate will not expire\n'
    code = expires ? 1 : 0
  }
  const data = flags.get('outform')?.toUpperCase() === 'DER' ? certificate.raw : Buffer.from(certificate.toString())
  if (flags.has('out')) c.fs.writeFile(flags.get('out')!, flags.has('noout') ? out : Buffer.concat([Buffer.from(out), data]))
  else {
    await c.print(out)
    if (!flags.has('noout')) await c.print(data)
  }
  return code
}

/** What is wrong with a certificate by the given roots: the number and the words of OpenSSL; undefined when nothing is. */
export function verifyError(
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: number,
): { code: number; text: string; depth: number } | undefined {
  const signs = (by: X509Certificate, of: X509Certificate): boolean => of.checkIssued(by) && of.verify(by.publicKey)
  let [current, depth] = [chain[0]!, 0]
  for (;;) {
    if (Date.parse(current.validTo) < now) return { code: 10, text: 'certificate has expired', depth }
    if (Date.parse(current.validFrom) > now) return { code: 9, text: 'certificate is not yet valid', depth }
    if (roots.some((root) => root.raw.equals(current.raw) || signs(root, current))) return undefined
    if (signs(current, current))
      return {
        code: depth === 0 ? 18 : 19,
        text: depth === 0 ? 'self-signed certificate' : 'self-signed certificate in certificate chain',
        depth,
      }
    const next = chain.find((each) => each !== current && signs(each, current))
    if (!next || depth > 10)
      return { code: depth === 0 && chain.length === 1 ? 20 : 20, text: 'unable to get local issuer certificate', depth }
    current = next
    depth++
  }
}

export async function verifyCommand(c: Command, flags: Flags): Promise<number> {
  const taken = new Set<number>()
  for (const name of ['CAfile', 'untrusted', 'CApath', 'purpose', 'trusted'])
    flags.args.forEach((a, i) => a === `-${name}` && taken.add(i) && taken.add(i + 1))
  const files = flags.args.filter((a, i) => !taken.has(i) && !a.startsWith('-'))
  const read = async (path: string | undefined): Promise<X509Certificate[]> =>
    path === undefined ? [] : certificatesIn(await input(c, path, 'certificate file'))
  const roots = [...(await read(flags.get('CAfile'))), ...(await read(flags.get('trusted')))]
  const between = await read(flags.get('untrusted'))
  let code = 0
  for (const file of files) {
    const [leaf] = certificatesIn(await input(c, file, 'certificate file'))
    if (!leaf) throw new Fail(`Could not find certificate file from ${file}\nUnable to load certificate file`, 2)
    const problem = verifyError([leaf, ...between], roots, c.task.clock.now())
    if (!problem) {
      await c.print(`${file}: OK\n`)
      continue
    }
    code = 2
    await c.task.writeError(
      `${nameText(leaf.subject)}\nerror ${problem.code} at ${problem.depth} depth lookup: ${problem.text}\nerror ${file}: verification failed\n`,
    )
  }
  return code
}

export async function keyCommand(c: Command, flags: Flags): Promise<number> {
  const path = flags.get('in')
  const data = await input(c, path, 'private key')
  let key
  try {
    key = createPrivateKey(data)
  } catch {
    throw new Fail(`Could not find private key from ${path ?? '<stdin>'}`)
  }
  if (flags.has('check')) await c.print(key.asymmetricKeyType === 'rsa' ? 'RSA key ok\n' : 'Key is valid\n')
  if (flags.has('modulus'))
    await c.print(
      `Modulus=${Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url')
        .toString('hex')
        .toUpperCase()}\n`,
    )
  if (flags.has('noout')) return 0
  const out = flags.has('pubout')
    ? createPublicKey(key).export({ type: 'spki', format: 'pem' })
    : key.export({ type: 'pkcs8', format: 'pem' })
  await save(c, flags, out as string)
  return 0
}

export async function save(c: Command, flags: Flags, text: string): Promise<void> {
  const path = flags.get('out')
  if (path === undefined) return c.print(text)
  c.fs.writeFile(path, text, { mode: 0o600 })
}

/** Waits for work of the host, with which the clock waits as well. */
export const outside = <T>(c: Command, work: Promise<T>): Promise<T> => external(c.task, c.task.clock.track(work))

/** A private key of a wanted kind, PEM. */
async function generate(c: Command, kind: string, curve = 'prime256v1'): Promise<string> {
  const bits = Number(/\d+/.exec(kind)?.[0] ?? 2048)
  const making = /^ec/i.test(kind)
    ? generateKeyPair('ec', { namedCurve: curve })
    : /^ed25519/i.test(kind)
      ? generateKeyPair('ed25519')
      : generateKeyPair('rsa', { modulusLength: Math.min(Math.max(bits, 512), 4096) })
  const { privateKey } = await outside<{ privateKey: KeyObject }>(c, making)
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

export async function generateCommand(c: Command, name: string, flags: Flags): Promise<number> {
  await c.work(40)
  if (name === 'genrsa') {
    const bits = flags.args.find((a) => /^\d+$/.test(a)) ?? '2048'
    await save(c, flags, await generate(c, `rsa:${bits}`))
    return 0
  }
  if (name === 'ecparam') {
    if (!flags.has('genkey')) throw new Fail('ecparam: nothing to do here without -genkey')
    await save(c, flags, await generate(c, 'ec', flags.get('name')))
    return 0
  }
  const option = (key: string): string | undefined => flags.args.find((a) => a.startsWith(`${key}:`))?.slice(key.length + 1)
  await save(
    c,
    flags,
    await generate(
      c,
      `${flags.get('algorithm') ?? 'RSA'}:${option('rsa_keygen_bits') ?? 2048}`,
      option('ec_paramgen_curve')?.replace('P-256', 'prime256v1'),
    ),
  )
  return 0
}

/** `/C=DE/O=Acme/CN=web` as a name of RFC 4514, last first. */
function subjectOf(text: string): string {
  return text
    .split(/(?<!\\)\//)
    .filter(Boolean)
    .map((part) => part.replace(/,/g, '\\,'))
    .join(', ')
}

/** A private key as certificates and requests are signed with it. */
export async function signingKeys(c: Command, key: KeyObject): Promise<{ algorithm: object; privateKey: object; publicKey: object }> {
  x509.cryptoProvider.set(webcrypto as unknown as Crypto)
  const rsa = key.asymmetricKeyType === 'rsa'
  const algorithm = rsa ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const usable = { ...algorithm } as never
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' })
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return {
    algorithm,
    privateKey: await outside(c, webcrypto.subtle.importKey('pkcs8', pkcs8, usable, true, ['sign'])),
    publicKey: await outside(c, webcrypto.subtle.importKey('spki', spki, usable, true, ['verify'])),
  }
}

/** The extension of names such as `DNS:web.test,IP:10.0.0.1`. */
export function alternativeNames(text: string): x509.Extension {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
    .map((name) =>
      name.startsWith('IP:') ? { type: 'ip' as const, value: name.slice(3) } : { type: 'dns' as const, value: name.replace(/^DNS:/, '') },
    )
  return new x509.SubjectAlternativeNameExtension(names)
}

/** `openssl req`: a certificate that signs itself (-x509), or a request for one. */
export async function requestCommand(c: Command, flags: Flags): Promise<number> {
  const subject = flags.get('subj')
  if (subject === undefined && !flags.has('in'))
    throw new Fail('Error: No objects specified in config file\nproblems making Certificate Request')
  const made = flags.get('newkey')
  const pem =
    made !== undefined
      ? await generate(
          c,
          made,
          flags.args
            .find((a) => a.startsWith('ec_paramgen_curve:'))
            ?.slice(18)
            .replace('P-256', 'prime256v1'),
        )
      : flags.has('key')
        ? (await input(c, flags.get('key'), 'private key')).toString()
        : await generate(c, 'rsa:2048')
  if (made !== undefined) {
    await c.work(40)
    await c.task.writeError('-----\n')
    c.fs.writeFile(flags.get('keyout') ?? 'privkey.pem', pem, { mode: 0o600 })
  }
  const { algorithm, privateKey, publicKey } = await signingKeys(c, createPrivateKey(pem))
  const given = flags.args.flatMap((a, i) => (a === '-addext' ? [flags.args[i + 1] ?? ''] : []))
  const alternative = given.filter((e) => e.startsWith('subjectAltName=')).map((e) => alternativeNames(e.slice('subjectAltName='.length)))
  const name = subjectOf(subject ?? '')
  const keys = { privateKey, publicKey } as never
  if (!flags.has('x509')) {
    const request = await outside(
      c,
      x509.Pkcs10CertificateRequestGenerator.create({
        name,
        keys,
        signingAlgorithm: algorithm as never,
        extensions: alternative,
      }),
    )
    await save(c, flags, `${request.toString('pem')}\n`)
    return 0
  }
  const now = Math.floor(c.task.clock.now() / 1000) * 1000
  const keyId = await outside(c, x509.SubjectKeyIdentifierExtension.create(publicKey as never))
  const certificate = await outside(
    c,
    x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: `5${c.task.random.hex(19)}1`.slice(0, 40),
      name,
      keys,
      notBefore: new Date(now),
      notAfter: new Date(now + Number(flags.get('days') ?? 30) * DAY),
      signingAlgorithm: algorithm as never,
      extensions: [
        keyId,
        await outside(c, x509.AuthorityKeyIdentifierExtension.create(publicKey as never)),
        new x509.BasicConstraintsExtension(true, undefined, true),
        ...alternative,
      ],
    }),
  )
  await save(c, flags, `${certificate.toString('pem')}\n`)
  return 0
}
