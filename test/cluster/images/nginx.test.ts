import { beforeEach, describe, expect, test } from 'vitest'
import { fakeCertificate } from '../../../src-main/cluster/runtime/images/ingress-nginx/fake-certificate.js'
import { Machine, type Box } from './machine.js'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})

/** Starts nginx with a server block in place of the packaged one, and files under /srv. */
async function nginx(server: string, files: Record<string, string> = {}): Promise<Box> {
  const volume = machine.runtime.createVolume()
  volume.replaceFiles(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, { data: Buffer.from(text), mode: 0o644 }])))
  const box = await machine.run('nginx:1.25.3', {
    mounts: [{ volume, containerPath: '/srv', readOnly: true }],
    command: ['sh', '-c', `printf '%s' "$CONF" > /etc/nginx/conf.d/default.conf; exec nginx -g 'daemon off;'`],
    env: [{ name: 'CONF', value: server }],
  })
  return box
}

/** Writes a file into a container. */
async function put(box: Box, path: string, content: string): Promise<void> {
  const { code, stderr } = await box.exec('sh', '-c', `printf '%s' "$1" > ${path}`, 'sh', content)
  expect([code, stderr]).toEqual([0, ''])
}

describe('nginx as it comes', () => {
  test('starts with the log of the official image', async () => {
    const box = await machine.run('nginx:1.25.3')
    expect(await box.log('Stdout')).toBe(
      [
        '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
        '/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/',
        '/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh',
        '10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf',
        '10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf',
        '/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh',
        '/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh',
        '/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh',
        '/docker-entrypoint.sh: Configuration complete; ready for start up',
        '',
      ].join('\n'),
    )
    const errors = await box.log('Stderr')
    expect(errors).toContain(
      '2026/11/21 09:17:00 [notice] 1#1: nginx/1.25.3\n2026/11/21 09:17:00 [notice] 1#1: built by gcc 12.2.0 (Debian 12.2.0-14) \n',
    )
    expect(errors).toMatch(/\[notice\] 1#1: start worker processes\n.*\[notice\] 1#1: start worker process \d+\n/)
  })

  test('serves its welcome page and logs the request', async () => {
    const box = await machine.run('nginx:1.25.3')
    const { status, headers, body } = await box.get('/', { headers: { 'User-Agent': 'curl/8.0', 'X-Forwarded-For': '1.2.3.4' } })
    expect(status).toBe(200)
    expect(body.length).toBe(615)
    expect(body).toContain('<title>Welcome to nginx!</title>')
    expect(headers).toMatchObject({
      server: 'nginx/1.25.3',
      date: 'Sat, 21 Nov 2026 09:17:01 GMT',
      'content-type': 'text/html',
      'content-length': '615',
      'last-modified': 'Sat, 21 Nov 2026 09:17:00 GMT',
      'accept-ranges': 'bytes',
      connection: 'close',
    })
    expect(headers['etag']).toMatch(/^"[0-9a-f]+-267"$/)
    expect((await box.log('Stdout')).split('\n').at(-2)).toBe(
      '10.244.1.2 - - [21/Nov/2026:09:17:01 +0000] "GET / HTTP/1.1" 200 615 "-" "curl/8.0" "1.2.3.4"',
    )
  })

  test('says 404 in its own page, and why in the error log', async () => {
    const box = await machine.run('nginx:1.25.3')
    const { status, headers, body } = await box.get('/nothing?x=1')
    expect([status, headers['content-type'], headers['content-length']]).toEqual([404, 'text/html', '153'])
    expect(body).toBe(
      '<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body>\r\n</html>\r\n',
    )
    const pid = /start worker process (\d+)/.exec(await box.log('Stderr'))![1]
    expect((await box.log('Stderr')).split('\n').at(-2)).toBe(
      `2026/11/21 09:17:01 [error] ${pid}#${pid}: *1 open() "/usr/share/nginx/html/nothing" failed (2: No such file or directory), client: 10.244.1.2, server: localhost, request: "GET /nothing?x=1 HTTP/1.1", host: "10.244.1.3"`,
    )
  })

  test('of an old version says so and starts without a word', async () => {
    const box = await machine.run('nginx:1.7.9')
    expect((await box.get('/nothing')).body).toContain(
      '<body bgcolor="white">\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.7.9</center>',
    )
    expect(await box.log('Stdout')).toMatch(/^10\.244\.1\.2 - - \[.*\] "GET \/nothing HTTP\/1\.1" 404 \d+ "-" "-" "-"\n$/)
    expect((await box.exec('nginx', '-v')).stderr).toBe('nginx version: nginx/1.7.9\n')
  })

  test('answers conditional and partial requests', async () => {
    const box = await machine.run('nginx')
    const { headers } = await box.get('/')
    expect((await box.get('/', { headers: { 'If-None-Match': headers['etag'] as string } })).status).toBe(304)
    expect((await box.get('/', { headers: { 'If-Modified-Since': headers['last-modified'] as string } })).status).toBe(304)
    const part = await box.get('/', { headers: { Range: 'bytes=0-14' } })
    expect([part.status, part.body]).toEqual([206, '<!DOCTYPE html>'])
    expect((await box.get('/', { headers: { Range: 'bytes=9000-' } })).status).toBe(416)
    expect((await box.get('/', { method: 'HEAD' })).body).toBe('')
    expect((await box.get('/', { method: 'POST', body: 'x' })).status).toBe(405)
  })

  test('runs a master and workers, and shows files that were changed', async () => {
    const box = await machine.run('nginx')
    await put(box, '/usr/share/nginx/html/index.html', 'changed')
    expect((await box.get('/')).body).toBe('changed')
  })

  test('ends gracefully on its stop signal', async () => {
    const box = await machine.run('nginx:1.25.3')
    expect(await box.stop()).toBe(0)
    const log = await box.log('Stderr')
    expect(log).toContain('[notice] 1#1: signal 3 (SIGQUIT) received, shutting down\n')
    expect(log).toContain(': gracefully shutting down\n')
    expect(log).toMatch(/\[notice\] 1#1: worker process \d+ exited with code 0\n/)
    expect(log.endsWith('[notice] 1#1: exit\n')).toBe(true)
  })

  test('finds its port taken by another container of the pod', async () => {
    const box = await machine.run('nginx')
    const { stderr, code } = await box.exec('nginx')
    expect(code).toBe(1)
    expect(stderr.match(/nginx: \[emerg\] bind\(\) to 0\.0\.0\.0:80 failed \(98: Address already in use\)/g)).toHaveLength(5)
    expect(stderr.endsWith('nginx: [emerg] still could not bind()\n')).toBe(true)
  })
})

describe('the configuration', () => {
  test('is tested with -t', async () => {
    const box = await machine.run('nginx')
    expect(await box.exec('nginx', '-t')).toEqual({
      code: 0,
      stdout: '',
      stderr:
        'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n',
    })
    await put(box, '/etc/nginx/conf.d/default.conf', 'server {\n  listn 80;\n}\n')
    const { stderr, code } = await box.exec('nginx', '-t')
    expect(code).toBe(1)
    expect(stderr).toContain(
      'nginx: [emerg] unknown directive "listn" in /etc/nginx/conf.d/default.conf:2\nnginx: configuration file /etc/nginx/nginx.conf test failed\n',
    )
  })

  test.each([
    ['server { listen 80', 'unexpected end of file, expecting ";" or "}" in /etc/nginx/conf.d/default.conf:1'],
    ['server { listen 80;', 'unexpected end of file, expecting "}" in /etc/nginx/conf.d/default.conf:1'],
    ['}', 'unexpected "}" in /etc/nginx/conf.d/default.conf:1'],
    ['server { root a b; }', 'invalid number of arguments in "root" directive in /etc/nginx/conf.d/default.conf:1'],
    ['location / { }', '"location" directive is not allowed here in /etc/nginx/conf.d/default.conf:1'],
    [
      'server { autoindex yes; }',
      'invalid value "yes" in "autoindex" directive, it must be "on" or "off" in /etc/nginx/conf.d/default.conf:1',
    ],
    ['server { location / {} location / {} }', 'duplicate location "/" in /etc/nginx/conf.d/default.conf:1'],
    ['include nothing.conf;', 'open() "/etc/nginx/nothing.conf" failed (2: No such file or directory) in /etc/nginx/conf.d/default.conf:1'],
  ])('%s is refused', async (text, message) => {
    const box = await machine.run('nginx')
    await put(box, '/etc/nginx/conf.d/default.conf', text)
    expect((await box.exec('nginx', '-t')).stderr).toContain(`nginx: [emerg] ${message}\n`)
  })

  test('is taken over by -s reload, while a broken one is logged and left', async () => {
    const box = await machine.run('nginx:1.25.3')
    await put(box, '/etc/nginx/conf.d/default.conf', 'server { listen 80; listen 8081; return 200 "new on $server_port\\n"; }')
    const reload = await box.exec('nginx', '-s', 'reload')
    expect([reload.code, reload.stderr]).toEqual([
      0,
      expect.stringMatching(/^2026\/11\/21 09:17:01 \[notice\] \d+#\d+: signal process started\n$/),
    ])
    expect((await box.get('/')).body).toBe('new on 80\n')
    expect((await box.get('/', { port: 8081 })).body).toBe('new on 8081\n')
    await put(box, '/etc/nginx/conf.d/default.conf', 'server { oops }')
    expect((await box.exec('nginx', '-s', 'reload')).code).toBe(1)
    await box.exec('sh', '-c', 'kill -HUP 1')
    expect((await box.get('/')).body).toBe('new on 80\n')
    expect(await box.log('Stderr')).toContain('signal 1 (SIGHUP) received, reconfiguring')
    expect(await box.log('Stderr')).toContain('[emerg] 1#1: unexpected "}" in /etc/nginx/conf.d/default.conf:1')
  })

  test('chooses servers by name and locations by nginx rules', async () => {
    const box = await nginx(`
      server { listen 80 default_server; return 200 "default\\n"; }
      server { listen 80; server_name a.example b.example; location / { return 200 "a\\n"; } location = /exact { return 200 "exact\\n"; }
        location /pre { return 200 "prefix\\n"; } location ^~ /pre/final { return 200 "final\\n"; } location ~ \\.php$ { return 200 "regex\\n"; }
        location ~* \\.(JPG|png)$ { return 200 "image $1\\n"; } }
      server { listen 80; server_name *.wild.example; return 200 "wild\\n"; }
      server { listen 80; server_name ~^(?<who>.+)\\.re\\.example$; return 200 "regex name\\n"; }`)
    const ask = async (host: string, path: string): Promise<string> => (await box.get(path, { headers: { Host: host } })).body.trim()
    expect(await ask('other', '/')).toBe('default')
    expect(await ask('B.example:80', '/')).toBe('a')
    expect(await ask('x.wild.example', '/')).toBe('wild')
    expect(await ask('x.re.example', '/')).toBe('regex name')
    expect(await ask('a.example', '/exact')).toBe('exact')
    expect(await ask('a.example', '/pre/x')).toBe('prefix')
    expect(await ask('a.example', '/pre/x.php')).toBe('regex')
    expect(await ask('a.example', '/pre/final/x.php')).toBe('final')
    expect(await ask('a.example', '/x.jpg')).toBe('image jpg')
  })

  test('redirects, rewrites, tries files, lists directories, shows error pages', async () => {
    const box = await nginx(
      `
      server { listen 80; root /srv/www; error_page 404 /missing.html; error_page 403 =200 /missing.html;
        location /old { return 301 /new; } location /away { return https://example.com$request_uri; }
        location /rw { rewrite ^/rw/(.*)$ /real/$1 last; } location /app { try_files $uri $uri/ /index.html; }
        location /list/ { autoindex on; } location /private { deny all; } location /data/ { alias /srv/other/; }
        location /header { add_header X-Pod $hostname; return 204; } location /code { return 418 "teapot"; } }`,
      {
        'www/index.html': 'main\n',
        'www/missing.html': 'gone\n',
        'www/real/x': 'r\n',
        'www/dir/x': '',
        'www/list/a.txt': '12345\n',
        'other/f.json': 'o\n',
      },
    )
    expect((await box.get('/')).body).toBe('main\n')
    const old = await box.get('/old')
    expect([old.status, old.headers['location']]).toEqual([301, `http://${box.ip}/new`])
    expect((await box.get('/away?x')).headers['location']).toBe('https://example.com/away?x')
    expect((await box.get('/rw/x')).body).toBe('r\n')
    expect((await box.get('/app/deep/link')).body).toBe('main\n')
    const dir = await box.get('/dir')
    expect([dir.status, dir.headers['location']]).toEqual([301, `http://${box.ip}/dir/`])
    const list = await box.get('/list/')
    expect(list.body).toContain('<h1>Index of /list/</h1><hr><pre><a href="../">../</a>\r\n<a href="a.txt">a.txt</a>')
    const missing = await box.get('/nowhere')
    expect([missing.status, missing.body]).toEqual([404, 'gone\n'])
    const forbidden = await box.get('/private')
    expect([forbidden.status, forbidden.body]).toEqual([200, 'gone\n'])
    expect((await box.get('/data/f.json')).headers['content-type']).toBe('application/json')
    expect((await box.get('/header')).headers['x-pod']).toBe('pod-1')
    expect(await box.get('/code')).toMatchObject({ status: 418, body: 'teapot' })
    expect((await box.get('/%2e%2e/%2e%2e/etc/passwd')).status).toBe(400)
  })

  test('passes requests on, balances them, and says 502 when nobody is there', async () => {
    const [one, two] = [await machine.run('luksa/kubia'), await machine.run('luksa/kubia')]
    const box = await nginx(`
      upstream pods { server ${one.ip}:8080; server ${two.ip}:8080; }
      server { listen 80; location / { proxy_pass http://pods; } location /one/ { proxy_pass http://${one.ip}:8080/; }
        location /dead { proxy_pass http://${one.ip}:9; } location /unknown { resolver 10.96.0.10; set $where nobody.example; proxy_pass http://$where; } }`)
    const bodies = [await box.get('/'), await box.get('/'), await box.get('/')].map((a) => a.body)
    expect(bodies).toEqual(["You've hit pod-1\n", "You've hit pod-2\n", "You've hit pod-1\n"])
    expect((await box.get('/one/x')).headers['server']).toBe('nginx/1.25.3')
    expect((await box.get('/dead')).status).toBe(502)
    expect((await box.get('/unknown')).status).toBe(502)
    const log = await box.log('Stderr')
    expect(log).toContain(
      `connect() failed (111: Connection refused) while connecting to upstream, client: 10.244.1.2, server: , request: "GET /dead HTTP/1.1", upstream: "http://${one.ip}:9/dead", host: "${box.ip}"`,
    )
    expect(log).toContain('nobody.example could not be resolved (3: Host not found)')
  })

  test.each([
    ['server { listen 80; location / { proxy_pass http://nobody:8080/; } }', 'nobody'],
    [
      'upstream pods { server 10.244.1.9; server nobody:8080; } server { listen 80; location / { proxy_pass http://pods; } }',
      'nobody:8080',
    ],
  ])('%s does not start while the name has no address', async (conf, name) => {
    const box = await nginx(conf)
    expect(await box.log('Stderr')).toMatch(
      new RegExp(`\\[emerg\\] 1#1: host not found in upstream "${name}" in /etc/nginx/conf.d/default.conf:1\\nnginx: `),
    )
    expect(machine.runtime.containerInfo(box.id)).toMatchObject({ state: 'exited', exitCode: 1 })
  })

  test('a worker that is killed is replaced', async () => {
    const box = await machine.run('nginx:1.25.3')
    const pid = /start worker process (\d+)/.exec(await box.log('Stderr'))![1]!
    await box.exec('sh', '-c', `kill -9 ${pid}`)
    expect(await box.log('Stderr')).toContain(`[alert] 1#1: worker process ${pid} exited on signal 9`)
    expect((await box.get('/')).status).toBe(200)
  })
})

describe('TLS', () => {
  const tlsServer =
    'server { listen 443 ssl; server_name ingress.local; ssl_certificate /srv/tls.crt; ssl_certificate_key /srv/tls.key; location / { return 200 "$scheme $server_port $https\\n"; } }'

  test('is served with the certificate of the server, to a client that trusts it', async () => {
    const { cert, key } = await fakeCertificate(Date.now())
    const box = await nginx(tlsServer, { 'tls.crt': cert, 'tls.key': key })
    const shoot = await machine.run('nicolaka/netshoot', { command: ['sleep', '100000'] })
    await put(shoot, '/tmp/ca.crt', cert)
    const resolved = ['--resolve', `ingress.local:443:${box.ip}`, 'https://ingress.local/']
    expect(await shoot.exec('curl', '-s', '--cacert', '/tmp/ca.crt', ...resolved)).toMatchObject({ code: 0, stdout: 'https 443 on\n' })
    expect(await shoot.exec('curl', '-sk', ...resolved)).toMatchObject({ code: 0, stdout: 'https 443 on\n' })
    expect(await shoot.exec('curl', '-sS', ...resolved)).toMatchObject({
      code: 60,
      stderr: expect.stringMatching(/^curl: \(60\) SSL certificate problem: self-signed certificate\n/),
    })
  })

  test('of a chain with its own root is told from a certificate that signed itself', async () => {
    const shoot = await machine.run('nicolaka/netshoot', { command: ['sleep', '100000'] })
    const made = await shoot.exec(
      'sh',
      '-c',
      [
        'cd /tmp',
        'openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=root -days 30',
        'openssl req -newkey rsa:2048 -nodes -keyout tls.key -out tls.csr -subj /CN=ingress.local',
        'openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tls.crt -days 30',
      ].join(' && '),
    )
    expect(made.code).toBe(0)
    const read = async (file: string): Promise<string> => (await shoot.exec('cat', `/tmp/${file}`)).stdout
    const [leaf, root, key] = [await read('tls.crt'), await read('ca.crt'), await read('tls.key')]
    const told = async (cert: string, of = key): Promise<string | undefined> => {
      const box = await nginx(tlsServer, { 'tls.crt': cert, 'tls.key': of })
      const { stderr } = await shoot.exec('curl', '-svk', '--resolve', `ingress.local:443:${box.ip}`, 'https://ingress.local/')
      return /SSL certificate verify result: .*/.exec(stderr)?.[0]
    }
    expect(await told(leaf + root)).toBe(
      'SSL certificate verify result: self-signed certificate in certificate chain (19), continuing anyway.',
    )
    expect(await told(leaf)).toBe('SSL certificate verify result: unable to get local issuer certificate (20), continuing anyway.')
    expect(await told(root, await read('ca.key'))).toBe('SSL certificate verify result: self-signed certificate (18), continuing anyway.')
  })

  test.each([
    [
      'server { listen 443 ssl; }',
      'no "ssl_certificate" is defined for the "listen ... ssl" directive in /etc/nginx/conf.d/default.conf:1',
    ],
    [
      'server { listen 443 ssl; ssl_certificate /srv/none.crt; ssl_certificate_key /srv/none.key; }',
      'cannot load certificate "/srv/none.crt": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(/srv/none.crt, r) error:10000080:BIO routines::no such file)',
    ],
  ])('%s cannot start', async (conf, message) => {
    const box = await nginx(conf)
    expect(await box.log('Stderr')).toBe(`2026/11/21 09:17:00 [emerg] 1#1: ${message}\nnginx: [emerg] ${message}\n`)
    expect(machine.runtime.containerInfo(box.id)!.exitCode).toBe(1)
  })
})

describe('gzip', () => {
  const conf = 'server { root /srv; gzip on; gzip_types text/css; gzip_vary on; gzip_min_length 100; }'
  const files = { 'a.css': 'body { }\n'.repeat(100), 'b.txt': 'x'.repeat(1000), 'c.css': 'short' }
  const encoding = async (box: Box, path: string, accept = 'gzip, deflate'): Promise<unknown> =>
    (await box.get(path, { headers: { 'Accept-Encoding': accept } })).headers['content-encoding']

  test('compresses the types that are listed, from a length on, for clients that take it', async () => {
    const box = await nginx(conf, files)
    expect(await encoding(box, '/a.css')).toBe('gzip')
    expect(await encoding(box, '/a.css', 'gzip;q=0')).toBeUndefined()
    expect(await encoding(box, '/a.css', 'br')).toBeUndefined()
    expect(await encoding(box, '/b.txt')).toBeUndefined()
    expect(await encoding(box, '/c.css')).toBeUndefined()
    const { headers } = await box.get('/a.css', { headers: { 'Accept-Encoding': 'gzip' } })
    expect([headers['vary'], headers['content-length'], headers['accept-ranges'], headers['etag']]).toEqual([
      'Accept-Encoding',
      undefined,
      undefined,
      expect.stringMatching(/^W\/"/),
    ])
  })
})

test('an expression that could run for ever does not stop the simulator', async () => {
  const box = await nginx('server { location ~ "^/(a+)+$" { return 200; } }')
  expect((await box.get(`/${'a'.repeat(60)}!`)).status).toBe(500)
})

describe('nginx without `daemon off;`', () => {
  test('goes on in the background once it listens, with the logs of its container', async () => {
    const box = await machine.run('nginx:1.25.3', { command: ['sh', '-c', 'nginx && echo started; sleep 1000'] })
    expect(await box.log('Stdout')).toBe('started\n')
    expect((await box.get('/')).status).toBe(200)
    expect(await box.log('Stdout')).toContain('"GET / HTTP/1.1" 200 615')
    expect((await box.exec('ps', '-eo', 'args')).stdout).toContain('nginx: master process nginx\n')
    expect((await box.exec('nginx', '-s', 'quit')).code).toBe(0)
    expect((await box.exec('curl', '-s', 'localhost')).code).toBe(7)
  })

  test('ends the container that it is the first process of', async () => {
    const box = await machine.run('nginx:1.25.3', { command: ['nginx'] })
    await machine.clock.advance(1_000)
    expect(machine.runtime.containerInfo(box.id)).toMatchObject({ state: 'exited', exitCode: 0, reason: 'Completed' })
  })

  test('says in the foreground why it cannot listen', async () => {
    const box = await machine.run('nginx:1.25.3')
    const { code, stderr } = await box.exec('nginx')
    expect(code).toBe(1)
    expect(stderr).toContain('nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)')
  })
})

test('nginx does not take an empty file for a certificate', async () => {
  const conf = 'server { listen 443 ssl; ssl_certificate /srv/tls.crt; ssl_certificate_key /srv/tls.key; }'
  const box = await nginx(conf, { 'tls.crt': '', 'tls.key': '' })
  expect(await box.log('Stderr')).toContain(
    '[emerg] 1#1: cannot load certificate "/srv/tls.crt": PEM_read_bio_X509_AUX() failed (SSL: error:0480006C:PEM routines::no start line:Expecting: TRUSTED CERTIFICATE)',
  )
})
