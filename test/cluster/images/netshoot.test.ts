/** The tools that people take nicolaka/netshoot for, on the simulated network. */
import { X509Certificate } from 'node:crypto'
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

const sh = (script: string): ReturnType<Box['exec']> => shoot.exec('bash', '-c', script)

describe('nmap', () => {
  const steady = (text: string): string =>
    text
      .replace(/at \d{4}-\d\d-\d\d \d\d:\d\d UTC/, 'at DATE')
      .replace(/\(\d\.\d+s latency\)/g, '(Ts latency)')
      .replace(/in \d+\.\d\d seconds/, 'in T seconds')

  test('tells which of the thousand usual ports are open', async () => {
    expect(steady((await shoot.exec('nmap', web.ip)).stdout)).toBe(`Starting Nmap 7.95 ( https://nmap.org ) at DATE
Nmap scan report for ${web.ip}
Host is up (Ts latency).
Not shown: 999 closed tcp ports (reset)
PORT   STATE SERVICE
80/tcp open  http

Nmap done: 1 IP address (1 host up) scanned in T seconds
`)
  })

  test('looks at the ports it is told, by number and name, and says what serves there', async () => {
    const { stdout } = await shoot.exec('nmap', '-sV', '-p', 'http,81', web.ip)
    expect(stdout.split('\n').slice(3, 6)).toEqual(['PORT   STATE  SERVICE VERSION', '80/tcp open   http    nginx 1.25.5', '81/tcp closed hosts2-ns'].map((line, i) => (i === 2 ? expect.stringMatching(/^81\/tcp closed \S+$/) : line))) // prettier-ignore
    expect((await shoot.exec('nmap', '-p', '99999', web.ip)).stderr).toBe(
      'Ports specified must be between 0 and 65535 inclusive\nQUITTING!\n',
    )
  })

  test('finds the hosts of a block, and says that one is not there', async () => {
    const swept = (await shoot.exec('nmap', '-sn', '-n', '10.244.1.2-4')).stdout.split('\n').filter((line) => line.startsWith('Nmap'))
    expect(swept.map(steady)).toEqual([
      'Nmap scan report for 10.244.1.2',
      'Nmap scan report for 10.244.1.3',
      'Nmap scan report for 10.244.1.4',
      'Nmap done: 3 IP addresses (3 hosts up) scanned in T seconds',
    ])
    expect((await shoot.exec('nmap', '10.244.1.77')).stdout).toContain(
      'Note: Host seems down. If it is really up, but blocking our ping probes, try -Pn\nNmap done: 1 IP address (0 hosts up)',
    )
    expect((await shoot.exec('nmap', 'nobody')).stderr).toContain('Failed to resolve "nobody".\n')
  })
})

describe('socat', () => {
  test('joins its standard input with a connection', async () => {
    const { stdout } = await sh(`printf 'GET / HTTP/1.0\\r\\n\\r\\n' | socat - TCP:${web.ip}:80 | head -1`)
    expect(stdout).toBe('HTTP/1.1 200 OK\r\n')
  })

  test('listens, for many with fork, and runs a program for each', async () => {
    const { stdout } = await sh('socat TCP-LISTEN:7000,fork,reuseaddr EXEC:"tr a-z A-Z" & sleep 1; for w in one two; do echo $w | socat -t 1 - TCP:127.0.0.1:7000; done; kill %1') // prettier-ignore
    expect(stdout).toBe('ONE\nTWO\n')
  })

  test('hands a port on to another host, and datagrams back', async () => {
    const { stdout } = await sh(`socat TCP-LISTEN:8080,fork TCP:${web.ip}:80 & sleep 1; curl -s -o /dev/null -w '%{http_code}\\n' localhost:8080; kill %1; socat UDP-LISTEN:9000 PIPE & sleep 1; echo hello | socat - UDP:127.0.0.1:9000; kill %2`) // prettier-ignore
    expect(stdout).toBe('200\nhello\n')
  })

  test('says in its own way what went wrong', async () => {
    const error = async (...args: string[]): Promise<string> =>
      (await shoot.exec('socat', ...args)).stderr.replace(/^\S+ \S+ socat\[\d+\] /gm, '')
    expect(await error('-', `TCP:${web.ip}:81`)).toBe(`E connect(5, AF=2 ${web.ip}:81, 16): Connection refused\n`)
    expect(await error('-')).toBe('E exactly 2 addresses required (there are 1); use option "-h" for help\n')
    expect(await error('-', 'FOO:1')).toBe('E unknown device/address "FOO"\n')
  })
})

test('iperf3 measures what goes over the network, one way or the other, by several streams', async () => {
  const { stdout } = await sh('iperf3 -s -1 > /tmp/server & sleep 1; iperf3 -c 127.0.0.1 -t 2; cat /tmp/server')
  const steady = stdout.replaceAll(/ +\d+(\.\d+)? ([KMG])Bytes +\d+(\.\d+)? [KMG]bits\/sec/g, ' N').replaceAll(/port \d{5}/g, 'port P')
  const lines = steady.split('\n').map((line) => line.trimEnd())
  expect(lines.slice(0, 4)).toEqual([
    'Connecting to host 127.0.0.1, port 5201',
    '[  5] local 127.0.0.1 port P connected to 127.0.0.1 port 5201',
    '[ ID] Interval           Transfer     Bitrate         Retr  Cwnd',
    '[  5]   0.00-1.00   sec N    0   1.25 MBytes',
  ])
  expect(lines.filter((line) => / (sender|receiver)$/.test(line))).toEqual([
    expect.stringMatching(/^\[ {2}5\] {3}0\.00-2\.\d\d {3}sec N {4}0 {13}sender$/),
    expect.stringMatching(/^\[ {2}5\] {3}0\.00-2\.\d\d {3}sec N {18}receiver$/),
    expect.stringMatching(/^\[ {2}5\] {3}0\.00-2\.\d\d {3}sec N {18}receiver$/),
  ])
  expect(lines).toContain('iperf Done.')
  const { stdout: json } = await sh('iperf3 -s -1 > /dev/null & sleep 1; iperf3 -c 127.0.0.1 -n 10M -P 2 -R -J')
  const { end } = JSON.parse(json) as { end: { sum_received: { bytes: number } } }
  expect(end.sum_received.bytes).toBeGreaterThanOrEqual(10 * 1024 * 1024)
  expect((await shoot.exec('iperf3', '-c', web.ip)).stderr).toBe(
    'iperf3: error - unable to connect to server - server may have stopped running or use a different port, firewall issue, etc.: Connection refused\n',
  )
})

describe('the way to a pod of another node', () => {
  test('is told by mtr and tracepath', async () => {
    machine.network.addNode('n2', '192.168.49.3', '10.244.2.0/24')
    const { ip } = machine.network.addPod({ node: 'n2', namespace: 'default', name: 'far' })
    const report = (await shoot.exec('mtr', '-n', '-r', '-c', '3', ip)).stdout.split('\n')
    expect(report[1]).toBe('HOST: pod-2                       Loss%   Snt   Last   Avg  Best  Wrst StDev')
    expect(report.slice(2, 5).map((line) => line.replace(/(\d\.\d +)+\d\.\d$/, 'T'))).toEqual([
      '  1.|-- 10.244.1.1                 0.0%     3    T',
      '  2.|-- 192.168.49.3               0.0%     3    T',
      `  3.|-- ${ip}                 0.0%     3    T`,
    ])
    const path = (await shoot.exec('tracepath', '-n', ip)).stdout.replaceAll(/\d\.\d{3}ms/g, 'T').split('\n')
    expect(path.map((line) => line.trimEnd())).toEqual([
      ' 1?: [LOCALHOST]                     pmtu 1500',
      ` 1:  10.244.1.1${' '.repeat(43)}T`,
      ` 2:  192.168.49.3${' '.repeat(41)}T`,
      ` 3:  ${ip}${' '.repeat(43)}T reached`,
      '     Resume: pmtu 1500 hops 3 back 3',
      '',
    ])
  })
})

test('drill asks DNS and shows the sections of the answer', async () => {
  const { stdout } = await shoot.exec('drill', 'web.default.svc.cluster.local')
  expect(stdout).toContain(';; flags: qr aa rd ; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0 \n')
  expect(stdout).toContain(
    ';; QUESTION SECTION:\n;; web.default.svc.cluster.local.\tIN\tA\n\n;; ANSWER SECTION:\nweb.default.svc.cluster.local.\t30\tIN\tA\t10.96.0.50\n',
  )
  expect((await shoot.exec('drill', '-Q', 'web.default.svc.cluster.local')).stdout).toBe('10.96.0.50\n')
  expect((await shoot.exec('drill', 'nobody.default.svc.cluster.local')).stdout).toContain('rcode: NXDOMAIN')
})

test('ethtool tells of the veth pair, and of no other interface', async () => {
  expect((await shoot.exec('ethtool', 'eth0')).stdout).toMatch(
    /^Settings for eth0:\n[^]*\tSpeed: 10000Mb\/s\n\tDuplex: Full\n[^]*\tLink detected: yes\n$/,
  )
  expect((await shoot.exec('ethtool', '-i', 'eth0')).stdout.split('\n')[0]).toBe('driver: veth')
  expect(await shoot.exec('ethtool', 'eth9')).toMatchObject({ code: 75, stderr: 'netlink error: no device matches name (offset 24)\nnetlink error: No such device\nNo data available\n' }) // prettier-ignore
})

describe('iptables and conntrack', () => {
  test('want a capability that containers do not have by themselves', async () => {
    expect(await shoot.exec('iptables', '-L', '-n')).toEqual({
      stdout: '',
      stderr: 'iptables v1.8.11 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n',
      code: 4,
    })
    expect((await shoot.exec('conntrack', '-L')).stderr).toBe(
      'conntrack v1.4.8 (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this\n',
    )
  })

  test('show the empty tables of a pod and the connections that are open', async () => {
    const admin = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'], capabilities: { add: ['NET_ADMIN'] } })
    expect((await admin.exec('iptables', '-t', 'nat', '-L', '-n')).stdout).toBe(
      ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']
        .map((chain) => `Chain ${chain} (policy ACCEPT)\ntarget     prot opt source               destination         \n`)
        .join('\n'),
    )
    expect((await admin.exec('iptables', '-S')).stdout).toBe('-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n')
    const { stdout, stderr } = await admin.exec('sh', '-c', `sleep 5 | nc ${web.ip} 80 & sleep 1; conntrack -L -p tcp`)
    expect(stdout.replaceAll(/port=\d{5}/g, 'port=P')).toBe(
      `tcp      6 431999 ESTABLISHED src=${admin.ip} dst=${web.ip} sport=P dport=80 src=${web.ip} dst=${admin.ip} sport=80 dport=P [ASSURED] mark=0 use=1\n`,
    )
    expect(stderr).toBe('conntrack v1.4.8 (conntrack-tools): 1 flow entries have been shown.\n')
  })
})

describe('openssl', () => {
  const made = 'openssl req -x509 -newkey rsa:2048 -nodes -keyout /tmp/k.pem -out /tmp/c.pem -days 30 -subj "/O=Acme Co/CN=web" -addext "subjectAltName=DNS:web,IP:10.0.0.1" 2>/dev/null' // prettier-ignore

  test('makes a certificate and tells what is in it', async () => {
    const { stdout } = await sh(`${made}; openssl x509 -in /tmp/c.pem -noout -subject -dates -ext subjectAltName; openssl verify -CAfile /tmp/c.pem /tmp/c.pem; openssl verify /tmp/c.pem; echo $?; openssl x509 -in /tmp/c.pem -noout -checkend 86400`) // prettier-ignore
    expect(stdout.replaceAll(/\d\d:\d\d:\d\d/g, 'HH:MM:SS')).toBe(`subject=O=Acme Co, CN=web
notBefore=Nov 21 HH:MM:SS 2026 GMT
notAfter=Dec 21 HH:MM:SS 2026 GMT
X509v3 Subject Alternative Name: 
    DNS:web, IP Address:10.0.0.1
/tmp/c.pem: OK
2
Certificate will not expire
`)
    const pem = (await shoot.exec('cat', '/tmp/c.pem')).stdout
    const { serialNumber, fingerprint } = new X509Certificate(pem)
    expect((await sh('openssl x509 -in /tmp/c.pem -noout -serial -fingerprint')).stdout).toBe(
      `serial=${serialNumber}\nSHA1 Fingerprint=${fingerprint}\n`,
    )
    expect((await sh('openssl x509 -in /tmp/c.pem -noout -text')).stdout).toContain(
      '            X509v3 Basic Constraints: critical\n                CA:TRUE\n            X509v3 Subject Alternative Name: \n                DNS:web, IP Address:10.0.0.1\n',
    )
  })

  test('s_client shows the chain of a server and whether it is believed', async () => {
    const conf = 'server { listen 443 ssl; ssl_certificate /tmp/c.pem; ssl_certificate_key /tmp/k.pem; location / { return 200 "hi\\n"; } }'
    await sh(made)
    const [cert, key] = [(await shoot.exec('cat', '/tmp/c.pem')).stdout, (await shoot.exec('cat', '/tmp/k.pem')).stdout]
    const secure = await machine.run('nginx:1.25', {
      command: [
        'sh',
        '-c',
        'echo "$CERT" > /tmp/c.pem; echo "$KEY" > /tmp/k.pem; echo "$CONF" > /etc/nginx/conf.d/default.conf; exec nginx -g "daemon off;"',
      ],
      env: Object.entries({ CERT: cert, KEY: key, CONF: conf }).map(([name, value]) => ({ name, value })),
    })
    const { stdout, stderr } = await sh(`openssl s_client -connect ${secure.ip}:443 -servername web </dev/null`)
    expect(stderr).toBe(
      'depth=0 O=Acme Co, CN=web\nverify error:num=18:self-signed certificate\nverify return:1\ndepth=0 O=Acme Co, CN=web\nverify return:1\nDONE\n',
    )
    expect(stdout).toContain(
      `Certificate chain\n 0 s:O=Acme Co, CN=web\n   i:O=Acme Co, CN=web\n   a:PKEY: RSA, 2048 (bit); sigalg: sha256WithRSAEncryption\n`,
    )
    expect(stdout).toContain(cert)
    expect(stdout).toContain('New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384\n')
    expect(stdout.split('\n').at(-3)).toBe('Verify return code: 18 (self-signed certificate)')
    const trusted = await sh(`openssl s_client -connect ${secure.ip}:443 -CAfile /tmp/c.pem </dev/null 2>/dev/null | grep Verif`)
    expect(trusted.stdout).toBe('Verification: OK\nVerify return code: 0 (ok)\n')
    const piped = await sh(`echo | openssl s_client -connect ${secure.ip}:443 -servername web 2>/dev/null | openssl x509 -noout -issuer`)
    expect(piped.stdout).toBe('issuer=O=Acme Co, CN=web\n')
    const refused = await sh(`openssl s_client -connect ${web.ip}:444 </dev/null`)
    expect([refused.code, refused.stderr.split('\n').at(-2)]).toEqual([1, 'connect:errno=111'])
  })

  test('signs a request as an authority or with its own key', async () => {
    const made = [
      'openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=root 2>/dev/null',
      'openssl req -newkey rsa:2048 -nodes -keyout tls.key -out tls.csr -subj /CN=web/O=x -addext subjectAltName=DNS:a.b 2>/dev/null',
    ]
    const { stdout, stderr } = await sh(
      [
        'cd $(mktemp -d)',
        ...made,
        'openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tls.crt -days 30',
        'openssl verify -CAfile ca.crt tls.crt',
        'openssl x509 -in tls.crt -noout -subject -issuer -ext subjectAltName',
        '[ "serial=$(cat ca.srl)" = "$(openssl x509 -in tls.crt -noout -serial)" ] && echo the number is kept',
        'printf "keyUsage=critical,digitalSignature\\nextendedKeyUsage=serverAuth\\nsubjectAltName=@n\\n[n]\\nDNS.1=q.r\\nIP.1=1.2.3.4\\n" > e',
        'openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -set_serial 1 -extfile e -out e.crt 2>/dev/null',
        'openssl x509 -in e.crt -noout -serial -ext keyUsage,extendedKeyUsage,subjectAltName',
        'openssl x509 -req -in tls.csr -signkey tls.key -copy_extensions copy 2>/dev/null | openssl x509 -noout -issuer -ext subjectAltName',
      ].join('; '),
    )
    expect(stdout).toBe(
      [
        'tls.crt: OK',
        'subject=CN=web, O=x',
        'issuer=CN=root',
        'No extensions matching the requested names found in certificate',
        'the number is kept',
        'serial=01',
        'X509v3 Key Usage: critical',
        '    Digital Signature',
        'X509v3 Extended Key Usage: ',
        '    TLS Web Server Authentication',
        'X509v3 Subject Alternative Name: ',
        '    DNS:q.r, IP Address:1.2.3.4',
        'issuer=CN=web, O=x',
        'X509v3 Subject Alternative Name: ',
        '    DNS:a.b',
        '',
      ].join('\n'),
    )
    expect(stderr).toBe('Certificate request self-signature ok\nsubject=CN=web, O=x\n')
    const wrong = await sh(
      [
        'cd $(mktemp -d)',
        ...made,
        'openssl x509 -req -in tls.csr -CA ca.crt -CAkey tls.key',
        'openssl x509 -req -in tls.csr',
        'openssl x509 -req -in ca.crt -signkey ca.key',
      ].join('; '),
    )
    expect(wrong.stderr).toBe(
      'CA certificate and CA private key do not match\n' +
        'We need a private key to sign with, use -key or -CAkey or -CA with private key\n' +
        'Unable to load certificate request input\n',
    )
  })

  test('sums, encodes and draws lots', async () => {
    expect(
      (await sh('echo hi | openssl dgst -sha256; echo hi | openssl base64; echo aGkK | openssl base64 -d; openssl rand -hex 8 | wc -c'))
        .stdout,
    ).toBe('SHA2-256(stdin)= 98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4\naGkK\nhi\n17\n')
    expect((await shoot.exec('openssl', 'foo')).stderr).toBe(`Invalid command 'foo'; type "help" for a list.\n`)
    expect((await shoot.exec('openssl', 'version')).stdout).toBe('OpenSSL 3.5.4 30 Sep 2025 (Library: OpenSSL 3.5.4 30 Sep 2025)\n')
  })
})

test('a Debian or an Alpine gets the tools by its package manager', async () => {
  const debian = await machine.run('debian:12', { command: ['sleep', '1000000'] })
  expect(
    (
      await debian.exec(
        'sh',
        '-c',
        'apt-get update >/dev/null && apt-get install -y tcpdump socat openssl >/dev/null 2>&1; which tcpdump socat openssl',
      )
    ).stdout,
  ).toBe('/usr/bin/tcpdump\n/usr/bin/socat\n/usr/bin/openssl\n')
  const alpine = await machine.run('alpine:3.22', { command: ['sleep', '1000000'] })
  expect((await alpine.exec('sh', '-c', 'apk add nmap openssl >/dev/null; nmap --version | head -1')).stdout).toBe(
    'Nmap version 7.95 ( https://nmap.org )\n',
  )
})
