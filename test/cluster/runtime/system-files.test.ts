/** /sys: the network interfaces and processors of a container. */
import { expect, it } from 'vitest'
import { makeMachine } from './machine.js'

it('shows the interfaces and the processors, and cannot be written', async () => {
  const m = await makeMachine()
  const id = await m.start()
  expect(await m.exec(id, ['sh', '-c', 'echo max > /sys/fs/cgroup/memory.max; mount | grep /sys; ls /sys /sys/class/net'])).toEqual({
    stdout:
      'sysfs on /sys type sysfs (ro,nosuid,nodev,noexec,relatime)\n' +
      'cgroup on /sys/fs/cgroup type cgroup2 (ro,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot)\n' +
      'proc on /proc/sys type proc (ro,nosuid,nodev,noexec,relatime)\n' +
      'proc on /proc/sysrq-trigger type proc (ro,nosuid,nodev,noexec,relatime)\n' +
      'tmpfs on /sys/firmware type tmpfs (ro,relatime,inode64)\n' +
      '/sys:\nclass\ndevices\nfs\n\n/sys/class/net:\neth0\nlo\n',
    stderr: "sh: can't create /sys/fs/cgroup/memory.max: Read-only file system\n",
    code: 0,
  })
  expect((await m.exec(id, ['cat', '/sys/class/net/eth0/address', '/sys/devices/system/cpu/online'])).stdout).toBe(
    '0a:58:0a:f4:00:02\n0-3\n',
  )
})
