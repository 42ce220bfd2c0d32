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
