/** Options of programs whose effect depends on who runs them. */
import { expect, it } from 'vitest'
import { makeMachine } from './machine.js'

it('lets the owner of a file give it to a group of theirs, and to nobody else', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian', user: 65534, group: 65534, supplementalGroups: [1] })
  const run = (script: string) => m.exec(id, ['sh', '-c', `cd /tmp && ${script}`])
  expect(await run('touch f; chown -v 65534:65534 f; chgrp -v 1 f; chown -c nobody f; chown --from=0 0 f; echo $?')).toEqual({
    stdout: "ownership of 'f' retained as nobody:nogroup\nchanged group of 'f' from nogroup to daemon\n0\n",
    stderr: '',
    code: 0,
  })
  expect(await run('chown 0 f; chown :0 f; chgrp 0 f')).toEqual({
    stdout: '',
    stderr:
      "chown: changing ownership of 'f': Operation not permitted\nchown: changing group of 'f': Operation not permitted\nchgrp: changing group of 'f': Operation not permitted\n",
    code: 1,
  })
  await m.runtime.stopPodSandbox(m.sandboxId)
})

it('remembers how nice a process is, and shows it', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian' })
  const run = (script: string) => m.exec(id, ['sh', '-c', script])
  expect((await run('nice -n 7 sh -c "nice; ps -o ni= -p \\$\\$; renice -n 9 -p \\$\\$; nice"')).stdout).toMatch(
    /^7\n +7\n\d+ \(process ID\) old priority 7, new priority 9\n9\n$/,
  )
  expect(await run('renice -n x -p 1; renice 5 99999')).toEqual({
    stdout: '',
    stderr:
      "renice: invalid priority 'x'\nTry 'renice --help' for more information.\nrenice: failed to get priority for 99999 (process ID): No such process\n",
    code: 1,
  })
  await m.runtime.stopPodSandbox(m.sandboxId)
})

it('packs what it may read, and says what it may not', async () => {
  const m = await makeMachine()
  const script =
    'cd /tmp; mkdir d; echo x > d/f; echo y > g; chmod 000 d g; tar cf a.tar d g a.tar /etc/group; echo $?; tar tf a.tar; chmod 755 d'
  const debian = await m.start({ image: 'debian', user: 65534, group: 65534 })
  expect(await m.exec(debian, ['sh', '-c', script])).toEqual({
    stdout: '2\netc/group\n',
    stderr:
      'tar: d: Cannot open: Permission denied\ntar: g: Cannot open: Permission denied\ntar: a.tar: file is the archive; not dumped\n' +
      "tar: Removing leading `/' from member names\ntar: Exiting with failure status due to previous errors\n",
    code: 0,
  })
  const busybox = await m.start({ user: 65534, group: 65534 })
  expect(await m.exec(busybox, ['sh', '-c', script])).toEqual({
    stdout: '1\nd/\netc/group\n',
    stderr:
      "tar: d: Permission denied\ntar: can't open 'g': Permission denied\ntar: a.tar: file is the archive; skipping\n" +
      "tar: removing leading '/' from member names\ntar: error exit delayed from previous errors\n",
    code: 0,
  })
  await m.runtime.stopPodSandbox(m.sandboxId)
})
