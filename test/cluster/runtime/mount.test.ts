/** What a privileged container mounts. */
import { expect, test } from 'vitest'
import { Machine, type Box } from '../images/machine.js'

const machine = new Machine()
const start = (image: string, privileged: boolean): Promise<Box> => machine.run(image, { command: ['sleep', '1000000'], privileged })
const sh = async (box: Box, script: string): Promise<string> => {
  const { stdout, stderr } = await box.exec('sh', '-c', `exec 2>&1; ${script}`)
  return stdout + stderr
}

test('a file system in memory has its size, and goes with what is in it', async () => {
  const box = await start('debian', true)
  expect(
    await sh(
      box,
      `mkdir /m; touch /m/below; mount -t tmpfs -o size=1m,mode=700 mine /m; mount | grep ' /m '; ls -A /m; stat -c %a /m
head -c 2000000 /dev/zero > /m/big 2>/dev/null; df -k /m | tail -1; mount -o remount,ro /m; touch /m/x; umount /m; ls /m; umount /m; echo $?`,
    ),
  ).toBe(`mine on /m type tmpfs (rw,relatime,size=1024k,mode=700)
700
mine                1024  1024         0 100% /m
touch: cannot touch '/m/x': Read-only file system
below
umount: /m: not mounted.
32
`)
})

test('a directory lies in two places with --bind, the one read-only', async () => {
  const box = await start('debian', true)
  expect(
    await sh(
      box,
      'mkdir /a /b; echo one > /a/f; mount --bind -o ro /a /b; cat /b/f; echo two > /a/f; cat /b/f; echo no > /b/f; umount /b; ls /b',
    ),
  ).toBe('one\ntwo\nsh: 1: cannot create /b/f: Read-only file system\n')
})

test('what cannot be mounted is told in the words of util-linux and of busybox', async () => {
  const more = '       dmesg(1) may have more information after failed mount system call.\n'
  expect(await sh(await start('debian', true), 'mount -t tmpfs t /no; mount -t foo x /mnt; mount /dev/no /mnt; umount /no; echo $?')).toBe(
    `mount: /no: mount point does not exist.\n${more}mount: /mnt: unknown filesystem type 'foo'.\n${more}mount: /mnt: special device /dev/no does not exist.\n${more}umount: /no: no mount point specified.\n32\n`,
  )
  expect(await sh(await start('busybox', true), 'mount -t tmpfs t /no; echo $?; umount /etc; echo $?; mount -t foo x /etc')).toBe(
    "mount: mounting t on /no failed: No such file or directory\n255\numount: can't unmount /etc: Invalid argument\n1\nmount: mounting x on /etc failed: No such device\n",
  )
  expect(await sh(await start('busybox', false), 'mount -t tmpfs t /mnt; umount /etc/hosts')).toBe(
    "mount: permission denied (are you root?)\numount: can't unmount /etc/hosts: Operation not permitted\n",
  )
})
