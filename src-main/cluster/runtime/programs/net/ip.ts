/** ip: the addresses, links and routes of the container, as iproute2, busybox and Alpine's busybox show them. */
import { isLoopback, isWithin } from '../../../network/addresses.js'
import { NO_TRAFFIC } from '../../../network/counters.js'
import type { Traffic } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Flavour } from '../command.js'
import { gateway, trafficOf } from './interfaces.js'
import { changeLinks, dummies } from './ip-links.js'
import { mac } from '../../proc-net.js'

interface Interface {
  index: number
  name: string
  /** As it is listed: `eth0@if2` for the end of a link whose other end is elsewhere. */
  shown: string
  flags: string
  mtu: number
  state: string
  link: string
  addresses: readonly { family: 'inet' | 'inet6'; text: string; brief: string }[]
}

function interfaces(c: Command): Interface[] {
  const { ip: address } = c.task.net
  const broadcast = address.replace(/\.\d+$/, '.255')
  return [
    {
      index: 1,
      name: 'lo',
      shown: 'lo',
      flags: 'LOOPBACK,UP,LOWER_UP',
      mtu: 65536,
      state: 'UNKNOWN',
      link: 'link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
      addresses: [
        { family: 'inet', text: '127.0.0.1/8 scope host lo', brief: '127.0.0.1/8' },
        { family: 'inet6', text: '::1/128 scope host ', brief: '::1/128' },
      ],
    },
    {
      index: 2,
      name: 'eth0',
      shown: 'eth0@if2',
      flags: c.busybox ? 'BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN' : 'BROADCAST,MULTICAST,UP,LOWER_UP',
      mtu: 1500,
      state: 'UP',
      link: `link/ether ${mac(address)} brd ff:ff:ff:ff:ff:ff${c.busybox ? '' : ' link-netnsid 0'}`,
      addresses: [{ family: 'inet', text: `${address}/24 brd ${broadcast} scope global eth0`, brief: `${address}/24` }],
    },
    ...dummies(c).map(({ name, index, up, mtu, mac: own, addresses }): Interface => ({
      index,
      name,
      shown: name,
      flags: `BROADCAST,NOARP${up ? ',UP,LOWER_UP' : ''}`,
      mtu,
      state: up ? 'UNKNOWN' : 'DOWN',
      link: `link/ether ${own} brd ff:ff:ff:ff:ff:ff`,
      addresses: addresses.map((brief) => ({ family: 'inet', text: `${brief} scope global ${name}`, brief })),
    })),
  ]
}

/** What the options in front of the object ask for. */
interface View {
  brief: boolean
  oneLine: boolean
  family?: 'inet' | 'inet6'
  /** With what the links have carried. */
  counts: boolean
  json: boolean
  pretty: boolean
}

export function ip(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const words = c.task.argv.slice(1)
    const view: View = { brief: false, oneLine: false, counts: false, json: false, pretty: false }
    while (words[0]?.startsWith('-')) {
      const option = words.shift()!
      if (option === '-4') view.family = 'inet'
      else if (option === '-6') view.family = 'inet6'
      else if (/^-f(amily)?$/.test(option)) view.family = words.shift() === 'inet6' ? 'inet6' : 'inet'
      else if (/^-o(neline)?$/.test(option)) view.oneLine = true
      else if (/^-br(ief)?$/.test(option)) view.brief = true
      else if (/^-s(tat(istic)?s)?$/.test(option) && !c.busybox) view.counts = true
      else if (/^-j(son)?$/.test(option) && !c.busybox) view.json = true
      else if (/^-p(retty)?$/.test(option) && !c.busybox) view.pretty = true
      else if (/^-V(ersion)?$/.test(option) && !c.busybox)
        return void (await c.print('ip utility, iproute2-6.1.0, libbpf 1.1.0\n'))
      else if (c.busybox || !/^-(c|color.*|d|details|h|human|N|Numeric|0|M|B)$/.test(option))
        throw c.busybox ? c.usageError(USAGE, `unrecognized option '${option}'`) : new Fail(`Option "${option}" is unknown, try "ip -help".`, 255)
    }
    const [object = '', ...rest] = words
    const is = (name: string): boolean => object !== '' && name.startsWith(object)
    if (object === '' || object === 'help') {
      if (c.busybox) throw c.usageError(USAGE)
      throw new Fail('Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n       ip [ -force ] -batch filename\nwhere  OBJECT := { address | link | neighbour | route | rule }', 255)
    }
    const changes = /^(add|del|delete|set|change|replace|append|flush)$/.test(rest[0] ?? '')
    if (['address', 'link', 'route', 'neighbour', 'rule'].some(is) && changes) return changeLinks(c, is('link') ? 'link' : is('address') ? 'address' : 'other', rest)
    if (is('address')) return showInterfaces(c, view, rest, true)
    if (is('link')) return showInterfaces(c, view, rest, false)
    if (is('route')) return showRoutes(c, view, rest)
    if (is('neighbour') || is('neighbor')) {
      const via = gateway(c.task.net.ip)
      if (view.json) return printJson(c, view, [{ dst: via, dev: 'eth0', lladdr: mac(via), state: ['REACHABLE'] }])
      return c.print(`${via} dev eth0 lladdr ${mac(via)} ${c.busybox ? 'used 0/0/0 probes 1 ' : ''}REACHABLE\n`)
    }
    if (is('rule')) return c.print('0:\tfrom all lookup local \n32766:\tfrom all lookup main \n32767:\tfrom all lookup default \n')
    throw c.busybox ? c.usageError(USAGE) : new Fail(`Object "${object}" is unknown, try "ip help".`)
  })
} // prettier-ignore

const USAGE = {
  short: '',
  usage:
    '[OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]\n\nOPTIONS := -f[amily] inet|inet6|link | -o[neline]\n\nip addr add|del IFADDR dev IFACE | show|flush [dev IFACE] [to PREFIX]\nip route list|flush|add|del|change|append|replace|test ROUTE\nip link set IFACE [up|down] [arp on|off] [multicast on|off]\n\t[promisc on|off] [mtu NUM] [name NAME] [qlen NUM] [address MAC]\n\t[master IFACE | nomaster] [netns PID]\nip tunnel add|change|del|show [NAME]\n\t[mode ipip|gre|sit] [remote ADDR] [local ADDR] [ttl TTL]\nip neigh show|flush [to PREFIX] [dev DEV] [nud STATE]\nip rule [list] | add|del SELECTOR ACTION',
}

/** As -j prints, with -p over several lines. */
function printJson(c: Command, view: View, value: unknown): Promise<void> {
  return c.print(`${view.pretty ? JSON.stringify(value, undefined, 4) : JSON.stringify(value)}\n`)
}

/** What a link has carried; a dummy carries nothing. */
const carried = (c: Command, name: string): Traffic => (name === 'lo' || name === 'eth0' ? trafficOf(c, name) : NO_TRAFFIC)

/** The lines of -s: as wide as what is in them. */
function countLines(c: Command, name: string): string[] {
  const { receivedBytes, receivedPackets, sentBytes, sentPackets } = carried(c, name)
  const widest = (width: number, ...all: number[]): number => Math.max(width, ...all.map((n) => String(n).length))
  const [bytes, packets] = [widest(10, receivedBytes, sentBytes), widest(7, receivedPackets, sentPackets)]
  const row = (b: number, p: number): string =>
    `    ${String(b).padStart(bytes)} ${String(p).padStart(packets)}      0       0       0       0 `
  const title = (way: string, last: string): string =>
    `    ${way}: ${'bytes'.padStart(bytes - 4)} ${'packets'.padStart(packets)} errors dropped ${last}`
  return [
    title('RX', ' missed   mcast           '),
    row(receivedBytes, receivedPackets),
    title('TX', 'carrier collsns           '),
    row(sentBytes, sentPackets),
  ]
}

/** A link as -j shows it. */
function linkJson(c: Command, each: Interface, view: View, withAddresses: boolean): object {
  const [, type, address, , broadcast] = /^link\/(\S+) (\S+) (brd) (\S+)/.exec(each.link) ?? []
  const traffic = carried(c, each.name)
  const side = (bytes: number, packets: number): object => ({ bytes, packets, errors: 0, dropped: 0 })
  const forever = { valid_life_time: 4_294_967_295, preferred_life_time: 4_294_967_295 }
  return {
    ifindex: each.index,
    ...(each.shown.includes('@') ? { link_index: 2 } : {}),
    ifname: each.name,
    flags: each.flags.split(','),
    mtu: each.mtu,
    qdisc: each.flags.includes('UP') ? 'noqueue' : 'noop',
    operstate: each.state,
    ...(withAddresses ? {} : { linkmode: 'DEFAULT' }),
    group: 'default',
    txqlen: 1000,
    link_type: type,
    address,
    broadcast,
    ...(each.shown.includes('@') ? { link_netnsid: 0 } : {}),
    ...(view.counts
      ? { stats64: { rx: { ...side(traffic.receivedBytes, traffic.receivedPackets), over_errors: 0, multicast: 0 }, tx: { ...side(traffic.sentBytes, traffic.sentPackets), carrier_errors: 0, collisions: 0 } } }
      : {}),
    ...(withAddresses
      ? {
          addr_info: each.addresses
            .filter((a) => !view.family || a.family === view.family)
            .map((a) => {
              const [local, length] = a.brief.split('/')
              const [, brd] = / brd (\S+)/.exec(a.text) ?? []
              const [, scope] = / scope (\S+)/.exec(a.text) ?? []
              return { family: a.family, local, prefixlen: Number(length), ...(brd ? { broadcast: brd } : {}), scope, ...(a.family === 'inet' ? { label: each.name } : {}), ...forever }
            }),
        }
      : {}),
  } // prettier-ignore
}

async function showInterfaces(c: Command, view: View, rest: readonly string[], withAddresses: boolean): Promise<void> {
  const name = rest.filter((word) => !/^(s|sh|sho|show|l|ls|li|lis|list|lst|dev|up)$/.test(word))[0]
  const all = interfaces(c)
  const shown = all.filter((each) => name === undefined || each.name === name)
  if (shown.length === 0) throw new Fail(c.busybox ? `ip: can't find device '${name}'` : `Device "${name}" does not exist.`)
  if (view.json) return printJson(c, view, shown.map((each) => linkJson(c, each, view, withAddresses))) // prettier-ignore
  // The busybox of Alpine is patched to tell the state.
  const tellsState = !c.busybox || c.fs.exists('/etc/alpine-release')
  for (const each of shown) {
    const addresses = each.addresses.filter((a) => !view.family || a.family === view.family)
    if (withAddresses && view.family && addresses.length === 0) continue
    if (view.brief && !c.busybox) {
      const last = withAddresses ? addresses.map((a) => `${a.brief} `).join('') : `${each.link.split(' ')[1]} <${each.flags}> `
      await c.print(`${each.shown.padEnd(16)} ${each.state.padEnd(14)} ${last}\n`)
      continue
    }
    const mode = withAddresses ? '' : 'mode DEFAULT '
    const state = tellsState ? `state ${each.state} ` : ''
    const head = `${each.index}: ${each.shown}: <${each.flags}> mtu ${each.mtu} qdisc ${each.flags.includes('UP') ? 'noqueue' : 'noop'} ${state}${c.busybox ? '' : `${mode}group default `}qlen 1000`
    if (withAddresses && view.oneLine) {
      for (const a of addresses)
        await c.print(`${each.index}: ${each.name}    ${a.family} ${a.text}\\       valid_lft forever preferred_lft forever\n`)
      continue
    }
    const lines = [head, `    ${each.link}`]
    if (withAddresses) for (const a of addresses) lines.push(`    ${a.family} ${a.text}`, '       valid_lft forever preferred_lft forever')
    if (view.counts) lines.push(...countLines(c, each.name))
    await c.print(`${view.oneLine ? lines.join('\\') : lines.join('\n')}\n`)
  }
}

async function showRoutes(c: Command, view: View, rest: readonly string[]): Promise<void> {
  const { ip: address } = c.task.net
  if (view.family === 'inet6') return
  const subnet = `${address.replace(/\.\d+$/, '.0')}/24`
  if (view.json && rest[0] === 'get') return printJson(c, view, [{ dst: rest[1], gateway: gateway(address), dev: 'eth0', prefsrc: address, flags: [], uid: c.task.uid, cache: [] }]) // prettier-ignore
  if (view.json)
    return printJson(c, view, [
      { dst: 'default', gateway: gateway(address), dev: 'eth0', flags: [] },
      { dst: subnet, dev: 'eth0', protocol: 'kernel', scope: 'link', prefsrc: address, flags: [] },
    ])
  const near = rest[1] !== undefined && isWithin(subnet, rest[1])
  if (rest[0] === 'get' && rest[1] !== undefined && (rest[1] === address || isLoopback(rest[1])))
    return c.print(`local ${rest[1]} dev lo src ${rest[1]}${c.busybox ? ' ' : ` uid ${c.task.uid} \n    cache <local> `}\n`)
  if (rest[0] === 'get' && near)
    return c.print(`${rest[1]} dev eth0 src ${address}${c.busybox ? ' ' : ` uid ${c.task.uid} \n    cache `}\n`)
  if (rest[0] === 'get')
    return c.print(`${rest[1]} via ${gateway(address)} dev eth0 src ${address}${c.busybox ? ' ' : ` uid ${c.task.uid} \n    cache `}\n`)
  const local = c.busybox ? 'scope link  src' : 'proto kernel scope link src'
  await c.print(`default via ${gateway(address)} dev eth0 \n${subnet} dev eth0 ${local} ${address} \n`)
}
