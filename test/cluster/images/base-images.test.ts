/** What the images that others are built on say of themselves: busybox, Alpine, Debian, Ubuntu. */
import { describe, expect, test } from 'vitest'
import { type Box, Machine } from './machine.js'

const machine = new Machine()
const boxes = new Map<string, Promise<Box>>()
const box = (image: string): Promise<Box> => {
  if (!boxes.has(image)) boxes.set(image, machine.run(image, { command: ['sleep', '1000000'] }))
  return boxes.get(image)!
}
const run = async (image: string, script: string) => (await box(image)).exec('sh', '-c', script)
const output = async (image: string, script: string): Promise<string> => (await run(image, script)).stdout

describe('busybox', () => {
  test('is one binary that acts like the name it is called by, or the first word behind its own', async () => {
    expect((await output('busybox:1.36', 'busybox')).split('\n').slice(0, 11)).toEqual([
      'BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.',
      'BusyBox is copyrighted by many authors between 1998-2015.',
      'Licensed under GPLv2. See source distribution for detailed',
      'copyright notices.',
      '',
      'Usage: busybox [function [arguments]...]',
      '   or: busybox --list[-full]',
      '   or: busybox --show SCRIPT',
      '   or: busybox --install [-s] [DIR]',
      '   or: function [arguments]...',
      '',
    ])
    expect(await output('busybox:1.36', 'busybox echo one; busybox sh -c "echo two"; busybox --list | grep -c .')).toMatch(
      /^one\ntwo\n2\d\d\n$/,
    )
    expect(await run('busybox:1.36', 'busybox nosuch')).toEqual({ stdout: '', stderr: 'nosuch: applet not found\n', code: 127 })
  })

  test('says in each usage text which version the tag has', async () => {
    const first = (image: string) => output(image, 'ls --help 2>&1 | head -1')
    expect(await first('busybox:1.28')).toBe('BusyBox v1.28.4 (2018-05-22 17:00:17 UTC) multi-call binary.\n')
    expect(await first('busybox')).toBe('BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.\n')
    expect(await first('alpine:3.20')).toBe('BusyBox v1.36.1 (2024-06-10 07:11:47 UTC) multi-call binary.\n')
  })

  test('installs its names elsewhere as links', async () => {
    expect(await output('busybox:1.36', 'mkdir /x && busybox --install -s /x && ls -l /x/cat | sed "s/.* //"; /x/cat /etc/hostname')).toBe(
      '/bin/busybox\npod-1\n',
    )
  })
})

test.each([
  ['busybox', 'uid=0(root) gid=0(root) groups=0(root),10(wheel)\n'],
  [
    'alpine',
    'uid=0(root) gid=0(root) groups=0(root),1(bin),2(daemon),3(sys),4(adm),6(disk),10(wheel),11(floppy),20(dialout),26(tape),27(video)\n',
  ],
  ['debian', 'uid=0(root) gid=0(root) groups=0(root)\n'],
])('root of %s is in the groups of its /etc/group', async (image, id) => {
  expect(await output(image, 'id')).toBe(id)
})

test.each([
  ['alpine:3.20', '3.20.8\n', 'Alpine Linux v3.20'],
  ['debian:bookworm', '12.12\n', 'Debian GNU/Linux 12 (bookworm)'],
  ['debian:11-slim', '11.11\n', 'Debian GNU/Linux 11 (bullseye)'],
  ['ubuntu:22.04', 'bookworm/sid\n', 'Ubuntu 22.04.5 LTS'],
  ['ubuntu', 'trixie/sid\n', 'Ubuntu 24.04.3 LTS'],
])('%s says which release it is', async (image, release, pretty) => {
  expect(await output(image, 'cat /etc/alpine-release /etc/debian_version 2> /dev/null')).toBe(release)
  expect(await output(image, '. /etc/os-release; echo "$PRETTY_NAME"')).toBe(`${pretty}\n`)
})

test('the os-release of a Debian has the fields of the distribution', async () => {
  expect(await output('debian:bookworm', 'cat /etc/os-release')).toBe(`PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
`)
})

test('programs tell the version that the release has', async () => {
  const versions = 'for p in ls grep sed tar find gzip ps diff; do $p --version | head -1; done; bash --version | head -1'
  expect(await output('debian:bookworm', versions)).toBe(`ls (GNU coreutils) 9.1
grep (GNU grep) 3.8
sed (GNU sed) 4.9
tar (GNU tar) 1.34
find (GNU findutils) 4.9.0
gzip 1.12
ps from procps-ng 4.0.2
diff (GNU diffutils) 3.8
GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)
`)
  expect(await output('ubuntu:20.04', "bash -c 'echo $BASH_VERSION ${BASH_VERSINFO[0]}'; awk -W version")).toBe(
    '5.0.17(1)-release 5\nmawk 1.3.4 20200120\n',
  )
})
