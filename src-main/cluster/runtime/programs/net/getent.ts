/** getent of the GNU C library: what the files of the container, and names of hosts the cluster's DNS, say. man 1 getent */
import type { Program } from '../../process.js'
import { command, Fail, type Command } from '../command.js'
import { hostEntries } from './names.js'

const ADVICE = "Try `getent --help' or `getent --usage' for more information."
/** Not found, and not to be listed. */
const [MISSING, UNLISTED] = [2, 3]
/** What it ends with when it is called wrongly. */
const WRONG_USAGE = 64

interface Table {
  readonly file: string
  /** Whether a line's fields stand between colons, not blanks. */
  readonly colons: boolean
  finds(fields: readonly string[], key: string): boolean
  /** How a line is shown; as it is when left out. */
  shown?(fields: readonly string[]): string
}

const byName = ([name]: readonly string[], key: string): boolean => name === key
const byNumber = ([name, number, ...others]: readonly string[], key: string): boolean =>
  /^\d+$/.test(key) ? number === key : name === key || others.includes(key)
const columns = ([name = '', number = '', ...others]: readonly string[], width: number): string => [name.padEnd(width), number, ...others].join(' ') // prettier-ignore

const TABLES: Readonly<Record<string, Table>> = {
  passwd: { file: 'passwd', colons: true, finds: (f, key) => f[0] === key || f[2] === key },
  group: { file: 'group', colons: true, finds: (f, key) => f[0] === key || f[2] === key },
  shadow: { file: 'shadow', colons: true, finds: byName },
  gshadow: { file: 'gshadow', colons: true, finds: byName },
  aliases: { file: 'aliases', colons: true, finds: byName },
  ethers: { file: 'ethers', colons: false, finds: (f, key) => f.includes(key) },
  networks: { file: 'networks', colons: false, finds: byNumber, shown: (f) => columns(f, 21) },
  protocols: { file: 'protocols', colons: false, finds: byNumber, shown: (f) => columns(f, 21) },
  rpc: { file: 'rpc', colons: false, finds: byNumber, shown: ([name = '', number, ...others]) => `${name.padEnd(15)} ${number}  ${others.join(' ')}` },
  services: {
    file: 'services',
    colons: false,
    finds: ([name, place = '', ...others], key) => {
      const [wanted, protocol] = key.split('/')
      const [number, own] = place.split('/')
      return (protocol === undefined || own === protocol) && (number === wanted || name === wanted || others.includes(wanted!))
    },
    shown: (f) => columns(f, 21),
  },
} // prettier-ignore
const HOSTS = ['ahosts', 'ahostsv4', 'ahostsv6', 'hosts']
const BY_KEY = ['initgroups', 'netgroup']

export function getent(): Program {
  return command('coreutils', async (c) => {
    const [database, ...keys] = await words(c)
    // Where there is help is said on standard output.
    if (database === undefined) return wrong(c, 'getent: wrong number of arguments')
    if (HOSTS.includes(database)) return hosts(c, database, keys)
    const table = Object.hasOwn(TABLES, database) ? TABLES[database] : undefined
    if (!table && !BY_KEY.includes(database)) return wrong(c, `Unknown database: ${database}`)
    if (keys.length === 0 && (!table || database === 'ethers')) {
      await c.task.writeError(`Enumeration not supported on ${database}\n`)
      return UNLISTED
    }
    if (database === 'initgroups') return initgroups(c, keys)
    const lines = table ? linesOf(c, table) : []
    const show = async ({ text, fields }: Line): Promise<void> => c.print(`${table!.shown?.(fields) ?? text}\n`)
    if (keys.length === 0) for (const line of lines) await show(line)
    let status = 0
    for (const key of keys) {
      const found = lines.find(({ fields }) => table!.finds(fields, key))
      if (found) await show(found)
      else status = MISSING
    }
    return status
  })
}

/** The operands. Prints help and ends, throws Fail for options that are none; those for services and IDN change nothing here. */
async function words(c: Command): Promise<string[]> {
  const refuse = (what: string): Fail => new Fail(`getent: ${what}\n${ADVICE}`, WRONG_USAGE)
  const [, ...args] = c.task.argv
  const operands: string[] = []
  for (let word = args.shift(); word !== undefined; word = args.shift()) {
    if (word === '-s' || word === '--service') {
      if (args.shift() === undefined) throw refuse(word === '-s' ? "option requires an argument -- 's'" : "option '--service' requires an argument") // prettier-ignore
    } else if (word === '--version' || word === '-V') {
      await c.print('getent (Debian GLIBC 2.36-9+deb12u10) 2.36\n')
      c.task.exit(0)
    } else if (word === '--usage') {
      await c.print(BRIEF)
      c.task.exit(0)
    } else if (word === '--help' || word === '-?') {
      await c.print(HELP)
      c.task.exit(0)
    } else if (word.startsWith('--') && !/^--(service=.*|no-idn|no-addrconfig)$/.test(word)) throw refuse(`unrecognized option '${word}'`)
    else if (/^-[^-]/.test(word)) {
      const bad = /^-[iA]*([^iAs])/.exec(word)?.[1]
      if (bad !== undefined) throw refuse(`invalid option -- '${bad}'`)
    } else if (!word.startsWith('--')) operands.push(word)
  }
  return operands
}

async function wrong(c: Command, what: string): Promise<number> {
  await c.print(`${ADVICE}\n`)
  await c.task.writeError(`${what}\n`)
  return 1
}

interface Line {
  readonly text: string
  readonly fields: readonly string[]
}

function linesOf(c: Command, { file, colons }: Table): Line[] {
  const path = `/etc/${file}`
  if (!c.fs.exists(path)) return []
  const lines = c.fs.readText(path).split('\n')
  const meant = colons ? lines : lines.map((line) => line.replace(/#.*/, '').trim())
  return meant.filter((text) => text !== '').map((text) => ({ text, fields: colons ? text.split(':') : text.split(/\s+/) }))
}

async function hosts(c: Command, database: string, keys: readonly string[]): Promise<number> {
  if (keys.length === 0 && c.fs.exists('/etc/hosts'))
    for (const { fields } of linesOf(c, { file: 'hosts', colons: false, finds: byName }))
      if (!fields[0]!.includes(':')) await c.print(`${fields[0]!.padEnd(15)} ${fields.slice(1).join(' ')}\n`)
  let status = 0
  for (const key of keys) {
    const found = await hostEntries(c, key)
    if (found.length === 0) status = MISSING
    for (const { address, names } of found) {
      if (database === 'hosts') {
        await c.print(`${address.padEnd(15)} ${names.join(' ')}\n`)
        continue
      }
      const shown = (database === 'ahostsv6' && !address.includes(':') ? `::ffff:${address}` : address).padEnd(15)
      await c.print(`${shown} STREAM ${key === address ? address : names[0]}\n${shown} DGRAM  \n${shown} RAW    \n`)
    }
  }
  return status
}

/** The groups that name a user among their members. */
async function initgroups(c: Command, keys: readonly string[]): Promise<number> {
  for (const key of keys) {
    const own = linesOf(c, TABLES['group']!).filter(({ fields }) => fields[3]?.split(',').includes(key))
    await c.print(`${key.padEnd(21)}${own.map(({ fields }) => ` ${fields[2]}`).join('')}\n`)
  }
  return 0
}

const BRIEF = `Usage: getent [-Ai?V] [-s CONFIG] [--no-addrconfig] [--no-idn]
            [--service=CONFIG] [--help] [--usage] [--version]
            database [key ...]
`

const HELP = `Usage: getent [OPTION...] database [key ...]
Get entries from administrative database.

  -A, --no-addrconfig        do not filter out unsupported IPv4/IPv6 addresses
                             (with ahosts*)
  -i, --no-idn               disable IDN encoding
  -s, --service=CONFIG       Service configuration to be used
  -?, --help                 Give this help list
      --usage                Give a short usage message
  -V, --version              Print program version

Mandatory or optional arguments to long options are also mandatory or optional
for any corresponding short options.

Supported databases:
ahosts ahostsv4 ahostsv6 aliases ethers group gshadow hosts initgroups
netgroup networks passwd protocols rpc services shadow

For bug reporting instructions, please see:
<http://www.debian.org/Bugs/>.
`
