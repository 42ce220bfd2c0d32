/** Raw block volumes: kubernetes.io/docs/concepts/storage/persistent-volumes, "Raw Block Volume Support". */
import { expect, test } from 'vitest'
import { makeMachine } from './machine.js'

const MIB = 1024 ** 2

test('a block device keeps its bytes where they were written, from container to container, and takes no more than it has', async () => {
  const m = await makeMachine()
  const volume = m.runtime.createVolume().asDevice!(2 * MIB)
  const mounted = { devices: [{ volume, path: '/dev/xvda', readOnly: false }] }
  const first = await m.start({ name: 'one', ...mounted })
  const run = (id: string, line: string) => m.exec(id, ['sh', '-c', line], { ms: 1_000 })
  expect((await run(first, 'ls -l /dev/xvda; test -b /dev/xvda && echo yes; find /dev -type b')).stdout).toBe(
    'brw-rw----    1 root     root      252,   0 Nov 21 09:17 /dev/xvda\nyes\n/dev/xvda\n',
  )
  expect((await run(first, 'echo hello | dd of=/dev/xvda bs=1 seek=100 2>/dev/null; wc -c < /dev/xvda')).stdout).toBe(`${2 * MIB}\n`)
  expect(await run(first, 'dd if=/dev/zero of=/dev/xvda bs=1M seek=1 count=2')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No space left on device'),
  })
  const second = await m.start({ name: 'two', ...mounted })
  expect((await run(second, 'dd if=/dev/xvda bs=1 skip=100 count=5 2>/dev/null')).stdout).toBe('hello')
  const third = await m.start({ name: 'three', devices: [{ volume, path: '/disk', readOnly: true }] })
  expect((await run(third, 'head -c 105 /disk | tail -c 5; echo x > /disk')).stdout).toBe('hello')
})

test('what was never written of a large device takes no memory, however it is read', async () => {
  const m = await makeMachine()
  const volume = m.runtime.createVolume().asDevice!(100 * 1024 * MIB)
  const id = await m.start({ devices: [{ volume, path: '/dev/xvda', readOnly: false }] })
  const run = (line: string) => m.exec(id, ['sh', '-c', line], { ms: 1_000 })
  expect(await run('read line < /dev/xvda; echo $?')).toMatchObject({ stdout: '1\n' })
  expect((await run('dd if=/dev/xvda of=/dev/null bs=64M count=1 2>&1 | head -n 1')).stdout).toBe('0+1 records in\n')
  expect((await run('echo end | dd of=/dev/xvda bs=1M seek=102399 2>&1 | head -n 1')).stdout).toBe('dd: error writing \'/dev/xvda\': No space left on device\n') // prettier-ignore
})
