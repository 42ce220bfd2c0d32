/** The options of dig and mtr with which they answer in other ways. */
import { beforeEach, describe, expect, test } from 'vitest'
import { attachDns } from '../../../src-main/cluster/network/dns.js'
import { FakeInformers } from '../network/informers.js'
import { Machine, type Box } from './machine.js'

let machine: Machine
let shoot: Box
const WEB = 'web.default.svc.cluster.local'
const sh = async (script: string): Promise<string> => (await shoot.exec('bash', '-c', script)).stdout

beforeEach(async () => {
  machine = new Machine()
  shoot = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
  const informers = new FakeInformers()
  informers.service('web', { clusterIP: '10.96.0.50', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] })
  attachDns({ network: machine.network, informers, address: '10.96.0.10', available: () => true })
  ;(shoot.net as { resolvConf: string }).resolvConf = 'search default.svc.cluster.local\nnameserver 10.96.0.10\n'
})

describe('dig', () => {
  test('does not ask for recursion with +norecurse, and is not warned then', async () => {
    const heads = async (options: string): Promise<string> => sh(`dig ${options} ${WEB} | grep -e flags: -e WARNING:.rec`)
    expect(await heads('')).toBe(
      ';; flags: qr aa rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1\n;; WARNING: recursion requested but not available\n; EDNS: version: 0, flags:; udp: 1232\n',
    )
    expect(await heads('+norecurse')).toBe(
      ';; flags: qr aa; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1\n; EDNS: version: 0, flags:; udp: 1232\n',
    )
  })

  test('asks what the lines of -f say, each with its options', async () => {
    expect(
      await sh(`printf '# mine\\n${WEB}\\n\\n-x 10.96.0.50\\n${WEB} +short\\n' > q; dig -f q +noall +answer; dig -f none 2>&1; echo $?`),
    ).toBe(
      `${WEB}. 30 IN\tA\t10.96.0.50\n50.0.96.10.in-addr.arpa. 30\tIN\tPTR\t${WEB}.\n10.96.0.50\ndig: couldn't open specified batch file: none: No such file or directory\n10\n`,
    )
  })

  test('answers in YAML', async () => {
    const { stdout } = await shoot.exec('dig', '+yaml', WEB)
    expect(
      stdout
        .replace(/id: \d+/, 'id: N')
        .replace(/COOKIE: \w{16}\n/, 'COOKIE: C\n')
        .replaceAll(/timestamp .*/g, 'timestamp T'),
    ).toBe(`-
  type: MESSAGE
  message:
    type: AUTH_RESPONSE
    query_time: !!timestamp T
    response_time: !!timestamp T
    message_size: 115b
    socket_family: INET
    socket_protocol: UDP
    response_address: "10.96.0.10"
    response_port: 53
    query_address: "0.0.0.0"
    query_port: 0
    response_message_data:
      opcode: QUERY
      status: NOERROR
      id: N
      flags: qr aa rd
      QUESTION: 1
      ANSWER: 1
      AUTHORITY: 0
      ADDITIONAL: 1
      OPT_PSEUDOSECTION:
        EDNS:
          version: 0
          flags:
          udp: 1232
          COOKIE: C
      QUESTION_SECTION:
        - ${WEB}. IN A
      ANSWER_SECTION:
        - ${WEB}. 30 IN A 10.96.0.50
`)
  })

  test('looks for the root with +trace and for the servers of a zone with +nssearch', async () => {
    expect(await sh('dig +trace example.com')).toBe(
      '\n; <<>> DiG 9.18.24 <<>> +trace example.com\n;; global options: +cmd\n;; Received 40 bytes from 10.96.0.10#53(10.96.0.10) in 0 ms\n\n',
    )
    expect(await sh('dig +nssearch cluster.local')).toMatch(
      /^SOA ns\.dns\.cluster\.local\. hostmaster\.cluster\.local\. \d+ 7200 1800 86400 30 from server 10\.96\.0\.10 in 0 ms\.\n$/,
    )
  })
})

describe('mtr to a pod of another node', () => {
  let far: string
  beforeEach(() => {
    machine.network.addNode('n2', '192.168.49.3', '10.244.2.0/24')
    far = machine.network.addPod({ node: 'n2', namespace: 'default', name: 'far' }).ip
  })

  test('reports in JSON with -j', async () => {
    const { report } = JSON.parse((await shoot.exec('mtr', '-n', '-j', '-c', '2', far)).stdout) as {
      report: { mtr: object; hubs: { count: number; host: string; 'Loss%': number; Snt: number; Avg: number }[] }
    }
    expect(report.mtr).toEqual({ src: 'pod-1', dst: far, tos: 0, tests: 2, psize: '64', bitpattern: '0x00' })
    expect(report.hubs.map(({ count, host, Snt, 'Loss%': loss }) => [count, host, Snt, loss])).toEqual([
      [1, '10.244.1.1', 2, 0],
      [2, '192.168.49.3', 2, 0],
      [3, far, 2, 0],
    ])
  })

  test('reports in CSV with -C, and tells as it goes with -l and -p', async () => {
    expect((await sh(`mtr -n -C -c 2 ${far}`)).replaceAll(/,\d{10},/g, ',T,').replaceAll(/(,\d\.\d\d){5}$/gm, ',N')).toBe(
      `Mtr_Version,Start_Time,Status,Host,Hop,Ip,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,\nMTR.0.96,T,OK,${far},1,10.244.1.1,0.00,2,0,N\nMTR.0.96,T,OK,${far},2,192.168.49.3,0.00,2,0,N\nMTR.0.96,T,OK,${far},3,${far},0.00,2,0,N\n`,
    )
    expect((await sh(`mtr -n -l -c 1 ${far}`)).replaceAll(/^p (\d) \d+/gm, 'p $1 T')).toBe(
      `x 0 33000\nh 0 10.244.1.1\np 0 T 33000\nx 1 33001\nh 1 192.168.49.3\np 1 T 33001\nx 2 33002\nh 2 ${far}\np 2 T 33002\n`,
    )
    expect(await sh(`mtr -n -p -c 1 ${far}`)).toBe(
      `1 10.244.1.1 0 1 1 0 0 0 0 0\n2 192.168.49.3 0 1 1 0 0 0 0 0\n3 ${far} 0 1 1 0 0 0 0 0\n`,
    )
  })
})

test('dig writes records as it is told: without times or classes, in units, over several lines, with who answered', async () => {
  const asked = async (words: string): Promise<string> => (await shoot.exec('sh', '-c', `dig ${words}`)).stdout
  const name = 'web.default.svc.cluster.local'
  expect(await asked(`+noall +answer +nottlid ${name}`)).toBe(`${name}. IN A\t10.96.0.50\n`)
  expect(await asked(`+noall +answer +noclass +ttlunits ${name}`)).toBe(`${name}. 30s A\t10.96.0.50\n`)
  expect(await asked(`+short +identify ${name}`)).toBe('10.96.0.50 from server 10.96.0.10 in 0 ms.\n')
  expect(await asked('+noall +authority +multiline nosuch.default.svc.cluster.local')).toContain('\t\t\t\t7200       ; refresh (2 hours)\n')
  expect(await asked(`+noedns +noall +comments ${name}`)).not.toContain('EDNS')
  expect(await asked(`+dnssec +nocookie ${name}`)).toContain('; EDNS: version: 0, flags: do; udp: 1232\n;; QUESTION')
  expect(await asked(`+qr ${name}`)).toContain(';; Sending:\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: ')
  expect(await asked('+search +short +domain=default.svc.cluster.local web')).toBe('10.96.0.50\n')
})

test('dig leaves by an address that it has, and asks as often and on the port that it is told', async () => {
  expect(await shoot.exec('dig', '-b', '9.9.9.9', 'web')).toEqual({
    stdout: '',
    stderr: 'dig: isc_socket_bind: address not available\n',
    code: 10,
  })
  const silent = await shoot.exec('dig', '+tries=1', '+time=1', '@10.9.9.9', 'web')
  expect([silent.stdout.match(/timed out/g)?.length, silent.code]).toEqual([1, 9])
  expect((await shoot.exec('dig', '+tls', 'web')).stdout).toContain(
    ';; Connection to 10.96.0.10#853(10.96.0.10) for web failed: connection refused\n',
  )
})

test('host asks for a type, of a server, and refuses what it does not know', async () => {
  const asked = async (words: string): Promise<string> => (await shoot.exec('sh', '-c', `host ${words} 2>&1`)).stdout
  expect(await asked('-t srv web.default.svc.cluster.local')).toBe(
    'web.default.svc.cluster.local has SRV record 0 100 80 web.default.svc.cluster.local.\n',
  )
  expect(await asked('-t txt web')).toBe('web.default.svc.cluster.local has no TXT record\n')
  expect(await asked('web 10.96.0.10')).toContain('Using domain server:\nName: 10.96.0.10\nAddress: 10.96.0.10#53\n')
  expect(await asked('-z')).toContain("host: invalid option -- 'z'\nUsage: host ")
})

test('nslookup asks as often, as long and where it is told, and tells of options that it does not know', async () => {
  expect(await sh('nslookup -nosuch -type=bogus -timeout=z web | head -n 3')).toBe(
    "*** Invalid option: nosuch\nunknown query type: bogus\ninvalid timeout 'z': not a valid number\n",
  )
  const silent = await shoot.exec('nslookup', '-timeout=1', '-retry=0', 'web', '10.9.9.9')
  expect([silent.stdout, silent.code]).toEqual([';; communications error to 10.9.9.9#53: timed out\n;; no servers could be reached\n\n', 1])
  expect(await sh('nslookup -port=5399 -retry=0 web')).toBe(';; communications error to 10.96.0.10#5399: connection refused\n;; no servers could be reached\n\n') // prettier-ignore
  expect(await sh('nslookup -nosearch web')).toContain("** server can't find web: NXDOMAIN")
})
