/** ip, ss, netstat, route, ping and traceroute: each of their options acts, or is refused in the words of the real ones. */
import { beforeEach, describe, expect, test } from 'vitest'
import { Machine, type Box, type Ended } from './machine.js'

let machine: Machine
let shoot: Box
let web: Box
beforeEach(async () => {
  machine = new Machine()
  web = await machine.run('nginx:1.25')
  shoot = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
})

const sh = (script: string): Promise<Ended> => shoot.exec('sh', '-c', script)
const json = async (script: string): Promise<unknown> => JSON.parse((await sh(script)).stdout)

describe('ip', () => {
  test('shows each object as JSON, over several lines with -p', async () => {
    expect(await json('ip -j rule')).toEqual([
      { priority: 0, src: 'all', table: 'local' },
      { priority: 32766, src: 'all', table: 'main' },
      { priority: 32767, src: 'all', table: 'default' },
    ])
    expect(await json('ip -j -s neigh')).toMatchObject([{ dst: '10.244.1.1', used: 0, probes: 1, state: ['REACHABLE'] }])
    expect(await json('ip -j -br addr show lo')).toEqual([{ ifname: 'lo', operstate: 'UNKNOWN', addr_info: [{ local: '127.0.0.1', prefixlen: 8 }, { local: '::1', prefixlen: 128 }] }]) // prettier-ignore
    expect(await json('ip -j route get 10.244.1.3')).toEqual([{ dst: '10.244.1.3', dev: 'eth0', prefsrc: shoot.ip, flags: [], uid: 0, cache: [] }]) // prettier-ignore
    expect((await sh('ip -j -p route show default')).stdout).toBe(
      '[ {\n        "dst": "default",\n        "gateway": "10.244.1.1",\n        "dev": "eth0",\n        "flags": [ ]\n    } ]\n',
    )
  })

  test('tells more with -d and -s, and colours with -c', async () => {
    expect((await sh('ip -d link show eth0')).stdout).toContain(
      'promiscuity 0  allmulti 0 minmtu 68 maxmtu 65535 \n    veth addrgenmode eui64 ',
    )
    expect((await sh('ip -s -s link show lo')).stdout).toContain('    RX errors:  length    crc   frame    fifo overrun\n')
    expect((await sh('ip -c -br addr show lo')).stdout).toBe('\u001b[36mlo               \u001b[0mUNKNOWN        \u001b[35m127.0.0.1\u001b[0m/8 \u001b[34m::1\u001b[0m/128 \n') // prettier-ignore
    expect((await sh('ip -d route show default')).stdout).toBe('unicast default via 10.244.1.1 dev eth0 proto boot scope global \n')
  })

  test('shows what selectors ask for', async () => {
    expect((await sh('ip route show table local')).stdout).toContain(
      `local ${shoot.ip} dev eth0 proto kernel scope host src ${shoot.ip} \n`,
    )
    expect((await sh('ip route show proto kernel')).stdout).toBe(`10.244.1.0/24 dev eth0 scope link src ${shoot.ip} \n`)
    expect((await sh('ip -br addr show scope global')).stdout).toBe(`eth0@if2         UP             ${shoot.ip}/24 \n`)
    expect((await sh('ip -br link show type veth')).stdout).toMatch(/^eth0@if2 .*\n$/)
    expect((await sh('ip neigh show nud failed; ip netns; ip tunnel')).stdout).toBe('')
    expect((await sh('ip maddr show dev lo')).stdout).toBe('1:\tlo\n\tinet  224.0.0.1\n\tinet6 ff02::1\n\tinet6 ff01::1\n')
  })

  test.each([
    ['ip -z', 'Option "-z" is unknown, try "ip -help".', 255],
    ['ip nosuch', 'Object "nosuch" is unknown, try "ip help".', 1],
    ['ip a bogus', 'Command "bogus" is unknown, try "ip address help".', 255],
    ['ip netns exec blue ls', 'Cannot open network namespace "blue": No such file or directory', 255],
    ['ip -n blue addr', 'Cannot open network namespace "blue": No such file or directory', 255],
    ['ip addr add bad dev lo', 'Error: any valid prefix is expected rather than "bad".', 1],
    ['ip addr add 1.2.3.4', 'Not enough information: "dev" argument is required.', 1],
    ['ip link set nosuch up', 'Cannot find device "nosuch"', 1],
    ['ip route get', 'need at least a destination address', 1],
    ['ip neigh get 10.244.1.9 dev eth0', 'Error: Neighbour entry not found.', 2],
    ['ip -b /nosuch', 'Cannot open file "/nosuch" for reading: No such file or directory', 1],
  ])('%s is refused', async (script, message, code) => {
    expect(await sh(script)).toEqual({ stdout: '', stderr: `${message}\n`, code })
  })

  test('runs the commands of a batch, up to the first that fails', async () => {
    const { stdout, stderr, code } = await sh("printf 'rule show table main\\nroute get bad\\nrule\\n' | ip -b -")
    expect([stdout, stderr, code]).toEqual(['32766:\tfrom all lookup main\n', 'Error: any valid prefix is expected rather than "bad".\nCommand failed -:2\n', 1]) // prettier-ignore
  })
})

describe('ss and netstat', () => {
  const talking = 'nc -l 9000 > /dev/null & sleep 1; (sleep 5 | nc 127.0.0.1 9000) & sleep 1; '

  test('ss tells of memory, TCP, inodes and control groups', async () => {
    const { stdout } = await sh(
      `${talking} ss -tHinm dport = :9000; ss -tHnO -i dport = :9000; ss -tHen dport = :9000; ss -tHn --tos dport = :9000`,
    )
    const lines = stdout.replace(/127.0.0.1:\d{5}/g, 'A').split('\n')
    expect(lines[1]).toBe('\t skmem:(r0,rb131072,t0,tb87040,f0,w0,o0,bl0,d0) cubic wscale:7,7 rto:204 mss:32768 pmtu:65535 rcvmss:536 advmss:65483 cwnd:10') // prettier-ignore
    expect(lines[2]).toMatch(/^ESTAB 0 0 A 127.0.0.1:9000 +cubic wscale:7,7 /)
    expect(lines[3]).toMatch(/ ino:1000\d sk:\d cgroup:\/ <->$/)
    expect(lines[4]).toMatch(/ tos:0 class_id:0$/)
  })

  test('netstat shows users, timers, groups and packets, and goes on with -c', async () => {
    const shown = (await sh(`${talking} netstat -tneo; netstat -g; netstat -s; netstat -rn`)).stdout
    expect(shown).toMatch(/State {7}User {7}Inode {6}Timer\ntcp .* ESTABLISHED root {7}10000 {6}off \(0.00\/0\/0\)\n/)
    expect(shown).toContain('eth0            1      224.0.0.1\n')
    expect(shown).toMatch(/Ip:\n {4}Forwarding: 1\n {4}\d+ total packets received\n/)
    expect(shown).toContain('10.244.1.0      0.0.0.0         255.255.255.0   U         0 0          0 eth0\n')
    expect((await sh('netstat -tnc & sleep 2.5; kill %1')).stdout.match(/Active/g)).toHaveLength(3)
  })

  test.each([
    ['ss -A bogus', 'ss: "bogus" is illegal socket table id\nUsage: ss [ OPTIONS ]\n', 255],
    ['ss -Z', 'ss: SELinux is not enabled.\n', 1],
    ['ss -N blue', 'Cannot open network namespace "blue": No such file or directory\n', 1],
    ['netstat -M', "netstat: no support for `ip_masquerade' on this system.\n", 1],
    ['route add default gw 1.2.3.4', 'SIOCADDRT: Operation not permitted\n', 7],
  ])('%s is refused', async (script, message, code) => {
    const ended = await sh(script)
    expect([ended.stdout, ended.stderr.startsWith(message), ended.code]).toEqual(['', true, code])
  })
})

describe('ping', () => {
  test('prints times of day, tells of answers that are late, and sends a flood', async () => {
    expect((await sh(`ping -D -c 1 ${web.ip}`)).stdout).toMatch(/\n\[1795252\d+\.\d{6}\] 64 bytes from /)
    expect((await sh('ping -O -c 2 10.244.1.77')).stdout).toContain('no answer yet for icmp_seq=1\n')
    expect((await sh(`ping -f -c 2 ${web.ip}`)).stdout).toContain('.\b \b.\b \b\n---')
    expect((await sh(`ping -c 1 -s 8 ${web.ip}`)).stdout).toContain('\n16 bytes from ')
    expect((await sh(`ping -v -c 1 ${web.ip}`)).stdout).toMatch(/icmp_seq=1 ident=\d+ ttl=63/)
  })

  test.each([
    ['-c 0 x', "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n", 1],
    ['-t 300 x', "ping: invalid argument: '300': out of range: 0 <= value <= 255\n", 1],
    ['-M bogus x', 'ping: invalid -M argument: bogus\n', 2],
    ['-p zz x', 'ping: patterns must be specified as hex digits: zz\n', 2],
    ['-6 127.0.0.1', 'ping: 127.0.0.1: Address family for hostname not supported\n', 2],
    ['', 'ping: usage error: Destination address required\n', 1],
  ])('refuses %s', async (words, stderr, code) => {
    expect(await sh(`ping ${words}`)).toEqual({ stdout: '', stderr, code })
  })
})

describe('traceroute', () => {
  test('leaves by a device and an address that are there, with packets of a length', async () => {
    expect(await sh(`traceroute -i nosuch ${web.ip}`)).toMatchObject({ stderr: 'setsockopt SO_BINDTODEVICE: No such device\n', code: 1 })
    expect(await sh(`traceroute -s 9.9.9.9 ${web.ip}`)).toMatchObject({ stderr: 'bind: Cannot assign requested address\n', code: 1 })
    expect((await sh(`traceroute -s ${shoot.ip} -i eth0 ${web.ip} 100`)).stdout).toContain('30 hops max, 100 byte packets\n')
    const started = machine.clock.now()
    await sh(`traceroute -q 2 -z 1 ${web.ip}`)
    expect(machine.clock.now() - started).toBeGreaterThanOrEqual(3000)
  })

  test.each([
    ['-m 300 x', 'max hops cannot be more than 255\n'],
    ['-q 20 x', 'no more than 10 probes per hop\n'],
    ['-f 40 x', 'first hop out of range\n'],
    ['--bogus x', "Bad option `--bogus' (argc 1)\n"],
    ['-M bogus x', 'Unknown traceroute module bogus\n'],
    [
      'nosuch.invalid',
      'nosuch.invalid: Name or service not known\nCannot handle "host" cmdline arg `nosuch.invalid\' on position 1 (argc 1)\n',
    ],
  ])('refuses %s', async (words, stderr) => {
    expect(await sh(`traceroute ${words}`)).toEqual({ stdout: '', stderr, code: 2 })
  })
})
