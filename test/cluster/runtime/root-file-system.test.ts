import { describe, expect, it } from 'vitest'
import { busyboxImage, makeMachine } from './machine.js'

const sh = (script: string) => ['sh', '-c', script]

describe('the root file systems of containers of one template', () => {
  it('have the same mount points, and what one of them changes beside them is its own', async () => {
    const m = await makeMachine()
    const volume = () => m.runtime.createVolume()
    const one = await m.start({ mounts: [{ volume: volume(), containerPath: '/srv/data/deep', readOnly: false }] })
    const two = await m.start({ mounts: [{ volume: volume(), containerPath: '/srv/data/deep', readOnly: false }] })
    await m.exec(one, sh('echo mine > /srv/data/own; echo mine > /srv/data/deep/f; echo 10.0.0.1 db >> /etc/hosts; rm -r /tmp'))
    expect((await m.exec(one, sh('ls /srv/data /srv/data/deep; tail -n 1 /etc/hosts; ls -d /tmp'))).stdout).toBe(
      '/srv/data:\ndeep\nown\n\n/srv/data/deep:\nf\n10.0.0.1 db\n',
    )
    expect((await m.exec(two, sh('ls /srv/data /srv/data/deep; grep -c db /etc/hosts; ls -d /tmp'))).stdout).toBe(
      '/srv/data:\ndeep\n\n/srv/data/deep:\n0\n/tmp\n',
    )
  })

  it('have no mount points of another template', async () => {
    const m = await makeMachine()
    await m.start({ mounts: [{ volume: m.runtime.createVolume(), containerPath: '/srv/data', readOnly: false }] })
    const plain = await m.start()
    expect(await m.exec(plain, sh('ls -d /srv'))).toEqual({ stdout: '', stderr: 'ls: /srv: No such file or directory\n', code: 1 })
  })
})

describe('a file that is mounted by itself, as /etc/hosts is', () => {
  it.each([
    ['busybox', /^sed: can't move '\/etc\/hosts\w{6}' to '\/etc\/hosts': (Device or resource busy)\n1\n$/],
    ['debian', /^sed: cannot rename \/etc\/sed\w{6}: (Device or resource busy)\n4\n$/],
  ])('is written to, but not replaced: sed -i of %s says that it is busy, and leaves nothing behind', async (image, said) => {
    const m = await makeMachine()
    const id = await m.start({ image })
    expect((await m.exec(id, sh('ls /etc > /tmp/before; sed -i s/web/db/ /etc/hosts 2>&1; echo $?'))).stdout).toMatch(said)
    expect((await m.exec(id, sh('ls /etc | diff /tmp/before -; tail -n 1 /etc/hosts'))).stdout).toBe('10.244.0.2\tweb\n')
    // The way around it that everybody takes.
    const copied = 'sed s/web/db/ /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts; tail -n 1 /etc/hosts'
    expect((await m.exec(id, sh(copied))).stdout).toBe('10.244.0.2\tdb\n')
  })
})

describe('find -xdev', () => {
  it.each(['busybox', 'debian'])('of %s names what is mounted, and does not look into it', async (image) => {
    const m = await makeMachine()
    const id = await m.start({ image })
    const script = `find / -xdev -name 'proc*' -o -path '/proc/*' -xdev; find /proc -xdev -name self | head -n 1`
    expect(await m.exec(id, sh(script))).toEqual({ stdout: '/proc\n/proc/self\n', stderr: '', code: 0 })
  })
})

describe('sed -i', () => {
  it('needs to write to the directory, not to the file', async () => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian', user: 65534, group: 65534 })
    const script = 'mkdir d; echo a > d/f; chmod 444 d/f; sed -i s/a/b/ d/f; cat d/f; chmod 555 d; sed -i s/b/c/ d/f; echo $?; cat d/f'
    const { stdout, stderr } = await m.exec(id, sh(`cd /tmp; ${script}`))
    expect(stdout).toBe('b\n4\nb\n')
    expect(stderr).toMatch(/^sed: couldn't open temporary file d\/sed\w{6}: Permission denied\n$/)
  })
})

describe('containers of an image that has run with the like of their mounts', () => {
  const [TIMES, FILE] = [4, (data: string, mode = 0o644) => ({ data, mode })]

  it('make their files when somebody looks, and nothing of their volumes before', async () => {
    const m = await makeMachine()
    let made = 0
    const volume = () => {
      const v = m.runtime.createVolume({ medium: 'Memory' })
      v.replaceFiles({ token: { data: () => `token ${++made}\n`, mode: 0o600 } })
      return v
    }
    const ids: string[] = []
    for (let i = 0; i < TIMES; i++) {
      const mounts = [
        { volume: volume(), containerPath: '/etc/keys', readOnly: true },
        { volume: m.runtime.createVolume(), containerPath: '/srv/data', readOnly: false },
      ]
      ids.push(await m.start({ mounts, command: ['sleep', `${1000 + i}`] }))
    }
    // The first is made to see whether it can be, the second to see what it starts.
    expect(made).toBe(2)
    const last = ids[TIMES - 1]!
    expect((await m.exec(last, sh('cat /etc/keys/token; stat -c %y /etc/keys; ls /srv; tr "\\0" " " < /proc/1/cmdline'))).stdout).toBe(
      'token 3\n2026-11-21 09:17:00.000000000 +0000\ndata\nsleep 1003 ',
    )
  })

  it('run what is mounted over the program, and as whom a mounted /etc/passwd says', async () => {
    const m = await makeMachine()
    const start = async (word: string, uid: number) => {
      const [programs, accounts] = [m.runtime.createVolume(), m.runtime.createVolume()]
      programs.replaceFiles({ hello: FILE(`#!/bin/sh\necho ${word} $(id -u) $1\n`, 0o755) })
      accounts.replaceFiles({ passwd: FILE(`me:x:${uid}:0::/:/bin/sh\n`) })
      const mounts = [
        { volume: programs, containerPath: '/opt/bin', readOnly: true },
        { volume: accounts, containerPath: '/etc/passwd', subPath: 'passwd', readOnly: true },
      ]
      return m.start({ command: ['/opt/bin/hello', word.toUpperCase()], mounts })
    }
    const ids = [await start('one', 1), await start('two', 2), await start('three', 3)]
    expect(await Promise.all(ids.map((id) => m.log(id)))).toEqual(['one 0 ONE\n', 'two 0 TWO\n', 'three 0 THREE\n'])
  })

  it('are given their own words, also where the program is a script', async () => {
    const files = () => ({ ...busyboxImage.files(), '/run.sh': { mode: 0o755, data: '#!/bin/sh -e\necho "$0 $*"\n' } })
    const m = await makeMachine({ images: { scripted: { ...busyboxImage, files } } })
    const ids: string[] = []
    for (const words of [['a'], ['b', 'c'], [], ['d']]) ids.push(await m.start({ image: 'scripted', command: ['/run.sh', ...words] }))
    expect(await Promise.all(ids.map((id) => m.log(id)))).toEqual(['/run.sh a\n', '/run.sh b c\n', '/run.sh \n', '/run.sh d\n'])
  })

  it('cannot start with arguments that are too long, whoever could before', async () => {
    const m = await makeMachine()
    const start = (word: string) => m.start({ command: ['sleep', '1', word] })
    await start('1')
    await start('2')
    await expect(start('x'.repeat(131_072))).rejects.toThrow('argument list too long')
  })
})

describe('/dev', () => {
  it('holds the devices, as old as the container, and what was mounted or made in it', async () => {
    const m = await makeMachine()
    const id = await m.start()
    await m.clock.advance(3_600_000)
    expect((await m.exec(id, sh('ls /dev; stat -c "%y %F" /dev/null /dev/shm'))).stdout).toBe(
      'core\nfd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntermination-log\ntty\nurandom\nzero\n' +
        '2026-11-21 09:17:00.000000000 +0000 character special file\n2026-11-21 09:17:00.000000000 +0000 directory\n',
    )
    expect((await m.exec(id, sh('echo x > /dev/shm/f; touch /dev/own; rm /dev/full; cat /dev/shm/f; ls /dev/own /dev/full'))).stdout).toBe(
      'x\n/dev/own\n',
    )
  })
})
