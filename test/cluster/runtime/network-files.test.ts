/** What a container sees of its own network: counters, /proc/net, sockets that are files or names, links it makes. */
import { beforeEach, expect, test } from 'vitest'
import { Machine, type Box } from '../images/machine.js'

let machine: Machine
let shoot: Box
const sh = async (script: string, box = shoot): Promise<string> => {
  const { stdout, stderr } = await box.exec('sh', '-c', script)
  return stdout + stderr
}

beforeEach(async () => {
  machine = new Machine()
  shoot = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
})

test('what a ping and an answer weigh is counted alike by /proc/net/dev, ip -s, ifconfig and netstat -i', async () => {
  const other = await machine.run('busybox', { command: ['sleep', '1000000'] })
  expect((await shoot.exec('ping', '-c', '3', other.ip)).code).toBe(0)
  expect(
    await sh(
      `grep eth0 /proc/net/dev; ip -s link show eth0 | tail -4; ifconfig eth0 | grep bytes; netstat -i | grep eth0; ip -s -j link show eth0 | jq -c '.[0].stats64.rx'`,
    ),
  ).toBe(
    `  eth0:     294       3    0    0    0     0          0         0      294       3    0    0    0     0       0          0
    RX:  bytes packets errors dropped  missed   mcast           
           294       3      0       0       0       0 
    TX:  bytes packets errors dropped carrier collsns           
           294       3      0       0       0       0 
        RX packets 3  bytes 294 (294.0 B)
        TX packets 3  bytes 294 (294.0 B)
eth0             1500        3      0      0 0             3      0      0      0 BMRU
{"bytes":294,"packets":3,"errors":0,"dropped":0,"over_errors":0,"multicast":0}
`,
  )
  expect(await sh('ifconfig eth0 | grep -e packets -e bytes', other)).toBe(
    '          RX packets:3 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:3 errors:0 dropped:0 overruns:0 carrier:0\n          RX bytes:294 (294.0 B)  TX bytes:294 (294.0 B)\n',
  )
})

test('/proc/net tells of listeners, connections, routes and neighbours in the forms of the kernel', async () => {
  expect(
    await sh(`(sleep 100 | nc -l -p 8080 >/dev/null)& nc -lu -p 5353 >/dev/null & sleep 1; (sleep 100 | nc 127.0.0.1 8080)& sleep 1
awk '{print $2, $3, $4}' /proc/net/tcp | sed 's/:[89A-F]...\\b/:PORT/'; awk 'NR > 1 {print $2, $3, $4}' /proc/net/udp; cat /proc/net/route | tr -s ' '; cat /proc/net/arp; kill %1 %2 %3`),
  ).toContain(
    '0100007F:PORT 0100007F:1F90 01\n0100007F:1F90 0100007F:PORT 01\n00000000:14E9 00000000:0000 07\n' +
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT \neth0\t00000000\t0101F40A\t0003\t0\t0\t0\t00000000\t0\t0\t0 \neth0\t0001F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0 \n' +
      'IP address       HW type     Flags       HW address            Mask     Device\n10.244.1.1       0x1         0x2         0a:58:0a:f4:01:01     *        eth0\n',
  )
})

test('sockets with an abstract name need no file, and are listed beside those that are files', async () => {
  expect(
    await sh(`cd /tmp; socat UNIX-LISTEN:s,fork PIPE & socat ABSTRACT-LISTEN:hidden,fork PIPE & sleep 1; echo heard | socat -t1 - ABSTRACT-CONNECT:hidden
ls; cat /proc/net/unix; ss -xl; netstat -lx; kill %1 %2; sleep 1; cat /proc/net/unix; curl -sS --abstract-unix-socket hidden http://localhost`),
  ).toBe(`heard
s
Num       RefCount Protocol Flags    Type St Inode Path
0000000000004e21: 00000002 00000000 00010000 0001 01 20001 s
0000000000004e22: 00000002 00000000 00010000 0001 01 20002 @hidden
Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process
u_str LISTEN 0      128                s 20001            * 0    
u_str LISTEN 0      128          @hidden 20002            * 0    
Active UNIX domain sockets (only servers)
Proto RefCnt Flags       Type       State         I-Node   Path
unix  2      [ ACC ]     STREAM     LISTENING     20001    s
unix  2      [ ACC ]     STREAM     LISTENING     20002    @hidden
Num       RefCount Protocol Flags    Type St Inode Path
curl: (7) Failed to connect to localhost port 80 after 0 ms: Could not connect to server
`)
})

test('ip -j says in JSON what it says in lines', async () => {
  expect(
    await sh(
      `ip -j addr show eth0 | jq -c '.[0] | [.ifname, .operstate, .addr_info[0].local, .addr_info[0].prefixlen]'; ip -j route | jq -c 'map(.dst)'; ip -4 -j -p addr show lo | head -3`,
    ),
  ).toBe('["eth0","UP","10.244.1.3",24]\n["default","10.244.1.0/24"]\n[ {\n        "ifindex": 1,\n        "ifname": "lo",\n')
})

test('who may administer the network makes links of type dummy with addresses; the rest stays as the node made it', async () => {
  const admin = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'], capabilities: { add: ['NET_ADMIN'] } })
  const { stdout, stderr, code } = await admin.exec(
    'sh',
    '-c',
    `ip link add d0 type dummy; ip addr add 10.9.9.1/24 dev d0; ip link set d0 up mtu 1400; ip -br addr show d0; ip link show d0 | head -1 | cut -d' ' -f2-9
ip link add d0 type dummy; ip link set nope up; ip addr add 10.9.9.1/24 dev eth0; ip link del d0; ip link show d0; ip route add 10.1.0.0/16 via 10.244.1.1`,
  )
  expect([stdout, stderr, code]).toEqual([
    'd0               UNKNOWN        10.9.9.1/24 \nd0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1400 qdisc noqueue state UNKNOWN\n',
    'RTNETLINK answers: File exists\nCannot find device "nope"\nRTNETLINK answers: Operation not supported\nDevice "d0" does not exist.\nRTNETLINK answers: Operation not supported\n',
    2,
  ])
  expect(await sh('ip link add d0 type dummy; ifconfig eth0 down')).toBe(
    'RTNETLINK answers: Operation not permitted\nSIOCSIFFLAGS: Operation not permitted\n',
  )
})

test("the node's end of a pod's link answers, as the neighbour that it is", async () => {
  expect(await sh('ping -c1 10.244.1.1 | grep loss; traceroute -n -q 1 10.244.1.1 | tail -1 | sed "s/0[.][0-9]* /T /"')).toBe(
    '1 packets transmitted, 1 received, 0% packet loss, time 0ms\n 1  10.244.1.1  T ms\n',
  )
  expect(await sh('ip route get 10.244.1.9 | head -1; ip route get 127.0.0.1; ip route get 10.96.0.1 | head -1')).toBe(
    '10.244.1.9 dev eth0 src 10.244.1.3 uid 0 \nlocal 127.0.0.1 dev lo src 127.0.0.1 uid 0 \n    cache <local> \n10.96.0.1 via 10.244.1.1 dev eth0 src 10.244.1.3 uid 0 \n',
  )
})
