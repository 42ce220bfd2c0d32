/** Options of logger, dmesg, last, w and su, as Debian's have them. */
import { expect, it } from 'vitest'
import { makeMachine } from './machine.js'

it('logger tells what it would log: its level, its tag, its process', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian' })
  const run = (script: string) => m.exec(id, ['sh', '-c', script])
  expect(
    (await run('logger -s -t app hi; logger -s -t app -p local0.err --id=7 no; printf "a\\n\\nb\\n" > /tmp/l; logger -s -t f -e -f /tmp/l'))
      .stderr,
  ).toBe('<13>app: hi\n<131>app[7]: no\n<13>f: a\n<13>f: b\n')
  expect(await run('logger -p nope.err x')).toEqual({ stdout: '', stderr: 'logger: unknown facility name: nope.err\n', code: 1 })
  expect((await run('logger -p user.nope x')).stderr).toBe('logger: unknown priority name: user.nope\n')
})

it('dmesg, last and w take their options, and have nothing to tell', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian' })
  const run = (script: string) => m.exec(id, ['sh', '-c', script])
  expect((await run('dmesg -T --level=err,warn; dmesg --follow --decode')).stderr).toBe(
    'dmesg: read kernel buffer failed: Operation not permitted\n'.repeat(2),
  )
  expect((await run('last -5; last -f /tmp/x --fulltimes')).stderr).toBe(
    'last: cannot open /var/log/wtmp: No such file or directory\nlast: cannot open /tmp/x: No such file or directory\n',
  )
  expect((await run('w -h; w -s | tail -n 1; w --from | tail -n 1')).stdout).toBe(
    'USER     TTY      FROM              IDLE WHAT\nUSER     TTY      LOGIN@   IDLE   JCPU   PCPU WHAT\n',
  )
})

it('su gives another group, and keeps what -w names', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian', env: [{ name: 'KEPT', value: 'yes' }, { name: 'GONE', value: 'no' }] }) // prettier-ignore
  const run = (script: string) => m.exec(id, ['sh', '-c', script])
  expect((await run("su -s /bin/sh -g daemon nobody -c 'id -u; id -gn'; su -w KEPT - root -c 'echo $KEPT $GONE.'")).stdout).toBe(
    '65534\ndaemon\nyes .\n',
  )
  expect((await run('su -g nope nobody -c id')).stderr).toBe('su: group nope does not exist\n')
})
