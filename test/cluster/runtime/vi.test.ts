/**
 * The keys of vi against the real one: what a text is after them, as `vim -u NONE -N -s keys file` left it
 * (vi-keys.json: the text, another file to read in, and what each row of keys and `:wq` made of the text).
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { vi } from '../../../src-main/cluster/runtime/programs/vi.js'
import { busyboxImage, debianImage, makeMachine, openTerminal, type Machine } from './machine.js'

const recorded = JSON.parse(readFileSync(path.join(import.meta.dirname, 'vi-keys.json'), 'utf8')) as {
  text: string
  other: string
  keys: Record<string, string>
}

let m: Machine
let id: string
let applets: string
beforeAll(async () => {
  const files = { '/text': recorded.text, '/f2': recorded.other }
  const debian = { ...debianImage, files: () => ({ ...debianImage.files(), '/bin/vi': { program: vi('coreutils') }, ...files }) }
  const busybox = { ...busyboxImage, files: () => ({ ...busyboxImage.files(), ...files }) }
  m = await makeMachine({ images: { debian, busybox } })
  id = await m.start({ image: 'debian' })
  applets = await m.start({ image: 'busybox' })
})
afterAll(() => m.runtime.stopPodSandbox(m.sandboxId))

/** What is left of the text when something was typed at vi. */
async function after(keys: string, options: readonly string[] = [], container = id): Promise<string> {
  await m.exec(container, ['sh', '-c', 'cp /text /f'])
  const t = await openTerminal(m, container, ['vi', ...options, '/f'])
  for (const key of keys) await t.type(key, key === '\r' ? 50 : 0)
  await t.type('\x1b')
  await t.type(':wq!\r', 50)
  return (await m.exec(container, ['cat', '/f'])).stdout
}

it.each(Object.entries(recorded.keys))('%j', async (keys, text) => {
  expect(await after(keys)).toBe(text)
})

it('has the keys of one person in busybox, too', async () => {
  for (const keys of ['dwdw.', ':%s/a/A/g\r', 'yyp3J', 'd/gamma\r', '2>>', ':g/alpha/d\r'].filter((each) => each in recorded.keys))
    expect(await after(keys, [], applets)).toBe(recorded.keys[keys])
})

it('runs commands before anything is typed, and leaves a file alone that is only looked at', async () => {
  expect(await after('x', ['+2'])).toContain('\neta alpha')
  expect(await after('', ['-c', '%s/a/A/g'])).toContain('AlphA betA gAmmA')
  const t = await openTerminal(m, id, ['vi', '-R', '/text'])
  await t.type('dd')
  expect(await t.type(':w\r')).toContain("'/text' is read only")
  expect(await t.type(':q\r')).toContain('No write since last change (:q! overrides)')
  await t.type(':q!\r')
  expect((await m.exec(id, ['cat', '/text'])).stdout).toBe(recorded.text)
})
