/** ip: the addresses, links and routes of the container, as iproute2, busybox and Alpine's busybox show them. */
import type { Program } from '../../process.js'
import { hasCapability } from '../../security.js'
import { command, Fail, type Command, type Flavour } from '../command.js'
import { gateway, mac } from './interfaces.js'

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
  ]
}

/** What the options in front of the object ask for. */
interface View {
  brief: boolean
  oneLine: boolean
  family?: 'inet' | 'inet6'
}

export function ip(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const words = c.task.argv.slice(1)
    const view: View = { brief: false, oneLine: false }
    while (words[0]?.startsWith('-')) {
      const option = words.shift()!
      if (option === '-4') view.family = 'inet'
      else if (option === '-6') view.family = 'inet6'
      else if (/^-f(amily)?$/.test(option)) view.family = words.shift() === 'inet6' ? 'inet6' : 'inet'
      else if (/^-o(neline)?$/.test(option)) view.oneLine = true
      else if (/^-br(ief)?$/.test(option)) view.brief = true
      else if (/^-V(ersion)?$/.test(option) && !c.busybox)
        return void (await c.print('ip utility, iproute2-6.1.0, libbpf 1.1.0\n'))
      else if (!/^-(c|color.*|d|details|s|stats|statistics|j|json|p|pretty|h|human|n|r)$/.test(option))
        throw c.busybox ? c.usageError(USAGE, `unrecognized option '${option}'`) : new Fail(`Option "${option}" is unknown, try "ip -help".`, 255)
    }
    const [object = '', ...rest] = words
    const is = (name: string): boolean => object !== '' && name.startsWith(object)
    if (object === '' || object === 'help') {
      if (c.busybox) throw c.usageError(USAGE)
      throw new Fail('Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n       ip [ -force ] -batch filename\nwhere  OBJECT := { address | link | neighbour | route | rule }', 255)
    }
    const changes = /^(add|del|delete|set|change|replace|append|flush)$/.test(rest[0] ?? '')
    if (['address', 'link', 'route', 'neighbour', 'rule'].some(is) && changes) return mayAdminister(c)
    if (is('address')) return showInterfaces(c, view, rest, true)
    if (is('link')) return showInterfaces(c, view, rest, false)
    if (is('route')) return showRoutes(c, view, rest)
    if (is('neighbour') || is('neighbor')) {
      const via = gateway(c.task.net.ip)
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

/** Changing what there is wants CAP_NET_ADMIN. What is changed is not kept. */
function mayAdminister(c: Command): void {
  const { security } = c.task.namespaces
  if (!security || hasCapability(security, c.task.uid, 'NET_ADMIN')) return
  throw new Fail(c.busybox ? 'ip: RTNETLINK answers: Operation not permitted' : 'RTNETLINK answers: Operation not permitted', 2)
}

async function showInterfaces(c: Command, view: View, rest: readonly string[], withAddresses: boolean): Promise<void> {
  const name = rest.filter((word) => !/^(s|sh|sho|show|l|ls|li|lis|list|lst|dev|up)$/.test(word))[0]
  const all = interfaces(c)
  const shown = all.filter((each) => name === undefined || each.name === name)
  if (shown.length === 0) throw new Fail(c.busybox ? `ip: can't find device '${name}'` : `Device "${name}" does not exist.`)
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
    const head = `${each.index}: ${each.shown}: <${each.flags}> mtu ${each.mtu} qdisc noqueue ${state}${c.busybox ? '' : `${mode}group default `}qlen 1000`
    if (withAddresses && view.oneLine) {
      for (const a of addresses)
        await c.print(`${each.index}: ${each.name}    ${a.family} ${a.text}\\       valid_lft forever preferred_lft forever\n`)
      continue
    }
    const lines = [head, `    ${each.link}`]
    if (withAddresses) for (const a of addresses) lines.push(`    ${a.family} ${a.text}`, '       valid_lft forever preferred_lft forever')
    await c.print(`${view.oneLine ? lines.join('\\') : lines.join('\n')}\n`)
  }
}

async function showRoutes(c: Command, view: View, rest: readonly string[]): Promise<void> {
  const { ip: address } = c.task.net
  if (view.family === 'inet6') return
  if (rest[0] === 'get')
    return c.print(`${rest[1]} via ${gateway(address)} dev eth0 src ${address}${c.busybox ? ' ' : ` uid ${c.task.uid} \n    cache `}\n`)
  const subnet = `${address.replace(/\.\d+$/, '.0')}/24`
  const local = c.busybox ? 'scope link  src' : 'proto kernel scope link src'
  await c.print(`default via ${gateway(address)} dev eth0 \n${subnet} dev eth0 ${local} ${address} \n`)
}
