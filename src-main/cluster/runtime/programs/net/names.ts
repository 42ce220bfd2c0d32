/** host, and how programs ask for names. */
import { DnsError, type DnsAnswer, type DnsType } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command } from '../command.js'
import { candidates as searched, parseResolvConf } from '../../../network/resolver.js'
import { external, isAddress } from './connection.js'

/** Asks for the records of a name; what went wrong where there are none. @param patience cluster ms, 15 s when left out */
export async function ask(c: Command, name: string, type: DnsType, server?: string, patience?: number): Promise<DnsAnswer[] | DnsError> {
  const { net } = c.task
  try {
    if (net.query) return await external(c.task, net.query(name.endsWith('.') ? name : `${name}.`, type, server, patience))
    if (type !== 'A') return []
    const found = await external(c.task, net.resolve(name))
    return found.map((data) => ({ name: `${name}.`, type: 'A', ttl: 30, data }))
  } catch (error) {
    if (error instanceof DnsError) return error
    throw error
  }
}

/** The SOA of the zone that said that there is nothing; none when no zone of the cluster's did. */
export async function authority(c: Command, name: string, server: string): Promise<DnsAnswer[]> {
  const zone = /(?:^|\.)([^.]+\.[^.]+)\.$/.exec(name)?.[1]
  const found = zone === undefined ? [] : await ask(c, zone, 'SOA', server)
  return found instanceof DnsError ? [] : found.filter((a) => a.type === 'SOA')
}

/** The address of a name server that a person named; undefined when its name has none. */
export async function serverAddress(c: Command, server: string): Promise<string | undefined> {
  return isAddress(server) ? server : (await external(c.task, c.task.net.resolve(server)).catch(() => []))[0]
}

/** The names to try for one that a person gives, by search list and ndots; without their last dots. */
export function candidates(c: Command, name: string): string[] {
  return searched(name, parseResolvConf(c.task.net.resolvConf)).map(undotted)
}

/** The server that is asked when none is named. */
export function nameserver(c: Command): string {
  return parseResolvConf(c.task.net.resolvConf).nameservers[0] ?? '127.0.0.1'
}

export function reverse(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`
}

export const undotted = (name: string): string => name.replace(/\.$/, '')

const HOST = { short: 'aAc:CdilnrsTUvVwN:R:t:W:m:46p:', usage: '' }
const HOST_USAGE = `Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]
            [-R number] [-m flag] [-p port] hostname [server]`

/** host -t: the records of a type, each in a sentence. */
async function ofType(c: Command, name: string, type: DnsType, server?: string): Promise<number> {
  const says: Readonly<Record<string, string>> = { A: 'has address', AAAA: 'has IPv6 address', CNAME: 'is an alias for', NS: 'name server', SOA: 'has SOA record', SRV: 'has SRV record', TXT: 'descriptive text', PTR: 'domain name pointer', MX: 'mail is handled by' } // prettier-ignore
  const names = isAddress(name) ? [reverse(name)] : candidates(c, name)
  let failed = 'NXDOMAIN'
  for (const candidate of names) {
    const found = await ask(c, candidate, type, server)
    if (found instanceof DnsError) {
      if (found.code === 'NXDOMAIN') continue
      failed = found.code
      break
    }
    await c.print(
      found.length === 0
        ? `${undotted(candidate)} has no ${type} record\n`
        : found.map((a) => `${undotted(a.name)} ${says[a.type] ?? a.type} ${a.data}\n`).join(''),
    )
    return found.length === 0 ? 1 : 0
  }
  await c.print(
    failed === 'TIMEOUT'
      ? `;; communications error to ${server ?? nameserver(c)}#53: timed out\n;; no servers could be reached\n`
      : `Host ${name} not found: ${failed === 'NXDOMAIN' ? '3(NXDOMAIN)' : failed}\n`,
  )
  return 1
}

export function host(): Program {
  return command('coreutils', async (c) => {
    const o = await c.optionsOr(HOST, (fault) => new Fail(`${fault.replace(/^host: /, 'host: ')}\n${HOST_USAGE}`, 1))
    const [name] = o.operands
    if (o.has('V')) throw new Fail('host 9.18.24', 0)
    if (name === undefined) throw new Fail(HOST_USAGE)
    const server = o.operands[1]
    if (server !== undefined) await c.print(`Using domain server:\nName: ${server}\nAddress: ${server}#53\nAliases: \n\n`)
    if (o.has('t') || o.has('C') || o.has('a'))
      return ofType(c, name, (o.has('C') ? 'SOA' : o.has('a') ? 'ANY' : o.get('t')!).toUpperCase() as DnsType, server)
    if (isAddress(name)) {
      const found = await ask(c, reverse(name), 'PTR', server)
      if (found instanceof DnsError || found.length === 0) {
        await c.print(`Host ${reverse(name)}. not found: 3(NXDOMAIN)\n`)
        return 1
      }
      await c.print(found.map((a) => `${reverse(name)} domain name pointer ${a.data}\n`).join(''))
      return 0
    }
    for (const candidate of candidates(c, name)) {
      const found = await ask(c, candidate, 'A', server)
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

/** The addresses of a name with its canonical name and aliases, from /etc/hosts or DNS; for an address its names. */
export async function hostEntries(c: Command, key: string): Promise<{ address: string; names: string[] }[]> {
  const lines = c.task.net.hosts.split('\n').map((line) => line.replace(/#.*$/, '').trim().split(/\s+/))
  const local = lines.filter(([address, ...names]) => (address === key || names.includes(key)) && isAddress(address!))
  if (local.length > 0) return local.map(([address, ...names]) => ({ address: address!, names }))
  if (isAddress(key)) {
    const found = await ask(c, reverse(key), 'PTR')
    return found instanceof DnsError ? [] : found.map((a) => ({ address: key, names: [undotted(a.data)] }))
  }
  for (const candidate of candidates(c, key)) {
    const found = await ask(c, candidate, 'A')
    if (found instanceof DnsError && found.code !== 'NXDOMAIN') return []
    const addresses = found instanceof DnsError ? [] : found.filter((a) => a.type === 'A')
    if (addresses.length > 0) return addresses.map((a) => ({ address: a.data, names: [undotted(a.name)] }))
  }
  return []
}
