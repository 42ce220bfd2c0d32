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
