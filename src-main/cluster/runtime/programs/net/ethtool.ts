/** ethtool: what the driver of an interface tells; that of a pod is one end of a veth pair. */
import type { Program } from '../../process.js'
import { command, Fail } from '../command.js'

const VETH = `	Supported ports: [  ]
	Supported link modes:   Not reported
	Supported pause frame use: No
	Supports auto-negotiation: No
	Supported FEC modes: Not reported
	Advertised link modes:  Not reported
	Advertised pause frame use: No
	Advertised auto-negotiation: No
	Advertised FEC modes: Not reported
	Speed: 10000Mb/s
	Duplex: Full
	Auto-negotiation: off
	Port: Twisted Pair
	PHYAD: 0
	Transceiver: internal
	MDI-X: Unknown
	Link detected: yes
`

const FEATURES: readonly (readonly [name: string, state: string])[] = [
  ['rx-checksumming', 'on'], ['tx-checksumming', 'on'], ['	tx-checksum-ipv4', 'off [fixed]'], ['	tx-checksum-ip-generic', 'on'],
  ['	tx-checksum-ipv6', 'off [fixed]'], ['	tx-checksum-fcoe-crc', 'off [fixed]'], ['	tx-checksum-sctp', 'on'], ['scatter-gather', 'on'],
  ['	tx-scatter-gather', 'on'], ['	tx-scatter-gather-fraglist', 'on'], ['tcp-segmentation-offload', 'on'], ['	tx-tcp-segmentation', 'on'],
  ['	tx-tcp-ecn-segmentation', 'on'], ['	tx-tcp-mangleid-segmentation', 'on'], ['	tx-tcp6-segmentation', 'on'],
  ['generic-segmentation-offload', 'on'], ['generic-receive-offload', 'off'], ['large-receive-offload', 'off [fixed]'],
  ['rx-vlan-offload', 'on'], ['tx-vlan-offload', 'on'], ['ntuple-filters', 'off [fixed]'], ['receive-hashing', 'off [fixed]'], ['highdma', 'on'],
] // prettier-ignore

export function ethtool(): Program {
  return command('coreutils', async (c) => {
    const args = c.task.argv.slice(1)
    if (args[0] === '--version') return c.print('ethtool version 6.14\n')
    if (args[0] === '-h' || args[0] === '--help')
      return c.print('Usage:\n        ethtool [ FLAGS ] DEVNAME\tDisplay standard information about device\n')
    const option = args[0]?.startsWith('-') ? args.shift()! : ''
    const device = args[0]
    if (device === undefined) throw new Fail('ethtool: bad command line argument(s)\nFor more information run ethtool -h')
    const loopback = device === 'lo'
    if (device !== 'eth0' && !loopback) {
      if (option === '')
        throw new Fail(`netlink error: no device matches name (offset 24)\nnetlink error: No such device\nNo data available`, 75)
      throw new Fail(option === '-k' ? 'netlink error: No such device' : 'Cannot get driver information: No such device', 71)
    }
    switch (option) {
      case '':
        return c.print(`Settings for ${device}:\n${loopback ? '\tLink detected: yes\n' : VETH}`)
      case '-i':
      case '--driver': {
        if (loopback) throw new Fail('Cannot get driver information: Operation not supported', 71)
        const supports = ['statistics: yes', 'test: no', 'eeprom-access: no', 'register-dump: no', 'priv-flags: no']
        return c.print(
          `driver: veth\nversion: 1.0\nfirmware-version: \nexpansion-rom-version: \nbus-info: \n${supports.map((line) => `supports-${line}\n`).join('')}`,
        )
      }
      case '-k':
      case '--show-features':
      case '--show-offload':
        return c.print(`Features for ${device}:\n${FEATURES.map(([name, state]) => `${name}: ${state}\n`).join('')}`)
      case '-S':
      case '--statistics': {
        if (loopback) throw new Fail('no stats available', 94)
        return c.print(
          `NIC statistics:\n     peer_ifindex: 2\n     rx_queue_0_xdp_packets: 0\n     rx_queue_0_xdp_bytes: 0\n     rx_queue_0_drops: 0\n`,
        )
      }
      case '-g':
      case '-c':
      case '-a':
      case '-l':
        throw new Fail('netlink error: Operation not supported', 76)
      default:
        throw new Fail('ethtool: bad command line argument(s)\nFor more information run ethtool -h')
    }
  })
}
