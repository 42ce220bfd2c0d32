/** tcpdump in a netshoot pod: what it shows are the packets of the simulated network. */
import { beforeEach, describe, expect, test } from 'vitest'
import { attachDns } from '../../../src-main/cluster/network/dns.js'
import { FakeInformers } from '../network/informers.js'
import { Machine, type Box } from './machine.js'

let machine: Machine
let shoot: Box
let web: Box

beforeEach(async () => {
  machine = new Machine()
  web = await machine.run('nginx:1.25')
  shoot = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
  const informers = new FakeInformers()
  informers.service('web', { clusterIP: '10.96.0.50', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] })
  attachDns({ network: machine.network, informers, address: '10.96.0.10' })
  ;(shoot.net as { resolvConf: string }).resolvConf = 'search default.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n'
})

/** What tcpdump writes while `doing` goes on; numbers that differ from run to run are N, ephemeral ports P. */
async function dumped(args: string, doing: string): Promise<string[]> {
  const { stdout } = await shoot.exec(
    'sh',
    '-c',
    `tcpdump -l ${args} > /tmp/out 2>&1 & sleep 1; { ${doing}; } > /dev/null 2>&1; sleep 1; kill -INT $!; sleep 1; cat /tmp/out`,
  )
  return stdout.split('\n').map((line) =>
    line
      .replace(/^\d\d:\d\d:\d\d\.\d{6}/, 'T')
      .replace(/TS val \d+ ecr \d+/, 'TS val N ecr N')
      .replace(/(seq|ack) \d{5,}/g, '$1 N')
      .replaceAll(/\.(3[2-9]|[45]\d)\d{3}(?=[ :])/g, '.P'),
  )
}

test('shows a connection from its handshake to its end, with the request in it', async () => {
  const lines = await dumped('-n tcp port 80', `curl -s http://${web.ip}/`)
  const [own, other] = [`${shoot.ip}.P`, `${web.ip}.80`]
  expect(lines.slice(0, 2)).toEqual([
    'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode',
    'listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes',
  ])
  const stamps = 'options [nop,nop,TS val N ecr N]'
  expect(lines.slice(2, 7)).toEqual([
    `T IP ${own} > ${other}: Flags [S], seq N, win 64240, options [mss 1460,sackOK,TS val N ecr N,nop,wscale 7], length 0`,
    `T IP ${other} > ${own}: Flags [S.], seq N, ack N, win 64240, options [mss 1460,sackOK,TS val N ecr N,nop,wscale 7], length 0`,
    `T IP ${own} > ${other}: Flags [.], ack 1, win 502, ${stamps}, length 0`,
    `T IP ${own} > ${other}: Flags [P.], seq 1:75, ack 1, win 502, ${stamps}, length 74: HTTP: GET / HTTP/1.1`,
    `T IP ${other} > ${own}: Flags [.], ack 75, win 502, ${stamps}, length 0`,
  ])
  expect(lines.filter((line) => line.includes('HTTP/1.1 200 OK'))).toHaveLength(1)
  expect(lines.filter((line) => line.includes('Flags [F.]'))).toHaveLength(2)
  expect(lines.slice(-5)).toEqual(['', expect.stringMatching(/^\d+ packets captured$/), expect.stringMatching(/^\d+ packets received by filter$/), '0 packets dropped by kernel', '']) // prettier-ignore
})

test('shows what is refused, what nobody answers, and what nobody hears', async () => {
  const flags = (lines: string[]): string[] => lines.flatMap((line) => /Flags \[(.*?)\]/.exec(line)?.[1] ?? [])
  expect(flags(await dumped('-n tcp', `nc -z -w 3 ${web.ip} 81`))).toEqual(['S', 'R.'])
  // Sent again after one second and after three.
  expect(flags(await dumped('-n tcp', 'nc -z -w 4 10.99.0.1 80'))).toEqual(['S', 'S', 'S'])
  const datagram = await dumped('-n', `echo hi | nc -u -w 1 ${web.ip} 9`)
  expect(datagram.slice(2, 4)).toEqual([
    `T IP ${shoot.ip}.P > ${web.ip}.9: UDP, length 3`,
    `T IP ${web.ip} > ${shoot.ip}: ICMP ${web.ip} udp port 9 unreachable, length 36`,
  ])
})

test('shows the questions to DNS and their answers', async () => {
  const lines = await dumped('-n -i any port 53', 'dig +short web.default.svc.cluster.local; dig +short nobody.default.svc.cluster.local')
  expect(lines[0]).toBe('tcpdump: data link type LINUX_SLL2')
  expect(lines[2]).toBe('listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144 bytes')
  expect(lines.filter((line) => line.includes(' IP ')).map((line) => line.replace(/: \d+/, ': ID'))).toEqual([
    `T eth0  Out IP ${shoot.ip}.P > 10.96.0.10.53: ID+ A? web.default.svc.cluster.local. (47)`,
    `T eth0  In  IP 10.96.0.10.53 > ${shoot.ip}.P: ID*- 1/0/0 A 10.96.0.50 (92)`,
    `T eth0  Out IP ${shoot.ip}.P > 10.96.0.10.53: ID+ A? nobody.default.svc.cluster.local. (50)`,
    `T eth0  In  IP 10.96.0.10.53 > ${shoot.ip}.P: ID NXDomain*- 0/1/0 (143)`,
  ])
})

test('shows ping as ICMP, and what goes over the loopback once', async () => {
  expect((await dumped('-n icmp', `ping -c 1 ${web.ip}`)).slice(2, 4).map((line) => line.replace(/id \d+/, 'id N'))).toEqual([
    `T IP ${shoot.ip} > ${web.ip}: ICMP echo request, id N, seq 1, length 64`,
    `T IP ${web.ip} > ${shoot.ip}: ICMP echo reply, id N, seq 1, length 64`,
  ])
  expect((await dumped('-n -i any udp', 'echo hi | nc -u -w 1 127.0.0.1 7'))[3]).toBe(
    'T lo    In  IP 127.0.0.1.P > 127.0.0.1.7: UDP, length 3',
  )
})

test('names hosts and ports unless it is told not to, and shows the bytes', async () => {
  const lines = await dumped('-A -c 4 dst port http', `curl -s http://${web.ip}/`)
  expect(lines[2]).toContain(`> ${web.ip}.http: Flags [S]`)
  expect(lines).toContain('Host: ' + web.ip)
  expect(lines.at(-4)).toBe('4 packets captured')
})

describe('filters', () => {
  const lineCount = async (filter: string, doing: string): Promise<number> => (await dumped(`-n '${filter}'`, doing)).filter((line) => line.startsWith('T IP')).length // prettier-ignore
  test('choose by host, net, port, direction, flags and length', async () => {
    const asking = `curl -s http://${web.ip}/; ping -c 1 ${web.ip}`
    expect(await lineCount('icmp', asking)).toBe(2)
    expect(await lineCount(`src host ${web.ip} and icmp`, asking)).toBe(1)
    expect(await lineCount('tcp[tcpflags] & (tcp-syn) != 0', asking)).toBe(2)
    expect(await lineCount('tcp[tcpflags] == tcp-syn', asking)).toBe(1)
    expect(await lineCount('tcp[13] & 2 != 0 and not src port 80', asking)).toBe(1)
    expect(await lineCount('net 10.244.0.0/16 and portrange 80-81 and tcp[tcpflags] & tcp-syn != 0', asking)).toBe(2)
    expect(await lineCount('port 81 or udp', asking)).toBe(0)
    expect(await lineCount('greater 200', asking)).toBe(2)
  })

  test('that make no sense are refused in the words of libpcap', async () => {
    const refused = async (...args: string[]): Promise<string> => (await shoot.exec('tcpdump', ...args)).stderr
    expect(await refused('port', 'host')).toBe("tcpdump: can't parse filter expression: syntax error\n")
    expect(await refused('port', 'nosuch')).toBe("tcpdump: unknown port 'nosuch'\n")
    expect(await refused('host', 'nobody')).toBe("tcpdump: unknown host 'nobody'\n")
  })
})

test('keeps packets in a file that it reads back', async () => {
  await shoot.exec('sh', '-c', `tcpdump -w /tmp/a.pcap -c 3 icmp or tcp & sleep 1; ping -c 2 ${web.ip}; wait`)
  const { stdout, stderr } = await shoot.exec('tcpdump', '-n', '-tttt', '-r', '/tmp/a.pcap', 'src', 'host', shoot.ip)
  expect(stderr).toBe('reading from file /tmp/a.pcap, link-type EN10MB (Ethernet), snapshot length 262144\n')
  expect(
    stdout
      .replaceAll(/id \d+/g, 'id N')
      .replaceAll(/\.\d{6} /g, '.U ')
      .replaceAll(/09:\d\d:\d\d/g, 'HH:MM:SS'),
  ).toBe(
    `2026-11-21 HH:MM:SS.U IP ${shoot.ip} > ${web.ip}: ICMP echo request, id N, seq 1, length 64\n` +
      `2026-11-21 HH:MM:SS.U IP ${shoot.ip} > ${web.ip}: ICMP echo request, id N, seq 2, length 64\n`,
  )
  expect((await shoot.exec('sh', '-c', 'od -An -tx4 -N 4 /tmp/a.pcap')).stdout.trim()).toBe('a1b2c3d4')
})

test('wants the capability for it, and an interface that is there', async () => {
  expect((await shoot.exec('tcpdump', '-i', 'eth7')).stderr).toBe('tcpdump: eth7: No such device exists\n(No such device exists)\n')
  const bare = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'], capabilities: { drop: ['ALL'] } })
  const { stderr, code } = await bare.exec('tcpdump')
  expect([code, stderr]).toEqual([
    1,
    "tcpdump: eth0: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)\n",
  ])
})
