/** arp, ipcalc, dnsdomainname: what addresses say. */
import { SystemError, type Program } from '../../process.js'
import { command, Fail, type Flavour } from '../command.js'
import { gateway } from './interfaces.js'
import { mac } from '../../proc-net.js'
import { hostEntries } from './names.js'

/** The neighbour that a pod speaks to: its node. */
export function arp(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    await c.options(
      { short: 'H:A:p:i:a:nvDs:d:e', usage: '[-vn] [-H HWTYPE] [-i IF] -a [HOSTNAME]' },
      c.task.argv.filter((a) => a !== '-a'),
    )
    const node = gateway(c.task.net.ip)
    if (c.busybox || c.task.argv.includes('-a')) await c.print(`? (${node}) at ${mac(node)} [ether]${c.busybox ? ' ' : ''} on eth0\n`)
    else
      await c.print(
        `Address                  HWtype  HWaddress           Flags Mask            Iface\n${node.padEnd(25)}ether   ${mac(node)}   C                     eth0\n`,
      )
  })
}

const number = (address: string): number => address.split('.').reduce((all, part) => all * 256 + Number(part), 0)
const dotted = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.')
const valid = (address: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(address) && address.split('.').every((part) => Number(part) < 256)

export function ipcalc(): Program {
  return command('busybox', async (c) => {
    const spec = {
      short: 'bnmphs',
      long: { broadcast: 'b', network: 'n', netmask: 'm', prefix: 'p', hostname: 'h', silent: 's' },
      usage: '[-bnmphs] ADDRESS[/PREFIX] [NETMASK]',
    }
    const o = await c.options(spec)
    const [given, netmask] = o.operands
    if (given === undefined || o.operands.length > 2 || !['b', 'n', 'm', 'p', 'h'].some((each) => o.has(each))) throw c.usageError(spec)
    const bad = (what: string): Fail => new Fail(o.has('s') ? '' : `ipcalc: ${what}`)
    const [address = '', length] = given.split('/')
    if (!valid(address)) throw bad(`bad IP address: ${address}`)
    const first = Number(address.split('.')[0])
    let prefix = first < 128 ? 8 : first < 192 ? 16 : 24
    if (length !== undefined) prefix = Number(length)
    if (!(prefix >= 0 && prefix <= 32)) throw bad(`bad IP prefix: ${length}`)
    if (netmask !== undefined) {
      if (length !== undefined) throw bad('use prefix or netmask, not both')
      if (!valid(netmask)) throw bad(`bad netmask: ${netmask}`)
      prefix = number(netmask).toString(2).replaceAll('0', '').length
    }
    const size = 2 ** (32 - prefix)
    const network = Math.floor(number(address) / size) * size
    if (o.has('m')) await c.print(`NETMASK=${dotted(2 ** 32 - size)}\n`)
    if (o.has('b')) await c.print(`BROADCAST=${dotted(network + size - 1)}\n`)
    if (o.has('n')) await c.print(`NETWORK=${dotted(network)}\n`)
    if (o.has('p')) await c.print(`PREFIX=${prefix}\n`)
    if (!o.has('h')) return
    try {
      await c.print(`HOSTNAME=${(await hostEntries(c, address))[0]?.names[0] ?? address}\n`)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw bad(`can't find hostname for ${address}`)
    }
  })
}

export function dnsdomainname(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const full = (await hostEntries(c, c.task.hostname))[0]?.names[0] ?? c.task.hostname
    if (full.includes('.')) await c.print(`${full.slice(full.indexOf('.') + 1)}\n`)
  })
}
