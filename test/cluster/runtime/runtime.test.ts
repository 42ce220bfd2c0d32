import { describe, expect, it } from 'vitest'
import { makeMachine, openTerminal } from './machine.js'

describe('a container', () => {
  it('writes its log while its shell loop runs', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', 'while true; do echo hi; sleep 1; done'] })
    await m.clock.advance(2500)
    expect(await m.log(id)).toBe('hi\nhi\nhi\n')
    await m.runtime.stopPodSandbox(m.sandboxId)
    expect(m.runtime.containerInfo(id)).toMatchObject({ state: 'exited', exitCode: 137, reason: 'Error' })
  })

  it('can be entered with a terminal, where a person types', async () => {
    const m = await makeMachine()
    const id = await m.start()
    const t = await openTerminal(m, id)
    expect(t.take()).toBe('/ # ')
    expect(await t.type('echo I am $HOSTNAME\r')).toBe('echo I am $HOSTNAME\r\nI am web\r\n/ # ')
    expect(await t.type('exit 3\r')).toBe('exit 3\r\n')
    expect(await t.session.status).toEqual({ code: 3 })
  })
})
