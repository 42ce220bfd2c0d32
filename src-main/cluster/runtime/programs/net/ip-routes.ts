/** What iproute2's ip shows besides links: routes, neighbours, rules, and what a container has none of. */
import { isAddressOrBlock, isLoopback, isWithin } from '../../../network/addresses.js'
import { mac } from '../../proc-net.js'
import { Fail, type Command } from '../command.js'
import { gateway } from './interfaces.js'
import { paint, printJson, wrong, type View } from './ip-view.js'

interface Route {
  type: string
  dst: string
  gateway?: string
  dev: string
  protocol: string
  scope: string
  prefsrc?: string
  table: 'main' | 'local'
}

function routes(c: Command): Route[] {
  const { ip } = c.task.net
  const near = ip.replace(/\.\d+$/, '.0/24')
  const kernel = { protocol: 'kernel', table: 'local' as const }
  const own = { dev: 'lo', prefsrc: '127.0.0.1', ...kernel }
  return [
    { type: 'unicast', dst: 'default', gateway: gateway(ip), dev: 'eth0', protocol: 'boot', scope: 'global', table: 'main' },
    { type: 'unicast', dst: near, dev: 'eth0', scope: 'link', prefsrc: ip, ...kernel, table: 'main' },
    { type: 'local', dst: '127.0.0.0/8', scope: 'host', ...own },
    { type: 'local', dst: '127.0.0.1', scope: 'host', ...own },
    { type: 'broadcast', dst: '127.255.255.255', scope: 'link', ...own },
    { type: 'local', dst: ip, dev: 'eth0', scope: 'host', prefsrc: ip, ...kernel },
    { type: 'broadcast', dst: ip.replace(/\.\d+$/, '.255'), dev: 'eth0', scope: 'link', prefsrc: ip, ...kernel },
  ]
}

const isShow = (word: string | undefined): boolean =>
  word === undefined || (word.length > 0 && ['show', 'list', 'lst'].some((verb) => verb.startsWith(word)))

/** `ip route`. @param words after the object */
export async function showRoutes(c: Command, view: View, words: readonly string[]): Promise<void> {
  const [verb, ...rest] = words
  if (verb === 'get') return showWay(c, view, rest)
  if (!isShow(verb) && !isSelector(verb!)) throw new Fail(`Command "${verb}" is unknown, try "ip route help".`, 255)
  const selectors = [...(isShow(verb) ? rest : words)]
  let [table, found] = ['main', routes(c)]
  const hidden = new Set<string>()
  while (selectors.length > 0) {
    const word = selectors.shift()!
    const value = (): string => selectors.shift() ?? incomplete(word)
    if (word === 'table') {
      table = value()
      if (!['main', 'local', 'all', 'default', '254', '255', '253', '0'].includes(table)) {
        if (!/^\d+$/.test(table)) throw wrong(table, 'table id value is invalid')
        throw new Fail('Error: ipv4: FIB table does not exist.\nDump terminated', 2)
      }
      table = { 254: 'main', 255: 'local', 253: 'default', 0: 'all' }[table] ?? table
    } else if (word === 'dev' || word === 'oif' || word === 'iif') {
      const dev = value()
      if (!['lo', 'eth0'].includes(dev)) throw new Fail(`Cannot find device "${dev}"`)
      found = found.filter((route) => route.dev === dev)
      hidden.add('dev')
    } else if (word === 'proto' || word === 'protocol') {
      const protocol = value()
      found = found.filter((route) => route.protocol === protocol)
      hidden.add('protocol')
    } else if (word === 'scope') {
      const scope = value()
      found = found.filter((route) => route.scope === scope)
      hidden.add('scope')
    } else if (word === 'src') {
      const src = value()
      found = found.filter((route) => route.prefsrc === src)
    } else if (word === 'via') {
      const via = value()
      found = found.filter((route) => route.gateway === via)
    } else if (word === 'type') {
      const type = value()
      found = found.filter((route) => route.type === type)
    } else {
      const kind = ['root', 'match', 'exact', 'to'].includes(word) ? word : 'exact'
      const prefix = kind === word ? value() : word
      if (prefix !== 'default' && !isAddressOrBlock(prefix)) throw new Fail(`Error: inet prefix is expected rather than "${prefix}".`)
      found = found.filter((route) => fits(route.dst, prefix, kind))
    }
  }
  if (view.family === 'inet6') {
    if (table !== 'local' && table !== 'all') return view.json ? c.print('[]\n') : undefined
    const six = { dst: '::1', dev: 'lo', protocol: 'kernel', scope: 'global', metric: 0, flags: [], pref: 'medium' }
    if (view.json) return printJson(c, view, [{ type: 'local', ...six }])
    return c.print(`local ::1 dev lo ${table === 'all' ? 'table local ' : ''}proto kernel metric 0 pref medium\n`)
  }
  const shown = found.filter((route) => table === 'all' || route.table === table)
  const noisy = (name: string, text: string): string => ((view.details || text === '' ? true : !hidden.has(name)) ? text : '')
  if (view.json)
    return printJson(c, view, shown.map(({ table: own, type, protocol, scope, ...route }) => ({
      ...(view.details || type !== 'unicast' ? { type } : {}),
      dst: route.dst,
      ...(route.gateway ? { gateway: route.gateway } : {}),
      ...(noisy('dev', route.dev) ? { dev: route.dev } : {}),
      ...(table === 'all' && own === 'local' ? { table: own } : {}),
      ...((protocol !== 'boot' && noisy('protocol', protocol)) || view.details ? { protocol } : {}),
      ...((scope !== 'global' && noisy('scope', scope)) || view.details ? { scope } : {}),
      ...(route.prefsrc ? { prefsrc: route.prefsrc } : {}),
      flags: [],
    }))) // prettier-ignore
  for (const { type, dst, gateway: via, dev, protocol, scope, prefsrc, table: own } of shown) {
    const parts = [
      view.details || type !== 'unicast' ? `${type} ` : '',
      dst === 'default' ? 'default ' : paint(view, 'inet', `${dst} `),
      via ? `via ${paint(view, 'inet', `${via} `)}` : '',
      noisy('dev', `dev ${paint(view, 'name', `${dev} `)}`),
      table === 'all' && own === 'local' ? 'table local ' : '',
      protocol !== 'boot' || view.details ? noisy('protocol', `proto ${protocol} `) : '',
      scope !== 'global' || view.details ? noisy('scope', `scope ${scope} `) : '',
      prefsrc ? `src ${paint(view, 'inet', `${prefsrc} `)}` : '',
    ]
    await c.print(`${parts.join('')}\n`)
  }
}

const isSelector = (word: string): boolean =>
  ['table', 'dev', 'oif', 'iif', 'proto', 'protocol', 'scope', 'src', 'via', 'type', 'root', 'match', 'exact', 'to', 'default'].includes(
    word,
  ) || isAddressOrBlock(word)

function incomplete(word: string): never {
  throw new Fail(`Command line is not complete. Try option "help" (after ${word})`.replace(/ \(after .*\)/, ''), 255)
}

/** Whether a route's destination is what a selector asks for. */
function fits(dst: string, prefix: string, kind: string): boolean {
  const [route, wanted] = [dst, prefix].map((text) => (text === 'default' ? '0.0.0.0/0' : text.includes('/') ? text : `${text}/32`))
  const start = (block: string): string => block.split('/')[0]!
  const bits = (block: string): number => Number(block.split('/')[1])
  if (kind === 'match') return bits(route!) <= bits(wanted!) && isWithin(route!, start(wanted!))
  if (kind === 'root') return bits(route!) >= bits(wanted!) && isWithin(wanted!, start(route!))
  return route === wanted
}

/** `ip route get`: the way that a packet takes. */
async function showWay(c: Command, view: View, words: readonly string[]): Promise<void> {
  const { ip } = c.task.net
  const rest = [...words]
  let [target, from] = ['', '']
  while (rest.length > 0) {
    const word = rest.shift()!
    if (['from', 'iif', 'oif', 'dev', 'tos', 'dsfield', 'mark', 'vrf', 'uid', 'ipproto', 'sport', 'dport'].includes(word)) {
      const value = rest.shift() ?? incomplete(word)
      if (word === 'from') from = value
      if (['iif', 'oif', 'dev'].includes(word) && !['lo', 'eth0'].includes(value)) throw new Fail(`Cannot find device "${value}"`)
    } else if (word !== 'to') target = word
  }
  if (target === '') throw new Fail('need at least a destination address')
  const host = target.replace(/\/\d+$/, '')
  if (!isAddressOrBlock(target)) throw new Fail(`Error: any valid prefix is expected rather than "${target}".`)
  const uid = c.task.uid
  const own = host === ip || isLoopback(host)
  if (from !== '' && from !== ip && !isLoopback(from)) throw new Fail('RTNETLINK answers: Invalid argument', 2)
  const near = isWithin(ip.replace(/\.\d+$/, '.0/24'), host)
  const via = own || near ? undefined : gateway(ip)
  const dev = own ? 'lo' : 'eth0'
  const src = own ? host : ip
  if (view.json)
    return printJson(c, view, [
      {
        ...(own ? { type: 'local' } : {}), dst: host, ...(from ? { from } : {}), ...(via ? { gateway: via } : {}), dev,
        ...(from ? {} : { prefsrc: src }), flags: [], uid, cache: own ? ['local'] : [],
      },
    ]) // prettier-ignore
  const parts = [own ? 'local ' : '', paint(view, 'inet', `${host} `), from ? `from ${paint(view, 'inet', `${from} `)}` : '', via ? `via ${paint(view, 'inet', `${via} `)}` : '', `dev ${paint(view, 'name', `${dev} `)}`, from ? '' : `src ${paint(view, 'inet', `${src} `)}`] // prettier-ignore
  await c.print(`${parts.join('')}uid ${uid} ${view.oneLine ? '\\' : '\n'}    cache ${own ? '<local> ' : ''}\n`)
}

const STATES = ['delay', 'failed', 'incomplete', 'noarp', 'none', 'permanent', 'probe', 'reachable', 'stale', 'all']

/** `ip neigh`: the node's end of the pod's link is the one neighbour. */
export async function showNeighbours(c: Command, view: View, words: readonly string[]): Promise<void> {
  const via = gateway(c.task.net.ip)
  const [verb, ...rest] = words
  const after = (word: string): string | undefined => (rest.includes(word) ? (rest[rest.indexOf(word) + 1] ?? incomplete(word)) : undefined)
  const dev = after('dev')
  if (verb !== 'get' && !isShow(verb)) throw new Fail(`Command "${verb}" is unknown, try "ip neigh help".`, 255)
  if (dev !== undefined && !['lo', 'eth0'].includes(dev)) throw new Fail(`Cannot find device "${dev}"`)
  if (verb === 'get') {
    const address = rest.find((word, i) => word !== 'dev' && rest[i - 1] !== 'dev')
    if (address === undefined || dev === undefined) throw new Fail('Device and address are required arguments.')
    if (address !== via || dev !== 'eth0') throw new Fail('Error: Neighbour entry not found.', 2)
  }
  const state = after('nud')
  if (state !== undefined && !STATES.includes(state)) throw wrong(state, 'nud state is bad')
  const to = after('to') ?? (isShow(verb) ? rest.find((word, i) => isAddressOrBlock(word) && rest[i - 1] !== 'dev') : undefined)
  const gone =
    view.family === 'inet6' || dev === 'lo' || (state !== undefined && state !== 'reachable' && state !== 'all') || rest.includes('proxy') ||
    (to !== undefined && !fits(via, to, 'root')) // prettier-ignore
  const lladdr = mac(via)
  if (view.json)
    return printJson(c, view, gone ? [] : [{ dst: via, ...(dev && verb !== 'get' ? {} : { dev: 'eth0' }), lladdr, ...(view.counts ? { used: 0, confirmed: 0, updated: 0, probes: 1 } : {}), state: ['REACHABLE'] }]) // prettier-ignore
  if (gone) return
  if (view.brief)
    return c.print(`${paint(view, 'inet', via.padEnd(40))}${paint(view, 'name', 'eth0'.padEnd(17))}${paint(view, 'mac', lladdr)}\n`)
  const where = dev && verb !== 'get' ? '' : `dev ${paint(view, 'name', 'eth0 ')}`
  await c.print(
    `${paint(view, 'inet', `${via} `)}${where}lladdr ${paint(view, 'mac', `${lladdr} `)}${view.counts ? ' used 0/0/0probes 1 ' : ''}REACHABLE \n`,
  )
}

/** `ip rule`. */
export async function showRules(c: Command, view: View, words: readonly string[]): Promise<void> {
  const [verb, ...rest] = words
  if (!isShow(verb)) throw new Fail(`Command "${verb}" is unknown, try "ip rule help".`, 255)
  const at = rest.findIndex((word) => word === 'table' || word === 'lookup')
  const rules = [
    { priority: 0, src: 'all', table: 'local' },
    { priority: 32766, src: 'all', table: 'main' },
    ...(view.family === 'inet6' ? [] : [{ priority: 32767, src: 'all', table: 'default' }]),
  ].filter(({ table }) => at < 0 || table === rest[at + 1])
  if (view.json) return printJson(c, view, rules)
  await c.print(
    rules.map(({ priority, src, table }) => `${priority}:\tfrom ${src} lookup ${table}${view.details ? ' proto kernel' : ''}\n`).join(''),
  )
}

/** `ip netns`: a container has no network namespaces of names, and makes none. */
export async function namespaces(c: Command, [verb = 'list', name]: readonly string[]): Promise<number | void> {
  if ('list'.startsWith(verb) || verb === 'show' || verb === 'list-id' || 'identify'.startsWith(verb)) {
    if ('identify'.startsWith(verb) && verb.startsWith('i')) await c.print('\n')
    return
  }
  const named = (): string => name ?? missing(`No netns name specified`)
  if (verb === 'add') {
    named()
    throw new Fail(
      c.task.uid === 0 ? 'mount --make-shared /run/netns failed: Operation not permitted' : 'mkdir /run/netns failed: Permission denied',
    )
  }
  if ('delete'.startsWith(verb)) throw new Fail(`Cannot remove namespace file "/run/netns/${named()}": No such file or directory`)
  if ('exec'.startsWith(verb)) throw new Fail(`Cannot open network namespace "${named()}": No such file or directory`, 255)
  if (verb === 'pids') throw new Fail(`Cannot open network namespace: No such file or directory`)
  if (verb === 'monitor') return void (await c.task.sleep(Infinity))
  throw new Fail(`Command "${verb}" is unknown, try "ip netns help".`, 255)
}

function missing(message: string): never {
  throw new Fail(message, 255)
}

/** What the objects print that a container has nothing of, and those that never change. */
export async function otherObjects(c: Command, view: View, object: string, words: readonly string[]): Promise<number | void> {
  const dev = words.includes('dev') ? words[words.indexOf('dev') + 1] : undefined
  const links = (['lo', 'eth0'] as const).filter((name) => dev === undefined || name === dev)
  if (object === 'maddress') {
    if (view.json) {
      return printJson(c, view, links.map((ifname) => ({ ifindex: ifname === 'lo' ? 1 : 2, ifname, maddr: [...(ifname === 'lo' ? [] : [{ link: '33:33:00:00:00:01' }, { link: '01:00:5e:00:00:01' }]), { family: 'inet', address: '224.0.0.1' }, { family: 'inet6', address: 'ff02::1' }, { family: 'inet6', address: 'ff01::1' }] }))) // prettier-ignore
    }
    const lines = links.map((name) => `${name === 'lo' ? 1 : 2}:\t${name}\n${name === 'lo' ? '' : '\tlink  33:33:00:00:00:01\n\tlink  01:00:5e:00:00:01\n'}\tinet  224.0.0.1\n\tinet6 ff02::1\n\tinet6 ff01::1\n`) // prettier-ignore
    return c.print(lines.join(''))
  }
  if (object === 'monitor') {
    if (words[0] !== undefined && !['all', 'address', 'link', 'route', 'neigh', 'rule', 'mroute', 'netconf', 'nexthop', 'nsid', 'prefix', 'stats', 'label', 'all-nsid'].some((name) => name.startsWith(words[0]!)))
      throw new Fail(`Argument "${words[0]}" is unknown, try "ip monitor help".`, 255) // prettier-ignore
    // Nothing of the network of a container changes while it runs.
    return void (await c.task.sleep(Infinity))
  }
  if (object === 'token') return c.print('token :: dev eth0\n')
  if (object === 'vrf') return c.print('Name              Table\n-----------------------\nNo VRF has been configured\n')
  if (object === 'xfrm') throw new Fail('RTNETLINK answers: Operation not permitted\nDump terminated')
  if (['fou', 'macsec', 'l2tp', 'ila', 'ioam', 'amt', 'mptcp', 'sr'].includes(object))
    throw new Fail('RTNETLINK answers: No such file or directory\nError talking to the kernel')
  if (object === 'addrlabel')
    return c.print('::1/128 0,::/96 3,::ffff:0.0.0.0/96 4,2001::/32 6,2001:10::/28 7,3ffe::/16 12,2002::/16 2,fec0::/10 11,fc00::/7 5,::/0 1'.split(',').map((each) => `prefix ${each.replace(' ', ' label ')} \n`).join('')) // prettier-ignore
  // No tunnels, next hops, multicast routes, metrics.
  if (view.json && ['nexthop', 'mroute', 'tunnel', 'tuntap', 'tcpmetrics'].includes(object)) await c.print('[ ]\n')
}
