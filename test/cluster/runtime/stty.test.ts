/** stty and what its settings do: shown and refused as by the real one (stty/script.sh), and felt at the keyboard. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeMachine, openTerminal, type Terminal } from './machine.js'

const file = (name: string): string => readFileSync(path.join(import.meta.dirname, 'stty', name), 'utf8')

async function open(command?: readonly string[], image = 'debian'): Promise<Terminal> {
  const m = await makeMachine()
  const t = await openTerminal(m, await m.start({ image }), command)
  t.take()
  return t
}

it('shows and sets the modes of a terminal as the real one does', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian' })
  const t = await openTerminal(m, id, ['sh', '-c', file('script.sh')])
  await t.type('', 1000)
  expect(t.output.replaceAll('\r', '')).toBe(file('recorded.txt'))
})

describe('at the keyboard', () => {
  it('gives back what -g has saved', async () => {
    const t = await open(['sh', '-c', 'old=$(stty -g); stty -echo; read a; stty "$old"; read b; echo "[$a][$b]"'])
    expect(await t.type('one\r')).toBe('')
    expect(await t.type('two\r')).toBe('two\r\n[one][two]\r\n')
  })

  it('keeps -echo for the programs that follow, and not what a killed program has left', async () => {
    const t = await open(undefined, 'busybox')
    await t.type('stty -echo\r')
    t.take()
    await t.type('cat\r')
    t.take()
    expect(await t.type('secret\r')).toBe('secret\r\n')
    await t.type('\x04')
    await t.type('stty echo\r')
    await t.type("sh -c 'stty -echo; kill -9 $$'\r")
    await t.type('cat\r')
    t.take()
    expect(await t.type('seen\r')).toBe('seen\r\nseen\r\n')
  })

  it('takes other keys for those that mean something', async () => {
    const t = await open(['sh', '-c', 'trap "echo caught" INT; stty intr ^X erase x kill ^K eof ^F; cat; echo ended'])
    expect(await t.type('abx\x7fc\r')).toBe('ab\b \b^?c\r\na\x7fc\r\n')
    expect(await t.type('\x03\r')).toBe('^C\r\n\x03\r\n')
    expect(await t.type('gone\x0bhere\r')).toBe(`gone${'\b \b'.repeat(4)}here\r\nhere\r\n`)
    expect(await t.type('\x18')).toBe('^Xcaught\r\nended\r\n')
  })

  it('ends a read without lines after as many bytes as min says, or when time is over', async () => {
    const one = await open(['sh', '-c', 'stty -icanon -echo min 3; dd bs=10 count=1 2>/dev/null; echo; echo done'])
    expect(await one.type('ab')).toBe('')
    expect(await one.type('cd')).toBe('abcd\r\ndone\r\n')
    const none = await open(['sh', '-c', 'stty -icanon -echo min 0 time 20; k=$(dd bs=1 count=1 2>/dev/null); echo "[$k]"'])
    expect(await none.type('', 1500)).toBe('')
    expect(await none.type('', 1000)).toBe('[]\r\n')
    const key = await open(['sh', '-c', 'stty -icanon -echo min 0 time 20; k=$(dd bs=1 count=1 2>/dev/null); echo "[$k]"'])
    expect(await key.type('q', 100)).toBe('[q]\r\n')
  })

  it('changes what goes in and out', async () => {
    const t = await open([
      'sh',
      '-c',
      'stty -echo -onlcr; echo one; stty onlcr igncr; read a; stty -igncr iuclc olcuc; read b; echo "$a $b"',
    ])
    expect(t.take()).toBe('')
    await t.type('A\rB\n')
    expect(await t.type('LOUD\n')).toBe('AB LOUD\r\n')
  })
})
