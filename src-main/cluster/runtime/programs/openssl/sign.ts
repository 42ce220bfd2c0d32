/** `openssl x509 -req`: a certificate for a request, signed by an authority or by the key of the request itself. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { Fail, type Command } from '../command.js'
import { EXTENDED_USAGES, nameText, USAGE_FLAGS } from './certificate-text.js'
import { alternativeNames, certificatesIn, DAY, input, outside, save, signingKeys, type Flags } from './commands.js'

/** The request of `-in`. */
async function requestOf(c: Command, flags: Flags): Promise<x509.Pkcs10CertificateRequest> {
  const text = (await input(c, flags.get('in'), 'certificate request input')).toString('latin1')
  if (/-----BEGIN (NEW )?CERTIFICATE REQUEST-----/.test(text)) {
    try {
      return new x509.Pkcs10CertificateRequest(text)
    } catch {
      // It is told as what is none.
    }
  }
  throw new Fail(`Unable to load certificate request input`)
}

async function keyOf(c: Command, path: string, what: string): Promise<KeyObject> {
  const data = await input(c, path, what)
  try {
    return createPrivateKey(data)
  } catch {
    throw new Fail(`Could not find ${what} from ${path}`)
  }
}

/** Who signs: the authority of -CA with its key, or nobody but the key of -key or -signkey. */
async function signerOf(c: Command, flags: Flags): Promise<{ key: KeyObject; authority: X509Certificate | undefined }> {
  const own = flags.get('key') ?? flags.get('signkey')
  if (own !== undefined) return { key: await keyOf(c, own, 'private key'), authority: undefined }
  const path = flags.get('CA')
  if (path === undefined) throw new Fail('We need a private key to sign with, use -key or -CAkey or -CA with private key')
  const [authority] = certificatesIn(await input(c, path, 'CA certificate'))
  if (!authority) throw new Fail(`Could not find CA certificate from ${path}`)
  const key = await keyOf(c, flags.get('CAkey') ?? path, 'CA private key')
  if (!authority.checkPrivateKey(key)) throw new Fail('CA certificate and CA private key do not match')
  return { key, authority }
}

/** The number of the certificate, hexadecimal: that of -set_serial, the next of the authority's file, or one by chance. */
function serialOf(c: Command, flags: Flags): string {
  const set = flags.get('set_serial')
  if (set !== undefined) return BigInt(set).toString(16)
  const chance = `4${c.task.random.hex(20)}`.slice(0, 40)
  const authority = flags.get('CA')
  if (authority === undefined) return chance
  const file = flags.get('CAserial') ?? authority.replace(/(\.[^./]*)?$/, '.srl')
  const before = c.fs.exists(file) ? c.fs.readFile(file).toString().trim() : undefined
  const serial = before === undefined ? chance : (BigInt(`0x${before}`) + 1n).toString(16)
  if (before !== undefined || flags.has('CAcreateserial')) c.fs.writeFile(file, `${even(serial).toUpperCase()}\n`)
  return serial
}

const even = (hex: string): string => (hex.length % 2 ? `0${hex}` : hex)

/** The settings of a section of a file of extensions; without a name those that stand before the first section. */
function sectionOf(text: string, name = ''): Map<string, string> | undefined {
  const sections = new Map<string, Map<string, string>>([['', new Map()]])
  let current = sections.get('')!
  for (const line of text.split('\n').map((l) => l.replace(/#.*/, '').trim())) {
    const head = /^\[\s*(.*?)\s*\]$/.exec(line)
    const [, key, value] = /^([^=]+?)\s*=\s*(.*)$/.exec(line) ?? []
    if (head) sections.set(head[1]!, (current = sections.get(head[1]!) ?? new Map<string, string>()))
    else if (key !== undefined) current.set(key, value!)
  }
  const wanted = sections.get(name) ?? undefined
  for (const [key, value] of wanted ?? []) {
    if (!value.startsWith('@')) continue
    const list = [...(sections.get(value.slice(1)) ?? [])]
    wanted!.set(key, list.map(([kind, of]) => `${kind.replace(/\.\d+$/, '')}:${of}`).join(','))
  }
  return wanted
}

/** The extensions that -extfile asks for. Those that name keys are made for every certificate. */
async function askedFor(c: Command, flags: Flags): Promise<x509.Extension[]> {
  const file = flags.get('extfile')
  if (file === undefined) return []
  const name = flags.get('extensions')
  const failed = new Fail(`Error checking extension section ${name ?? 'default'}`)
  const section = sectionOf((await input(c, file, 'extensions')).toString(), name)
  if (!section) throw failed
  return [...section].flatMap(([key, value]): x509.Extension[] => {
    const words = value.split(',').map((word) => word.trim())
    const critical = words[0] === 'critical'
    const said = critical ? words.slice(1) : words
    if (key === 'subjectAltName') return [alternativeNames(said.join(','))]
    if (key === 'basicConstraints') {
      const length = said.find((word) => word.startsWith('pathlen:'))?.slice('pathlen:'.length)
      return [new x509.BasicConstraintsExtension(said.includes('CA:TRUE'), length === undefined ? undefined : Number(length), critical)]
    }
    if (key === 'keyUsage' && said.every((word) => USAGE_FLAGS.has(word)))
      return [
        new x509.KeyUsagesExtension(
          said.reduce((sum, word) => sum | USAGE_FLAGS.get(word)!, 0),
          critical,
        ),
      ]
    if (key === 'extendedKeyUsage' && said.every((word) => EXTENDED_USAGES.has(word)))
      return [
        new x509.ExtendedKeyUsageExtension(
          said.map((word) => EXTENDED_USAGES.get(word)!),
          critical,
        ),
      ]
    if (/^(subject|authority)KeyIdentifier$/.test(key)) return []
    throw failed
  })
}

export async function signCommand(c: Command, flags: Flags): Promise<number> {
  const request = await requestOf(c, flags)
  const { key, authority } = await signerOf(c, flags)
  const { algorithm, privateKey, publicKey } = await signingKeys(c, key)
  const copied = /^copy(all)?$/.test(flags.get('copy_extensions') ?? '') ? request.extensions : []
  const now = Math.floor(c.task.clock.now() / 1000) * 1000
  await c.work(10)
  const certificate = await outside(
    c,
    x509.X509CertificateGenerator.create({
      serialNumber: serialOf(c, flags),
      subject: request.subjectName,
      issuer: authority ? new x509.X509Certificate(authority.raw).subjectName : request.subjectName,
      notBefore: new Date(now),
      notAfter: new Date(now + Number(flags.get('days') ?? 30) * DAY),
      publicKey: request.publicKey,
      signingKey: privateKey as never,
      signingAlgorithm: algorithm as never,
      extensions: [
        ...copied,
        ...(await askedFor(c, flags)),
        await outside(c, x509.SubjectKeyIdentifierExtension.create(request.publicKey)),
        await outside(c, x509.AuthorityKeyIdentifierExtension.create(publicKey as never)),
      ],
    }),
  )
  const subject = nameText(new X509Certificate(certificate.toString('pem')).subject)
  await c.task.writeError(`Certificate request self-signature ok\nsubject=${subject}\n`)
  await save(c, flags, `${certificate.toString('pem')}\n`)
  return 0
}
