/** What is mounted in a container, as mount, df and stat tell it. */
import { expect, it } from 'vitest'
import { makeMachine } from './machine.js'

it('the mounts are those that containerd makes, in its order, and the machine is hidden from a container without privileges', async () => {
  const m = await makeMachine()
  const volume = (medium?: 'Memory') => m.runtime.createVolume(medium ? { medium, sizeLimit: 1024 ** 2 } : {})
  const id = await m.start({
    mounts: [
      { volume: volume('Memory'), containerPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
      { volume: volume(), containerPath: '/data', readOnly: false },
    ],
    terminationMessagePath: '/dev/termination-log',
  })
  expect((await m.exec(id, ['cat', '/proc/mounts'])).stdout.split('\n').map((line) => line.replace(/ 0 0$/, ''))).toEqual([
    'overlay / overlay rw,relatime',
    'proc /proc proc rw,nosuid,nodev,noexec,relatime',
    'tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755,inode64',
    'devpts /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666',
    'mqueue /dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime',
    'sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime',
    'cgroup /sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot',
    '/dev/vda1 /data ext4 rw,relatime',
    '/dev/vda1 /etc/hosts ext4 rw,relatime',
    '/dev/vda1 /dev/termination-log ext4 rw,relatime',
    '/dev/vda1 /etc/hostname ext4 rw,relatime',
    '/dev/vda1 /etc/resolv.conf ext4 rw,relatime',
    'shm /dev/shm tmpfs rw,relatime,size=65536k,inode64',
    'tmpfs /var/run/secrets/kubernetes.io/serviceaccount tmpfs ro,relatime,size=1024k,inode64,noswap',
    'proc /proc/bus proc ro,nosuid,nodev,noexec,relatime',
    'proc /proc/fs proc ro,nosuid,nodev,noexec,relatime',
    'proc /proc/irq proc ro,nosuid,nodev,noexec,relatime',
    'proc /proc/sys proc ro,nosuid,nodev,noexec,relatime',
    'proc /proc/sysrq-trigger proc ro,nosuid,nodev,noexec,relatime',
    'tmpfs /proc/acpi tmpfs ro,relatime,inode64',
    'tmpfs /sys/firmware tmpfs ro,relatime,inode64',
    'tmpfs /proc/kcore tmpfs rw,nosuid,size=65536k,mode=755,inode64',
    'tmpfs /proc/keys tmpfs rw,nosuid,size=65536k,mode=755,inode64',
    'tmpfs /proc/timer_list tmpfs rw,nosuid,size=65536k,mode=755,inode64',
    '',
  ])
  expect(
    await m.exec(id, [
      'sh',
      '-c',
      'grep -e shm -e /etc/hosts -e "/ rw" /proc/self/mountinfo; cat /proc/kcore; echo 0 >/proc/sys/net/ipv4/ip_forward',
    ]),
  ).toEqual({
    stdout:
      '100 99 0:50 / / rw,relatime - overlay overlay rw\n' +
      '108 100 254:1 /var/lib/kubelet/pods/u/etc-hosts /etc/hosts rw,relatime - ext4 /dev/vda1 rw\n' +
      '112 102 0:59 / /dev/shm rw,relatime - tmpfs shm rw,size=65536k,inode64\n',
    stderr: "sh: can't create /proc/sys/net/ipv4/ip_forward: Read-only file system\n",
    code: 1,
  })
})

it('a privileged container has nothing hidden, and writes the settings of the kernel', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian', privileged: true })
  const run = (line: string) => m.exec(id, ['sh', '-c', line])
  expect((await run('grep -c -e /proc/ -e firmware /proc/mounts; grep /sys /proc/mounts')).stdout).toBe(
    '0\nsysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0\n' +
      'cgroup /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot 0 0\n',
  )
  expect(await run('sysctl -w vm.max_map_count=300000; echo 0 > /proc/sys/net/ipv4/ip_forward; sysctl net.ipv4.ip_forward')).toEqual({
    stdout: 'vm.max_map_count = 300000\nnet.ipv4.ip_forward = 0\n',
    stderr: '',
    code: 0,
  })
  expect(await run('sysctl -w vm.swappiness=few kernel.ostype=Minix; sysctl -n vm.swappiness kernel.ostype')).toEqual({
    stdout: '60\nLinux\n',
    stderr: 'sysctl: setting key "vm.swappiness": Invalid argument\nsysctl: permission denied on key "kernel.ostype"\n',
    code: 0,
  })
  expect((await run('printf "# for the database\\nvm.swappiness = 1\\n" > /etc/sysctl.conf; sysctl -p')).stdout).toBe('vm.swappiness = 1\n')
  // What is the machine's is changed for all, what belongs to the network of the pod for the pod alone.
  const other = await m.start({ name: 'other', image: 'debian' })
  expect((await m.exec(other, ['sysctl', '-n', 'vm.max_map_count', 'vm.swappiness'])).stdout).toBe('300000\n1\n')
})

it('df of coreutils has a line for each file system, that of busybox for each mount, and what is written counts', async () => {
  const m = await makeMachine()
  const cache = { volume: m.runtime.createVolume({ medium: 'Memory', sizeLimit: 2 * 1024 ** 2 }), containerPath: '/cache', readOnly: false }
  const debian = await m.start({ image: 'debian', mounts: [cache] })
  const busybox = await m.start({ name: 'busybox', mounts: [cache] })
  await m.exec(debian, ['sh', '-c', 'head -c 5000 /dev/zero > /cache/a; echo > /dev/shm/b; head -c 3000000 /dev/zero > /tmp/c || true'])
  const df = async (id: string, ...options: string[]) => (await m.exec(id, ['df', ...options])).stdout
  expect(await df(debian)).toBe(
    `Filesystem     1K-blocks     Used Available Use% Mounted on
overlay         62914560 12585842  50328719  21% /
tmpfs              65536        0     65536   0% /dev
tmpfs               2048        8      2040   1% /cache
/dev/vda1       62914560 12585842  50328719  21% /etc/hosts
shm                65536        4     65532   1% /dev/shm
tmpfs            4194304        0   4194304   0% /proc/acpi
tmpfs            4194304        0   4194304   0% /sys/firmware
`,
  )
  expect(await df(debian, '-hT', '/cache', '/tmp')).toBe(
    'Filesystem     Type     Size  Used Avail Use% Mounted on\n' +
      'tmpfs          tmpfs    2.0M  8.0K  2.0M   1% /cache\n' +
      'overlay        overlay   60G   13G   48G  21% /\n',
  )
  expect(await df(debian, '-i', '/cache')).toBe(
    'Filesystem     Inodes IUsed IFree IUse% Mounted on\ntmpfs             512     2   510    1% /cache\n',
  )
  expect(await df(debian, '-BM', '--total', '-t', 'tmpfs', '/cache', '/dev/shm')).toBe(
    'Filesystem     1M-blocks  Used Available Use% Mounted on\n' +
      'tmpfs                 2M    1M        2M   1% /cache\n' +
      'shm                  64M    1M       64M   1% /dev/shm\n' +
      'total                66M    1M       66M   1% -\n',
  )
  expect(await df(debian, '-P', '/dev')).toBe(
    'Filesystem     1024-blocks  Used Available Capacity Mounted on\ntmpfs                65536     0     65536       0% /dev\n',
  )
  expect(await df(busybox)).toBe(
    `Filesystem           1K-blocks      Used Available Use% Mounted on
overlay               62914560  12582912  50331648  20% /
tmpfs                    65536         0     65536   0% /dev
tmpfs                     2048         8      2040   0% /cache
/dev/vda1             62914560  12582912  50331648  20% /etc/hosts
/dev/vda1             62914560  12582912  50331648  20% /dev/termination-log
/dev/vda1             62914560  12582912  50331648  20% /etc/hostname
/dev/vda1             62914560  12582912  50331648  20% /etc/resolv.conf
shm                      65536         0     65536   0% /dev/shm
tmpfs                  4194304         0   4194304   0% /proc/acpi
tmpfs                  4194304         0   4194304   0% /sys/firmware
tmpfs                    65536         0     65536   0% /proc/kcore
tmpfs                    65536         0     65536   0% /proc/keys
tmpfs                    65536         0     65536   0% /proc/timer_list
`,
  )
  expect(await df(busybox, '-h', '/cache')).toBe(
    'Filesystem                Size      Used Available Use% Mounted on\ntmpfs                     2.0M      8.0K      2.0M   0% /cache\n',
  )
  expect((await m.exec(debian, ['stat', '-f', '/cache'])).stdout.replace(/ID: \w+/, 'ID: N')).toBe(
    `  File: "/cache"
    ID: N Namelen: 255     Type: tmpfs
Block size: 4096       Fundamental block size: 4096
Blocks: Total: 512        Free: 510        Available: 510
Inodes: Total: 512        Free: 510
`,
  )
})

it('a directory in memory is as large as what is in it, and takes no blocks; one of the kernel has no size', async () => {
  const m = await makeMachine()
  const volume = m.runtime.createVolume({ medium: 'Memory' })
  const id = await m.start({ mounts: [{ volume, containerPath: '/cache', readOnly: false }] })
  expect(
    (await m.exec(id, ['sh', '-c', 'echo 1 > /cache/a; mkdir /cache/b; stat -c "%n %A %s %b" /cache /cache/b /proc /sys /etc'])).stdout,
  ).toBe('/cache drwxrwxrwt 80 0\n/cache/b drwxr-xr-x 40 0\n/proc dr-xr-xr-x 0 0\n/sys dr-xr-xr-x 0 0\n/etc drwxr-xr-x 4096 8\n')
})

it('dd counts what it read, and of that what could be written', async () => {
  const m = await makeMachine()
  const volume = m.runtime.createVolume({ medium: 'Memory', sizeLimit: 4096 })
  const id = await m.start({ mounts: [{ volume, containerPath: '/cache', readOnly: false }] })
  expect((await m.exec(id, ['dd', 'if=/dev/zero', 'of=/cache/x', 'bs=1k', 'count=9', 'status=noxfer'])).stderr).toBe(
    "dd: error writing '/cache/x': No space left on device\n5+0 records in\n4+0 records out\n",
  )
})

it('a file that may not be written, of a volume that cannot be, is one or the other, by whether it is to be cut off', async () => {
  const m = await makeMachine()
  const volume = m.runtime.createVolume()
  volume.replaceFiles({ a: { data: '1', mode: 0o444 } })
  const id = await m.start({ user: 1000, mounts: [{ volume, containerPath: '/conf', readOnly: true }] })
  expect((await m.exec(id, ['sh', '-c', 'echo > /conf/a; echo >> /conf/a; echo > /conf/b'])).stderr).toBe(
    "sh: can't create /conf/a: Read-only file system\nsh: can't create /conf/a: Permission denied\nsh: can't create /conf/b: Read-only file system\n",
  )
})
