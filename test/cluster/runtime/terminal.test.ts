import { describe, expect, it } from 'vitest'
import { makeMachine, openTerminal, type Machine, type Terminal } from './machine.js'

async function open(command?: readonly string[]): Promise<{ m: Machine; t: Terminal; id: string }> {
  const m = await makeMachine()
  const id = await m.start()
  const t = await openTerminal(m, id, command)
  t.take()
  return { m, t, id }
}

describe('a shell at a terminal', () => {
  it('goes back to the prompt at Ctrl-C while a command sleeps', async () => {
    const { t } = await open()
    expect(await t.type('sleep 100\r', 1000)).toBe('sleep 100\r\n')
    expect(await t.type('\x03')).toBe('^C\r\n/ # ')
    expect(await t.type('echo $?\r')).toBe('echo $?\r\n130\r\n/ # ')
  })

  it('stops an endless loop of builtins at Ctrl-C', async () => {
    const { t } = await open()
    await t.type('while :; do :; done\r', 500)
    expect(await t.type('\x03', 200)).toBe('^C\r\n/ # ')
  })

  it('ends a loop of commands at Ctrl-C', async () => {
    const { t } = await open()
    expect(await t.type('while true; do echo hi; sleep 1; done\r', 1500)).toBe('while true; do echo hi; sleep 1; done\r\nhi\r\nhi\r\n')
    expect(await t.type('\x03', 5000)).toBe('^C\r\n/ # ')
  })

  it('edits the line with arrows, Home, End and the control keys', async () => {
    const { t } = await open()
    await t.type('echo wrld\x1b[D\x1b[D\x1b[Do\x01\x05!\x01\x1b[C\x02')
    expect((await t.type('\r')).endsWith('\r\nworld!\r\n/ # ')).toBe(true)
    await t.type('garbage\x15echo one two\x17three\r')
    expect(t.output.endsWith('\r\none three\r\n/ # ')).toBe(true)
  })

  it('brings back commands with the arrows and by search', async () => {
    const { t } = await open()
    await t.type('echo first\r')
    await t.type('echo second\r')
    expect((await t.type('\x1b[A\x1b[A\r')).endsWith('first\r\n/ # ')).toBe(true)
    expect((await t.type('\x12sec\r')).endsWith('\r\nsecond\r\n/ # ')).toBe(true)
  })

  it('completes commands and paths with Tab', async () => {
    const { t } = await open()
    expect(await t.type('cat /etc/host\t')).toBe('cat /etc/host\x07')
    expect(await t.type('\t')).toBe('\r\nhostname  hosts\r\n\r/ # cat /etc/host\x1b[J')
    await t.type('s\r')
    await t.type('cat /etc/passw\t')
    expect(t.take() + (await t.type('\r')).split('\r\n')[1]).toBe('root:x:0:0:root:/root:/bin/sh')
    await t.type('hostn\t\r')
    expect(t.output.endsWith('hostname \r\nweb\r\n/ # ')).toBe(true)
  })

  it('ends at Ctrl-D on an empty line', async () => {
    const { t } = await open()
    await t.type('\x04')
    expect(await t.session.status).toEqual({ code: 0 })
  })

  it('has job control: stop, list, background and foreground', async () => {
    const { t } = await open()
    await t.type('sleep 50\r', 100)
    expect(await t.type('\x1a')).toBe('^Z[1]+  Stopped                    sleep 50\r\n/ # ')
    expect(await t.type('bg\r')).toBe('bg\r\n[1] sleep 50\r\n/ # ')
    expect(await t.type('jobs\r')).toBe('jobs\r\n[1]+  Running                    sleep 50\r\n/ # ')
    await t.type('fg\r', 1000)
    expect(await t.type('\x03')).toBe('^C\r\n/ # ')
  })

  it('tells programs the window size, and of its change', async () => {
    const { m, t } = await open()
    t.session.resize(120, 40)
    expect(await t.type('stty size\r')).toBe('stty size\r\n40 120\r\n/ # ')
    await t.type('sh -c \'trap "stty size" WINCH; while :; do sleep 1; done\'\r', 100)
    t.session.resize(100, 30)
    await m.clock.advance(1000)
    expect(t.take()).toBe('30 100\r\n')
  })

  it('feeds a canonical reader line by line, with erase and end of file', async () => {
    const { t } = await open()
    await t.type('cat\r')
    expect(await t.type('helpo\x7f\x7flo\r')).toBe('helpo\b \b\b \blo\r\nhello\r\n')
    expect(await t.type('\x04')).toBe('/ # ')
  })

  it('lets a person edit a file with vi', async () => {
    const { t } = await open()
    await t.type('vi /tmp/note\r')
    await t.type('ihello\rworld\x1b')
    await t.type('1GxiJ\x1b:wq\r')
    await t.type('clear\r')
    t.take()
    expect(await t.type('cat /tmp/note\r')).toBe('cat /tmp/note\r\nJello\r\nworld\r\n/ # ')
  })

  it('shows processes in top until q', async () => {
    const { t } = await open()
    expect(await t.type('top\r', 100)).toContain('  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND')
    expect((await t.type('q')).endsWith('/ # ')).toBe(true)
  })

  it('lets bash tell a terminal to mark what is pasted, and takes that as it is: no line of it runs before Enter', async () => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    const bash = await openTerminal(m, id, ['bash'])
    const typed = async (text: string): Promise<string> => {
      bash.takeAll()
      bash.session.stdin!.write(Buffer.from(text))
      await m.clock.advance(0)
      return bash.takeAll()
    }
    const [on, off] = ['\x1b[?2004h', '\x1b[?2004l\r']
    expect(bash.takeAll()).toBe(`${on}bash-5.2# `)
    expect(await typed('echo hi\r')).toBe(`echo hi\r\n${off}hi\r\n${on}bash-5.2# `)
    expect(await typed("\x1b[200~echo one\recho 't\two'\r\x1b[201~")).not.toContain('\none')
    expect((await typed('\r')).split(off)[1]).toBe(`one\r\nt\two\r\n${on}bash-5.2# `)
    expect((await typed('nope\x03')).split(on)[0]).toBe(`nope^C\r\n${off}`)
    expect(await typed('exec env TERM=dumb bash\r')).toBe(`exec env TERM=dumb bash\r\n${off}bash-5.2# `)
  })

  it('gives bash a terminal of its own, and dash the plain line discipline', async () => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    const bash = await openTerminal(m, id, ['bash'])
    expect(bash.take()).toBe('bash-5.2# ')
    expect(await bash.type('for i in {1..3}; do echo $i; done\r')).toBe('for i in {1..3}; do echo $i; done\r\n1\r\n2\r\n3\r\nbash-5.2# ')
    const dash = await openTerminal(m, id, ['sh'])
    expect(dash.take()).toBe('# ')
    expect(await dash.type('nosuch\r')).toBe('nosuch\r\nsh: 1: nosuch: not found\r\n# ')
  })

  it('hangs up what runs in the session when the client goes away', async () => {
    const { m, t, id } = await open()
    await t.type('sleep 1000\r')
    t.session.close()
    await m.clock.settle()
    expect((await m.exec(id, ['ps'])).stdout).toBe(
      'PID   USER     TIME  COMMAND\n    1 root      0:00 sleep 1000000\n    4 root      0:00 ps\n',
    )
  })
})
