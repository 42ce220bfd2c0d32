/** How curl speaks to servers: versions of HTTP, traces, digests, ports of its own and proxies of SOCKS. */
import { beforeEach, expect, test } from 'vitest'
import { Machine, type Box } from './machine.js'

let machine: Machine
let shoot: Box
const URL = 'http://127.0.0.1:8080'
/** Keeps the heads that it was sent, and answers what a script prints. */
const serve = (answer: string): string =>
  `cd /tmp; U=${URL}; cat > server <<'END'
while read -r line; do [ -z "\${line%?}" ] && break; echo "$line" >> /tmp/asked; done
${answer}
END
socat TCP-LISTEN:8080,fork,reuseaddr SYSTEM:'sh /tmp/server' & sleep 1\n`
const YES = serve(String.raw`printf 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes'`)
const sh = async (script: string): Promise<string> => (await shoot.exec('bash', '-c', `${script}\nkill %1`)).stdout

beforeEach(async () => {
  machine = new Machine()
  shoot = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
})

test('-0 asks by HTTP/1.0, and --http2 offers to go on by HTTP/2', async () => {
  expect(
    await sh(
      `${YES} curl -s -0 -d a=b $U -v 2>&1 | grep HTTP; head -1 asked; curl -s --http2 $U; tail -n +2 asked | grep -i -e upg -e '-Set'`,
    ),
  ).toBe(
    '* using HTTP/1.x\n> POST / HTTP/1.0\r\n< HTTP/1.1 200 OK\r\nPOST / HTTP/1.0\r\nyesConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n',
  )
})

test('--http2-prior-knowledge speaks HTTP/2 to who does, and tells who does not', async () => {
  const server = await machine.run('registry.k8s.io/e2e-test-images/agnhost:2.53', { args: ['h2c-server', '--port', '8080'] })
  const { stdout, stderr } = await shoot.exec(
    'curl',
    '-siv',
    '-w',
    ' %{http_version}',
    '--http2-prior-knowledge',
    `http://${server.ip}:8080/x`,
  )
  expect(stdout).toBe('HTTP/2 200 \r\ncontent-type: text/plain\r\ndate: Sat, 21 Nov 2026 09:17:02 GMT\r\n\r\nok 2')
  expect(stderr).toContain(`* using HTTP/2
* [HTTP/2] [1] OPENED stream for http://${server.ip}:8080/x
* [HTTP/2] [1] [:method: GET]
* [HTTP/2] [1] [:scheme: http]
* [HTTP/2] [1] [:authority: ${server.ip}:8080]
* [HTTP/2] [1] [:path: /x]
* [HTTP/2] [1] [user-agent: curl/8.14.1]
* [HTTP/2] [1] [accept: */*]
> GET /x HTTP/2\r
> Host: ${server.ip}:8080\r
> User-Agent: curl/8.14.1\r
> Accept: */*\r
> \r
* Request completely sent off
< HTTP/2 200 \r
`)
  expect(await sh(`${YES} curl -sS --http2-prior-knowledge $U 2>&1; echo $?`)).toBe(
    'curl: (16) Remote peer returned unexpected data while we expected SETTINGS frame.  Perhaps, peer does not support HTTP/2 properly.\n16\n',
  )
})

test('--trace-ascii and --trace write what passed, with its offsets', async () => {
  expect(await sh(`${YES} curl -s --trace-ascii - -d a=b $U`)).toBe(`== Info:   Trying 127.0.0.1:8080...
== Info: Connected to 127.0.0.1 (127.0.0.1) port 8080
== Info: using HTTP/1.x
=> Send header, 147 bytes (0x93)
0000: POST / HTTP/1.1
0011: Host: 127.0.0.1:8080
0027: User-Agent: curl/8.14.1
0040: Accept: */*
004d: Content-Length: 3
0060: Content-Type: application/x-www-form-urlencoded
0091: 
=> Send data, 3 bytes (0x3)
0000: a=b
== Info: upload completely sent off: 3 bytes
<= Recv header, 17 bytes (0x11)
0000: HTTP/1.1 200 OK
<= Recv header, 19 bytes (0x13)
0000: Content-Length: 3
<= Recv header, 2 bytes (0x2)
0000: 
<= Recv data, 3 bytes (0x3)
0000: yes
yes== Info: Connection #0 to host 127.0.0.1 left intact
`)
  expect(
    await sh(
      `${YES} curl -s -o f --trace t $U; grep -A2 'Recv header, 17' t; tail -2 t; curl -s -v --trace-time --trace-ascii t $U 2>&1; head -1 t`,
    ),
  ).toBe(
    `<= Recv header, 17 bytes (0x11)
0000: 48 54 54 50 2f 31 2e 31 20 32 30 30 20 4f 4b 0d HTTP/1.1 200 OK.
0010: 0a                                              .
0000: 79 65 73                                        yes
== Info: Connection #0 to host 127.0.0.1 left intact
Warning: --trace-ascii overrides an earlier trace/verbose option
yes09:17:03.000000 == Info:   Trying 127.0.0.1:8080...
`,
  )
})

test('--digest answers a challenge, and tells nobody a password before', async () => {
  const ASKS = serve(String.raw`if grep -q Authorization /tmp/asked; then printf 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes'
else printf 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nWWW-Authenticate: Digest realm="Site", nonce="abc", qop="auth", algorithm=MD5, opaque="o"\r\n\r\nno'; fi`)
  // MD5(MD5("me:Site:pw") : "abc" : MD5("GET:/a"))
  const PLAIN = ASKS.replace(', qop="auth", algorithm=MD5, opaque="o"', '')
  expect(await sh(`${PLAIN} curl -s --digest -u me:pw $U/a; grep -e GET -e Auth asked`)).toBe(
    `yesGET /a HTTP/1.1\r\nGET /a HTTP/1.1\r\nAuthorization: Digest username="me", realm="Site", nonce="abc", uri="/a", response="eb409cc49efb2b53162cdba9e73c475b"\r\n`,
  )
  expect(
    await sh(
      `rm asked; ${ASKS} curl -s --anyauth -u me:pw $U/a; rm asked; curl -sv --digest -u me:pw $U/a -o f 2>&1 | grep -e '^[<*].*auth' -e 401; grep -o 'qop=auth.*opaque.*' asked | sed 's/response="[0-9a-f]*"/R/'`,
    ),
  ).toBe(
    'yes< HTTP/1.1 401 Unauthorized\r\n< WWW-Authenticate: Digest realm="Site", nonce="abc", qop="auth", algorithm=MD5, opaque="o"\r\n* Server auth using Digest with user \'me\'\nqop=auth, R, opaque="o", algorithm=MD5\r\n',
  )
})

test('--local-port takes a port, the next of a range that is free, and tells one that is taken', async () => {
  expect(
    await sh(
      `${YES} F='%{local_port}\\n'; curl -s -o f -w "$F" --local-port 4000 $U; curl -s -o f -w "$F" --local-port 8080-8082 $U; curl -sS --local-port 8080 $U 2>&1; echo $?; curl --local-port x $U 2>&1 | head -1`,
    ),
  ).toBe('4000\n8081\ncurl: (45) bind failed with errno 98: Address in use\n45\ncurl: option --local-port: is badly used here\n')
})

test('--haproxy-protocol tells the server who asks', async () => {
  expect(await sh(`${YES} curl -s --haproxy-protocol --local-port 4000 $U; head -1 asked`)).toBe(
    'yesPROXY TCP4 127.0.0.1 127.0.0.1 4000 8080\r\n',
  )
})

test('--socks5, --socks5-hostname and --socks4 go through their proxies, and tell what these refuse', async () => {
  const proxy = (script: string): string =>
    `cat > socks <<'END'\n${script}\nEND\nsocat TCP-LISTEN:1080,fork,reuseaddr SYSTEM:'sh /tmp/socks' & sleep 1\n`
  const take = (n: number): string => `dd bs=1 count=${n} 2>/dev/null`
  const five = (status: number): string =>
    `${take(3)} >/dev/null; printf '\\005\\000'; ${take(4)} >/dev/null; ${take(6)} | od -An -tx1 > /tmp/wanted; printf '\\005\\00${status}\\000\\001\\0\\0\\0\\0\\0\\0'; exec nc 127.0.0.1 8080`
  expect(
    await sh(
      `${YES}${proxy(five(0))} curl -sv --socks5 127.0.0.1 $U 2>&1 | grep -e SOCKS -e yes; cat wanted; curl -s -x socks5h://127.0.0.1:1080 http://a.b:8080; cat wanted; kill %2`,
    ),
  ).toBe(
    '* SOCKS5 connect to IPv4 127.0.0.1:8080 (locally resolved)\n* SOCKS5 request granted.\nyes* Connection #0 to host 127.0.0.1 left intact\n 7f 00 00 01 1f 90\nyes 03 61 2e 62 1f 90\n',
  )
  expect(
    await sh(
      `${YES}${proxy(five(5))} curl -sS --socks5 127.0.0.1 $U 2>&1; echo $?; curl -sS --socks5 127.0.0.1:81 $U 2>&1; echo $?; kill %2`,
    ),
  ).toBe(
    'curl: (97) cannot complete SOCKS5 connection to 127.0.0.1. (5)\n97\ncurl: (7) Failed to connect to 127.0.0.1 port 81 after 0 ms: Could not connect to server\n7\n',
  )
  const four = (status: number): string => `${take(9)} >/dev/null; printf '\\000\\${status}\\0\\0\\0\\0\\0\\0'; exec nc 127.0.0.1 8080`
  expect(
    await sh(`${YES}${proxy(four(132))} curl -s --socks4 127.0.0.1 $U; kill %2
sed -i s/132/133/ socks; socat TCP-LISTEN:1081,fork,reuseaddr SYSTEM:'sh /tmp/socks' & sleep 1
curl -sS --socks4 127.0.0.1:1081 $U 2>&1; echo $?; echo exit > socks; curl -sS --socks5 127.0.0.1:1081 $U 2>&1; kill %3`),
  ).toBe(
    'yescurl: (97) [SOCKS] cannot complete SOCKS4 connection to 127.0.0.1:8080. (91), request rejected or failed.\n97\ncurl: (97) connection to proxy closed\n',
  )
})
