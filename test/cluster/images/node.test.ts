import { beforeEach, describe, expect, test } from 'vitest'
import { type Box, Machine } from './machine.js'

let machine: Machine
let box: Box
beforeEach(async () => {
  machine = new Machine()
  box = await machine.run('node:20', { command: ['sleep', '100000'] })
})

const run = (code: string) => box.exec('node', '-e', code)
const file = (path: string, text: string) => box.exec('sh', '-c', `mkdir -p $(dirname ${path}); printf '%s' "$1" > ${path}`, 'sh', text)

/** The source of luksa/kubia, as it stands in its repository. */
const KUBIA = `const http = require('http');
const os = require('os');

console.log("Kubia server starting...");

var handler = function(request, response) {
  console.log("Received request from " + request.connection.remoteAddress);
  response.writeHead(200);
  response.end("You've hit " + os.hostname() + "\\n");
};

var www = http.createServer(handler);
www.listen(8080);
`

describe('file descriptors', () => {
  test('read and write at a place, or one after the other', async () => {
    const code = `const fs = require('fs')
      const fd = fs.openSync('/tmp/a', 'w+')
      console.log(fd, fs.writeSync(fd, 'hello '), fs.writeSync(fd, Buffer.from('--world--'), 2, 5), fs.writeSync(fd, 'J', 0))
      const buffer = Buffer.alloc(5)
      console.log(fs.readSync(fd, buffer, 0, 5, 6), buffer.toString(), fs.readSync(fd, buffer), fs.fstatSync(fd).size)
      fs.ftruncateSync(fd, 4)
      fs.closeSync(fd)
      console.log(fs.readFileSync('/tmp/a', 'utf8'))
      const more = fs.openSync('/tmp/a', 'a')
      fs.writeSync(more, '!')
      console.log(more, fs.readFileSync('/tmp/a', 'utf8'))
      for (const f of [() => fs.openSync('/nope'), () => fs.openSync('/tmp/a', 'wx'), () => fs.closeSync(77), () => fs.readSync(more, buffer)])
        try { f() } catch (e) { console.log(e.message) }`
    expect(await run(code)).toEqual({
      stdout: `3 6 5 1
5 world 0 11
Jell
3 Jell!
ENOENT: no such file or directory, open '/nope'
EEXIST: file already exists, open '/tmp/a'
EBADF: bad file descriptor, close
EBADF: bad file descriptor, read
`,
      stderr: '',
      code: 0,
    })
  })

  test('are FileHandles as promises', async () => {
    const code = `const fs = require('fs/promises')
      const main = async () => {
        const handle = await fs.open('/tmp/b', 'w+')
        console.log((await handle.write('abcdef')).bytesWritten, (await handle.stat()).isFile())
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(3), 0, 3, 2)
        console.log(bytesRead, buffer.toString(), await handle.readFile('utf8'))
        await handle.truncate(2)
        await handle.close()
        console.log(await fs.readFile('/tmp/b', 'utf8'), await fs.open('/nope').catch((e) => e.code))
      }
      main()`
    expect(await run(code)).toEqual({ stdout: '6 true\n3 cde abcdef\nab ENOENT\n', stderr: '', code: 0 })
  })
})

describe('the command line', () => {
  test('knows its version by the tag, and there is no tag that was never released', async () => {
    expect((await box.exec('node', '--version')).stdout).toBe('v20.19.6\n')
    const alpine = await machine.run('node:18-alpine', { command: ['sleep', '1000'] })
    expect((await alpine.exec('node', '-v')).stdout).toBe('v18.20.8\n')
    await expect(machine.run('node:99')).rejects.toThrow('docker.io/library/node:99: not found')
  })

  test('refuses an option that it does not have', async () => {
    expect(await box.exec('node', '--nosuch')).toEqual({ stdout: '', stderr: 'node: bad option: --nosuch\n', code: 9 })
    expect((await box.exec('node', '--no-warnings', '--max-old-space-size=100', '-p', '1')).stdout).toBe('1\n')
  })

  test('has digests and random values of its own machine', async () => {
    const code = `const c = require('node:crypto')
      console.log(c.createHash('sha256').update('a').digest('hex'))
      console.log(c.createHash('md5').update('a').update(Buffer.from('b')).digest('base64'))
      console.log(c.createHmac('sha1', 'k').update('d').digest('hex'))
      console.log(c.randomBytes(4).length, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(c.randomUUID()), c.randomInt(5) < 5)
      console.log(c.timingSafeEqual(Buffer.from('ab'), Buffer.from('ab')), c.timingSafeEqual(Buffer.from('ab'), Buffer.from('ac')))
      try { c.createHash('nosuch') } catch (e) { console.log(e.message) }
      const h = c.createHash('sha1'); h.digest(); try { h.update('x') } catch (e) { console.log(e.code) }`
    expect(await run(code)).toEqual({
      stdout: `ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb
GH70Q2Ei0cwvQNwrkvDroA==
2b90e41e7c0cc8e2f75c02910c3899cc468ba316
4 true true
true false
Digest method not supported
ERR_CRYPTO_HASH_FINALIZED
`,
      stderr: '',
      code: 0,
    })
  })

  test('evaluates, prints, reads standard input, and passes arguments', async () => {
    expect(await run('console.log(1 + 1)')).toEqual({ stdout: '2\n', stderr: '', code: 0 })
    expect((await box.exec('node', '-p', 'os.hostname() + process.argv.length', 'x')).stdout).toBe('pod-12\n')
    expect((await box.exec('sh', '-c', 'echo "console.log(process.argv[0])" | node')).stdout).toBe('/usr/local/bin/node\n')
    await file('/app/args.js', 'console.log(process.argv.slice(1), process.env.A)')
    expect((await box.exec('sh', '-c', 'cd /app; A=b node args x y')).stdout).toBe("[ '/app/args.js', 'x', 'y' ] b\n")
  })
})

describe('modules', () => {
  test('are CommonJS with relative requires and JSON', async () => {
    await file('/app/lib/index.js', "exports.name = require('./data').name; exports.dir = __dirname")
    await file('/app/lib/data.json', '{"name":"data"}')
    await file('/app/main.js', "const lib = require('./lib'); console.log(lib, require.main === module)")
    expect((await box.exec('node', '/app/main.js')).stdout).toBe("{ name: 'data', dir: '/app/lib' } true\n")
  })

  test('are ES modules by their name or their package, and import what is CommonJS', async () => {
    await file('/app/package.json', '{"type":"module"}')
    await file('/app/lib.mjs', 'export const x = 5; export default () => "hello"')
    await file('/app/c.cjs', 'module.exports = { q: 7 }')
    await file(
      '/app/main.js',
      "import { existsSync } from 'node:fs'\nimport hello, { x } from './lib.mjs'\nimport c, { q } from './c.cjs'\nconst v = await Promise.resolve(9)\nconsole.log(hello(), x, q, c, v, existsSync('/app'), import.meta.url, (await import('./lib.mjs')).x)",
    )
    expect(await box.exec('node', '/app/main.js')).toEqual({
      stdout: 'hello 5 7 { q: 7 } 9 true file:///app/main.js 5\n',
      stderr: '',
      code: 0,
    })
  })

  test('that are not there are told', async () => {
    expect(await box.exec('node', '/nofile.js')).toEqual({
      stdout: '',
      stderr:
        "node:internal/modules/cjs/loader:1148\n  throw err;\n  ^\n\nError: Cannot find module '/nofile.js'\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1145:15) {\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}\n\nNode.js v20.19.6\n",
      code: 1,
    })
    await file('/app/n.mjs', "import x from './none.js'")
    const { stderr, code } = await box.exec('node', '/app/n.mjs')
    expect(stderr).toContain("Cannot find module '/app/none.js' imported from /app/n.mjs")
    expect(code).toBe(1)
  })
})

describe('the console', () => {
  test('shows values as util.inspect does', async () => {
    const values =
      "{ a: 1, b: 'x', d: { e: { f: { g: 1 } } } }, [undefined, null], new Map([['k', { v: 1 }]]), new Set([1]), () => {}, class A {}, 10n, -0, new Date(0), /x/g, Buffer.from('hi')"
    expect((await run(`console.log(${values})`)).stdout).toBe(
      "{ a: 1, b: 'x', d: { e: { f: [Object] } } } [ undefined, null ] Map(1) { 'k' => { v: 1 } } Set(1) { 1 } [Function (anonymous)] [class A] 10n -0 1970-01-01T00:00:00.000Z /x/g <Buffer 68 69>\n",
    )
    expect((await run("console.log('%s is %d %j', 'x', 3, {z:1}, 'more')")).stdout).toBe('x is 3 {"z":1} more\n')
    expect((await run('const o = { me: 1 }; o.self = o; console.log(o)')).stdout).toBe('<ref *1> { me: 1, self: [Circular *1] }\n')
    expect((await run('console.log(Array.from({ length: 30 }, (_, i) => i * 3))')).stdout).toBe(
      '[\n   0,  3,  6,  9, 12, 15, 18, 21, 24,\n  27, 30, 33, 36, 39, 42, 45, 48, 51,\n  54, 57, 60, 63, 66, 69, 72, 75, 78,\n  81, 84, 87\n]\n',
    )
  })
})

describe('errors', () => {
  test('that nobody catches are printed with their place, and end it with 1', async () => {
    await file('/tmp/e.js', "function f() {\n  throw new Error('boom')\n}\nf()\n")
    const { stderr, code } = await box.exec('node', '/tmp/e.js')
    expect(stderr).toMatch(
      /^\/tmp\/e\.js:2\n {2}throw new Error\('boom'\)\n {2}\^\n\nError: boom\n {4}at f \(\/tmp\/e\.js:2:\d+\)\n {4}at Object\.<anonymous> \(\/tmp\/e\.js:4:\d+\)\n\nNode\.js v20\.19\.6\n$/,
    )
    expect(code).toBe(1)
    expect((await run('null.foo')).stderr).toContain("TypeError: Cannot read properties of null (reading 'foo')\n    at [eval]:1:5\n")
  })

  test.each(['http', 'net'])('a server of %s whose port is taken says so, and keeps nothing running', async (module) => {
    const taken = `const { createServer } = require('${module}')
const first = createServer().listen(3000, () => {
  createServer().on('error', (error) => { console.log(error.code); first.close() }).listen(3000)
})`
    expect(await run(taken)).toEqual({ code: 0, stdout: 'EADDRINUSE\n', stderr: '' })
  })

  test('of an async main end it, too', async () => {
    const { stderr, code } = await run("async function main() { await 1; throw new TypeError('late') }\nmain()")
    expect(stderr).toContain('TypeError: late\n    at main ([eval]:1:')
    expect(code).toBe(1)
  })

  test('of the file system have code and path', async () => {
    expect((await run("try { require('fs').readFileSync('/nope') } catch (e) { console.log(e.message, e.code) }")).stdout).toBe(
      "ENOENT: no such file or directory, open '/nope' ENOENT\n",
    )
  })
})

describe('time and ends', () => {
  test('ticks come before promises, promises before immediates, timers on the clock of the cluster', async () => {
    const code =
      "setTimeout(() => console.log('timer', Date.now() - start), 5000); setImmediate(() => console.log('immediate')); Promise.resolve().then(() => console.log('promise')); process.nextTick(() => console.log('tick')); const start = Date.now(); console.log(new Date().toISOString().slice(0, 10))"
    expect((await run(code)).stdout).toMatch(/^2026-11-21\ntick\npromise\nimmediate\ntimer 500\d\n$/)
  })

  test('a loop that waits for the time sees it pass', async () => {
    expect((await run('const t = Date.now(); while (Date.now() - t < 2000); console.log(Date.now() - t < 2100)')).stdout).toBe('true\n')
  })

  test('exit codes: process.exit, process.exitCode, SIGTERM with a handler', async () => {
    expect(await run("process.exit(4); console.log('no')")).toEqual({ stdout: '', stderr: '', code: 4 })
    expect(await run("process.exitCode = 3; process.on('exit', (c) => console.log('bye', c))")).toEqual({
      stdout: 'bye 3\n',
      stderr: '',
      code: 3,
    })
    const app = "process.on('SIGTERM', () => { console.log('closing'); process.exit(0) }); setInterval(() => {}, 1000)"
    const server = await machine.run('node:20', { command: ['node', '-e', app] })
    expect(await server.stop(30)).toBe(0)
    expect(await server.log()).toBe('closing\n')
  })
})

describe('the network', () => {
  test('the script of luksa/kubia runs as it stands', async () => {
    const kubia = await machine.run('node:20', { command: ['sh', '-c', 'printf "%s" "$0" > /app.js; exec node /app.js', KUBIA] })
    expect(await kubia.get('/', { port: 8080 })).toMatchObject({ status: 200, body: "You've hit pod-2\n" })
    expect(await kubia.log()).toBe('Kubia server starting...\nReceived request from ::ffff:10.244.1.2\n')
    expect(await kubia.stop(2)).toBe(137)
  })

  test('a server answers a client: bodies, headers, fetch, and it ends when all is closed', async () => {
    const code = `
      const s = http.createServer(async (q, r) => {
        let b = ''
        for await (const c of q) b += c
        r.setHeader('X-A', '1')
        r.end(JSON.stringify({ m: q.method, u: q.url, b }))
      }).listen(3000, async () => {
        const r = await fetch('http://localhost:3000/x?y=1', { method: 'POST', body: 'data' })
        console.log(r.status, await r.json(), r.headers.get('x-a'))
        s.close()
      })`
    expect(await run(code)).toEqual({ stdout: "200 { m: 'POST', u: '/x?y=1', b: 'data' } 1\n", stderr: '', code: 0 })
  })

  test('a server ends the connection of a request that it destroys, read or not, and goes on with others', async () => {
    const { stdout } = await run(`const http = require('http')
      const server = http.createServer((req, res) => {
        res.on('close', () => console.log(req.url, 'closed', res.socket.destroyed))
        if (req.url === '/socket') req.on('data', () => {}).on('end', () => res.socket.destroy())
        else if (req.url === '/request') req.destroy()
        else if (req.url === '/answer') res.destroy()
        else if (req.url === '/half') res.write('half', () => setTimeout(() => res.socket.destroy(), 10))
        else res.end('fine')
      }).listen(0, async () => {
        const ask = (path) => new Promise((resolve) => http.get({ port: server.address().port, path }, (answer) => {
          answer.on('data', () => {}).on('error', (error) => resolve(error.code)).on('end', () => resolve(answer.statusCode))
        }).on('error', (error) => resolve(error.code)))
        for (const path of ['/socket', '/request', '/answer', '/half', '/fine']) console.log(path, await ask(path))
        server.close()
      })`)
    expect(stdout.split('\n').filter((line) => !line.includes('closed'))).toEqual([
      '/socket ECONNRESET',
      '/request ECONNRESET',
      '/answer ECONNRESET',
      '/half ECONNRESET',
      '/fine 200',
      '',
    ])
    expect(stdout.match(/^\/\w+ closed true$/gm)).toEqual([
      '/socket closed true',
      '/request closed true',
      '/answer closed true',
      '/half closed true',
    ])
  })

  test('what cannot be reached is told as Node.js tells it', async () => {
    expect((await run("http.get('http://localhost:9/').on('error', (e) => console.log(e.message, e.code))")).stdout).toBe(
      'connect ECONNREFUSED 127.0.0.1:9 ECONNREFUSED\n',
    )
    expect((await run("dns.lookup('nope.invalid', (e) => console.log(e.message))")).stdout).toBe('getaddrinfo ENOTFOUND nope.invalid\n')
  })

  test('sockets carry bytes', async () => {
    const code =
      "const s = net.createServer((c) => c.on('data', (d) => c.end('echo ' + d))).listen(4000, () => { const c = net.connect(4000, 'localhost', () => c.write('hi')); c.on('data', (d) => console.log(String(d))); c.on('close', () => s.close()) })"
    expect(await run(code)).toEqual({ stdout: 'echo hi\n', stderr: '', code: 0 })
  })

  test('programs of the container run', async () => {
    expect((await run("child_process.exec('echo hi; exit 3', (e, out) => console.log(e.code, out))")).stdout).toBe('3 hi\n\n')
  })
})

describe('the sandbox', () => {
  test('has nothing of the host: no modules, no bindings, no way up through constructors', async () => {
    const up =
      "const F = (() => {}).constructor; console.log(F('return typeof process.mainModule')(), typeof F('return this')().WebAssembly, F('return this')() === globalThis, process.env.PATH === F('return process')().env.PATH)"
    expect((await run(up)).stdout).toBe('undefined undefined true true\n')
    const refused =
      "for (const name of ['vm', 'worker_threads', 'v8', 'internal/loader']) try { require(name) } catch (e) { console.log(e.code) }"
    expect((await run(refused)).stdout).toBe('MODULE_NOT_FOUND\n'.repeat(4))
    expect((await run("try { process.binding('fs') } catch (e) { console.log(e.message) }")).stdout).toBe('No such module\n')
    expect((await run('console.log(typeof process.env.npm_config_user_agent, process.pid < 1000, process.cwd())')).stdout).toBe(
      'undefined true /\n',
    )
  })

  test('an endless loop uses its CPU, can be killed, and stops nobody else', async () => {
    const spinning = await machine.run('node:20', { command: ['node', '-e', 'for (;;);'] })
    const before = machine.runtime.containerStats(spinning.id)!.cpuNanos
    await machine.clock.advance(10_000)
    const used = (machine.runtime.containerStats(spinning.id)!.cpuNanos - before) / 1e9
    expect(used).toBeCloseTo(10, 0)
    expect((await box.exec('echo', 'alive')).stdout).toBe('alive\n')
    expect(await spinning.stop(1)).toBe(137)
    expect((await box.exec('timeout', '3', 'node', '-e', 'for (;;);')).code).toBe(124)
  })

  test('memory without end ends at the limit of the heap', async () => {
    const hoard = 'const a = []; for (;;) a.push(new Array(10000).fill(1))'
    const free = await run(hoard)
    expect(free.stderr).toContain('JavaScript heap out of memory')
    expect(free.code).toBe(134)
    expect((await run("try { new Uint8Array(4e9) } catch (e) { console.log('refused') }")).stdout).toBe('refused\n')
  })

  test('recursion without end is an error', async () => {
    expect((await run('function f() { return f() + 1 } f()')).stderr).toContain('RangeError: Maximum call stack size exceeded\n    at f (')
  })
})

describe('a hostile script', () => {
  /** Runs a script for at most five seconds of the cluster, next to another container that goes on. */
  const hostile = async (code: string) => {
    const ended = await box.exec('timeout', '-s', 'KILL', '5', 'node', '-e', code)
    expect((await box.exec('echo', 'alive')).stdout).toBe('alive\n')
    return ended
  }

  test.each([
    ['a regular expression that backtracks without bound', "/^(a+)+$/.test('a'.repeat(40) + 'b')"],
    ['promises that never end', '(function f() { Promise.resolve().then(f) })()'],
    ['ticks that never end', 'process.nextTick(function f() { process.nextTick(f) })'],
    ['immediates that never end', '(function f() { setImmediate(f) })()'],
    ['a recursion that begins again when it overflows', 'function g() { try { g() } finally { g() } } g()'],
    ['an async generator that never ends', '(async () => { for await (const x of (async function* () { for (;;) yield 1 })());})()'],
    ['a getter that calls itself from a sort', 'for (;;) [3, 2, 1].sort(() => Math.random() - 0.5)'],
  ])('%s is killed from outside', async (_, code) => {
    expect((await hostile(code)).code).toBe(137)
  })

  test.each([
    ['a buffer of 4 GiB', 'new ArrayBuffer(4 * 1024 ** 3)', 'invalid array buffer length'],
    ['a typed array of 4 GB', 'new Uint8Array(4e9)', 'invalid array buffer length'],
    ['a text of a gigabyte', "'x'.repeat(2 ** 30)", 'invalid string length'],
    ['an array of 2^32', 'new Array(2 ** 32)', 'invalid array length'],
    ['a number of a hundred million bits', '2n ** 100000000n', 'BigInt is too large'],
    ['ten thousand groups', "new RegExp('('.repeat(1e4))", 'too many captures'],
  ])('%s is refused', async (_, code, message) => {
    expect(await hostile(`try { ${code} } catch (e) { console.log(e.message) }`)).toEqual({ stdout: `${message}\n`, stderr: '', code: 0 })
  })

  test('that doubles a text, nests a value without end, or fills a list ends itself alone', async () => {
    expect((await hostile("let s = 'x'; for (;;) s = [...s, ...s].join('')")).code).toBe(134)
    expect((await hostile("try { JSON.parse('['.repeat(1e6)) } catch (e) { console.log(e.name) }")).stdout).toBe('SyntaxError\n')
    expect((await hostile('const m = new Map(); for (let i = 0; ; i++) m.set(i, new Array(1000).fill(i))')).code).toBe(134)
  })

  test('that pollutes every prototype spoils its own world only', async () => {
    const polluted = `Object.prototype.polluted = 'yes'
      for (const p of [Array, String, Map, Promise, Function]) for (const k of Object.getOwnPropertyNames(p.prototype)) try { p.prototype[k] = () => process } catch {}
      Object.prototype.toString = null`
    await hostile(polluted)
    expect(Object.prototype).not.toHaveProperty('polluted')
    expect((await run('console.log({}.polluted, [1].map((x) => x + 1))')).stdout).toBe('undefined [ 2 ]\n')
  })

  test('finds no way out through constructors, errors, proxies or imports', async () => {
    const ways = `const found = []
      for (const fn of [() => {}, async () => {}, function* () {}, async function* () {}, class {}, console.log, require, Buffer.from, process.exit, setTimeout, fetch]) {
        const root = fn.constructor('return globalThis')
        const g = root instanceof Function ? root() : globalThis
        if (g && typeof g.WebAssembly !== 'undefined') found.push(String(fn))
      }
      Error.prepareStackTrace = (e, frames) => frames
      try { null.x } catch (e) { if (Array.isArray(e.stack)) found.push('frames') }
      if (typeof new Error('x').stack === 'string' && /src-main|node_modules|work/.test(new Error('x').stack)) found.push('paths')
      for (const k of Reflect.ownKeys(globalThis)) if (/^(host|kernel|engine|vm|quickjs)$/i.test(String(k))) found.push(String(k))
      const names = ['file:///etc/passwd.js', '/proc/self/environ', '../../../../../../work', 'data:text/javascript,1', 'node:vm', 'node:worker_threads']
      Promise.allSettled(names.map((n) => import(n))).then((r) => { r.forEach((x, i) => x.status === 'fulfilled' && found.push(names[i])); console.log(found) })`
    expect((await run(ways)).stdout).toBe('[]\n')
  })

  test('that opens servers, timers and children by the thousand leaves the others alone', async () => {
    expect((await hostile("for (let i = 0; i < 2000; i++) require('net').createServer().listen(20000 + i); setTimeout(() => process.exit(3), 50)")).code).toBe(3)
    expect((await hostile("for (let i = 0; i < 20000; i++) setTimeout(() => {}, 1e6); setTimeout(() => process.exit(4), 50)")).code).toBe(4)
    expect((await hostile("for (let i = 0; i < 300; i++) require('child_process').spawn('sleep', ['1']).on('error', () => {}); setTimeout(() => process.exit(5), 50)")).code).toBe(5)
  }) // prettier-ignore
})
