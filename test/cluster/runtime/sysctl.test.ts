import { expect, test } from 'vitest'
import { makeMachine } from './machine.js'

test('the settings of the kernel are those of the pod before those of the machine', async () => {
  const m = await makeMachine({ sysctls: { 'kernel.shm_rmid_forced': '1', 'net/ipv4/ip_local_port_range': '1024 65000' } })
  const id = await m.start()
  const run = (...command: string[]) => m.exec(id, command)
  expect((await run('sysctl', 'kernel.shm_rmid_forced', 'net.ipv4.tcp_syncookies')).stdout).toBe(
    'kernel.shm_rmid_forced = 1\nnet.ipv4.tcp_syncookies = 1\n',
  )
  expect((await run('sysctl', '-n', 'net/ipv4/ip_local_port_range')).stdout).toBe('1024\t65000\n')
  expect((await run('cat', '/proc/sys/net/ipv4/ip_local_port_range')).stdout).toBe('1024\t65000\n')
  expect((await run('sysctl', 'vm')).stdout).toBe('vm.max_map_count = 262144\nvm.overcommit_memory = 1\nvm.swappiness = 60\n')
})

test('a setting that is not there, or cannot be changed, is an error in the words of each sysctl', async () => {
  const m = await makeMachine()
  const [busybox, debian] = [await m.start(), await m.start({ name: 'debian', image: 'debian' })]
  expect(await m.exec(busybox, ['sysctl', 'kernel.none'])).toEqual({
    code: 1,
    stdout: '',
    stderr: "sysctl: error: 'kernel.none' is an unknown key\n",
  })
  expect(await m.exec(debian, ['sysctl', 'kernel.none'])).toEqual({
    code: 255,
    stdout: '',
    stderr: 'sysctl: cannot stat /proc/sys/kernel/none: No such file or directory\n',
  })
  expect((await m.exec(debian, ['sysctl', '-w', 'vm.swappiness=1'])).stderr).toBe(
    'sysctl: setting key "vm.swappiness": Read-only file system\n',
  )
})
