/** nslookup, dig, host, getent: asking for names. */
import { DnsError, type DnsAnswer, type DnsType } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { groups, users } from '../accounts.js'
import { command, Fail, type Command, type Flavour } from '../command.js'
import { formatTime } from '../strftime.js'
import { candidates as searched, parseResolvConf } from '../../../network/resolver.js'
import { external, isAddress } from './connection.js'

async function ask(c: Command, name: string, type: DnsType, server?: string): Promise<DnsAnswer[] | DnsError> {
  const { net } = c.task
  try {
    if (net.query) return await external(c.task, net.query(name.endsWith('.') ? name : `${name}.`, type, server))
    if (type !== 'A') return []
    const found = await external(c.task, net.resolve(name))
    return found.map((data) => ({ name: `${name}.`, type: 'A', ttl: 30, data }))
  } catch (error) {
    if (error instanceof DnsError) return error
    throw error
  }
}

/** The names to try for one that a person gives, by search list and ndots; without their last dots. */
function candidates(c: Command, name: string): string[] {
  return searched(name, parseResolvConf(c.task.net.resolvConf)).map(undotted)
}

/** The server that is asked when none is named. */
function nameserver(c: Command): string {
  return parseResolvConf(c.task.net.resolvConf).nameservers[0] ?? '127.0.0.1'
}

function reverse(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`
}

const undotted = (name: string): string => name.replace(/\.$/, '')

export function nslookup(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    let type: DnsType = 'A'
    const operands: string[] = []
    for (const a of c.task.argv.slice(1)) {
      const m = /^-(?:type|querytype|q)=(\w+)$/i.exec(a)
      if (m) type = m[1]!.toUpperCase() as DnsType
      else if (!a.startsWith('-')) operands.push(a)
    }
    const name = operands[0]
    if (name === undefined)
      throw new Fail(c.busybox ? c.usageError({ short: '', usage: '[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]' }).message : '> ')
    const server = operands[1] ?? nameserver(c)
    // A server may be given by its name.
    const address = isAddress(server) ? server : (await external(c.task, c.task.net.resolve(server)).catch(() => []))[0]
    if (address === undefined)
      throw new Fail(c.busybox ? `nslookup: bad address '${server}'` : `nslookup: couldn't get address for '${server}': not found`)
    const heading = `Server:\t\t${server}\nAddress:\t${address}${c.busybox ? ':53' : '#53'}\n\n`
    const unheard = async (): Promise<number> => {
      const once = `;; communications error to ${address}#53: timed out\n`
      await c.print(
        c.busybox ? ';; connection timed out; no servers could be reached\n\n' : `${once.repeat(3)};; no servers could be reached\n\n`,
      )
      return 1
    }
    let headed = false
    const head = async (): Promise<void> => {
      if (!headed) await c.print(heading)
      headed = true
    }
    if (isAddress(name)) {
      const found = await ask(c, reverse(name), 'PTR', address)
      if (found instanceof DnsError && found.code === 'TIMEOUT') return unheard()
      await head()
      if (found instanceof DnsError || found.length === 0) return missing(c, reverse(name))
      await c.print(found.map((a) => `${reverse(name)}\tname = ${c.busybox ? undotted(a.data) : a.data}\n`).join('') + '\n')
      return 0
    }
    let last: string | undefined
    for (const candidate of candidates(c, name)) {
      last = candidate
      const found = await ask(c, candidate, type, address)
      if (found instanceof DnsError) {
        if (found.code !== 'NXDOMAIN') return unheard()
        await head()
        continue
      }
      await head()
      if (found.length === 0) continue
      for (const a of found) {
        if (a.type === 'A' || a.type === 'AAAA') await c.print(`Name:\t${undotted(a.name)}\nAddress: ${a.data}\n`)
        else if (a.type === 'CNAME') await c.print(`${undotted(a.name)}\tcanonical name = ${c.busybox ? undotted(a.data) : a.data}\n`)
        else if (a.type === 'SRV') await c.print(`${undotted(a.name)}\tservice = ${a.data}\n`)
        else await c.print(`${undotted(a.name)}\t${a.type === 'PTR' ? 'name' : 'text'} = ${a.data}\n`)
        if (c.busybox && a.type === 'A' && a === found.at(-1)) await c.print('\n')
      }
      if (!c.busybox) await c.print('\n')
      return 0
    }
    return missing(c, c.busybox ? (last ?? name) : name)
  })
}

async function missing(c: Command, name: string): Promise<number> {
  const line = `** server can't find ${name}: NXDOMAIN\n\n`
  await c.print(c.busybox ? line + line : line)
  return 1
}

export function dig(): Program {
  return command('coreutils', async (c) => {
    let type: DnsType | undefined
    let name: string | undefined
    let server = nameserver(c)
    let short = false
    let search = false
    const args = c.task.argv.slice(1)
    for (let i = 0; i < args.length; i++) {
      const a = args[i]!
      if (a.startsWith('@')) server = a.slice(1)
      else if (a === '+short') short = true
      else if (a === '+search') search = true
      else if (a === '-x') {
        name = reverse(args[++i] ?? '')
        type = 'PTR'
      } else if (a === '-t') type = args[++i]?.toUpperCase() as DnsType
      else if (/^(A|AAAA|CNAME|SRV|PTR|NS|SOA|TXT|ANY)$/i.test(a)) type = a.toUpperCase() as DnsType
      else if (!a.startsWith('+') && !a.startsWith('-')) name = a
    }
    if (!isAddress(server)) {
      const found = (await external(c.task, c.task.net.resolve(server)).catch(() => []))[0]
      if (found === undefined) throw new Fail(`dig: couldn't get address for '${server}': not found`, 10)
      server = found
    }
    const kind = type ?? 'A'
    const asked = name ?? '.'
    let found: DnsAnswer[] | DnsError = new DnsError('NXDOMAIN', asked)
    let shown = asked
    for (const candidate of search ? candidates(c, asked) : [asked]) {
      shown = undotted(candidate)
      found = await ask(c, candidate, kind, server)
      if (!(found instanceof DnsError) && found.length > 0) break
    }
    const answers = found instanceof DnsError ? [] : found
    if (short) {
      await c.print(answers.map((a) => `${a.data}\n`).join(''))
      return 0
    }
    if (found instanceof DnsError && found.code === 'TIMEOUT') {
      await c.print(
        `${`;; communications error to ${server}#53: timed out\n`.repeat(3)}\n; <<>> DiG 9.18.24 <<>> ${args.join(' ')}\n;; global options: +cmd\n;; no servers could be reached\n`,
      )
      return 9
    }
    const status = found instanceof DnsError ? found.code : 'NOERROR'
    const record = (a: DnsAnswer): string => `${`${a.name}`.padEnd(23)}\t${a.ttl}\tIN\t${a.type}\t${a.data}\n`
    await c.print(
      `\n; <<>> DiG 9.18.24 <<>> ${args.join(' ')}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: ${c.task.random.int(65_536)}\n` +
        `;; flags: qr aa rd; QUERY: 1, ANSWER: ${answers.length}, AUTHORITY: 0, ADDITIONAL: 1\n\n;; QUESTION SECTION:\n;${`${shown}.`.padEnd(22)}\t\tIN\t${kind}\n\n` +
        (answers.length > 0 ? `;; ANSWER SECTION:\n${answers.map(record).join('')}\n` : '') +
        `;; Query time: 0 msec\n;; SERVER: ${server}#53(${server}) (UDP)\n;; WHEN: ${formatTime('%a %b %d %H:%M:%S UTC %Y', c.task.clock.now())}\n;; MSG SIZE  rcvd: ${64 + answers.length * 32}\n\n`,
    )
    return 0
  })
}

export function host(): Program {
  return command('coreutils', async (c) => {
    const name = c.task.argv.slice(1).find((a) => !a.startsWith('-')) ?? ''
    if (isAddress(name)) {
      const found = await ask(c, reverse(name), 'PTR')
      if (found instanceof DnsError || found.length === 0) {
        await c.print(`Host ${reverse(name)}. not found: 3(NXDOMAIN)\n`)
        return 1
      }
      await c.print(found.map((a) => `${reverse(name)} domain name pointer ${a.data}\n`).join(''))
      return 0
    }
    for (const candidate of candidates(c, name)) {
      const found = await ask(c, candidate, 'A')
      if (found instanceof DnsError || found.length === 0) continue
      await c.print(
        found
          .map((a) =>
            a.type === 'CNAME' ? `${undotted(a.name)} is an alias for ${a.data}\n` : `${undotted(a.name)} has address ${a.data}\n`,
          )
          .join(''),
      )
      return 0
    }
    await c.print(`Host ${name} not found: 3(NXDOMAIN)\n`)
    return 1
  })
}

export function getent(): Program {
  return command('coreutils', async (c) => {
    const [, database, ...keys] = c.task.argv
    switch (database) {
      case 'hosts':
      case 'ahosts':
      case 'ahostsv4':
        for (const key of keys) {
          try {
            const found = await external(c.task, c.task.net.resolve(key))
            if (database === 'hosts') await c.print(found.map((a) => `${a.padEnd(15)} ${key}\n`).join(''))
            else for (const a of found) await c.print(`${a.padEnd(15)} STREAM ${key}\n${a.padEnd(15)} DGRAM\n${a.padEnd(15)} RAW\n`)
          } catch (error) {
            if (!(error instanceof DnsError)) throw error
            return 2
          }
        }
        return 0
      case 'passwd':
      case 'group': {
        const path = `/etc/${database}`
        const table = database === 'passwd' ? users(c.fs) : groups(c.fs)
        const lines = c.fs.readText(path).split('\n').filter(Boolean)
        const wanted =
          keys.length === 0 ? lines : lines.filter((_, i) => keys.includes(table[i]?.name ?? '') || keys.includes(String(table[i]?.id)))
        await c.print(wanted.map((l) => `${l}\n`).join(''))
        return wanted.length > 0 ? 0 : 2
      }
      default:
        throw new Fail(
          database === undefined
            ? 'getent: wrong number of arguments'
            : `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.`,
          1,
        )
    }
  })
}
