/** What scripts start, and what they wait for in the middle of a turn: the cluster goes on meanwhile. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type Box, Machine } from './machine.js'

let machine: Machine
let box: Box
beforeEach(async () => {
  machine = new Machine()
  box = await machine.run('node:20', { command: ['sleep', '100000'] })
})

const run = (code: string) => box.exec('node', '-e', code)
const output = async (code: string): Promise<string> => {
  const { stdout, stderr } = await run(code)
  return stdout + stderr
}

describe('a script that waits for a program', () => {
  test('gets its output, and goes on with everything it had', async () => {
    const code = `const { execSync, execFileSync, spawnSync } = require('child_process')
      let n = 0
      const count = () => ++n
      console.log(count(), execSync('echo hi; sleep 2').toString())
      console.log(count(), execSync('hostname', { encoding: 'utf8' }).trim(), execFileSync('echo', ['a b', 'c']) + '')
      const r = spawnSync('sh', ['-c', 'cat; echo no >&2; exit 4'], { input: 'xyz' })
      console.log(count(), r.status, r.signal, String(r.stdout), String(r.stderr), r.output.length)`
    expect(await run(code)).toEqual({ stdout: '1 hi\n\n2 pod-1 a b c\n\n3 4 null xyz no\n 3\n', stderr: '', code: 0 })
  })

  test('does in front of it once what it does once', async () => {
    const code = `const { execSync } = require('child_process')
      require('fs').appendFileSync('/tmp/log', 'x\\n')
      const first = Math.random()
      for (let i = 0; i < 20; i++) execSync('echo ' + i + ' >> /tmp/log')
      require('fs').appendFileSync('/tmp/log', 'y\\n')
      setTimeout(() => console.log(require('fs').readFileSync('/tmp/log', 'utf8').split('\\n').join(' ')), 5)`
    expect(await output(code)).toBe('x 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 y \n')
  })

  test('waits in timers, promises, requests and on its way out as well', async () => {
    const code = `const { execSync } = require('child_process')
      const http = require('http')
      process.on('exit', () => console.log(execSync('echo bye').toString()))
      setTimeout(() => console.log(execSync('echo timer').toString()), 10)
      ;(async () => { await null; console.log(execSync('echo promise').toString()) })()
      const server = http.createServer((req, res) => res.end(execSync('echo answer'))).listen(8080, () =>
        http.get('http://localhost:8080', (res) => res.on('data', (d) => { console.log(String(d)); server.close() })))`
    expect(await output(code)).toBe('promise\n\nanswer\n\ntimer\n\nbye\n\n')
  })

  test('is told how it failed', async () => {
    const code = `const { execSync, spawnSync } = require('child_process')
      try { execSync('echo no >&2; exit 3') } catch (e) { console.log(e.status, e.signal, JSON.stringify(e.message)) }
      try { execSync('kill -9 $$') } catch (e) { console.log(e.status, e.signal, e.message) }
      console.log(spawnSync('nosuch').error.message, spawnSync('nosuch').status)
      console.log(spawnSync('sleep', ['60'], { timeout: 1000 }).error.message, spawnSync('sleep', ['60'], { timeout: 10 }).signal)
      console.log(spawnSync('yes', { maxBuffer: 10 }).error.code, String(spawnSync('yes', { maxBuffer: 4 }).stdout))
      try { execSync(3) } catch (e) { console.log(e.code) }`
    expect(await run(code)).toEqual({
      stdout: `3 null "Command failed: echo no >&2; exit 3\\nno\\n"
null SIGKILL Command failed: kill -9 $$
spawnSync nosuch ENOENT null
spawnSync sleep ETIMEDOUT SIGTERM
ENOBUFS y
y

ERR_INVALID_ARG_TYPE
`,
      stderr: 'no\n',
      code: 0,
    })
  })

  test('shares its own descriptors with it', async () => {
    const code = "console.log('before'); child_process.execSync('echo direct; echo err >&2', { stdio: 'inherit' }); console.log('after')"
    expect(await run(code)).toEqual({ stdout: 'before\ndirect\nafter\n', stderr: 'err\n', code: 0 })
  })

  test('reads all of standard input', async () => {
    const code = "const t = require('fs').readFileSync(0, 'utf8'); console.log(t.toUpperCase(), t.length)"
    expect((await box.exec('sh', '-c', `(echo one; sleep 2; echo two) | node -e "${code}"`)).stdout).toBe('ONE\nTWO\n 8\n')
  })

  test('and does so for ever keeps nobody else from working, and can be killed', async () => {
    const script = "for (;;) require('child_process').execSync('true')"
    const made = await box.exec('sh', '-c', `node -e "${script}" & sleep 1; echo still here; kill -9 $!; wait $!; echo $?`)
    expect(made.stdout).toBe('still here\n137\n')
  }, 120_000)

  test('keeps what it catches to itself when it is broken off', async () => {
    await box.exec('sh', '-c', `echo "module.exports = require('child_process').execSync('echo loaded') + ''" > /tmp/m.js`)
    const code =
      "try { console.log(require('/tmp/m.js')) } catch (e) { require('fs').writeFileSync('/tmp/caught', String(e)) } finally { console.log('finally') }"
    expect(await output(code)).toBe('loaded\n\nfinally\n')
    expect((await box.exec('ls', '/tmp/caught')).code).toBe(2)
  })
})

describe('a program that a script starts', () => {
  test('has a pid at once, tells when it runs, and ends with its code or its signal', async () => {
    const code = `const { spawn } = require('child_process')
      const c = spawn('sh', ['-c', 'echo out; echo err >&2; exit 5'])
      console.log(typeof c.pid, c.spawnargs.length, c.stdio.length)
      c.on('spawn', () => console.log('spawned'))
      c.stdout.on('data', (d) => console.log('out', String(d)))
      c.stderr.on('data', (d) => console.log('err', String(d)))
      c.on('close', (code, signal) => { console.log('close', code, signal)
        const s = spawn('sleep', ['100']); s.on('exit', (code, signal) => console.log('exit', code, signal, s.killed)); s.kill() })`
    expect(await output(code)).toBe('number 3 3\nspawned\nout out\n\nerr err\n\nclose 5 null\nexit null SIGTERM true\n')
    expect(await output("child_process.spawn('sh', ['-c', 'exit 130']).on('exit', (...how) => console.log(how))")).toBe('[ 130, null ]\n')
  })

  test('that is not there is an error of its own', async () => {
    const code = "child_process.spawn('nosuch', ['x']).on('error', (e) => console.log(e.message, e.code, e.errno, e.path, e.spawnargs))"
    expect(await output(code)).toBe("spawn nosuch ENOENT ENOENT -2 nosuch [ 'x' ]\n")
  })

  test('gives its output to exec, up to a limit', async () => {
    expect(await output("util.promisify(child_process.exec)('echo hi').then(console.log)")).toBe("{ stdout: 'hi\\n', stderr: '' }\n")
    expect(await output("child_process.exec('yes', { maxBuffer: 8 }, (e, out) => console.log(e.code, out.length))")).toBe(
      'ERR_CHILD_PROCESS_STDIO_MAXBUFFER 8\n',
    )
    expect(await output("child_process.exec('sleep 9', { timeout: 50 }, (e) => console.log(e.killed, e.signal, e.code))")).toBe(
      'true SIGTERM null\n',
    )
  })
})
