/** `openssl s_client`: a TLS connection by hand, and what the server showed. */
import type { X509Certificate } from 'node:crypto'
import tls, { type TLSSocket } from 'node:tls'
import { peerChain } from '../../../network/http.js'
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import { Fail, type Command } from '../command.js'
import { external, relay, within } from '../net/connection.js'
import { dateText, keyBits, keySummary, nameText, signatureName } from './certificate-text.js'
import { certificatesIn, input, verifyError, type Flags } from './commands.js'

interface Shown {
  socket: TLSSocket
  chain: X509Certificate[]
  problem: ReturnType<typeof verifyError>
}

export async function clientCommand(c: Command, flags: Flags): Promise<number> {
  const target =
    flags.get('connect') ?? flags.args.find((a, i) => !a.startsWith('-') && !(flags.args[i - 1] ?? '').startsWith('-')) ?? 'localhost:4433'
  const at = target.lastIndexOf(':')
  const [host, port] = at < 0 ? [target, '443'] : [target.slice(0, at) || 'localhost', target.slice(at + 1)]
  const connection = await dial(c, host, Number(port))
  const brief = flags.has('brief')
  if (!brief && !flags.has('quiet')) await c.print(`Connecting to ${connection.remoteAddress}\nCONNECTED(00000003)\n`)
  const roots = flags.has('CAfile') ? certificatesIn(await input(c, flags.get('CAfile'), 'certificate')) : []
  const serverName = flags.has('noservername') ? undefined : (flags.get('servername') ?? (/^[\d.]+$/.test(host) ? undefined : host))
  let socket: TLSSocket
  try {
    socket = await external(c.task, handshake(c, connection, flags, serverName))
  } catch {
    c.task.check()
    await c.task.writeError('40D7F4E6B27F0000:error:0A000126:SSL routines::unexpected eof while reading:ssl/record/rec_layer_s3.c:693:\n')
    if (!brief)
      await c.print(
        `---\nno peer certificate available\n---\nNo client certificate CA names sent\n---\nSSL handshake has read 0 bytes and written 300 bytes\nVerification: OK\n---\nNew, (NONE), Cipher is (NONE)\nThis TLS version forbids renegotiation.\nCompression: NONE\nExpansion: NONE\nNo ALPN negotiated\nEarly data was not sent\nVerify return code: 0 (ok)\n---\n`,
      )
    return 1
  }
  const chain = peerChain(socket)
  const problem = verifyError(chain, roots, c.task.clock.now())
  await verified(c, chain, problem)
  const shown: Shown = { socket, chain, problem }
  if (brief) await c.task.writeError(briefText(shown))
  else if (!flags.has('quiet')) await c.print(wholeText(shown, flags.has('showcerts')))
  if (problem && flags.has('verify_return_error')) {
    socket.destroy()
    return 1
  }
  if (c.task.fd(0)?.kind === 'null') {
    await c.task.writeError('DONE\n')
    socket.destroy()
    return 0
  }
  const data = await c.task.read()
  if (data.length === 0) {
    await c.task.writeError('DONE\n')
    socket.destroy()
    return 0
  }
  await external(c.task, new Promise<void>((resolve) => socket.write(data, () => resolve())))
  await relay(c, socket as unknown as Connection, false)
  await c.task.writeError(brief || flags.has('quiet') ? '' : 'closed\n')
  return 0
}

async function dial(c: Command, host: string, port: number): Promise<Connection> {
  const failure = (lines: string, number: number): Fail => new Fail(`${lines}connect:errno=${number}`)
  let address: string
  try {
    address = (await external(c.task, c.task.net.resolve(host)))[0]!
  } catch (error) {
    if (!(error instanceof DnsError)) throw error
    throw failure(
      '40A7F4E6B27F0000:error:10080002:BIO routines:BIO_lookup_ex:system lib:crypto/bio/bio_addr.c:759:Name does not resolve\n',
      22,
    )
  }
  try {
    return (await within(c.task, undefined, (signal) => c.task.net.connect(address, port, signal)))!
  } catch (error) {
    c.task.check()
    if (!(error instanceof NetworkError)) throw error
    const number = { ECONNREFUSED: 111, ETIMEDOUT: 110, EHOSTUNREACH: 113, ENETUNREACH: 101 }[error.code] ?? 111
    const hex = number.toString(16).toUpperCase().padStart(2, '0')
    throw failure(
      `40A7F4E6B27F0000:error:800000${hex}:system library:BIO_connect:${errorText(error)}:crypto/bio/bio_sock2.c:178:calling connect()\n40A7F4E6B27F0000:error:10000067:BIO routines:BIO_connect:connect error:crypto/bio/bio_sock2.c:180:\n`,
      number,
    )
  }
}

async function handshake(c: Command, connection: Connection, flags: Flags, serverName: string | undefined): Promise<TLSSocket> {
  const file = async (name: string): Promise<string | undefined> =>
    flags.has(name) ? (await input(c, flags.get(name), 'certificate')).toString() : undefined
  const [cert, key] = [await file('cert'), await file('key')]
  const version = flags.has('tls1_2')
    ? ({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const)
    : flags.has('tls1_3')
      ? ({ minVersion: 'TLSv1.3' } as const)
      : {}
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      socket: connection,
      rejectUnauthorized: false,
      ca: [],
      ...(serverName === undefined ? {} : { servername: serverName }),
      ...(flags.has('alpn') ? { ALPNProtocols: flags.get('alpn')!.split(',') } : {}),
      ...(cert === undefined ? {} : { cert, key: key ?? cert }),
      ...version,
    })
    socket.once('secureConnect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** The steps of verification, the last certificate of the chain first. */
async function verified(c: Command, chain: readonly X509Certificate[], problem: Shown['problem']): Promise<void> {
  const step = (depth: number): string => `depth=${depth} ${nameText(chain[depth]!.subject)}\n`
  let text = ''
  if (problem) {
    text += `${step(problem.depth)}verify error:num=${problem.code}:${problem.text}\n`
    // The leaf of a chain that nobody vouches for is complained of twice.
    if (problem.code === 20 && chain.length === 1)
      text += `verify return:1\n${step(0)}verify error:num=21:unable to verify the first certificate\n`
    text += 'verify return:1\n'
  }
  for (let depth = problem ? problem.depth : chain.length - 1; depth >= 0; depth--) text += `${step(depth)}verify return:1\n`
  await c.task.writeError(text)
}

function returnCode({ problem, chain }: Shown): string {
  if (!problem) return '0 (ok)'
  return problem.code === 20 && chain.length === 1 ? '21 (unable to verify the first certificate)' : `${problem.code} (${problem.text})`
}

const temporaryKey = (socket: TLSSocket): string => {
  const { name, size } = socket.getEphemeralKeyInfo() as { name?: string; size?: number }
  return `Peer Temp Key: ${name === 'prime256v1' ? 'ECDH, prime256v1' : name}, ${size} bits\n`
}

function briefText(shown: Shown): string {
  const { socket, chain, problem } = shown
  return `CONNECTION ESTABLISHED
Protocol version: ${socket.getProtocol()}
Ciphersuite: ${socket.getCipher().standardName}
Peer certificate: ${nameText(chain[0]?.subject ?? '')}
Hash used: SHA256
Signature type: ${signatureType(chain)}
${problem ? `Verification error: ${returnCode(shown).replace(/^\d+ \((.*)\)$/, '$1')}` : 'Verification: OK'}
${temporaryKey(socket)}`
}

const signatureType = (chain: readonly X509Certificate[]): string =>
  chain[0]?.publicKey.asymmetricKeyType === 'rsa' ? 'rsa_pss_rsae_sha256' : 'ecdsa_secp256r1_sha256'

function wholeText(shown: Shown, all: boolean): string {
  const { socket, chain, problem } = shown
  const [leaf] = chain
  const entry = (certificate: X509Certificate, i: number): string =>
    ` ${i} s:${nameText(certificate.subject)}\n   i:${nameText(certificate.issuer)}\n` +
    `   a:PKEY: ${keySummary(certificate.publicKey)}; sigalg: ${signatureName(certificate)}\n` +
    `   v:NotBefore: ${dateText(Date.parse(certificate.validFrom))}; NotAfter: ${dateText(Date.parse(certificate.validTo))}\n` +
    (all ? certificate.toString() : '')
  const alpn = typeof socket.alpnProtocol === 'string' ? `ALPN protocol: ${socket.alpnProtocol}` : 'No ALPN negotiated'
  const { bytesRead, bytesWritten } = socket
  return `---
Certificate chain
${chain.map(entry).join('')}---
Server certificate
${all ? '' : (leaf?.toString() ?? '')}subject=${nameText(leaf?.subject ?? '')}
issuer=${nameText(leaf?.issuer ?? '')}
---
No client certificate CA names sent
Peer signing digest: SHA256
Peer signature type: ${signatureType(chain)}
${temporaryKey(socket)}---
SSL handshake has read ${bytesRead} bytes and written ${bytesWritten} bytes
${problem ? `Verification error: ${returnCode(shown).replace(/^\d+ \((.*)\)$/, '$1')}` : 'Verification: OK'}
---
New, ${socket.getProtocol()}, Cipher is ${socket.getCipher().standardName}
Protocol: ${socket.getProtocol()}
Server public key is ${leaf ? keyBits(leaf.publicKey) : 0} bit
This TLS version forbids renegotiation.
Compression: NONE
Expansion: NONE
${alpn}
Early data was not sent
Verify return code: ${returnCode(shown)}
---
`
}
