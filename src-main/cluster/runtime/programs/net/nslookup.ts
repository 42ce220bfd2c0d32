/** nslookup: that of busybox, before and since 1.29, and that of BIND. */
import { DnsError, type DnsAnswer, type DnsType } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Flavour } from '../command.js'
import { external, isAddress } from './connection.js'
import { ask, candidates, nameserver, reverse, undotted } from './names.js'

interface Request {
  name: string
  types: DnsType[]
  /** As it was given, and its address. */
  server: string
  address: string
  /** Of BIND's: where it asks, how often, and for how many cluster ms it waits each time. */
  port: number
  tries: number
  time: number
  search: boolean
}

type How = Pick<Request, 'port' | 'tries' | 'time' | 'search'>
const TYPES = /^(A|AAAA|ANY|CAA|CNAME|DNSKEY|DS|HINFO|MX|NAPTR|NS|PTR|RRSIG|SOA|SRV|SVCB|HTTPS|TLSA|TXT)$/i
/** Options that ask for what is so anyway, or for what the cluster's server has no occasion to. */
const TAKEN = /^(no)?(debug|d2|recurse|rec|vc|fail|aaonly|aaflag|defname|def|ret|all)$/

/** Takes one of BIND's options, or tells what is wrong with it and goes on. */
async function setting(c: Command, option: string, how: How): Promise<void> {
  const [name = '', value = ''] = option.split(/=(.*)/s)
  const number = async (): Promise<number | undefined> => {
    if (/^\d+$/.test(value)) return Number(value)
    return void (await c.print(`invalid ${name} '${value}': not a valid number\n`))
  }
  if (name === 'port' || name === 'po') how.port = (await number()) ?? how.port
  else if (name === 'timeout' || name === 't') how.time = ((await number()) ?? how.time / 1000) * 1000
  else if (name === 'retry' || name === 'ret') how.tries = ((await number()) ?? how.tries - 1) + 1
  else if (name === 'search' || name === 'sea') how.search = true
  else if (name === 'nosearch' || name === 'nosea') how.search = false
  else if (name === 'class' || name === 'cl') {
    if (!/^(in|ch|hs|any)$/i.test(value)) await c.print(`unknown query class: ${value}\n`)
  } else if (name !== 'domain' && name !== 'do' && name !== 'srchlist' && name !== 'ndots' && !TAKEN.test(name))
    await c.print(`*** Invalid option: ${option}\n`)
}

/** Reads the command line. Throws Fail for one that makes no sense. */
async function parse(c: Command, defaults: DnsType[]): Promise<Request> {
  const types: DnsType[] = []
  const operands: string[] = []
  const how: How = { port: 53, tries: 3, time: 5000, search: true }
  for (const a of c.task.argv.slice(1)) {
    const m = /^-(?:type|querytype|query|q|t|ty|typ)=(\w+)$/i.exec(a)
    if (m && (c.busybox || TYPES.test(m[1]!))) types.push(m[1]!.toUpperCase() as DnsType)
    else if (m) await c.print(`unknown query type: ${m[1]}\n`)
    else if (!a.startsWith('-')) operands.push(a)
    else if (!c.busybox) await setting(c, a.slice(1), how)
  }
  const [name, named] = operands
  if (name === undefined)
    throw new Fail(c.busybox ? c.usageError({ short: '', usage: '[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]' }).message : '> ')
  const server = named ?? nameserver(c)
  // A server may be given by its name.
  const address = isAddress(server) ? server : (await external(c.task, c.task.net.resolve(server)).catch(() => []))[0]
  if (address === undefined)
    throw new Fail(c.busybox ? `nslookup: bad address '${server}'` : `nslookup: couldn't get address for '${server}': not found`)
  return { name, types: types.length > 0 ? types : defaults, server, address, ...how }
}

function recordText(c: Command, a: DnsAnswer): string {
  const name = undotted(a.name)
  const target = c.busybox ? undotted(a.data) : a.data
  switch (a.type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${name}\nAddress: ${a.data}\n`
    case 'CNAME':
      return `${name}\tcanonical name = ${target}\n`
    case 'PTR':
      return `${name}\tname = ${target}\n`
    case 'NS':
      return `${name}\tnameserver = ${target}\n`
    case 'SRV':
      return `${name}\tservice = ${target}\n`
    case 'SOA':
      return soaText(c, name, a.data)
    default:
      return `${name}\ttext = ${a.data}\n`
  }
}

function soaText(c: Command, name: string, data: string): string {
  const [origin, mail, serial, refresh, retry, expire, minimum] = data.split(' ') as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const dots = c.busybox ? undotted : (n: string): string => undotted(n)
  return `${name}\n\torigin = ${dots(origin)}\n\tmail addr = ${dots(mail)}\n\tserial = ${serial}\n\trefresh = ${refresh}\n\tretry = ${retry}\n\texpire = ${expire}\n\tminimum = ${minimum}\n`
}

/**
 * busybox since 1.29 sends all its questions at once and tells of each: a name without dots with every search domain, any
 * other name as it stands; for the A and the AAAA record unless a type is given. One that fails fails the program.
 */
async function busyboxLookup(c: Command): Promise<number> {
  const request = await parse(c, [])
  const { name, address, server } = request
  const types: DnsType[] = request.types.length > 0 ? request.types : isAddress(name) ? ['PTR'] : ['A', 'AAAA']
  const names = isAddress(name) ? [reverse(name)] : name.includes('.') ? [undotted(name)] : candidates(c, name).filter((n) => n !== name)
  const replies: string[] = []
  let code = 0
  for (const type of types) {
    for (const asked of names) {
      const found = await ask(c, asked, type, address)
      if (found instanceof DnsError && found.code === 'TIMEOUT') {
        await c.print(';; connection timed out; no servers could be reached\n\n')
        return 1
      }
      if (found instanceof DnsError) {
        code = 1
        replies.push(`** server can't find ${asked}: ${found.code}\n\n`)
      } else replies.push(`${found.map((a) => recordText(c, a)).join('')}\n`)
    }
  }
  await c.print(`Server:\t\t${server}\nAddress:\t${address}:53\n\n${replies.join('')}`)
  return code
}

/** BIND's: the first name of the search list that exists, its A and its AAAA records. */
async function bindLookup(c: Command): Promise<number> {
  const { name, types, server, address, port, tries, time, search } = await parse(c, ['A', 'AAAA'])
  const heading = `Server:\t\t${server}\nAddress:\t${address}#53\n\n`
  if (port !== 53) {
    // Nothing but port 53 is served.
    await c.print(
      `${`;; communications error to ${address}#${port}: connection refused\n`.repeat(tries)};; no servers could be reached\n\n`,
    )
    return 1
  }
  const names = isAddress(name) ? [reverse(name)] : search ? candidates(c, name) : [undotted(name)]
  const asked: readonly DnsType[] = isAddress(name) ? ['PTR'] : types
  for (const candidate of names) {
    const found = await ask(c, candidate, asked[0]!, address, tries * time)
    if (found instanceof DnsError) {
      if (found.code === 'NXDOMAIN') continue
      await c.print(`${`;; communications error to ${address}#53: timed out\n`.repeat(tries)};; no servers could be reached\n\n`)
      return 1
    }
    const all = [...found]
    for (const type of asked.slice(1)) {
      const more = await ask(c, candidate, type, address)
      if (!(more instanceof DnsError)) all.push(...more.filter((a) => a.type === type))
    }
    if (all.length === 0) {
      await c.print(`${heading}*** Can't find ${name}: No answer\n\n`)
      return 1
    }
    await c.print(`${heading}${all.map((a) => recordText(c, a)).join('')}\n`)
    return 0
  }
  await c.print(`${heading}** server can't find ${isAddress(name) ? reverse(name) : name}: NXDOMAIN\n\n`)
  return 1
}

export function nslookup(flavour: Flavour): Program {
  return command(flavour, (c) => (c.busybox ? busyboxLookup(c) : bindLookup(c)))
}

/** busybox before 1.29 asks the C library, with its search list, and then for the names of what it found. */
export function oldNslookup(): Program {
  return command('busybox', async (c) => {
    const { name, server, address } = await parse(c, [])
    const named = async (ip: string): Promise<string> => {
      const found = await ask(c, reverse(ip), 'PTR', address)
      return found instanceof DnsError || !found[0] ? ip : `${ip} ${undotted(found[0].data)}`
    }
    await c.print(`Server:    ${server}\nAddress 1: ${await named(address)}\n\n`)
    const addresses = isAddress(name) ? [name] : await resolve(c, name, address)
    if (addresses.length === 0) {
      await c.task.writeError(`nslookup: can't resolve '${name}'\n`)
      return 1
    }
    let text = `Name:      ${name}\n`
    for (const [i, ip] of addresses.entries()) text += `Address ${i + 1}: ${await named(ip)}\n`
    await c.print(text)
    return 0
  })
}

/** The addresses of a name by the search list; empty when there are none, or nobody answers. */
async function resolve(c: Command, name: string, server: string): Promise<string[]> {
  for (const candidate of candidates(c, name)) {
    const found = await ask(c, candidate, 'A', server)
    if (found instanceof DnsError && found.code !== 'NXDOMAIN') return []
    const addresses = found instanceof DnsError ? [] : found.filter((a) => a.type === 'A')
    if (addresses.length > 0) return addresses.map((a) => a.data)
  }
  return []
}
