/** What a container reads of its own limits in /sys/fs/cgroup. */
import { expect, test } from 'vitest'
import { cpuWeight } from '../../../src-main/cluster/runtime/cgroup-files.js'
import { makeMachine } from './machine.js'

const MIB = 1024 * 1024

test.each([
  [undefined, 1],
  [1, 1],
  [20, 6],
  [100, 17],
  [250, 35],
  [1000, 100],
  [4000, 303],
  [256_000, 10_000],
])('a CPU request of %s millicores has the weight %i', (request, weight) => expect(cpuWeight(request)).toBe(weight))

test('a container reads what it may use, and what it uses', async () => {
  const m = await makeMachine()
  const id = await m.start({ cpuLimit: 250, cpuRequest: 100, memoryLimit: 64 * MIB })
  const run = async (command: string): Promise<string> => (await m.exec(id, ['sh', '-c', command])).stdout
  expect(await run('cd /sys/fs/cgroup && cat cpu.max cpu.weight memory.max memory.swap.max pids.max')).toBe(
    `25000 100000\n17\n${64 * MIB}\n0\nmax\n`,
  )
  expect(await run('grep cgroup /proc/mounts')).toBe(
    'cgroup /sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot 0 0\n',
  )
  expect(await run('head -n 1 /sys/fs/cgroup/cgroup.procs')).toBe('1\n')
  expect(Number(await run('cat /sys/fs/cgroup/memory.current'))).toBeGreaterThan(0)
  expect((await m.exec(id, ['sh', '-c', 'echo max > /sys/fs/cgroup/memory.max'])).stderr).toBe(
    "sh: can't create /sys/fs/cgroup/memory.max: Read-only file system\n",
  )
})

test('a container without limits reads that there are none', async () => {
  const m = await makeMachine()
  const id = await m.start()
  expect((await m.exec(id, ['sh', '-c', 'cd /sys/fs/cgroup && cat cpu.max cpu.weight memory.max'])).stdout).toBe('max 100000\n1\nmax\n')
})
