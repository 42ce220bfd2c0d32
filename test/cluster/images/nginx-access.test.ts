/** nginx: who may ask, how often, and for how long an answer is good. */
import { beforeEach, expect, test } from 'vitest'
import { md5crypt } from '../../../src-main/cluster/runtime/images/ingress-nginx/htpasswd.js'
import { Machine, type Answer, type Box } from './machine.js'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})

/** Starts nginx with servers in place of the packaged one, a page at /srv/a, and users `me` (apr1) and `you` (SHA). */
function nginx(conf: string): Promise<Box> {
  return machine.run('nginx:1.25.3', {
    command: [
      'sh',
      '-c',
      `mkdir /srv; echo page > /srv/a; printf '%s\\n' 'me:$apr1$abcdefgh$'"$HASH" 'you:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=' > /etc/nginx/users; printf '%s' "$CONF" > /etc/nginx/conf.d/default.conf; exec nginx -g 'daemon off;'`,
    ],
    env: [
      { name: 'CONF', value: conf },
      { name: 'HASH', value: md5crypt('secret', 'abcdefgh').split('$')[3]! },
    ],
  })
}

const as = (login: string): { headers: Record<string, string> } => ({
  headers: { Authorization: `Basic ${Buffer.from(login).toString('base64')}` },
})
const statuses = async (answers: readonly Promise<Answer>[]): Promise<number[]> => (await Promise.all(answers)).map(({ status }) => status)

test('auth_basic asks for a password, and lets in who knows it', async () => {
  const box = await nginx(
    'server { root /srv; location / { auth_basic "Staff only"; auth_basic_user_file users; } location /open { auth_basic off; return 200 open; } }',
  )
  const asked = await box.get('/a')
  expect([asked.status, asked.headers['www-authenticate']]).toEqual([401, 'Basic realm="Staff only"'])
  expect(asked.body).toContain('<title>401 Authorization Required</title>')
  expect(await statuses([box.get('/a', as('me:secret')), box.get('/a', as('you:admin')), box.get('/a', as('me:wrong')), box.get('/a', as('none:x'))])).toEqual([200, 200, 401, 401]) // prettier-ignore
  expect((await box.get('/open')).body).toBe('open')
  const errors = await box.log('Stderr')
  expect(errors).toContain('user "me": password mismatch, client: ')
  expect(errors).toContain('user "none" was not found in "/etc/nginx/users", client: ')
  expect(await box.log('Stdout')).toContain(' - me [21/Nov/2026:09:17:0')
})

test('auth_basic without its file lets nobody in, and satisfy any asks for one of both', async () => {
  const box = await nginx(
    'server { location / { auth_basic x; auth_basic_user_file none; } location /near { satisfy any; allow 10.0.0.0/8; deny all; auth_basic x; auth_basic_user_file users; return 200 in; } location /any { root /srv; try_files /a =404; satisfy any; deny all; auth_basic x; auth_basic_user_file users; } }',
  )
  expect((await box.get('/', as('me:secret'))).status).toBe(403)
  expect(await box.log('Stderr')).toContain('open() "/etc/nginx/none" failed (2: No such file or directory)')
  expect(await statuses([box.get('/any'), box.get('/any', as('me:secret'))])).toEqual([401, 200])
})

test('limit_req refuses what is above the rate and the burst, by address', async () => {
  const box = await nginx(
    'limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s; server { root /srv; location / { limit_req zone=one burst=2 nodelay; } location /all { limit_req zone=one; limit_req_status 429; root /; try_files /srv/a =404; } }',
  )
  const get = (path: string): Promise<Answer> => box.get(path)
  const seen = []
  for (let i = 0; i < 5; i++) seen.push((await get('/a')).status)
  expect(seen).toEqual([200, 200, 200, 503, 503])
  expect(await box.log('Stderr')).toMatch(/\[error\] .* limiting requests, excess: [12]\.\d{3} by zone "one", client: /)
  await machine.clock.advance(10_000)
  expect([(await get('/all')).status, (await get('/all')).status]).toEqual([200, 429])
})

test('limit_req lets requests of a burst wait for their turn', async () => {
  const box = await nginx('limit_req_zone $binary_remote_addr zone=one:1m rate=2r/s; server { root /srv; limit_req zone=one burst=5; }')
  expect((await box.get('/a')).status).toBe(200)
  const second = box.get('/a').then(({ status }) => [status, machine.clock.now()] as const)
  const asked = machine.clock.now()
  await machine.clock.advance(1000)
  const [status, answered] = await second
  expect([status, answered - asked > 200]).toEqual([200, true])
  expect(await box.log('Stderr')).toMatch(/\[warn\] .* delaying request, excess: 0\.\d{3}, by zone "one", client: /)
})

test.each([
  ['limit_req_zone $a zone=one:1m rate=x; server {}', 'invalid rate "rate=x" in /etc/nginx/conf.d/default.conf:1'],
  ['server { limit_req zone=none; }', 'zero size shared memory zone "none"'],
])('%s is refused', async (conf, message) => {
  const box = await machine.run('nginx:1.25.3')
  await box.exec('sh', '-c', `printf '%s' '${conf}' > /etc/nginx/conf.d/default.conf`)
  expect((await box.exec('nginx', '-t')).stderr).toContain(`nginx: [emerg] ${message}\n`)
})

test('expires tells how long an answer is good', async () => {
  const box = await nginx(
    'server { root /srv; location /a { expires 1h; } location /b { expires -1; return 200; } location /c { expires max; return 200; } }',
  )
  const told = async (path: string): Promise<unknown[]> => {
    const { headers } = await box.get(path)
    return [headers['expires'], headers['cache-control']]
  }
  expect(await told('/a')).toEqual([expect.stringMatching(/^Sat, 21 Nov 2026 10:17:0\d GMT$/), 'max-age=3600'])
  expect(await told('/b')).toEqual([expect.stringMatching(/^Sat, 21 Nov 2026 09:1\d:\d\d GMT$/), 'no-cache'])
  expect(await told('/c')).toEqual(['Thu, 31 Dec 2037 23:55:55 GMT', 'max-age=315360000'])
})
