/** Programs for the machine itself: in a container they are there, and are refused. */
import type { Program } from '../process.js'
import { command, Fail } from './command.js'

/** What each says, with the first operand for `%s`; nothing for those that ask PID 1, which does not listen. */
const REFUSALS: Readonly<Record<string, string>> = {
  fdisk: "can't open '%s': No such file or directory",
  halt: '',
  hwclock: "can't open '/dev/misc/rtc': No such file or directory",
  insmod: "can't insert '%s': No such file or directory",
  losetup: '/dev/loop0: No such file or directory',
  mke2fs: "can't open '%s': No such file or directory",
  mkswap: "can't open '%s': No such file or directory",
  modprobe: "can't change directory to '/lib/modules': No such file or directory",
  pivot_root: 'pivot_root: Operation not permitted',
  poweroff: '',
  reboot: '',
  rmmod: "can't unload module '%s': Operation not permitted",
  swapoff: '%s: Operation not permitted',
  swapon: '%s: Operation not permitted',
  unshare: 'unshare(0x0): Operation not permitted',
}

function refused(name: string, text: string): Program {
  return command('busybox', async (c) => {
    const operand = c.task.argv.slice(1).find((arg) => !arg.startsWith('-')) ?? ''
    if (text === '') return
    throw new Fail(`${name}: ${text.replace('%s', operand)}`)
  })
}

/** No module is loaded that a container is told of. */
const lsmod = command('busybox', async (c) => c.print('Module                  Size  Used by    Not tainted\n'))

export const privilegedPrograms: Readonly<Record<string, Program>> = {
  ...Object.fromEntries(Object.entries(REFUSALS).map(([name, text]) => [name, refused(name, text)])),
  lsmod,
}
