/** What the programs of procps and util-linux tell of the machine, in the forms of the real ones. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeMachine, type Machine } from './machine.js'

let m: Machine
let id: string
beforeAll(async () => {
  m = await makeMachine()
  id = await m.start({ image: 'debian' })
})
afterAll(() => m.runtime.stopPodSandbox(m.sandboxId))

async function run(script: string, ms = 5000): Promise<string> {
  const { stdout, stderr, code } = await m.exec(id, ['sh', '-c', script], { ms })
  return stdout + stderr + (code === 0 ? '' : `status ${code}\n`)
}

it.each([
  ['free', '               total        used        free      shared  buff/cache   available\nMem:         8388608      839581     5032685           0     2642171     7549027\nSwap:              0           0           0\n'],
  ['free -h -t', '               total        used        free      shared  buff/cache   available\nMem:           8.0Gi       819Mi       4.8Gi          0B       2.5Gi       7.2Gi\nSwap:             0B          0B          0B\nTotal:         8.0Gi       819Mi       4.8Gi\n'],
  ['free -w -m | head -1', '               total        used        free      shared     buffers       cache   available\n'],
  ['free -m -g', "free: Multiple unit options don't make sense.\nstatus 1\n"],
  ['free -c 2 -s 1 -g | grep -c Mem', '2\n'],
  ['/bin/kill -l', 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT\nCHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS\n'],
  ['/bin/kill -l 9; /bin/kill -l HUP', 'KILL\n1\n'],
  ['vmstat | head -2', 'procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n'],
  ['vmstat x', "vmstat: failed to parse argument: 'x'\nstatus 1\n"],
  ['lsblk', 'NAME   MAJ:MIN RM SIZE RO TYPE MOUNTPOINTS\nvda    254:0    0  60G  0 disk \n└─vda1 254:1    0  60G  0 part /etc/hosts\n                               /dev/termination-log\n                               /etc/hostname\n                               /etc/resolv.conf\n'],
  ['lsblk -dno NAME,TYPE', 'vda disk\n'],
  ['lsblk nosuch', 'lsblk: nosuch: not a block device\nstatus 32\n'],
  ['lscpu | grep -E "^(CPU\\(s\\)|Model name)"', 'CPU(s):              4\nModel name:          Simulated CPU @ 2.50GHz\n'],
  ['lscpu -p | tail -1', '3,3,0,0,,3,3,3,0\n'],
  ['pmap 1 | sed -n "1p;\\$p"', '1:   sleep 1000000\n total             1836K\n'],
  ['pmap 99999', 'status 42\n'],
  ['top -bn1 -o foo', "top: unrecognized field name 'foo'\nstatus 1\n"],
  ['sleep 9 & top -bn1 -o PID -p 1,$! | awk "NR > 7 { print \\$NF }"; kill $!', 'sleep\nsleep\n'],
  ['top -bn1 -c -p 1 | tail -1 | cut -c71-', ' sleep 1000000\n'],
  ['hostname -A; hostname -F /nosuch', 'web \nhostname: No such file or directory\nstatus 1\n'],
  ['df --output=source,fstype / ; df --output=foo', "Filesystem     Type\noverlay        overlay\ndf: option --output: field 'foo' unknown\nTry 'df --help' for more information.\nstatus 1\n"],
  ['ls --help | head -2; free --help | head -3; chmod --help | head -3', 'Usage: ls [OPTION]... [FILE]...\nList directory contents\n\nUsage:\n free [options]\nUsage: chmod [OPTION]... MODE[,MODE]... FILE...\n  or:  chmod [OPTION]... OCTAL-MODE FILE...\n  or:  chmod [OPTION]... --reference=RFILE FILE...\n'],
])('%s', async (script, output) => {
  expect(await run(script)).toBe(output)
}) // prettier-ignore

it('tells for how long the machine has run, and since when', async () => {
  await m.clock.advance(90 * 60_000)
  expect(await run('uptime -p')).toMatch(/^up 1 hour, 3\d minutes\n$/)
  expect(await run('uptime -s')).toBe('2026-11-21 09:16:00\n')
})
