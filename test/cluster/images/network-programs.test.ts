/** The network programs as people use them in a netshoot or busybox pod, with the output of the real ones. */
import { beforeEach, describe, expect, test } from 'vitest'
import { attachDns } from '../../../src-main/cluster/network/dns.js'
import { redirectTarget } from '../../../src-main/cluster/runtime/programs/net/curl-request.js'
import { FakeInformers } from '../network/informers.js'
import { Machine, type Box } from './machine.js'

let machine: Machine
let shoot: Box
let busybox: Box
let web: Box
let dnsUp: boolean

beforeEach(async () => {
  machine = new Machine()
  web = await machine.run('nginx:1.25')
  shoot = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
  busybox = await machine.run('busybox:1.36', { command: ['sleep', '1000000'] })
  const informers = new FakeInformers()
  informers.service('web', { clusterIP: '10.96.0.50', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] })
  dnsUp = true
  attachDns({ network: machine.network, informers, address: '10.96.0.10', available: () => dnsUp })
  for (const { net } of [shoot, busybox])
    (net as { resolvConf: string }).resolvConf =
      'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n'
})

describe('ab', () => {
  test('reports in the layout of ApacheBench', async () => {
    const { stdout, code } = await shoot.exec('ab', '-n', '20', '-c', '4', `http://${web.ip}/`)
    expect(code).toBe(0)
    const layout = stdout
      .replace(/^(Time|Requests|Transfer)(.*?: +)\d+\.\d+/gm, '$1$2N')
      .replace(/^(\w+: ) *\d+ +\d+ +\d+\.\d +\d+ +\d+$/gm, '$1…')
    expect(layout.replace(/(%) +\d+/g, '$1 N')).toBe(`This is ApacheBench, Version 2.3 <$Revision: 1913912 $>
Copyright 1996 Adam Twiss, Zeus Technology Ltd, http://www.zeustech.net/
Licensed to The Apache Software Foundation, http://www.apache.org/

Benchmarking ${web.ip} (be patient).....done


Server Software:        nginx/1.25.5
Server Hostname:        ${web.ip}
Server Port:            80

Document Path:          /
Document Length:        615 bytes

Concurrency Level:      4
Time taken for tests:   N seconds
Complete requests:      20
Failed requests:        0
Total transferred:      16960 bytes
HTML transferred:       12300 bytes
Requests per second:    N [#/sec] (mean)
Time per request:       N [ms] (mean)
Time per request:       N [ms] (mean, across all concurrent requests)
Transfer rate:          N [Kbytes/sec] received

Connection Times (ms)
              min  mean[+/-sd] median   max
Connect: …
Processing: …
Waiting: …
Total: …

Percentage of the requests served within a certain time (ms)
  50% N
  66% N
  75% N
  80% N
  90% N
  95% N
  98% N
  99% N
 100% N (longest request)
`)
  })

  test('tells its progress when there is much to do, and what was not as expected', async () => {
    const { stdout, stderr } = await shoot.exec('ab', '-k', '-n', '200', '-c', '10', `http://${web.ip}/none`)
    expect(stderr).toBe('Completed 100 requests\nCompleted 200 requests\nFinished 200 requests\n')
    expect(stdout).toContain('Failed requests:        0\nNon-2xx responses:      200\nKeep-Alive requests:    200\n')
  })

  test.each([
    [['http://10.244.1.3'], 22, 'ab: invalid URL\nUsage: ab [options]'],
    [['-c', '5', '-n', '2', 'http://10.244.1.3/'], 22, 'ab: Cannot use concurrency level greater than total number of requests\n'],
    [['-Q', 'http://10.244.1.3/'], 22, "ab: invalid option -- 'Q'\nUsage: ab"],
    [['http://10.244.1.3:81/'], 111, 'apr_socket_recv: Connection refused (111)\n'],
    [['http://nobody/'], 1, '\nab: Could not resolve host nobody: Name or service not known (670002)\n'],
  ])('%j ends with %i', async (args, code, message) => {
    const ended = await shoot.exec('ab', ...args)
    expect(ended.code).toBe(code)
    expect(ended.stderr.startsWith(message)).toBe(true)
  })
})

describe('wrk', () => {
  test('reports in its layout', async () => {
    const { stdout } = await shoot.exec('wrk', '-t2', '-c2', '-d1s', '--latency', `http://${web.ip}/`)
    expect(stdout.replace(/\d+(\.\d+)?(us|ms|s|k|KB|MB|%)?/g, 'N').replace(/ +N/g, ' N')).toBe(
      `Running N test @ http://N.N.N/
 N threads and N connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency N N N N
    Req/Sec N N N N
  Latency Distribution
 N N
 N N
 N N
 N N
 N requests in N, N read
Requests/sec: N
Transfer/sec: N
`.replace('N.N.N', 'N.N'),
    )
  })

  test('says that nobody listens', async () => {
    expect(await shoot.exec('wrk', '-d1s', `http://${web.ip}:81/`)).toMatchObject({
      code: 1,
      stderr: `unable to connect to ${web.ip}:81 Connection refused\n`,
    })
  })
})

describe('ss and netstat', () => {
  test('list what listens', async () => {
    expect((await shoot.exec('sh', '-c', 'nc -lk 8080 & nc -luk 5353 & sleep 0.1; ss -tuln')).stdout).toBe(
      'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n' +
        'tcp   LISTEN 0      511          0.0.0.0:8080      0.0.0.0:*    \n' +
        'udp   UNCONN 0      0            0.0.0.0:5353      0.0.0.0:*    \n',
    )
    expect((await busybox.exec('sh', '-c', 'nc -lk -p 8080 & sleep 0.1; netstat -tln')).stdout).toBe(
      'Active Internet connections (only servers)\n' +
        'Proto Recv-Q Send-Q Local Address           Foreign Address         State       \n' +
        'tcp        0      0 :::8080                 :::*                    LISTEN      \n',
    )
  })

  test.each([
    ["-lt 'sport = :8080'", '8080'],
    ["-lt 'sport = 8080 or sport = :9090'", '8080 9090'],
    ["-lt 'not ( sport = :8080 )'", '9090'],
    ['-lt sport gt :8080 and sport le :9090', '9090'],
    ["-at state listening 'src :8080'", '8080'],
    ['-t state established', ''],
    ["-lt6 'src [::1]:8080'", ''],
    ['-lt4', '8080 9090'],
  ])('ss %s shows no others', async (args, ports) => {
    const { stdout } = await shoot.exec(
      'sh',
      '-c',
      `nc -lk 8080 & nc -lk 9090 & sleep 0.1; ss -Hn ${args} | awk '{sub(/.*:/, "", $4); print $4}'`,
    )
    expect(stdout.trim().split('\n').sort().join(' ')).toBe(ports)
  })

  test('tell the process whose a socket is', async () => {
    const script = `nc -lk 8080 & nc -luk 5353 & sleep 9 | nc ${web.ip} 80 & sleep 0.1; ss -Htunap | awk '{print $5, $NF}'; netstat -tlnp | tail -n 1; kill $!`
    const { stdout } = await shoot.exec('sh', '-c', script)
    const [first, second, third, last] = stdout.split('\n')
    expect(first).toMatch(/^0\.0\.0\.0:8080 users:\(\("nc",pid=(\d+),fd=6\)\)$/)
    const pid = Number(/pid=(\d+)/.exec(first!)![1])
    expect(second).toBe(`${shoot.ip}:${/:(\d+) /.exec(second!)![1]} users:(("nc",pid=${pid + 3},fd=6))`)
    expect(third).toBe(`0.0.0.0:5353 users:(("nc",pid=${pid + 1},fd=6))`)
    expect(last).toBe(`tcp        0      0 0.0.0.0:8080            0.0.0.0:*               LISTEN      ${`${pid}/nc`.padEnd(20)}`)
  })

  test('ss says what it cannot read', async () => {
    expect(await shoot.exec('sh', '-c', 'ss -t nonsense 2>&1 | head -n 3')).toMatchObject({
      stdout: 'ss: bison bellows (while parsing filter): "syntax error!" Sorry.\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n',
    })
  })

  test('list connections that are open', async () => {
    const { stdout } = await shoot.exec('sh', '-c', `sleep 5 | nc ${web.ip} 80 & sleep 0.1; ss -tn; kill $!`)
    expect(stdout.split('\n')[1]).toMatch(new RegExp(`^ESTAB 0 +0 +${shoot.ip}:\\d+ +${web.ip}:80 *$`))
  })

  test('do not know an option', async () => {
    expect(await shoot.exec('ss', '-Q')).toMatchObject({
      code: 255,
      stderr: expect.stringContaining("ss: invalid option -- 'Q'\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n"),
    })
  })
})

describe('nc', () => {
  test('talks over UDP', async () => {
    await shoot.exec('sh', '-c', 'nc -lu 5353 > /tmp/got < /dev/null &')
    await busybox.exec('sh', '-c', `echo hello | nc -u -w1 ${shoot.ip} 5353`)
    expect((await shoot.exec('cat', '/tmp/got')).stdout).toBe('hello\n')
  })

  test('-z tells whether a port is heard', async () => {
    expect(await shoot.exec('nc', '-zv', web.ip, '80')).toMatchObject({
      code: 0,
      stderr: `Connection to ${web.ip} 80 port [tcp/http] succeeded!\n`,
    })
    expect(await shoot.exec('nc', '-zv', web.ip, '81')).toMatchObject({
      code: 1,
      stderr: `nc: connect to ${web.ip} port 81 (tcp) failed: Connection refused\n`,
    })
    expect(await shoot.exec('nc', '-zuv', web.ip, '53')).toMatchObject({
      code: 1,
      stderr: `nc: connect to ${web.ip} port 53 (udp) failed: Connection refused\n`,
    })
    expect(await busybox.exec('nc', '-zv', web.ip, '80')).toMatchObject({ code: 0, stderr: `${web.ip} (${web.ip}:80) open\n` })
  })

  test('cannot listen where somebody does', async () => {
    expect(await web.exec('sh', '-c', 'true')).toMatchObject({ code: 0 })
    expect((await shoot.exec('sh', '-c', 'nc -lk 8080 & sleep 0.1; nc -l 8080')).stderr).toBe('nc: Address already in use\n')
  })
})

describe('names', () => {
  test('dig answers with its sections, in its columns', async () => {
    const { stdout } = await shoot.exec('dig', '+search', 'web')
    expect(stdout.replace(/id: \d+/, 'id: N').replace(/COOKIE: \w{16} /, 'COOKIE: C ')).toBe(`
; <<>> DiG 9.18.24 <<>> +search web
;; global options: +cmd
;; Got answer:
;; WARNING: .local is reserved for Multicast DNS
;; You are currently testing what happens when an mDNS query is leaked to DNS
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: N
;; flags: qr aa rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1
;; WARNING: recursion requested but not available

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
; COOKIE: C (echoed)
;; QUESTION SECTION:
;web.default.svc.cluster.local.\tIN\tA

;; ANSWER SECTION:
web.default.svc.cluster.local. 30 IN\tA\t10.96.0.50

;; Query time: 0 msec
;; SERVER: 10.96.0.10#53(10.96.0.10) (UDP)
;; WHEN: Sat Nov 21 09:17:03 UTC 2026
;; MSG SIZE  rcvd: 115

`)
  })

  test('dig shows what it is asked to show', async () => {
    const fqdn = 'web.default.svc.cluster.local'
    expect((await shoot.exec('dig', '+noall', '+answer', fqdn)).stdout).toBe(`${fqdn}. 30 IN\tA\t10.96.0.50\n`)
    expect((await shoot.exec('dig', '+nocmd', '+nocomments', '+nostats', fqdn, 'AAAA')).stdout).toBe(
      `;${fqdn}.\tIN\tAAAA\ncluster.local.\t\t30\tIN\tSOA\tns.dns.cluster.local. hostmaster.cluster.local. 1795252623 7200 1800 86400 30\n`,
    )
    expect((await shoot.exec('dig', 'nobody.cluster.local')).stdout).toContain('status: NXDOMAIN')
    expect(await shoot.exec('dig', '+nonsense', 'web')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Invalid option: +nonsense\nUsage:'),
    })
    expect((await shoot.exec('dig', '+short', 'TXT', 'dns-version.cluster.local')).stdout).toBe('"1.1.0"\n')
  })

  test('dig asks for several things at once, and backwards', async () => {
    expect((await shoot.exec('dig', '+short', 'SRV', '_http._tcp.web.default.svc.cluster.local')).stdout).toBe(
      '0 100 80 web.default.svc.cluster.local.\n',
    )
    expect((await shoot.exec('dig', '+noall', '+answer', '+additional', 'SRV', 'web.default.svc.cluster.local')).stdout).toBe(
      'web.default.svc.cluster.local. 30 IN\tSRV\t0 100 80 web.default.svc.cluster.local.\nweb.default.svc.cluster.local. 30 IN\tA\t10.96.0.50\n',
    )
    expect((await shoot.exec('dig', '+short', '-x', '10.96.0.50')).stdout).toBe('web.default.svc.cluster.local.\n')
  })

  test("busybox' nslookup asks for a short name under every search domain, and fails when one of them does not have it", async () => {
    const missing = ['web.svc.cluster.local', 'web.cluster.local'].map((n) => `** server can't find ${n}: NXDOMAIN\n\n`).join('')
    expect(await busybox.exec('nslookup', 'web')).toEqual({
      code: 1,
      stderr: '',
      stdout: `Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tweb.default.svc.cluster.local\nAddress: 10.96.0.50\n\n${missing}\n${missing}`,
    })
    expect(await busybox.exec('nslookup', 'web.default.svc.cluster.local')).toEqual({
      code: 0,
      stderr: '',
      stdout: 'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tweb.default.svc.cluster.local\nAddress: 10.96.0.50\n\n\n',
    })
    expect((await busybox.exec('nslookup', 'web.default')).stdout).toContain("** server can't find web.default: NXDOMAIN\n\n** server")
    expect((await busybox.exec('nslookup', '-type=AAAA', 'web.default.svc.cluster.local')).stdout).toBe(
      'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n\n',
    )
    expect((await busybox.exec('nslookup', '10.96.0.50')).stdout).toContain(
      '50.0.96.10.in-addr.arpa\tname = web.default.svc.cluster.local\n\n',
    )
  })

  test.each(['busybox:1.28', 'gcr.io/google-containers/busybox'])(
    'the nslookup of %s follows the search list and numbers its addresses',
    async (image) => {
      const old = await machine.run(image, { command: ['sleep', '1000000'] })
      ;(old.net as { resolvConf: string }).resolvConf = (busybox.net as { resolvConf: string }).resolvConf
      expect(await old.exec('nslookup', 'web')).toEqual({
        code: 0,
        stderr: '',
        stdout: 'Server:    10.96.0.10\nAddress 1: 10.96.0.10\n\nName:      web\nAddress 1: 10.96.0.50 web.default.svc.cluster.local\n',
      })
      expect(await old.exec('nslookup', 'nobody')).toMatchObject({ code: 1, stderr: "nslookup: can't resolve 'nobody'\n" })
    },
  )

  test("BIND's nslookup shows what the first name of the search list that exists has", async () => {
    expect(await shoot.exec('nslookup', 'web')).toEqual({
      code: 0,
      stderr: '',
      stdout: 'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tweb.default.svc.cluster.local\nAddress: 10.96.0.50\n\n',
    })
    expect(await shoot.exec('nslookup', '-type=AAAA', 'web')).toMatchObject({
      code: 1,
      stdout: "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n*** Can't find web: No answer\n\n",
    })
    expect((await shoot.exec('nslookup', 'nobody')).stdout).toContain("** server can't find nobody: NXDOMAIN\n\n")
  })

  test('cannot be had while CoreDNS is away', async () => {
    dnsUp = false
    expect(await shoot.exec('dig', 'web')).toMatchObject({
      code: 9,
      stdout: `${';; communications error to 10.96.0.10#53: timed out\n'.repeat(3)}\n; <<>> DiG 9.18.24 <<>> web\n;; global options: +cmd\n;; no servers could be reached\n`,
    })
    expect(await busybox.exec('nslookup', 'web')).toMatchObject({
      code: 1,
      stdout: ';; connection timed out; no servers could be reached\n\n',
    })
    expect(await shoot.exec('curl', '-sS', 'http://web')).toMatchObject({ code: 6, stderr: 'curl: (6) Could not resolve host: web\n' })
    expect(await shoot.exec('curl', '-sS', '-m', '3', 'http://web')).toMatchObject({
      code: 28,
      stderr: 'curl: (28) Resolving timed out after 3000 milliseconds\n',
    })
  })

  test('are asked of another server where it is named', async () => {
    expect((await shoot.exec('dig', '@10.96.0.10', '+short', 'web.default.svc.cluster.local')).stdout).toBe('10.96.0.50\n')
    expect((await shoot.exec('dig', '@8.8.8.8', 'web')).code).toBe(9)
  })
})

test('ping counts what came back', async () => {
  const { stdout } = await busybox.exec('ping', '-c', '2', web.ip)
  expect(stdout.replace(/(?<=[=/ ])\d\.\d{3}(?=[/ ])/g, 'T')).toBe(
    `PING ${web.ip} (${web.ip}): 56 data bytes\n64 bytes from ${web.ip}: seq=0 ttl=63 time=T ms\n64 bytes from ${web.ip}: seq=1 ttl=63 time=T ms\n\n` +
      `--- ${web.ip} ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\nround-trip min/avg/max = T/T/T ms\n`,
  )
})

test('ping -I names the interface or the address that it leaves by', async () => {
  const head = async (box: Box, named: string): Promise<string> => {
    const { stdout, stderr, code } = await box.exec('ping', '-c1', '-I', named, web.ip)
    return `${stdout.split('\n')[0]}${stderr}${code}`
  }
  const begun = `PING ${web.ip} (${web.ip})`
  expect(await head(shoot, 'eth0')).toBe(`${begun} from ${shoot.ip} eth0: 56(84) bytes of data.0`)
  expect(await head(shoot, shoot.ip)).toBe(`${begun} from ${shoot.ip} : 56(84) bytes of data.0`)
  expect(await head(shoot, 'foo')).toBe('ping: SO_BINDTODEVICE foo: No such device\n2')
  expect(await head(shoot, '1.2.3.4')).toBe('ping: bind: Cannot assign requested address\n2')
  expect(await head(busybox, busybox.ip)).toBe(`${begun} from ${busybox.ip}: 56 data bytes0`)
  expect(await head(busybox, 'foo')).toBe("ping: bad address 'foo'\n1")
})

test('ping and traceroute go by the way that packets take: the node in between, and the node of a pod elsewhere', async () => {
  machine.network.addNode('n2', '192.168.49.3', '10.244.2.0/24')
  const far = machine.network.addPod({ node: 'n2', namespace: 'default', name: 'far' })
  const shown = async (...command: string[]): Promise<string> => (await shoot.exec(...command)).stdout.replaceAll(/\d\.\d{3} ms/g, 'T')
  expect(await shown('traceroute', far.ip)).toBe(
    `traceroute to ${far.ip} (${far.ip}), 30 hops max, 60 byte packets\n 1  10.244.1.1 (10.244.1.1)  T  T  T\n` +
      ` 2  192.168.49.3 (192.168.49.3)  T  T  T\n 3  ${far.ip} (${far.ip})  T  T  T\n`,
  )
  expect((await shown('ping', '-c', '1', far.ip)).split('\n')[1]).toContain('icmp_seq=1 ttl=62 ')
  expect((await shown('ping', '-c', '1', '-t', '2', far.ip)).split('\n')[1]).toBe('From 192.168.49.3 icmp_seq=1 Time to live exceeded')
})

test('ping of netshoot counts the time from the first packet to the last that it saw', async () => {
  const summary = async (...args: string[]): Promise<string> =>
    (await shoot.exec('ping', ...args)).stdout.split('\n').find((line) => line.includes('transmitted'))!
  expect(await summary('-c', '2', web.ip)).toBe('2 packets transmitted, 2 received, 0% packet loss, time 1000ms')
  expect(await summary('-c', '1', '-W', '1', '10.244.9.9')).toBe('1 packets transmitted, 0 received, 100% packet loss, time 0ms')
})

test('a request that is piped into nc is answered, although nothing follows it', async () => {
  for (const client of [busybox, shoot])
    expect((await client.exec('sh', '-c', `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc ${web.ip} 80 | head -n 1`)).stdout).toBe(
      'HTTP/1.1 200 OK\r\n',
    )
})

describe('curl', () => {
  test('-v tells the way of a request in the words of its version', async () => {
    const whoami = await machine.run('traefik/whoami')
    const { stderr, stdout } = await shoot.exec('curl', '-sv', `http://${whoami.ip}/health`)
    expect(stdout).toBe('')
    expect(stderr).toBe(
      [
        `*   Trying ${whoami.ip}:80...`,
        `* Connected to ${whoami.ip} (${whoami.ip}) port 80`,
        '* using HTTP/1.x',
        '> GET /health HTTP/1.1\r',
        `> Host: ${whoami.ip}\r`,
        '> User-Agent: curl/8.14.1\r',
        '> Accept: */*\r',
        '> \r',
        '* Request completely sent off',
        '< HTTP/1.1 200 OK\r',
        '< Date: Sat, 21 Nov 2026 09:17:04 GMT\r',
        '< Content-Length: 0\r',
        '< \r',
        `* Connection #0 to host ${whoami.ip} left intact`,
        '',
      ].join('\n'),
    )
  })

  test.each([
    ['http://web/a/b?c', 'next', 'http://web:80/a/next'],
    ['http://web/a/b', '../up?x=1', 'http://web:80/up?x=1'],
    ['http://web:8080/a', '?again', 'http://web:8080/a?again'],
    ['https://web/a', '//other/z', 'https://other:443/z'],
    ['http://web/a', 'https://web/a', 'https://web:443/a'],
  ])('a redirection from %s to %s leads to %s', (from, location, wanted) => {
    const to = redirectTarget(from, location)!
    expect(`${to.scheme}://${to.host}:${to.port}${to.path}`).toBe(wanted)
  })

  test('-L follows a redirection with GET where it posted, and tells another server neither the body nor who asks', async () => {
    const answer = (head: string, body = ''): string =>
      `printf 'HTTP/1.1 ${head}\\r\\nContent-Length: ${body.length}\\r\\nConnection: close\\r\\n\\r\\n${body}'`
    await shoot.exec(
      'sh',
      '-c',
      `${answer('302 Found\\r\\nLocation: http://127.0.0.1:8082/there')} | nc -l 8081 > /tmp/first & ${answer('200 OK', 'done')} | nc -l 8082 > /tmp/second &`,
    )
    const format = ' %{http_code} %{num_redirects} %{url_effective}'
    const { stdout } = await shoot.exec('curl', '-sLu', 'me:pw', '-d', 'a=b', '-w', format, 'http://127.0.0.1:8081/here')
    expect(stdout).toBe('done 200 1 http://127.0.0.1:8082/there')
    const lines = async (file: string): Promise<string[]> => (await shoot.exec('cat', file)).stdout.split('\r\n')
    expect(await lines('/tmp/first')).toEqual([
      'POST /here HTTP/1.1',
      'Host: 127.0.0.1:8081',
      'Authorization: Basic bWU6cHc=',
      'User-Agent: curl/8.14.1',
      'Accept: */*',
      'Content-Length: 3',
      'Content-Type: application/x-www-form-urlencoded',
      '',
      'a=b',
    ])
    expect(await lines('/tmp/second')).toEqual([
      'GET /there HTTP/1.1',
      'Host: 127.0.0.1:8082',
      'User-Agent: curl/8.14.1',
      'Accept: */*',
      '',
      '',
    ])
  })

  test('-F sends a form with files', async () => {
    await shoot.exec('sh', '-c', 'sleep 5 | nc -l 8080 > /tmp/form & echo hello > /tmp/a.txt')
    await shoot.exec('curl', '-sm', '1', '-F', 'name=web', '-F', 'file=@/tmp/a.txt', 'http://127.0.0.1:8080/')
    const { stdout } = await shoot.exec('cat', '/tmp/form')
    const boundary = /boundary=(-{24}\w{22})/.exec(stdout)![1]!
    expect(stdout.slice(stdout.indexOf('\r\n\r\n') + 4)).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\nweb\r\n--${boundary}\r\n` +
        `Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\n\r\n--${boundary}--\r\n`,
    )
  })

  test.each([
    [['--bogus', 'http://x'], 2, "curl: option --bogus: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n"],
    [['-@', 'http://x'], 2, "curl: option -@: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n"],
    [['http://nobody'], 6, 'curl: (6) Could not resolve host: nobody\n'],
    [['http://10.244.1.3:81'], 7, 'curl: (7) Failed to connect to 10.244.1.3 port 81 after 0 ms: Could not connect to server\n'],
    [['-m', '2', 'http://10.99.0.1'], 28, 'curl: (28) Connection timed out after 2000 milliseconds\n'],
    [['-f', 'http://10.244.1.3/none'], 22, 'curl: (22) The requested URL returned error: 404\n'],
    [['ftp://10.244.1.3'], 1, 'curl: (1) Protocol "ftp" not supported or disabled in libcurl\n'],
  ])('%j fails with %i', async (args, code, stderr) => {
    expect(await shoot.exec('curl', '-sS', ...args)).toMatchObject({ code, stderr })
  })

  const HEADING =
    '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n'
  const NOTHING = '  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0'

  test('shows its meter where the content goes to no terminal, also before an error', async () => {
    const url = `http://${web.ip}`
    expect((await shoot.exec('curl', '-o', '/dev/null', url)).stderr).toBe(
      `${HEADING}${NOTHING}\r100   615  100   615    0     0   600k      0 --:--:-- --:--:-- --:--:--  600k\n`,
    )
    expect((await shoot.exec('curl', `${url}:81`)).stderr).toBe(
      `${HEADING}${NOTHING}\r${NOTHING}\ncurl: (7) Failed to connect to ${web.ip} port 81 after 0 ms: Could not connect to server\n`,
    )
    expect((await shoot.exec('curl', 'http://nobody')).stderr).toBe(`${HEADING}${NOTHING}curl: (6) Could not resolve host: nobody\n`)
    expect((await shoot.exec('curl', '-f', `${url}/none`)).stderr).toBe(
      `${HEADING}${NOTHING}\r${NOTHING.replace('  0     0', '  0   153')}\ncurl: (22) The requested URL returned error: 404\n`,
    )
    const refused = `${NOTHING}\r${NOTHING}\ncurl: (7) Failed to connect to ${web.ip} port 81 after 0 ms: Could not connect to server\n`
    expect((await shoot.exec('curl', '--retry', '1', '--retry-connrefused', `${url}:81`)).stderr).toBe(
      `${HEADING}${refused}Warning: Problem: connection refused. Will retry in 1 second. 1 retry left.\n${refused}`,
    )
  })

  test('tells the other ways to fail by their numbers', async () => {
    const url = `http://${web.ip}`
    const failures: [string[], number, string][] = [
      [[`https://${web.ip}:80`], 35, 'curl: (35) TLS connect error: error:0A00010B:SSL routines::wrong version number\n'],
      [[`${url}:99999/`], 3, 'curl: (3) URL rejected: Port number was not a decimal number between 0 and 65535\n'],
      [['http://'], 3, 'curl: (3) URL rejected: No host part in the URL\n'],
      [[`${url}/a b`], 3, 'curl: (3) URL rejected: Malformed input to a URL function\n'],
      [['-o', '/nosuch/x', url], 23, 'curl: (23) client returned ERROR on write\n'],
      [
        ['-T', '/nosuch', url],
        26,
        "curl: cannot open '/nosuch'\ncurl: try 'curl --help' or 'curl --manual' for more information\ncurl: (26) Failed to open/read local data from file/application\n",
      ],
    ]
    for (const [args, code, stderr] of failures) expect(await shoot.exec('curl', '-sS', ...args)).toMatchObject({ code, stderr })
    expect(await shoot.exec('curl', '-sr', '0-4', url)).toMatchObject({ stdout: '<!DOC', code: 0 })
    expect(await shoot.exec('curl', '-sS', '--fail-with-body', '-o', '/tmp/b', `${url}/none`)).toMatchObject({ code: 22 })
    expect((await shoot.exec('head', '-n', '1', '/tmp/b')).stdout).toBe('<html>\r\n')
    expect((await shoot.exec('curl', '-sG', '-d', 'a=b', '-o', '/dev/null', '-w', '%{url_effective}', url)).stdout).toBe(`${url}/?a=b`)
  })

  test('-w prints what it is asked for', async () => {
    const format = '%{http_code} %{url_effective} %{content_type} %{remote_ip} %{size_download}\\n'
    const { stdout } = await shoot.exec('curl', '-so', '/dev/null', '-w', format, `http://${web.ip}`)
    expect(stdout).toBe(`200 http://${web.ip}/ text/html ${web.ip} 615\n`)
    const outcome = '%{http_code} %{exitcode} %{remote_port} %{num_redirects} %{errormsg}'
    expect((await shoot.exec('curl', '-so', '/dev/null', '-w', outcome, `http://${web.ip}`)).stdout).toBe('200 0 80 0 ')
    expect((await shoot.exec('curl', '-sfw', outcome, `http://${web.ip}/none`)).stdout).toBe(
      '404 22 80 0 The requested URL returned error: 404',
    )
    expect((await shoot.exec('curl', '-sw', outcome, 'http://nobody')).stdout).toBe('000 6 0 0 Could not resolve host: nobody')
  })
})

describe('ip', () => {
  const busyboxLo = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
`
  const addresses = `    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host ${''}
       valid_lft forever preferred_lft forever
`

  test('shows what each of the three programs of this name shows', async () => {
    expect((await busybox.exec('ip', 'addr', 'show', 'lo')).stdout).toBe(busyboxLo + addresses)
    expect((await busybox.exec('ip', 'link', 'show', 'lo')).stdout).toBe(busyboxLo)
    const alpine = await machine.run('alpine', { command: ['sleep', '1000'] })
    expect((await alpine.exec('ip', 'a', 's', 'lo')).stdout).toBe(
      `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n${addresses}`,
    )
    expect((await shoot.exec('ip', 'a', 'show', 'dev', 'lo')).stdout).toBe(
      `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n${addresses}`,
    )
  })

  test('shows it in a line each, in brief, or of one family', async () => {
    expect((await shoot.exec('ip', '-br', 'a')).stdout).toBe(
      `lo               UNKNOWN        127.0.0.1/8 ::1/128 \neth0@if2         UP             ${shoot.ip}/24 \n`,
    )
    expect((await shoot.exec('ip', '-o', '-4', 'addr')).stdout.split('\n')[0]).toBe(
      '1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever',
    )
    expect((await shoot.exec('ip', 'route')).stdout).toBe(
      `default via 10.244.1.1 dev eth0 \n10.244.1.0/24 dev eth0 proto kernel scope link src ${shoot.ip} \n`,
    )
  })

  test('says what is not there, and what a container may not do', async () => {
    expect(await busybox.exec('ip', 'addr', 'show', 'nosuch')).toEqual({ stdout: '', stderr: "ip: can't find device 'nosuch'\n", code: 1 })
    expect(await shoot.exec('ip', 'addr', 'show', 'nosuch')).toEqual({ stdout: '', stderr: 'Device "nosuch" does not exist.\n', code: 1 })
    expect(await shoot.exec('ip', 'link', 'add', 'd0', 'type', 'dummy')).toEqual({
      stdout: '',
      stderr: 'RTNETLINK answers: Operation not permitted\n',
      code: 2,
    })
    expect(await shoot.exec('ip', 'nosuch')).toEqual({ stdout: '', stderr: 'Object "nosuch" is unknown, try "ip help".\n', code: 1 })
  })
})

describe('IPv6 on the loopback interface', () => {
  test('carries requests, and is shown as each program shows it', async () => {
    const { stdout } = await busybox.exec('sh', '-c', 'nc -l -p 8080 & sleep 0.1; netstat -tln | tail -1; echo hello | nc ::1 8080; wait')
    expect(stdout).toBe('tcp        0      0 :::8080                 :::*                    LISTEN      \nhello\n')
    const whoami = await machine.run('traefik/whoami')
    expect(whoami.net.sockets()[0]).toMatchObject({ localAddress: '::', localPort: 80 })
    expect(await busybox.exec('wget', '-O-', 'http://[::1]:81/')).toEqual({
      stdout: '',
      stderr: "Connecting to [::1]:81 (::1:81)\nwget: can't connect to remote host (::1): Connection refused\n",
      code: 1,
    })
    expect((await busybox.exec('ping', '-c', '1', '::1')).stdout.split('\n')[0]).toBe('PING ::1 (::1): 56 data bytes')
  })

  test('a way to the container itself is one hop', async () => {
    expect((await busybox.exec('traceroute', '127.0.0.1')).stdout.replace(/\d\.\d+ ms/g, 'N ms')).toBe(
      'traceroute to 127.0.0.1 (127.0.0.1), 30 hops max, 46 byte packets\n 1  127.0.0.1 (127.0.0.1)  N ms  N ms  N ms\n',
    )
  })
}) // prettier-ignore
