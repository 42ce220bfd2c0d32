import { describe, expect, it } from 'vitest'
import { makeMachine } from './machine.js'

/** A pod with a process namespace of its own for each container, and one that looks into another. */
async function withDebugger(command = ['sleep', '1000']) {
  const m = await makeMachine()
  const target = await m.start({ name: 'app', command })
  const looking = await m.start({ name: 'debugger', command: ['sleep', '5000'], processesOf: 'app' })
  return { m, target, looking }
}

describe('a container that targets another one', () => {
  it('sees its processes besides its own, and may end them', async () => {
    const { m, target, looking } = await withDebugger()
    expect((await m.exec(looking, ['ps', '-o', 'pid,args'])).stdout).toBe(
      '  PID COMMAND\n    1 sleep 1000\n    2 sleep 5000\n    3 ps -o pid,args\n',
    )
    await m.exec(looking, ['kill', '-9', '2'])
    expect([target, looking].map((id) => m.runtime.containerInfo(id)!.state)).toEqual(['running', 'exited'])
  })

  it('ends with the first process of the other', async () => {
    const { m, target, looking } = await withDebugger(['sh', '-c', 'sleep 10; exit 3'])
    await m.clock.advance(10_000)
    expect([target, looking].map((id) => m.runtime.containerInfo(id)!.exitCode)).toEqual([3, 137])
  })

  it('has processes of its own when there is none of that name', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sleep', '1000'], processesOf: 'gone' })
    expect((await m.exec(id, ['pidof', 'sleep'])).stdout).toBe('1\n')
  })
})

describe('/proc/PID/root of another container', () => {
  it('leads to its files, to be read, changed and walked into', async () => {
    const { m, target, looking } = await withDebugger()
    await m.exec(target, ['sh', '-c', 'mkdir /srv; echo secret > /srv/conf'])
    expect((await m.exec(looking, ['cat', '/proc/1/root/srv/conf'])).stdout).toBe('secret\n')
    expect((await m.exec(looking, ['sh', '-c', 'cd /proc/1/root/srv; pwd; ls; echo more >> conf; cd ..; ls -d srv'])).stdout).toBe(
      '/proc/1/root/srv\nconf\nsrv\n',
    )
    expect((await m.exec(target, ['cat', '/srv/conf'])).stdout).toBe('secret\nmore\n')
    expect((await m.exec(looking, ['ls', '/srv'])).code).toBe(1)
    expect((await m.exec(looking, ['readlink', '/proc/1/root'])).stdout).toBe('/\n')
    expect((await m.exec(looking, ['cat', '/proc/self/root/srv/conf'])).code).toBe(1)
  })
})

describe('/proc/PID', () => {
  it('tells the namespaces: those of a target are its own but for the process namespace', async () => {
    const { m, target, looking } = await withDebugger()
    const links = async (id: string, pid: string): Promise<string[]> =>
      (await m.exec(id, ['sh', '-c', `for n in mnt net pid user uts; do readlink /proc/${pid}/ns/$n; done`])).stdout.trim().split('\n')
    const own = await links(looking, 'self')
    expect(own.map((link) => link.replace(/\d+/, 'N'))).toEqual(['mnt:[N]', 'net:[N]', 'pid:[N]', 'user:[N]', 'uts:[N]'])
    expect(own[3]).toBe('user:[4026531837]')
    const others = await links(target, '1')
    expect(own.map((link, i) => link === others[i])).toEqual([false, true, true, true, true])
    expect(await links(looking, '1')).toEqual(others)
  })

  it('tells the memory', async () => {
    const m = await makeMachine()
    const id = await m.start()
    const { stdout } = await m.exec(id, ['cat', '/proc/1/maps'])
    expect(stdout.split('\n')[0]).toBe('559f3c400000-559f3c420000 r--p 00000000 00:2f 1048601'.padEnd(73) + '/bin/sleep')
    expect(stdout).toMatch(/\[heap\]\n.*\[stack\]\n.*\[vvar\]\n.*\[vdso\]\n$/)
  })
})

describe('attach', () => {
  it('says that it is over when the container ends, whatever its exit code', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', 'sleep 1; echo failed; exit 7'] })
    const session = await m.runtime.attach(id, { stdin: false, stdout: true, stderr: true, tty: false })
    await m.clock.advance(1000)
    expect(await session.status).toEqual({ code: 0 })
    expect(m.runtime.containerInfo(id)!.exitCode).toBe(7)
  })
})
