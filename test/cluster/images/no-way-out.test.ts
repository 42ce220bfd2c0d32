/** Paths that would lead from a container to the computer that it is simulated on. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { httpRequest } from '../../../src-main/cluster/network/http.js'
import { type Box, Machine } from './machine.js'

const SECRET = 'what is on the computer'
const UP = '/..'.repeat(20)
/** A directory of the computer, with a file in it. */
let outside: string
const machine = new Machine()

beforeAll(() => {
  outside = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-outside-'))
  fs.writeFileSync(path.join(outside, 'secret'), SECRET)
})
afterAll(() => fs.rmSync(outside, { recursive: true }))

const untouched = (): void => {
  expect(fs.readdirSync(outside)).toEqual(['secret'])
  expect(fs.readFileSync(path.join(outside, 'secret'), 'utf8')).toBe(SECRET)
}

const BUSYBOX: readonly (readonly [what: string, script: string])[] = [
  ['a path upwards', 'cat "$UP$OUTSIDE/secret"'],
  ['an absolute path', 'cat "$OUTSIDE/secret"'],
  ['the root of a process', 'cat "/proc/1/root$OUTSIDE/secret" "/proc/self/cwd$UP$OUTSIDE/secret"'],
  ['a link to an absolute path', 'ln -s "$OUTSIDE/secret" link; cat link; cp -L link copy; cat copy'],
  ['a link upwards', 'ln -s "..$UP$OUTSIDE" link; cat link/secret; ls link/'],
  ['a hard link', 'ln "$OUTSIDE/secret" hard; cat hard'],
  ['cp', 'cp "$UP$OUTSIDE/secret" copy; cat copy; cp -r "$OUTSIDE" copies; cat copies/*; echo x > new; cp new "$UP$OUTSIDE/"'],
  ['mv', 'echo x > new; mv new "$UP$OUTSIDE/secret"'],
  ['a redirection', 'echo x > "$UP$OUTSIDE/secret"; echo x > "$OUTSIDE/new"'],
  ['tar of it', 'tar -cf a.tar -C "$OUTSIDE" secret; tar -xOf a.tar'],
  ['tar with a link out', 'ln -s "$OUTSIDE" d; tar -cf a.tar d; rm d; tar -xf a.tar; echo x > f; cp f d/; cat d/secret'],
  ['tar with a path upwards', 'mkdir -p a/b; echo x > a/f; cd a/b; tar -cPf ../../u.tar ../f; cd ../..; tar -xPf u.tar; echo'],
  ['find, du and chmod', 'find "$OUTSIDE"; du "$UP$OUTSIDE"; chmod 000 "$OUTSIDE/secret"; rm -rf "$OUTSIDE/secret"'],
  ['sed, awk and dd', 'sed "r $OUTSIDE/secret" /etc/hostname; awk "{ print }" "$OUTSIDE/secret"; dd "if=$OUTSIDE/secret"'],
  ['wget of a file', 'wget -qO- "file://$OUTSIDE/secret"'],
]

it.each(BUSYBOX)('a shell finds nothing outside by %s', async (_, script) => {
  const box = await machine.run('busybox', { command: ['sleep', '1000000'] })
  const { stdout } = await box.exec('env', `UP=${UP}`, `OUTSIDE=${outside}`, 'sh', '-c', `mkdir /work; cd /work; ${script}`)
  expect(stdout).not.toContain(SECRET)
  untouched()
})

it.each([
  ['nginx', '/usr/share/nginx/html', 80],
  ['httpd', '/usr/local/apache2/htdocs', 80],
  ['busybox', '/www', 80],
  ['node:20', '/www', 80],
] as const)('%s serves nothing outside its root', async (image, root, port) => {
  const NODE = `const fs = require('fs'), http = require('http')
    http.createServer((req, res) => fs.readFile('/www' + decodeURIComponent(req.url), (e, d) => { res.statusCode = e ? 404 : 200; res.end(d) })).listen(80)`
  const command = { busybox: ['sh', '-c', 'mkdir /www; httpd -f -h /www'], 'node:20': ['node', '-e', NODE] }[image as 'busybox']
  const box: Box = await machine.run(image, command ? { command } : {})
  await box.exec(
    'sh',
    '-c',
    `mkdir -p ${root}; echo inside > ${root}/here; ln -s ${outside} ${root}/link; ln -s ${outside}/secret ${root}/file`,
  )
  expect((await box.get('/here', { port })).body).toBe('inside\n')
  const dots = ['/..', '/%2e%2e', '/..%2f', '%2f..', '/.%2e', '/..%5c', '/....//', '/%252e%252e', '//..', '/..;']
  const paths = [...dots.map((up) => `${up.repeat(20)}${outside}/secret`), `/link/secret`, '/file', `//${outside}/secret`]
  for (const asked of paths) {
    const answer = await box.get(asked, { port }).catch((error: Error) => ({ status: 0, body: error.message }))
    expect([asked, answer.status]).not.toEqual([asked, 200])
    expect(answer.body).not.toContain(SECRET)
  }
  untouched()
})

it('node finds nothing outside with its file system, its modules and its children', async () => {
  const box = await machine.run('node:20', { command: ['sleep', '1000000'] })
  const code = `const fs = require('fs'), cp = require('child_process'), dir = process.argv[1], up = '/..'.repeat(20) + dir
    const tries = [
      () => fs.readFileSync(dir + '/secret', 'utf8'), () => fs.readFileSync(up + '/secret', 'utf8'),
      () => fs.readFileSync(new URL('file://' + dir + '/secret'), 'utf8'), () => fs.readdirSync(dir), () => fs.statSync(up),
      () => (fs.symlinkSync(dir, '/tmp/link'), fs.readFileSync('/tmp/link/secret', 'utf8')),
      () => fs.writeFileSync(dir + '/new', 'x'), () => fs.copyFileSync(dir + '/secret', '/tmp/copy'), () => fs.rmSync(dir + '/secret'),
      () => fs.renameSync(dir + '/secret', '/tmp/moved'), () => fs.readFileSync('/proc/self/root' + dir + '/secret'),
      () => require(dir + '/secret'), () => cp.execFileSync('cat', [dir + '/secret'], { stdio: 'pipe' }),
    ]
    console.log(tries.map((attempt) => { try { return attempt() } catch (e) { return e.code ?? e.status } }).join(' '))`
  const { stdout } = await box.exec('node', '-e', code, outside)
  expect(stdout).toBe(`${'ENOENT '.repeat(11)}MODULE_NOT_FOUND 1\n`)
  untouched()
})

it('a request in parts leads nowhere either', async () => {
  const box = await machine.run('nginx')
  const asking = httpRequest(machine.client, {
    host: box.ip,
    port: 80,
    path: `/%2e%2e/%2e%2e${outside}/secret`,
    method: 'PUT',
    body: 'x',
  } as never)
  asking.catch(() => undefined)
  await machine.clock.advance(1000)
  expect((await asking).statusCode).toBeGreaterThanOrEqual(400)
  untouched()
})
