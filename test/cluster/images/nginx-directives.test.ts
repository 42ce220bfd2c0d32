/** Directives of nginx: what each does to requests, as nginx 1.22 answered the same ones, and what `nginx -t` says of mistakes. */
import { beforeEach, describe, expect, test } from 'vitest'
import { Machine, type Box } from './machine.js'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})

/** nginx with the contents of the http block, a page /srv/a.txt and a folder /srv/dir; `more` stands outside of http. */
function nginx(conf: string, more = ''): Promise<Box> {
  return machine.run('nginx:1.25.3', {
    command: [
      'sh',
      '-c',
      `mkdir -p /srv/dir/sub; echo 'hello world hello' > /srv/a.txt; echo x > /srv/dir/x.txt; touch -d '2026-11-20 10:00:00' /srv/a.txt /srv/dir/*; printf '%s' "$CONF" > /etc/nginx/nginx.conf; exec nginx -g 'daemon off;'`,
    ],
    env: [{ name: 'CONF', value: `error_log stderr; events {} ${more} http { types { text/plain txt; } access_log off; ${conf} }` }],
  })
}
const body = async (box: Box, path: string, headers: Record<string, string> = {}): Promise<string> =>
  (await box.get(path, { headers })).body

test('map, geo and split_clients compute variables', async () => {
  const box = await nginx(
    `map $arg_m $out { default none; a one; ~^b(?<rest>.*)$ two-$rest; '' empty; }
     map $host $h { hostnames; default d; *.example.com ex; www.* w; }
     geo $g { default far; 10.0.0.0/8 near; 10.0.0.0/32 here; }
     split_clients $arg_s $part { 50% A; 30% B; * C; }
     server { location / { return 200 "$out $h $g $part"; } }`,
  )
  expect(await body(box, '/?m=a&s=1')).toBe('one d near A')
  expect(await body(box, '/?m=bxx&s=3', { Host: 'a.example.com' })).toBe('two-xx ex near B')
  expect(await body(box, '/?s=hello', { Host: 'www.x' })).toBe('empty w near C')
})

test('auth_request asks another location who may go on', async () => {
  const box = await nginx(
    `server { root /srv; location / { auth_request /auth; auth_request_set $who $sent_http_x_user; add_header X-Who $who; }
     location = /auth { internal; if ($http_x_k = un) { return 401; } if ($http_x_k = no) { return 403; } if ($http_x_k = odd) { return 418; } return 204; } }`,
  )
  const status = async (k: string): Promise<number> => (await box.get('/a.txt', { headers: { 'X-K': k } })).status
  expect([await status('ok'), await status('un'), await status('no'), await status('odd')]).toEqual([200, 401, 403, 500])
  expect((await box.get('/auth')).status).toBe(404)
  expect(await box.log('Stderr')).toContain('auth request unexpected status: 418, client: ')
})

test('sub_filter replaces the first of each text, or all', async () => {
  const box = await nginx(
    `sub_filter_types text/plain; server { root /srv; location / { sub_filter HELLO bye; } location /all/ { alias /srv/; sub_filter hello '<$uri>'; sub_filter_once off; } }`,
  )
  const first = await box.get('/a.txt')
  expect([first.body, first.headers['transfer-encoding'], first.headers['etag']]).toEqual(['bye world hello\n', 'chunked', undefined])
  expect(await body(box, '/all/a.txt')).toBe('</all/a.txt> world </all/a.txt>\n')
})

test('limit_conn lets only so many requests of a client be answered at once', async () => {
  const box = await nginx(
    `limit_conn_zone $binary_remote_addr zone=one:1m; server { location / { root /srv; limit_conn one 1; limit_rate 6; limit_conn_status 429; } }`,
  )
  const slow = box.get('/a.txt')
  const second = await box.get('/a.txt')
  await machine.clock.advance(5000)
  expect([second.status, (await slow).status]).toEqual([429, 200])
  expect(await box.log('Stderr')).toContain('limiting connections by zone "one", client: ')
  expect((await box.get('/a.txt')).status).toBe(200)
})

test('limit_except and an if with settings of its own hold for the requests that they name', async () => {
  const box = await nginx(
    `server { root /srv; location / { limit_except GET { deny all; } } location /dir { add_header A outer; if ($arg_b) { add_header B inner; } } }`,
  )
  expect((await box.get('/a.txt')).status).toBe(200)
  expect((await box.get('/a.txt', { method: 'HEAD' })).status).toBe(200)
  expect((await box.get('/a.txt', { method: 'DELETE' })).status).toBe(403)
  const { headers } = await box.get('/dir/x.txt?b=1')
  expect([headers['a'], headers['b']]).toEqual([undefined, 'inner'])
})

describe('upstream', () => {
  const servers = 'server { listen 81; return 200 one; } server { listen 82; return 200 two; } server { listen 83; return 503 three; }'

  test('weights mix the turns, backup and down keep servers out, hashes keep a key where it is', async () => {
    const box = await nginx(
      `upstream rr { server 127.0.0.1:81 weight=3; server 127.0.0.1:82; } upstream bk { server 127.0.0.1:1; server 127.0.0.1:82 backup; }
       upstream hs { hash $arg_k; server 127.0.0.1:81; server 127.0.0.1:82; server 127.0.0.1:83; } upstream ih { ip_hash; server 127.0.0.1:81; server 127.0.0.1:82; }
       upstream lc { least_conn; server 127.0.0.1:81 down; server 127.0.0.1:82; } ${servers}
       server { location /rr { proxy_pass http://rr; } location /bk { proxy_pass http://bk; add_header X-A $upstream_addr; add_header X-S $upstream_status; }
       location /hs { proxy_pass http://hs; } location /lc { proxy_pass http://lc; } location /ih { proxy_pass http://ih; } }`,
    )
    const turns = []
    for (let i = 0; i < 5; i++) turns.push(await body(box, '/rr'))
    expect(turns).toEqual(['one', 'one', 'two', 'one', 'one'])
    const { headers, body: text } = await box.get('/bk')
    expect([text, headers['x-a'], headers['x-s']]).toEqual(['two', '127.0.0.1:1, 127.0.0.1:82', '502, 200'])
    expect((await box.get('/bk')).headers['x-a']).toBe('127.0.0.1:82')
    const keys = []
    for (const key of ['a', 'b', 'c', 'd', 'hello']) keys.push(await body(box, `/hs?k=${key}`))
    expect(keys).toEqual(keys.map(() => expect.stringMatching(/^(one|two|three)$/)))
    expect(new Set([await body(box, '/ih'), await body(box, '/ih'), await body(box, '/ih')]).size).toBe(1)
    expect(await body(box, '/lc')).toBe('two')
  })

  test('a group without a living server is told of, and proxy_next_upstream passes over statuses', async () => {
    const box = await nginx(
      `upstream dead { server 127.0.0.1:1; server 127.0.0.1:2; } upstream skip { server 127.0.0.1:83; server 127.0.0.1:82; } ${servers}
       server { location / { proxy_pass http://dead; } location /skip { proxy_pass http://skip; proxy_next_upstream http_503; } }`,
    )
    expect([(await box.get('/')).status, (await box.get('/')).status]).toEqual([502, 502])
    expect(await box.log('Stderr')).toContain('no live upstreams while connecting to upstream, client: ')
    expect(await body(box, '/skip')).toBe('two')
  })
})

test('proxy_pass asks with HTTP/1.0 and no headers of its own, and changes what comes back as it is told', async () => {
  const box = await nginx(
    `server { listen 81; location / { add_header X-Back yes; return 200 "$request_method $request_uri $server_protocol $http_host $http_connection"; }
     location /redir { return 302 http://127.0.0.1:81/other; } location /cook { add_header Set-Cookie 'a=b; Path=/two/; Domain=in.ner'; return 200 c; } }
     server { location / { proxy_pass http://127.0.0.1:81; } location /one/ { proxy_pass http://127.0.0.1:81/two/; proxy_hide_header X-Back; }
     location /v11 { proxy_http_version 1.1; proxy_set_header Connection ''; proxy_pass http://127.0.0.1:81; }
     location /cookie { proxy_pass http://127.0.0.1:81/cook; proxy_cookie_path /two/ /one/; proxy_cookie_domain in.ner out.er; }
     location /put { proxy_method PUT; proxy_pass http://127.0.0.1:81; } location /name { set $b backend; proxy_pass http://$b; } }`,
  )
  expect(await body(box, '/q?x=1')).toBe('GET /q?x=1 HTTP/1.0 127.0.0.1:81 close')
  const one = await box.get('/one/a%20b')
  expect([one.body, one.headers['x-back']]).toEqual(['GET /two/a%20b HTTP/1.0 127.0.0.1:81 close', undefined])
  expect(await body(box, '/v11')).toBe('GET /v11 HTTP/1.1 127.0.0.1:81 ')
  expect((await box.get('/redir')).headers['location']).toBe(`http://${box.ip}/other`)
  expect((await box.get('/cookie')).headers['set-cookie']).toEqual(['a=b; Path=/one/; Domain=out.er'])
  expect(await body(box, '/put')).toContain('PUT /put')
  expect((await box.get('/name')).status).toBe(502)
  expect(await box.log('Stderr')).toContain('no resolver defined to resolve backend, client: ')
})

test('proxy_cache answers from its files for as long as it may', async () => {
  const box = await nginx(
    `proxy_cache_path /var/cache/nginx/c levels=1:2 keys_zone=c:1m; server { listen 81; location / { return 200 $msec; } location /no { add_header Cache-Control no-store; return 200 x; } }
     server { proxy_cache c; proxy_cache_valid 200 1m; proxy_cache_bypass $arg_b; add_header X-C $upstream_cache_status; location / { proxy_pass http://127.0.0.1:81; } }`,
  )
  const first = await box.get('/a')
  const second = await box.get('/a')
  expect([first.headers['x-c'], second.headers['x-c'], second.body]).toEqual(['MISS', 'HIT', first.body])
  expect((await box.get('/a?b=1')).headers['x-c']).toBe('BYPASS')
  expect([(await box.get('/no')).headers['x-c'], (await box.get('/no')).headers['x-c']]).toEqual(['MISS', 'MISS'])
  await machine.clock.advance(61_000)
  const third = await box.get('/a')
  expect([third.headers['x-c'], third.body === first.body]).toEqual(['EXPIRED', false])
  expect((await box.exec('sh', '-c', 'grep -rl "KEY: http127.0.0.1:81/a$" /var/cache/nginx/c | wc -l')).stdout).toBe('1\n')
  await box.exec('sh', '-c', 'rm -rf /var/cache/nginx/c/*')
  expect((await box.get('/a')).headers['x-c']).toBe('MISS')
})

test('stream passes connections and datagrams on, answers by itself, and keeps addresses out', async () => {
  const box = await nginx(
    'server { listen 81; return 200 web; }',
    `stream { upstream web { server 127.0.0.1:81; } server { listen 90; proxy_pass web; } server { listen 91; return "$remote_addr $server_port"; }
     server { listen 92; deny all; proxy_pass web; } server { listen 93; proxy_pass 127.0.0.1:1; } }`,
  )
  const client = await machine.run('busybox', { command: ['sleep', '1000000'] })
  expect((await box.exec('curl', '-s', 'http://127.0.0.1:90/')).stdout).toBe('web')
  expect((await client.exec('nc', '-w', '1', box.ip, '91')).stdout).toBe(`${client.ip} 91`)
  expect((await box.exec('curl', '-s', 'http://127.0.0.1:92/')).code).toBe(52)
  expect((await box.exec('curl', '-s', 'http://127.0.0.1:93/')).code).toBe(52)
  expect(await box.log('Stderr')).toContain('connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1')
})

test('autoindex lists in JSON and XML', async () => {
  const box = await nginx(
    'server { root /srv; autoindex on; location / { autoindex_format json; } location /x/ { alias /srv/dir/; autoindex_format xml; } }',
  )
  const listed = await box.get('/dir/')
  expect(JSON.parse(listed.body)).toEqual([
    { name: 'sub', type: 'directory', mtime: 'Fri, 20 Nov 2026 10:00:00 GMT' },
    { name: 'x.txt', type: 'file', mtime: 'Fri, 20 Nov 2026 10:00:00 GMT', size: 2 },
  ])
  expect(listed.headers['content-type']).toBe('application/json')
  expect(await body(box, '/x/')).toBe('<?xml version="1.0"?>\r\n<list>\r\n<directory mtime="2026-11-20T10:00:00Z">sub</directory>\r\n<file mtime="2026-11-20T10:00:00Z" size="2">x.txt</file>\r\n</list>\r\n') // prettier-ignore
})

test('the address of a client comes from the header of a trusted proxy, and pages of others are told by valid_referers', async () => {
  const box = await nginx(
    `server { set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; real_ip_recursive on; location / { return 200 $remote_addr; }
     location /ref { valid_referers none server_names *.ok.com; if ($invalid_referer) { return 403; } return 200 ok; } }`,
  )
  expect(await body(box, '/', { 'X-Forwarded-For': '1.2.3.4, 10.9.9.9' })).toBe('1.2.3.4')
  expect((await box.get('/ref', { headers: { Referer: 'http://bad.com/' } })).status).toBe(403)
  expect(await body(box, '/ref', { Referer: 'http://x.ok.com/' })).toBe('ok')
})

test.each([
  ['http { server { gzip maybe; } }', 'invalid value "maybe" in "gzip" directive, it must be "on" or "off" in C:2'],
  ['http { gzip on; gzip on; }', '"gzip" directive is duplicate in C:2'],
  ['http { server { client_max_body_size 5x; } }', '"client_max_body_size" directive invalid value in C:2'],
  ['http { server { alias /x; } }', '"alias" directive is not allowed here in C:2'],
  ['http { server { location / { sub_filter a; } } }', 'invalid number of arguments in "sub_filter" directive in C:2'],
  ['http { server { if ($nosuch) { return 200; } } }', 'unknown "nosuch" variable'],
  ['http { limit_conn_zone $uri zone=a; }', 'invalid zone size "zone=a" in C:2'],
  ['http { proxy_cache_path /tmp/x max_size=1m; }', '"proxy_cache_path" must have "keys_zone" parameter in C:2'],
  ['http { server { proxy_cache nozone; } }', '"proxy_cache" zone "nozone" is unknown in C:2'],
  ['http { access_log /tmp/a nofmt; }', 'unknown log format "nofmt" in C:2'],
  ['http { geo $x { 1.2.3/99 a; } }', 'invalid network "1.2.3/99" in C:2'],
  ['http { server { error_page 200 /x; } }', 'value "200" must be between 300 and 599 in C:2'],
  ['http { server { location /a { location /b { } } } }', 'location "/b" is outside location "/a" in C:2'],
  ['http { server { location ~ ( { } } }', 'pcre2_compile() failed: missing closing parenthesis in "(" in C:2'],
  ['http { server { rewrite ^/a /b wrong; } }', 'invalid parameter "wrong" in C:2'],
  ['http { upstream u { ip_hash; server 127.0.0.1 backup; } }', 'balancing method does not support parameter "backup" in C:2'],
  ['stream { server { listen 80; } }', 'no handler for server in C:2'],
  ['stream { server { listen 90; proxy_pass 127.0.0.1; } }', 'no port in upstream "127.0.0.1" in C:2'],
  ['http { resolver nosuch.invalid; }', 'host not found in resolver "nosuch.invalid" in C:2'],
])('%s is refused', async (conf, message) => {
  const box = await machine.run('nginx:1.25.3', { command: ['sleep', '100000'], env: [{ name: 'CONF', value: `events {}\n${conf}\n` }] })
  const { stderr, code } = await box.exec('sh', '-c', `printf '%s' "$CONF" > /tmp/c; nginx -t -c /tmp/c`)
  expect([code, stderr.replaceAll('/tmp/c:', 'C:')]).toEqual([1, expect.stringContaining(`nginx: [emerg] ${message}\n`)])
})
