/** Rules that a container with NET_ADMIN writes with iptables: they filter and lead what its network carries. */
import { beforeEach, describe, expect, test } from 'vitest'
import { Machine, type Box } from '../images/machine.js'

let machine: Machine
let admin: Box
let other: Box
const sh = async (box: Box, script: string): Promise<string> => {
  const { stdout, stderr } = await box.exec('sh', '-c', script)
  return stdout + stderr
}
/** Whether a port of the first container is open to the second. */
const reach = (port: number): Promise<string> =>
  sh(
    other,
    `nc -zvw2 ${admin.ip} ${port} 2>&1 | sed 's/.*succeeded.*/open/; s/.*refused.*/refused/; s/.*imed out.*/silent/; s/.*in progress.*/silent/'`,
  )

beforeEach(async () => {
  machine = new Machine()
  admin = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'], capabilities: { add: ['NET_ADMIN'] } })
  other = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
  await sh(admin, `for p in 80 81 82; do socat TCP-LISTEN:$p,fork,reuseaddr SYSTEM:"echo $p" >/dev/null 2>&1 & done; sleep 1`)
})

describe('the table filter', () => {
  test('drops in silence, rejects at once, and lets the rest pass', async () => {
    await sh(admin, 'iptables -A INPUT -p tcp --dport 80 -j DROP; iptables -A INPUT -p tcp --dport 81 -j REJECT')
    expect([await reach(80), await reach(81), await reach(82)]).toEqual(['silent\n', 'refused\n', 'open\n'])
    await sh(admin, 'iptables -D INPUT 1; iptables -F')
    expect([await reach(80), await reach(81)]).toEqual(['open\n', 'open\n'])
  })

  test('asks the first rule that fits, by address, by many ports and through chains of its own', async () => {
    await sh(
      admin,
      `iptables -N GUARD; iptables -A GUARD -s ${other.ip} -p tcp -m multiport --dports 80,81 -j DROP; iptables -A INPUT -j GUARD; iptables -I INPUT -s ${other.ip} -p tcp --dport 81 -j ACCEPT; iptables -A INPUT ! -s 10.244.0.0/16 -j DROP`,
    )
    expect([await reach(80), await reach(81), await reach(82)]).toEqual(['silent\n', 'open\n', 'open\n'])
  })

  test('with a policy of DROP lets answers in only where a rule does', async () => {
    await sh(other, 'socat TCP-LISTEN:9000,fork SYSTEM:"echo hi" & sleep 1')
    await sh(admin, 'iptables -P INPUT DROP')
    const ask = (): Promise<string> => sh(admin, `nc -w2 ${other.ip} 9000 </dev/null; nc -zw1 127.0.0.1 80 && echo lo`)
    expect(await ask()).toBe('')
    await sh(admin, 'iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables -A INPUT -i lo -j ACCEPT')
    expect(await ask()).toBe('hi\nlo\n')
    expect(await reach(82)).toBe('silent\n')
    expect(await sh(admin, 'iptables -S')).toBe(
      '-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n',
    )
  })

  test('keeps a pod from names with a rule about port 53, and from answering to ping', async () => {
    await sh(admin, 'iptables -A INPUT -p icmp --icmp-type echo-request -j DROP; iptables -A OUTPUT -p udp --dport 5353 -j REJECT')
    expect(await sh(other, `ping -c1 -W1 ${admin.ip} | grep loss`)).toContain('100% packet loss')
    expect(await sh(admin, `nc -zuv ${other.ip} 5353`)).toContain('refused')
  })

  test('sees the address of a service that a pod dials, and on a node the endpoint that it is led to', async () => {
    const { network } = machine
    network.translate = ({ address }) => (address === '10.96.0.50' ? { to: { address: other.ip, port: 9000 }, service: 'web' } : undefined)
    await sh(other, 'socat TCP-LISTEN:9000,fork SYSTEM:"echo hi" & sleep 1')
    const ask = 'nc -w2 10.96.0.50 80 </dev/null; echo $?'
    await sh(admin, 'iptables -A OUTPUT -p tcp --dport 9000 -j REJECT')
    expect(await sh(admin, ask)).toBe('hi\n0\n')
    await sh(admin, 'iptables -A OUTPUT -d 10.96.0.50 -p tcp --dport 80 -j REJECT')
    expect(await sh(admin, ask)).toBe('1\n')
    const rules = network.node('n1')!.ownRules!()
    rules
      .chain('filter', 'OUTPUT')
      .after.push({ matches: [], tests: (packet) => packet.destinationPort === 9000, target: { name: 'REJECT' }, packets: 0, bytes: 0 })
    await expect(network.node('n1')!.connect('10.96.0.50', 80)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('counts what its rules have met', async () => {
    await sh(admin, 'iptables -A INPUT -p tcp --dport 81 -j REJECT')
    await reach(81)
    expect(await sh(admin, 'iptables -vnL INPUT --line-numbers; iptables -Z; iptables -vnL INPUT | tail -1')).toBe(
      `Chain INPUT (policy ACCEPT 0 packets, 0 bytes)
num   pkts bytes target     prot opt in     out     source               destination         
1        1    60 REJECT     6    --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:81 reject-with icmp-port-unreachable
    0     0 REJECT     6    --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:81 reject-with icmp-port-unreachable
`,
    )
  })
})

test('the table nat leads a port to another, of what comes in and of what goes out, as sidecars do', async () => {
  await sh(
    admin,
    `iptables -t nat -A PREROUTING -p tcp --dport 8000 -j REDIRECT --to-ports 81; iptables -t nat -A OUTPUT -d 1.2.3.4 -p tcp -j DNAT --to-destination ${other.ip}:9000; iptables -t nat -A OUTPUT -p tcp --dport 8001 -j REDIRECT --to-ports 82`,
  )
  await sh(other, 'socat TCP-LISTEN:9000,fork SYSTEM:"echo there" & sleep 1')
  expect(await sh(other, `nc -w1 ${admin.ip} 8000 </dev/null`)).toBe('81\n')
  expect(await sh(admin, 'nc -w1 1.2.3.4 80 </dev/null; nc -w1 10.9.9.9 8001 </dev/null')).toBe('there\n82\n')
  expect(await sh(admin, 'iptables-save -t nat | grep -e REDIRECT -e DNAT')).toBe(
    `-A PREROUTING -p tcp -m tcp --dport 8000 -j REDIRECT --to-ports 81\n-A OUTPUT -d 1.2.3.4/32 -p tcp -j DNAT --to-destination ${other.ip}:9000\n-A OUTPUT -p tcp -m tcp --dport 8001 -j REDIRECT --to-ports 82\n`,
  )
})

test('what is wrong is told as iptables tells it', async () => {
  const faults: [string, string, number][] = [
    ['-A NOPE -j DROP', 'iptables: No chain/target/match by that name.\n', 1],
    [
      '-A INPUT -j NOPE',
      "iptables v1.8.11 (nf_tables): Chain 'NOPE' does not exist\nTry `iptables -h' or 'iptables --help' for more information.\n",
      2,
    ],
    [
      '-A INPUT --dport 80 -j DROP',
      "iptables v1.8.11 (nf_tables): unknown option \"--dport\"\nTry `iptables -h' or 'iptables --help' for more information.\n",
      2,
    ],
    ['-C INPUT -p tcp --dport 80 -j DROP', 'iptables: Bad rule (does a matching rule exist in that chain?).\n', 1],
    ['-D INPUT 1', 'iptables: Index of deletion too big.\n', 1],
    ['-P INPUT FOO', "iptables: Bad policy name. Run `dmesg' for more information.\n", 1],
    ['-X INPUT', 'iptables v1.8.11 (nf_tables):  CHAIN_DEL failed (Device or resource busy): chain INPUT\n', 4],
    ['-t mangle -A INPUT -j DROP', 'iptables v1.8.11 (nf_tables):  RULE_APPEND failed (Operation not supported): rule in chain INPUT\n', 4],
    [
      '-A INPUT -s nowhere -j DROP',
      "iptables v1.8.11 (nf_tables): host/network `nowhere' not found\nTry `iptables -h' or 'iptables --help' for more information.\n",
      2,
    ],
  ]
  for (const [args, stderr, code] of faults) expect(await admin.exec('iptables', ...args.split(' '))).toEqual({ stdout: '', stderr, code })
})

test('rules on a node filter what its pods send to those of other nodes', async () => {
  const { network } = machine
  network.addNode('n2', '192.168.49.3', '10.244.2.0/24')
  const far = network.addPod({ node: 'n2', namespace: 'default', name: 'far' })
  far.listen(80, (connection) => connection.end())
  const rules = network.node('n1')!.ownRules!()
  rules.setPolicy('filter', 'FORWARD', 'DROP')
  expect(await sh(other, `nc -zw2 ${far.ip} 80; echo $?`)).toBe('1\n')
  rules.setPolicy('filter', 'FORWARD', 'ACCEPT')
  expect(await sh(other, `nc -zw2 ${far.ip} 80; echo $?`)).toBe('0\n')
})
