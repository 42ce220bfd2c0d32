/** ip: the addresses, links and routes of the container, as iproute2, busybox and Alpine's busybox show them. */
import { isLoopback, isWithin } from '../../../network/addresses.js'
import { NO_TRAFFIC } from '../../../network/counters.js'
import type { Traffic } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { readAll } from '../reading.js'
import { command, Fail, type Command, type Flavour } from '../command.js'
import { gateway, trafficOf } from './interfaces.js'
import { changeLinks, dummies } from './ip-links.js'
import { namespaces, otherObjects, showNeighbours, showRoutes, showRules } from './ip-routes.js'
import { IP_USAGE } from './ip-usage.js'
import { paint, PLAIN, printJson, readOptions, shortened, wrong, type View } from './ip-view.js'
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

/** What iproute2's ip knows, in the order in which names that are cut short are looked up. */
const OBJECTS = [
  'address', 'addrlabel', 'maddress', 'route', 'rule', 'neighbor', 'neighbour', 'ntable', 'ntbl', 'link', 'l2tp', 'fou', 'ila', 'macsec',
  'tunnel', 'tunl', 'tuntap', 'tap', 'token', 'tcpmetrics', 'tcp_metrics', 'monitor', 'xfrm', 'mroute', 'mrule', 'netns', 'netconf', 'vrf', 'sr',
  'nexthop', 'mptcp', 'ioam', 'help', 'stats', 'amt',
] // prettier-ignore

export function ip(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const words = c.task.argv.slice(1)
    if (c.busybox) return brief(c, words)
    const view = readOptions(words, c.task.fd(1)?.kind === 'tty')
    if (view === 'version') return c.print('ip utility, iproute2-6.1.0, libbpf 1.1.0\n')
    if (view === 'help') throw new Fail(IP_USAGE['']!, 255)
    return view.batch === undefined ? full(c, view, words) : batch(c, view, view.batch)
  })
}

/** -batch: each line of a file is a command; a failure ends it, unless -force is there. */
async function batch(c: Command, view: View, path: string): Promise<number> {
  let text: string
  try {
    text =
      path === '-' || path === '/dev/stdin' ? (await readAll(c.task.fd(0)!)).toString() : path === '/dev/null' ? '' : c.fs.readText(path)
  } catch {
    throw new Fail(`Cannot open file "${path}" for reading: No such file or directory`)
  }
  let failed = 0
  for (const [i, line] of text.split('\n').entries()) {
    const words = line.replace(/#.*/, '').trim().split(/\s+/).filter(Boolean)
    if (words.length === 0) continue
    try {
      await full(c, view, words)
    } catch (error) {
      if (!(error instanceof Fail)) throw error
      failed = 1
      await c.task.writeError(`${error.message}\nCommand failed ${path}:${i + 1}\n`)
      if (!view.force) return 1
    }
  }
  return failed
}

/** iproute2's. */
async function full(c: Command, view: View, words: readonly string[]): Promise<number | void> {
  const [given = '', ...rest] = words
  const object = given === '' ? 'help' : OBJECTS.find((name) => name.startsWith(given))
  if (object === 'help') throw new Fail(IP_USAGE['']!, 255)
  if (object === undefined) throw new Fail(`Object "${given}" is unknown, try "ip help".`)
  const usage = object === 'neighbor' ? 'neighbour' : object
  if (rest[0] !== undefined && rest[0].length > 1 && 'help'.startsWith(rest[0]) && IP_USAGE[usage]) throw new Fail(IP_USAGE[usage]!, 255)
  const changes = /^(add|del|delete|set|change|replace|append|flush)$/.test(rest[0] ?? '')
  const kind = object === 'link' ? 'link' : object === 'address' ? 'address' : 'other'
  if (changes && ['address', 'link', 'route', 'neighbour', 'neighbor', 'rule', 'tunnel', 'tuntap', 'maddress', 'nexthop', 'vrf', 'token'].includes(object)) return changeLinks(c, kind, rest)
  if (object === 'address' || object === 'link') return showInterfaces(c, view, rest, object === 'address')
  if (object === 'route') return showRoutes(c, view, rest)
  if (usage === 'neighbour') return showNeighbours(c, view, rest)
  if (object === 'rule') return showRules(c, view, rest)
  if (object === 'netns') return namespaces(c, rest)
  return otherObjects(c, view, object, rest)
} // prettier-ignore

/** busybox'. */
async function brief(c: Command, words: string[]): Promise<void> {
  const view: View = { ...PLAIN }
  while (words[0]?.startsWith('-')) {
    const option = words.shift()!
    if (option === '-4') view.family = 'inet'
    else if (option === '-6') view.family = 'inet6'
    else if (/^-f(amily)?$/.test(option)) view.family = words.shift() === 'inet6' ? 'inet6' : 'inet'
    else if (/^-o(neline)?$/.test(option)) view.oneLine = true
    else throw c.usageError(USAGE, `unrecognized option '${option}'`)
  }
  const [object = '', ...rest] = words
  const is = (name: string): boolean => object !== '' && name.startsWith(object)
  if (object === '' || object === 'help') throw c.usageError(USAGE)
  const changes = /^(add|del|delete|set|change|replace|append|flush)$/.test(rest[0] ?? '')
  if (['address', 'link', 'route', 'neighbour', 'rule'].some(is) && changes) return changeLinks(c, is('link') ? 'link' : is('address') ? 'address' : 'other', rest) // prettier-ignore
  if (is('address')) return showInterfaces(c, view, rest, true)
  if (is('link')) return showInterfaces(c, view, rest, false)
  if (is('route')) return briefRoutes(c, view, rest)
  const via = gateway(c.task.net.ip)
  if (is('neighbour') || is('neighbor')) return c.print(`${via} dev eth0 lladdr ${mac(via)} used 0/0/0 probes 1 REACHABLE\n`)
  if (is('rule')) return c.print('0:\tfrom all lookup local \n32766:\tfrom all lookup main \n32767:\tfrom all lookup default \n')
  throw c.usageError(USAGE)
}

const USAGE = {
  short: '',
  usage:
    '[OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]\n\nOPTIONS := -f[amily] inet|inet6|link | -o[neline]\n\nip addr add|del IFADDR dev IFACE | show|flush [dev IFACE] [to PREFIX]\nip route list|flush|add|del|change|append|replace|test ROUTE\nip link set IFACE [up|down] [arp on|off] [multicast on|off]\n\t[promisc on|off] [mtu NUM] [name NAME] [qlen NUM] [address MAC]\n\t[master IFACE | nomaster] [netns PID]\nip tunnel add|change|del|show [NAME]\n\t[mode ipip|gre|sit] [remote ADDR] [local ADDR] [ttl TTL]\nip neigh show|flush [to PREFIX] [dev DEV] [nud STATE]\nip rule [list] | add|del SELECTOR ACTION',
}

/** What a link has carried; a dummy carries nothing. */
const carried = (c: Command, name: string): Traffic => (name === 'lo' || name === 'eth0' ? trafficOf(c, name) : NO_TRAFFIC)

/** The lines of -s: as wide as what is in them. */
function countLines(c: Command, view: View, name: string): string[] {
  const { receivedBytes, receivedPackets, sentBytes, sentPackets } = carried(c, name)
  const shown = [receivedBytes, sentBytes, receivedPackets, sentPackets].map((n) => shortened(view, n))
  const widest = (width: number, ...all: string[]): number => Math.max(width, ...all.map((n) => n.length))
  const [bytes, packets] = [widest(10, shown[0]!, shown[1]!), widest(7, shown[2]!, shown[3]!)]
  const row = (b: string, p: string): string => `    ${b.padStart(bytes)} ${p.padStart(packets)}      0       0       0       0 `
  const title = (way: string, last: string): string =>
    `    ${way}: ${'bytes'.padStart(bytes - 4)} ${'packets'.padStart(packets)} errors dropped ${last}`
  // The first kind of error ends where the packets end.
  const lead = bytes + packets + 5
  const columns = (first: string, names: readonly string[]): string =>
    `${first} ${names.map((each, i) => each.padStart(i === 0 ? 6 : 7)).join(' ')}`
  const errors = (way: string, [first = '', ...names]: readonly string[]): string[] =>
    view.counts < 2
      ? []
      : [
          columns(`    ${way} errors:${first.padStart(lead - 14)}`, names),
          `${columns(
            '0'.padStart(lead),
            names.map(() => '0'),
          )} `,
        ]
  return [
    title('RX', ' missed   mcast           '),
    row(shown[0]!, shown[2]!),
    ...errors('RX', ['length', 'crc', 'frame', 'fifo', 'overrun']),
    title('TX', 'carrier collsns           '),
    row(shown[1]!, shown[3]!),
    ...errors('TX', ['aborted', 'fifo', 'window', 'heartbt', 'transns']),
  ]
}

/** What -d tells of a link besides. */
const DETAILS = {
  promiscuity: 0, allmulti: 0, min_mtu: 0, max_mtu: 0, inet6_addr_gen_mode: 'eui64', num_tx_queues: 1, num_rx_queues: 1, gso_max_size: 65_536,
  gso_max_segs: 65_535, tso_max_size: 524_280, tso_max_segs: 65_535, gro_max_size: 65_536,
} // prettier-ignore

/** The kind of a link, as `type` asks for it. */
const kindOf = ({ name }: Interface): string => (name === 'lo' ? '' : name === 'eth0' ? 'veth' : 'dummy')

function detailText(each: Interface): string {
  const kind = kindOf(each)
  const [least, most] = each.name === 'lo' ? [0, 0] : each.name === 'eth0' ? [68, 65_535] : [0, 0]
  const tail =
    'addrgenmode eui64 numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 tso_max_size 524280 tso_max_segs 65535 gro_max_size 65536 '
  return ` promiscuity 0  allmulti 0 minmtu ${least} maxmtu ${most} ${kind ? `\n    ${kind} ` : ''}${tail}`
}

/** A link as -j shows it. */
function linkJson(c: Command, each: Interface, view: View, withAddresses: boolean): object {
  const [, type, address, , broadcast] = /^link\/(\S+) (\S+) (brd) (\S+)/.exec(each.link) ?? []
  const traffic = carried(c, each.name)
  const side = (bytes: number, packets: number): object => ({ bytes, packets, errors: 0, dropped: 0 })
  const more = (names: readonly string[]): object => (view.counts > 1 ? Object.fromEntries(names.map((name) => [name, 0])) : {})
  const kind = kindOf(each)
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
    ...(view.details ? { ...DETAILS, ...(kind === 'veth' ? { min_mtu: 68, max_mtu: 65_535 } : {}), ...(kind ? { linkinfo: { info_kind: kind } } : {}) } : {}),
    ...(view.counts > 0
      ? { stats64: { rx: { ...side(traffic.receivedBytes, traffic.receivedPackets), over_errors: 0, multicast: 0, ...more(['length_errors', 'crc_errors', 'frame_errors', 'fifo_errors', 'missed_errors']) }, tx: { ...side(traffic.sentBytes, traffic.sentPackets), carrier_errors: 0, collisions: 0, ...more(['aborted_errors', 'fifo_errors', 'window_errors', 'heartbeat_errors', 'carrier_changes']) } } }
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

/** What may follow `show`, of which the first ones ask for links and addresses of a kind. */
function selected(c: Command, words: readonly string[], withAddresses: boolean): Interface[] {
  let found = interfaces(c)
  const rest = [...words]
  if (c.busybox) {
    const name = rest.find((word) => !/^(s|sh|sho|show|l|ls|li|lis|list|lst|dev|up)$/.test(word))
    found = found.filter((each) => name === undefined || each.name === name)
    if (found.length === 0) throw new Fail(`ip: can't find device '${name}'`)
    return found
  }
  const object = withAddresses ? 'address' : 'link'
  const verb = rest.shift()
  if (verb !== undefined && !['show', 'list', 'lst'].some((each) => each.startsWith(verb))) {
    if (!['dev', 'up', 'scope', 'to', 'type', 'label', 'master', 'primary'].includes(verb))
      throw new Fail(`Command "${verb}" is unknown, try "ip ${object} help".`, 255)
    rest.unshift(verb)
  }
  const keep = (test: (address: Interface['addresses'][number]) => boolean): void => {
    found = found
      .map((each) => ({ ...each, addresses: each.addresses.filter(test) }))
      .filter((each) => each.addresses.length > 0 || each.name !== 'lo')
  }
  while (rest.length > 0) {
    const word = rest.shift()!
    const value = (): string => {
      const next = rest.shift()
      if (next === undefined) throw new Fail('Command line is not complete. Try option "help"', 255)
      return next
    }
    if (word === 'up') found = found.filter(({ flags }) => flags.split(',').includes('UP'))
    else if (word === 'type') {
      const kind = value()
      found = found.filter((each) => kindOf(each) === kind)
    } else if (word === 'master' || word === 'vrf') {
      const master = value()
      if (!found.some(({ name }) => name === master)) throw wrong(master, word === 'vrf' ? 'Not a valid VRF name' : 'Device does not exist')
      found = []
    } else if (word === 'group') {
      if (value() !== 'default') found = []
    } else if (word === 'scope' && withAddresses) {
      const scope = value()
      if (!['global', 'host', 'link', 'site', 'all'].includes(scope)) throw wrong(scope, 'invalid "scope"\n'.trimEnd())
      if (scope !== 'all') keep(({ text }) => text.includes(` scope ${scope}`))
    } else if (word === 'to' && withAddresses) {
      const block = value()
      keep(({ brief: text, family }) => family === 'inet' && isWithin(block.includes('/') ? block : `${block}/32`, text.split('/')[0]!))
    } else if (word === 'label' && withAddresses) {
      const label = value()
      found = found.filter(({ name }) => name === label)
    } else if (['dynamic', 'temporary', 'secondary', 'tentative', 'deprecated'].includes(word) && withAddresses) keep(() => false)
    else if (!['primary', 'permanent', 'nomaster', '-tentative', '-deprecated'].includes(word)) {
      const name = word === 'dev' ? value() : word
      found = found.filter((each) => each.name === name)
      if (found.length === 0 && !interfaces(c).some((each) => each.name === name)) throw new Fail(`Device "${name}" does not exist.`)
    }
  }
  return found
}

async function showInterfaces(c: Command, view: View, rest: readonly string[], withAddresses: boolean): Promise<void> {
  const shown = selected(c, rest, withAddresses)
  if (view.json) return printJson(c, view, shown.map((each) => (view.brief ? briefJson(each, view, withAddresses) : linkJson(c, each, view, withAddresses)))) // prettier-ignore
  // The busybox of Alpine is patched to tell the state.
  const tellsState = !c.busybox || c.fs.exists('/etc/alpine-release')
  for (const each of shown) {
    const addresses = each.addresses.filter((a) => !view.family || a.family === view.family)
    if (withAddresses && view.family && addresses.length === 0) continue
    if (view.brief && !c.busybox) {
      const own = addresses.map((a) => `${paint(view, a.family, a.brief.split('/')[0]!)}/${a.brief.split('/')[1]} `).join('')
      const last = withAddresses ? own : `${paint(view, 'mac', `${each.link.split(' ')[1]} `)}<${each.flags}> `
      await c.print(`${paint(view, 'name', each.shown.padEnd(17))}${paint(view, each.state, each.state.padEnd(15))}${last}\n`)
      continue
    }
    const mode = withAddresses ? '' : 'mode DEFAULT '
    const state = tellsState ? `state ${paint(view, each.state, `${each.state} `)}` : ''
    const head = `${each.index}: ${paint(view, 'name', `${each.shown}: `)}<${each.flags}> mtu ${each.mtu} qdisc ${each.flags.includes('UP') ? 'noqueue' : 'noop'} ${state}${c.busybox ? '' : `${mode}group default `}qlen 1000`
    if (withAddresses && view.oneLine) {
      for (const a of addresses)
        await c.print(
          `${each.index}: ${paint(view, 'name', each.name)}    ${a.family} ${painted(view, a)}\\       valid_lft forever preferred_lft forever\n`,
        )
      continue
    }
    const link = each.link.replace(/(\S\S:)+\S\S/g, (address) => paint(view, 'mac', address))
    const lines = [head, ...`    ${link}${view.details ? detailText(each) : ''}`.split('\n')]
    if (withAddresses)
      for (const a of addresses) lines.push(`    ${a.family} ${painted(view, a)}`, '       valid_lft forever preferred_lft forever')
    if (view.counts > 0) lines.push(...countLines(c, view, each.name))
    await c.print(`${view.oneLine ? lines.join('\\') : lines.join('\n')}\n`)
  }
}

/** An address with its colour, and its broadcast address with the same. */
function painted(view: View, { family, text }: Interface['addresses'][number]): string {
  return text.replace(/^[^/]+/, (own) => paint(view, family, own)).replace(/(?<= brd )\S+ /, (broadcast) => paint(view, family, broadcast))
}

/** A link as -j -br shows it. */
function briefJson({ name, shown, state, link, flags, addresses }: Interface, view: View, withAddresses: boolean): object {
  const own = addresses
    .filter((a) => !view.family || a.family === view.family)
    .map(({ brief: text }) => ({ local: text.split('/')[0], prefixlen: Number(text.split('/')[1]) }))
  const head = { ...(shown.includes('@') ? { link_index: 2 } : {}), ifname: name, operstate: state }
  return withAddresses ? { ...head, addr_info: own } : { ...head, address: link.split(' ')[1], flags: flags.split(',') }
}

async function briefRoutes(c: Command, view: View, rest: readonly string[]): Promise<void> {
  const { ip: address } = c.task.net
  if (view.family === 'inet6') return
  const subnet = `${address.replace(/\.\d+$/, '.0')}/24`
  const [verb, target] = rest
  if (verb === 'get' && target !== undefined) {
    if (target === address || isLoopback(target)) return c.print(`local ${target} dev lo src ${target} \n`)
    return c.print(`${target} ${isWithin(subnet, target) ? '' : `via ${gateway(address)} `}dev eth0 src ${address} \n`)
  }
  await c.print(`default via ${gateway(address)} dev eth0 \n${subnet} dev eth0 scope link  src ${address} \n`)
}
