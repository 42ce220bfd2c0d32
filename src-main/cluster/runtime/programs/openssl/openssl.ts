/** openssl 3.5: certificates, keys, digests, and TLS by hand. */
import { createHash, createHmac, getHashes } from 'node:crypto'
import type { Program } from '../../process.js'
import { command, Fail, type Command } from '../command.js'
import { Flags, generateCommand, input, keyCommand, requestCommand, verifyCommand, x509Command } from './commands.js'
import { clientCommand } from './s-client.js'
import { signCommand } from './sign.js'

const VERSION = 'OpenSSL 3.5.4 30 Sep 2025 (Library: OpenSSL 3.5.4 30 Sep 2025)'
const DIGESTS = new Set(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'sha3-512', 'blake2b512', 'ripemd160'])

const HELP = `help:

Standard commands
dgst              ec                ecparam           enc               
genpkey           genrsa            help              pkey              
rand              req               rsa               s_client          
verify            version           x509              

Message Digest commands (see the \`dgst' command for more details)
blake2b512        md5               ripemd160         sha1              
sha224            sha256            sha3-256          sha3-512          
sha384            sha512            
`

export function openssl(): Program {
  return command('coreutils', async (c) => {
    const [name, ...args] = c.task.argv.slice(1)
    const flags = new Flags(args)
    switch (name) {
      case undefined:
      case 'help':
      case '--help':
        await c.task.writeError(HELP)
        return 0
      case 'version':
      case '-v':
      case '--version':
        return version(c, flags)
      case 'x509':
        return flags.has('req') ? signCommand(c, flags) : x509Command(c, flags)
      case 'verify':
        return verifyCommand(c, flags)
      case 's_client':
        return clientCommand(c, flags)
      case 'req':
        return requestCommand(c, flags)
      case 'rsa':
      case 'pkey':
      case 'ec':
        return keyCommand(c, flags)
      case 'genrsa':
      case 'genpkey':
      case 'ecparam':
        return generateCommand(c, name, flags)
      case 'rand':
        return rand(c, flags)
      case 'base64':
        return base64(c, flags)
      case 'enc':
        if (flags.has('base64') || flags.has('a')) return base64(c, flags)
        throw new Fail(`enc: Unknown option or cipher: ${(args[0] ?? '').replace(/^-+/, '')}\nenc: Use -help for summary.`)
      case 'dgst':
        return digest(c, [...DIGESTS].find((d) => flags.has(d)) ?? 'sha256', flags)
      default:
        if (DIGESTS.has(name)) return digest(c, name, flags)
        throw new Fail(`Invalid command '${name}'; type "help" for a list.`)
    }
  })
}

async function version(c: Command, flags: Flags): Promise<number> {
  const all = flags.has('a')
  await c.print(`${VERSION}\n`)
  if (all) await c.print('built on: Tue Sep 30 12:33:07 2025 UTC\nplatform: linux-x86_64\noptions:  bn(64,64)\n')
  if (all || flags.has('d')) await c.print('OPENSSLDIR: "/etc/ssl"\n')
  return 0
}

async function rand(c: Command, flags: Flags): Promise<number> {
  const count = Number(flags.args.find((a) => /^\d+$/.test(a)) ?? Number.NaN)
  if (!(count > 0)) throw new Fail('rand: Use -help for summary.')
  if (count > 16 * 1024 * 1024) throw new Fail('rand: too many bytes')
  const data = Buffer.from(c.task.random.hex(count), 'hex')
  const text = flags.has('hex') ? `${data.toString('hex')}\n` : flags.has('base64') ? `${lines(data.toString('base64'))}` : data
  if (flags.has('out')) c.fs.writeFile(flags.get('out')!, text)
  else await c.print(text)
  return 0
}

const lines = (text: string): string => (text.match(/.{1,64}/g) ?? []).map((line) => `${line}\n`).join('')

async function base64(c: Command, flags: Flags): Promise<number> {
  const data = await input(c, flags.get('in'), 'input')
  const out = flags.has('d')
    ? Buffer.from(data.toString(), 'base64')
    : flags.has('A')
      ? data.toString('base64')
      : lines(data.toString('base64'))
  if (flags.has('out')) c.fs.writeFile(flags.get('out')!, out)
  else await c.print(out)
  return 0
}

async function digest(c: Command, algorithm: string, flags: Flags): Promise<number> {
  if (!getHashes().includes(algorithm)) throw new Fail(`dgst: Unrecognized flag ${algorithm}`)
  const key = flags.get('hmac')
  const valued = new Set(['-hmac', '-out'])
  const files = flags.args.filter((a, i) => !a.startsWith('-') && !valued.has(flags.args[i - 1] ?? ''))
  const sum = (data: Buffer): Buffer => (key === undefined ? createHash(algorithm) : createHmac(algorithm, key)).update(data).digest()
  const label = `${key === undefined ? '' : 'HMAC-'}${algorithm.toUpperCase().replace(/^SHA(\d{3})$/, 'SHA2-$1')}`
  for (const file of files.length > 0 ? files : [undefined]) {
    const data = await input(c, file, 'input')
    await c.work(data.length / 500_000)
    const result = sum(data)
    if (flags.has('binary')) await c.print(result)
    else if (flags.has('r')) await c.print(`${result.toString('hex')} *${file ?? 'stdin'}\n`)
    else await c.print(`${label}(${file ?? 'stdin'})= ${result.toString('hex')}\n`)
  }
  return 0
}
