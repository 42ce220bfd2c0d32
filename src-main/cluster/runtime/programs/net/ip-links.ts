/** What `ip` changes: links of type dummy, which a container that may administer its network makes, and their addresses. */
import type { NetworkNamespace } from '../../../network/network.js'
import { isAddressOrBlock } from '../../../network/addresses.js'
import { hasCapability } from '../../security.js'
import { Fail, type Command } from '../command.js'

/** A link that leads nowhere. */
export interface Dummy {
  readonly name: string
  readonly index: number
  readonly mac: string
  up: boolean
  mtu: number
  /** As they were given, with a length: `10.1.0.1/32`. */
  addresses: string[]
}

const links = new WeakMap<NetworkNamespace, Dummy[]>()

/** The links that were made in the network of a process. */
export const dummies = (c: Command): readonly Dummy[] => links.get(c.task.net) ?? []

/**
 * Makes, removes or sets a link or an address. It wants CAP_NET_ADMIN; what the node made of the network stays as it is.
 * Throws {@link Fail} in the words of ip.
 *
 * @param words such as `add dummy0 type dummy`
 */
export function changeLinks(c: Command, object: 'link' | 'address' | 'other', words: readonly string[]): void {
  const { security } = c.task.namespaces
  if (!c.busybox) checkWords(c, object, words)
  const answers = (why: string): Fail => new Fail(`${c.busybox ? 'ip: ' : ''}RTNETLINK answers: ${why}`, 2)
  if (security && !hasCapability(security, c.task.uid, 'NET_ADMIN')) throw answers('Operation not permitted')
  const own = links.get(c.task.net) ?? []
  links.set(c.task.net, own)
  const [verb = '', ...rest] = words
  const after = (word: string): string | undefined => (rest.includes(word) ? rest[rest.indexOf(word) + 1] : undefined)
  const named = (name: string | undefined): Dummy => {
    const found = own.find((link) => link.name === name)
    if (found) return found
    if (name === 'lo' || name === 'eth0') throw answers('Operation not supported')
    throw new Fail(c.busybox ? `ip: can't find device '${name}'` : `Cannot find device "${name}"`)
  }
  if (object === 'link' && verb === 'add') {
    const name = after('name') ?? rest.find((word) => !['dev', 'link'].includes(word)) ?? ''
    if (after('type') !== 'dummy') throw answers('Operation not supported')
    if (name === 'lo' || name === 'eth0' || own.some((link) => link.name === name)) throw answers('File exists')
    const index = Math.max(2, ...own.map((link) => link.index)) + 1
    own.push({ name, index, mac: `0e:${c.task.random.hex(5).replace(/(..)(?=.)/g, '$1:')}`, up: false, mtu: 1500, addresses: [] })
  } else if (object === 'link' && verb.startsWith('del')) own.splice(own.indexOf(named(after('dev') ?? rest[0])), 1)
  else if (object === 'link' && verb === 'set') {
    const link = named(after('dev') ?? rest[0])
    if (rest.includes('up')) link.up = true
    if (rest.includes('down')) link.up = false
    link.mtu = Number(after('mtu') ?? link.mtu)
  } else if (object === 'address' && /^(add|del|delete)$/.test(verb)) {
    const link = named(after('dev'))
    const address = rest[0]!.includes('/') ? rest[0]! : `${rest[0]}/32`
    const known = link.addresses.includes(address)
    if (verb === 'add' && known) throw answers('File exists')
    if (verb !== 'add' && !known) throw answers('Cannot assign requested address')
    link.addresses = verb === 'add' ? [...link.addresses, address] : link.addresses.filter((each) => each !== address)
  } else throw answers('Operation not supported')
}

/** What ip itself finds wrong before it asks the kernel. Throws {@link Fail} in its words. */
function checkWords(c: Command, object: 'link' | 'address' | 'other', [verb = '', ...rest]: readonly string[]): void {
  const at = rest.indexOf('dev')
  const dev = at >= 0 ? rest[at + 1] : object === 'link' && verb !== 'add' ? rest[0] : undefined
  const [first = ''] = rest
  if (object === 'address' && verb !== 'flush' && first !== 'dev' && first !== 'local' && !isAddressOrBlock(first))
    throw new Fail(`Error: any valid prefix is expected rather than "${first}".`)
  if (object === 'address' && dev === undefined)
    throw new Fail('Not enough information: "dev" argument is required.', verb === 'flush' ? 255 : 1)
  if (object === 'link' && verb !== 'add' && dev === undefined) throw new Fail('Not enough information: "dev" argument is required.', 255)
  if (object === 'other' && first !== '' && !isAddressOrBlock(first) && /^[^a-z]/.test(first))
    throw new Fail(`Error: any valid prefix is expected rather than "${first}".`)
  const known = ['lo', 'eth0', ...dummies(c).map(({ name }) => name)]
  if (dev !== undefined && object !== 'other' && !known.includes(dev)) throw new Fail(`Cannot find device "${dev}"`)
}
