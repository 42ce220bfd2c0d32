/** The options of curl that people use: each does what it says, and what is not built in is told as curl tells it. */
import { beforeEach, expect, test } from 'vitest'
import { Machine, type Box } from './machine.js'

let shoot: Box
const URL = 'http://127.0.0.1:8080'
const serve = (script: string): string =>
  `cd /tmp; U=${URL}; cat > server <<'END'\n${script}\nEND\nsocat TCP-LISTEN:8080,fork,reuseaddr SYSTEM:'sh /tmp/server' & sleep 1\n`
/** A server that is always too busy, as one behind a load balancer may be. */
const BUSY = serve(String.raw`read line
printf 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\nX-A: b\r\nContent-Disposition: attachment; filename="given.txt"\r\n\r\nno\n'`)
/** Keeps what it was sent. */
const ECHO = serve(String.raw`while read -r line; do [ -z "${'$'}{line%?}" ] && break; echo "$line" >> /tmp/asked; done
printf 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nLast-Modified: Sat, 01 Nov 2025 10:00:00 GMT\r\nETag: "v1"\r\n\r\nyes'`)
const sh = async (script: string): Promise<string> => (await shoot.exec('bash', '-c', `${script}\nkill %1`)).stdout

beforeEach(async () => {
  shoot = await new Machine().run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
})

test('-D writes heads to a file or to standard output, and the content goes elsewhere', async () => {
  const head =
    'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\nX-A: b\r\nContent-Disposition: attachment; filename="given.txt"\r\n\r\n'
  expect(await sh(`${BUSY} curl -s -D - -o /dev/null $U; curl -s -D heads $U; cat heads`)).toBe(`${head}no\n${head}`)
})

test('--retry tries again after 503 and as often as it says, and --retry-max-time ends it', async () => {
  expect(
    await sh(`${BUSY} curl -sS --retry 2 $U; echo $?; curl -sf --retry 9 --retry-delay 2 --retry-max-time 3 -w '%{http_code} ' $U`),
  ).toBe('no\nno\nno\n0\n503 503 503 ')
  expect(await sh(`${BUSY} curl -o /dev/null --retry 1 $U 2>&1 | grep Warning`)).toBe(
    'Warning: Problem: HTTP error. Will retry in 1 second. 1 retry left.\n',
  )
})

test('sets and ranges stand for many URLs, each with its own file', async () => {
  expect(await sh(`${BUSY} curl -s "$U/[08-10:2]?{a,b}" -o 'f#1#2' -w '%{url_effective} %header{x-a}\\n'; echo f*`)).toBe(
    `${URL}/08?a b\n${URL}/08?b b\n${URL}/10?a b\n${URL}/10?b b\nf08a f08b f10a f10b\n`,
  )
  expect(await sh(`curl -sS '${URL}/{a' 2>&1; echo $?`)).toBe(
    `curl: (3) unmatched brace in URL position 23:\n${URL}/{a\n${' '.repeat(22)}^\n3\n`,
  )
})

test('each -o belongs to its URL; -O -J takes the name that the server gives, in --output-dir', async () => {
  expect(await sh(`${BUSY} mkdir d; curl -s -o a $U -o b $U $U; curl -s -O -J --output-dir d $U/x; echo a b d/*`)).toBe(
    'no\na b d/given.txt\n',
  )
})

test('options come from files and from ~/.curlrc, and --next begins anew', async () => {
  expect(
    await sh(`${BUSY} printf '# mine\\nurl = "%s/1"\\nsilent\\n-w "%%{http_code}\\\\n"\\n' $U > cfg; curl -K cfg; curl -s -o /dev/null $U --next -I $U | head -1
echo 'user-agent: mine' > ~/.curlrc; curl -sv $U 2>&1 | grep User; curl -q -sv $U 2>&1 | grep -c mine`),
  ).toBe('no\n503\nHTTP/1.1 503 Service Unavailable\r\n> User-Agent: mine\r\n0\n')
})

test('proxies come from the environment, except for hosts that need none', async () => {
  expect(
    await sh(
      `${BUSY} http_proxy=127.0.0.1:9 curl -sS $U 2>&1; http_proxy=127.0.0.1:9 no_proxy=127.0.0.0/8 curl -s $U; HTTP_PROXY=127.0.0.1:9 curl -s $U; https_proxy=x curl --noproxy '*' -s $U`,
    ),
  ).toBe('curl: (7) Failed to connect to 127.0.0.1 port 9 after 0 ms: Could not connect to server\nno\nno\nno\n')
})

test('-z, --etag-compare, -n, --url-query and --request-target are seen by the server; -R keeps its time', async () => {
  expect(
    await sh(`${ECHO} printf 'machine 127.0.0.1 login me password pw' > ~/.netrc; curl -s --etag-save tag -o f -R $U; curl -s -n -z f --etag-compare tag --url-query 'q=a b' -o f $U/; curl -s -o f --request-target '*' -X OPTIONS $U
grep -v Host asked | grep -v User | grep -v Accept; date -u -r f +%F; stat -c %y f | cut -c1-10`),
  ).toContain(
    'GET / HTTP/1.1\r\nGET /?q=a+b HTTP/1.1\r\nAuthorization: Basic bWU6cHc=\r\nIf-Modified-Since: Sat, 01 Nov 2025 10:00:00 GMT\r\nIf-None-Match: "v1"\r\nOPTIONS * HTTP/1.1\r\n',
  )
})

test('-C goes on where a file ends, and tells a server that cannot', async () => {
  expect(
    await sh(
      `${ECHO} printf ye > f; curl -sS -C - -o f $U 2>&1; echo $?; grep Range asked; printf yes > f; curl -sS -C - -o f $U; echo $?`,
    ),
  ).toBe('curl: (33) HTTP server does not seem to support byte ranges. Cannot resume.\n33\nRange: bytes=2-\r\n0\n')
})

test('--stderr, -#, --max-filesize, --proto, --interface, -6 and --fail-early do what they say', async () => {
  expect(await sh(`${BUSY} curl -s --stderr err -v -o /dev/null $U; grep -c '^>' err; curl -# -o f $U 2>&1 | tr '\\r' .`)).toBe(
    `5\n.${'#'.repeat(72)} 100.0%\n`,
  )
  expect(
    await sh(
      `${BUSY} for o in '--max-filesize 2' '--proto =https' '--interface nope' '--interface 10.9.9.9' -6 '--fail-early -f'; do curl -sS $o $U 2>&1; echo $?; done`,
    ),
  ).toBe(`curl: (63) Maximum file size exceeded
63
curl: (1) Protocol "http" disabled
1
curl: (45) Couldn't bind to 'nope'
45
curl: (45) bind failed with errno 99: Address not available
45
curl: (7) Failed to connect to 127.0.0.1 port 8080 after 0 ms: Could not connect to server
7
curl: (22) The requested URL returned error: 503
22
`)
})

test('an option of another build, a number that is none and a name that nobody knows are told each in their words', async () => {
  const advice = "curl: try 'curl --help' or 'curl --manual' for more information\n"
  expect(
    await sh(`for o in '--dns-servers 1' '--retry x' '-m x' '--tls-max 9' --no-such -@ '-K none'; do curl $o ${URL} 2>&1; echo $?; done`),
  ).toBe(
    [
      ['--dns-servers', 'the installed libcurl version does not support this', 2],
      ['--retry', 'expected a proper numerical parameter', 2],
      ['-m', 'expected a proper numerical parameter', 2],
      ['--tls-max', 'is badly used here', 2],
      ['--no-such', 'is unknown', 2],
      ['-@', 'is unknown', 2],
      ['-K', 'error encountered when reading a file', 26],
    ]
      .map(([option, why, code]) => `curl: option ${option}: ${why}\n${advice}${code}\n`)
      .join(''),
  )
})

test('-w goes to standard error where it says, knows headers and JSON, and tells what it does not know', async () => {
  expect(
    await sh(
      `${BUSY} curl -s -o /dev/null -w '%{stderr}e%{stdout}o %{exitcode} %{num_headers}%%\\n' $U 2>/dev/null; curl -s -o /dev/null -w '%{nope}x\\n' $U 2>&1; curl -s -o /dev/null -w '%{json}' $U | jq -c '[.http_code,.scheme,.redirect_url]'`,
    ),
  ).toBe('o 0 3%\ncurl: unknown --write-out variable: \'nope\'\nx\n[503,"HTTP",null]\n')
})
