/** What a person sees who types at less and more. */
import { stripVTControlCharacters as stripAnsi } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { debianImage, makeMachine, openTerminal, type Machine, type Terminal } from './machine.js'

let m: Machine
let t: Terminal
beforeAll(async () => {
  const numbers = Array.from({ length: 100 }, (_, i) => `line ${i + 1}${i === 49 ? ' Needle' : ''}${i === 79 ? ' needle' : ''}`).join('\n')
  const files = { '/n': `${numbers}\n`, '/short': 'one\ntwo\n', '/wide': `${'x'.repeat(90)}END\nsecond\n` }
  m = await makeMachine({ images: { debian: { ...debianImage, files: () => ({ ...debianImage.files(), ...files }) } } })
})
beforeEach(async () => {
  const id = await m.start({ image: 'debian' })
  t = await openTerminal(m, id, ['sh'])
  t.take()
})
afterAll(() => m.runtime.stopPodSandbox(m.sandboxId))

/** The rows that a screen shows, without colours; the prompt is the last. */
async function screen(typed: string, ms = 0): Promise<string[]> {
  const shown = stripAnsi((await t.type(typed, ms)).split('\x1b[H\x1b[J').at(-1)!)
  return shown.replaceAll('\r', '').split('\n')
}
const ends = (rows: string[]): [first: string, prompt: string] => [rows[0]!, rows.at(-1)!]

it('goes forward and back by screens, halves and lines, to lines and to shares of the text', async () => {
  expect(ends(await screen('less /n\r'))).toEqual(['line 1', '/n'])
  expect(ends(await screen(' '))).toEqual(['line 24', ':'])
  expect(ends(await screen('j'))).toEqual(['line 25', ':'])
  expect(ends(await screen('5k'))).toEqual(['line 20', ':'])
  expect(ends(await screen('d'))).toEqual(['line 31', ':'])
  expect(ends(await screen('u'))).toEqual(['line 20', ':'])
  expect(ends(await screen('b'))).toEqual(['line 1', ':'])
  expect(ends(await screen('50g'))).toEqual(['line 50 Needle', ':'])
  expect(ends(await screen('50p'))).toEqual(['line 51', ':'])
  expect(ends(await screen('G'))).toEqual(['line 78', '(END)'])
  expect(ends(await screen("''"))).toEqual(['line 51', ':'])
  expect(await t.type('q')).toContain('\x1b[?1049l')
})

it('finds what is searched for in both directions, with or without its case, and goes back to marks', async () => {
  await screen('less /n\r')
  expect(ends(await screen('ma/needle\r'))[0]).toBe('line 78')
  expect(ends(await screen("'a"))[0]).toBe('line 1')
  expect(ends(await screen('-i'))[1]).toBe('Ignore case in searches  (press RETURN)')
  expect(ends(await screen('/needle\r'))[0]).toBe('line 50 Needle')
  expect(ends(await screen('n'))[0]).toBe('line 78')
  expect(ends(await screen('?[Nn]eedle$\r'))[0]).toBe('line 50 Needle')
  expect(ends(await screen('/nothing\r'))[1]).toBe('Pattern not found  (press RETURN)')
  expect(ends(await screen('&needle\r'))).toEqual(['line 50 Needle', '& (END)'])
  await t.type('q')
})

it('folds long lines or chops them, numbers them, and tells where it is', async () => {
  expect((await screen('less /wide\r')).slice(0, 4)).toEqual(['x'.repeat(80), `${'x'.repeat(10)}END`, 'second', '~'])
  expect((await screen('-S')).slice(0, 2)).toEqual(['x'.repeat(80), 'second'])
  expect((await screen('\x1b[C'))[0]).toBe(`${'x'.repeat(50)}END`)
  expect((await screen('\x1b[D-N'))[1]).toBe('      2 second')
  expect((await screen('=')).at(-1)).toBe('/wide lines 1-2/2 byte 101/101 100%  (press RETURN)')
  await t.type('q')
  expect(ends(await screen('less -M +40 /n\r'))).toEqual(['line 40', '/n lines 40-62/100 62%'])
  await t.type('q')
  expect(await t.type('less -F /short\r')).toContain('one\r\ntwo\r\n')
})

it('goes from file to file', async () => {
  expect(ends(await screen('less /short /n\r'))).toEqual(['one', '/short (file 1 of 2) (END)'])
  expect(ends(await screen(':n'))[0]).toBe('line 1')
  expect(ends(await screen(':n'))[1]).toBe('No next file  (press RETURN)')
  expect(ends(await screen(':p'))[0]).toBe('one')
  expect(ends(await screen(':e /nosuch\r'))[1]).toBe('/nosuch: No such file or directory  (press RETURN)')
  await t.type(':q')
})

it('shows a file that grows until Ctrl-C', async () => {
  await t.type('(sleep 2; echo more >> /short) &\r')
  expect(ends(await screen('less +F /short\r'))[1]).toBe('Waiting for data... (interrupt to abort)')
  expect(await t.type('', 4000)).toContain('more')
  expect(ends(await screen('\x03', 2000))[1]).toBe('/short (END)')
  await t.type('q')
})

it('lets more show a screen and then what is asked for, and end with the text', async () => {
  expect((await screen('more /n\r')).slice(-2)).toEqual(['line 23', '--More--(23%)'])
  expect((await screen('\r')).slice(-2)).toEqual(['line 24', '--More--(24%)'])
  expect((await screen(' ')).at(-1)).toBe('--More--(47%)')
  expect((await screen('=')).at(-1)).toBe('47')
  expect(await t.type('/needle\r')).toContain('...skipping\r\nline 78')
  // The text has ended with that.
  expect(await t.type('echo left\r')).toContain('\r\nleft\r\n')
})
