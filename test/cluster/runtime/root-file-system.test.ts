import { describe, expect, it } from 'vitest'
import { makeMachine } from './machine.js'

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
