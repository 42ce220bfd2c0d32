/** The CPU time of processes: what they are billed, what they are shown to use, and that nobody waits who rested. */
import { expect, it } from 'vitest'
import { Burst } from '../../../src-main/cluster/runtime/burst.js'
import { makeMachine, openTerminal } from './machine.js'

it('of a loop of short children is that of one core, however many there are', async () => {
  const m = await makeMachine()
  const id = await m.start({ command: ['sh', '-c', 'while :; do head -c 1m /dev/zero > /tmp/f; echo >> /tmp/n; done'] })
  await m.clock.advance(4000)
  const used = m.runtime.containerStats(id)!.cpuNanos / 1e9
  expect(used).toBeGreaterThan(2)
  expect(used).toBeLessThanOrEqual(4.01)
  // A mebibyte read and written takes two milliseconds at least.
  expect(Number((await m.exec(id, ['sh', '-c', 'wc -l < /tmp/n'], { ms: 100 })).stdout)).toBeLessThan(2000)
})

it('of a family that computes for long costs more, until it has rested', () => {
  const family = new Burst()
  family.add(9000, 0)
  expect(family.factor).toBe(1)
  family.add(2000, 1000)
  expect(family.factor).toBe(5)
  family.add(1, 20_000)
  expect(family.factor).toBe(1)
})

it('grows while a process computes, and is no more than the time that it had', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian' })
  const script = 'set -- $(seq 3000); while :; do set -- $*; done & sleep 2; kill -KILL $!; wait $! 2> /dev/null; times'
  const { stdout } = await m.exec(id, ['dash', '-c', script], { ms: 5000 })
  const [, children] = stdout.split('\n')
  const seconds = Number(/^0m([\d.]+)s/.exec(children!)![1])
  expect(seconds).toBeGreaterThan(1.5)
  expect(seconds).toBeLessThanOrEqual(2.01)
  expect(m.runtime.containerStats(id)!.cpuNanos / 1e9).toBeLessThanOrEqual(2.1)
})

it('of children is told by time, times and /proc, apart for programs and kernel', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian' })
  const bash = await m.exec(id, ['bash', '-c', 'time head -c 100000000 /dev/zero > /dev/null'], { ms: 5000 })
  expect(bash.stderr).toMatch(/^\nreal\t0m0\.\d{3}s\nuser\t0m0\.00\ds\nsys\t0m0\.2\d{2}s\n$/)
  const loop = await m.exec(id, ['bash', '-c', 'time (i=0; while ((i++ < 30000)); do :; done)'], { ms: 5000 })
  expect(loop.stderr).toMatch(/\nuser\t0m0\.[3-9]\d{2}s\nsys\t0m0\.00\ds\n$/)
  const box = await m.exec(await m.start(), ['time', 'head', '-c', '100000000', '/dev/zero'], { ms: 5000 })
  expect(box.stderr).toMatch(/^real\t0m 0\.\d{2}s\nuser\t0m 0\.00s\nsys\t0m 0\.2\ds\n$/)
  const script =
    'head -c 100000000 /dev/zero > /dev/null; read -r _ _ _ _ _ _ _ _ _ _ _ _ _ u s cu cs _ < /proc/$$/stat; echo $u $s $cu $cs'
  expect((await m.exec(id, ['sh', '-c', script], { ms: 5000 })).stdout).toMatch(/^0 0 0 2\d\n$/)
})

it('shows who computes: ps tells R of it, and S of who waits', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian', command: ['bash', '-c', 'while :; do :; done & sleep 1000000'] })
  await m.clock.advance(1005)
  expect((await m.exec(id, ['ps', '-o', 'stat,comm'], { ms: 100 })).stdout.replaceAll(/ +/g, ' ')).toBe(
    'STAT COMMAND\nSs sleep\nR bash\nRs ps\n',
  )
})

it('is not waited for by a shell that rests between its commands', async () => {
  const m = await makeMachine()
  const t = await openTerminal(m, await m.start())
  await t.type("PS1='$ '\r")
  for (let i = 0; i < 200; i++) {
    expect(await t.type('true | true\r')).toBe('true | true\r\n$ ')
    await m.clock.advance(500)
  }
})
