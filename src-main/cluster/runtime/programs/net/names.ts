/** host and getent, and how programs ask for names. */
import { DnsError, type DnsAnswer, type DnsType } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { groups, users } from '../accounts.js'
import { command, Fail, type Command } from '../command.js'
import { candidates as searched, parseResolvConf } from '../../../network/resolver.js'
import { external, isAddress } from './connection.js'

export async function ask(c: Command, name: string, type: DnsType, server?: string): Promise<DnsAnswer[] | DnsError> {
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

export function getent(): Program {
  return command('coreutils', async (c) => {
    const [, database, ...keys] = c.task.argv
    switch (database) {
      case 'hosts':
      case 'ahosts':
      case 'ahostsv4':
        for (const key of keys) {
          const found = await hostEntries(c, key)
          if (found.length === 0) return 2
          for (const { address, names } of found) {
            if (database === 'hosts') await c.print(`${address.padEnd(15)} ${names.join(' ')}\n`)
            else await c.print(`${address.padEnd(15)} STREAM ${names[0]}\n${address.padEnd(15)} DGRAM\n${address.padEnd(15)} RAW\n`)
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
