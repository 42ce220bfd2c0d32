/** apt and apk in containers, whose mirrors have the packages whose programs the simulated machine knows. */
import { describe, expect, test } from 'vitest'
import { type Box, Machine } from './machine.js'

const start = async (image: string, config: { user?: number; readOnlyRootFilesystem?: boolean } = {}, machine = new Machine()): Promise<Box> =>
  machine.run(image, { command: ['sleep', '1000000'], ...config }) // prettier-ignore

describe('apt-get', () => {
  test('knows no package before its lists are read', async () => {
    const box = await start('debian:bookworm')
    expect(await box.exec('apt-get', 'install', '-y', 'curl')).toEqual({
      stdout: 'Reading package lists...\nBuilding dependency tree...\nReading state information...\n',
      stderr: 'E: Unable to locate package curl\n',
      code: 100,
    })
  })

  test('reads the lists, installs a program, which then runs, and takes it away again', async () => {
    const box = await start('debian:bookworm')
    expect((await box.exec('apt-get', 'update')).stdout).toBe(`Get:1 http://deb.debian.org/debian bookworm InRelease [151 kB]
Get:2 http://deb.debian.org/debian bookworm-updates InRelease [55.4 kB]
Get:3 http://deb.debian.org/debian-security bookworm-security InRelease [48 kB]
Get:4 http://deb.debian.org/debian bookworm/main amd64 Packages [8792 kB]
Fetched 9254 kB in 2s (6170 kB/s)
Reading package lists...
`)
    expect((await box.exec('sh', '-c', 'curl')).code).toBe(127)
    expect((await box.exec('apt-get', 'install', '-y', 'curl')).stdout).toBe(`Reading package lists...
Building dependency tree...
Reading state information...
The following NEW packages will be installed:
  curl
0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.
Need to get 315 kB of archives.
After this operation, 501 kB of additional disk space will be used.
Get:1 http://deb.debian.org/debian bookworm/main amd64 curl amd64 7.88.1-10+deb12u14 [315 kB]
Fetched 315 kB in 1s (450 kB/s)
Selecting previously unselected package curl.
(Reading database ... 6090 files and directories currently installed.)
Preparing to unpack .../curl_7.88.1-10+deb12u14_amd64.deb ...
Unpacking curl (7.88.1-10+deb12u14) ...
Setting up curl (7.88.1-10+deb12u14) ...
`)
    expect((await box.exec('curl', '-sS', 'http://127.0.0.1:9/')).stderr).toContain('curl: (7) Failed to connect to 127.0.0.1 port 9')
    expect((await box.exec('dpkg', '-s', 'curl')).stdout).toContain('Version: 7.88.1-10+deb12u14\n')
    expect((await box.exec('apt-get', 'install', '-y', 'curl')).stdout).toContain(
      'curl is already the newest version (7.88.1-10+deb12u14).\n0 upgraded, 0 newly installed',
    )
    expect((await box.exec('apt-get', 'remove', '-y', 'curl')).code).toBe(0)
    expect((await box.exec('sh', '-c', 'curl')).code).toBe(127)
  })

  test('of Ubuntu asks its own mirrors, and tells what it does not find', async () => {
    const box = await start('ubuntu:22.04')
    expect((await box.exec('apt-get', 'update')).stdout.split('\n')[1]).toBe(
      'Get:2 http://security.ubuntu.com/ubuntu jammy-security InRelease [126 kB]',
    )
    expect((await box.exec('apt-get', 'install', '-y', 'nosuch')).stderr).toBe('E: Unable to locate package nosuch\n')
  })

  test('wants to be root, and a file system that it can write', async () => {
    expect(await (await start('debian', { user: 1000 })).exec('apt-get', 'update')).toEqual({
      stdout: '',
      stderr:
        'E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\nE: Unable to lock directory /var/lib/apt/lists/\n',
      code: 100,
    })
    expect((await (await start('debian', { readOnlyRootFilesystem: true })).exec('apt-get', 'update')).stderr).toBe(
      'E: List directory /var/lib/apt/lists/partial is missing. - Acquire (30: Read-only file system)\n',
    )
  })

  test('does not get to its mirror where egress is cut off', async () => {
    const machine = new Machine()
    const box = await start('debian:bookworm', {}, machine)
    machine.network.allows = () => false
    const { stdout, stderr, code } = await box.exec('apt-get', 'update')
    expect(code).toBe(0)
    expect(stdout).toContain(
      'Ign:1 http://deb.debian.org/debian bookworm InRelease\n  Could not connect to deb.debian.org:80 (151.101.2.132), connection timed out\n',
    )
    expect(stderr).toContain('W: Some index files failed to download. They have been ignored, or old ones used instead.\n')
  })
})

describe('apk', () => {
  test('adds programs and deletes them', async () => {
    const box = await start('alpine:3.22')
    expect(await box.exec('apk', 'add', '--no-cache', 'curl', 'jq')).toEqual({
      stdout: `fetch https://dl-cdn.alpinelinux.org/alpine/v3.22/main/x86_64/APKINDEX.tar.gz
fetch https://dl-cdn.alpinelinux.org/alpine/v3.22/community/x86_64/APKINDEX.tar.gz
(1/2) Installing curl (8.14.1-r2)
(2/2) Installing jq (1.8.1-r0)
Executing busybox-1.37.0-r19.trigger
OK: 9 MiB in 18 packages
`,
      stderr: '',
      code: 0,
    })
    expect((await box.exec('sh', '-c', "echo '[1]' | jq -c .")).stdout).toBe('[1]\n')
    expect((await box.exec('apk', 'del', 'jq')).stdout).toBe(
      '(1/1) Purging jq (1.8.1-r0)\nExecuting busybox-1.37.0-r19.trigger\nOK: 8 MiB in 17 packages\n',
    )
    expect((await box.exec('sh', '-c', 'jq')).code).toBe(127)
  })

  test('tells what it does not have, and who may not', async () => {
    const box = await start('alpine')
    expect(await box.exec('apk', 'add', 'nosuch')).toMatchObject({
      stderr: 'ERROR: unable to select packages:\n  nosuch (no such package):\n    required by: world[nosuch]\n',
      code: 1,
    })
    expect(await (await start('alpine', { user: 1000 })).exec('apk', 'add', 'curl')).toEqual({
      stdout: '',
      stderr: 'ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: Permission denied\n',
      code: 99,
    })
  })
})
