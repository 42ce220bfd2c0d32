import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { Rpc, setBackend } from '../../src-renderer/app/rpc.js'
import { bothChanges, changeToSend } from '../../src-renderer/stores/settings-change.js'
import { useSettings } from '../../src-renderer/stores/settings.js'

describe('a change of settings', () => {
  it.each([
    ['what is left out of a setting is told as gone', { keys: { a: 1, b: 2 } }, { keys: { b: 3 } }, { keys: { a: null, b: 3 } }],
    ['a setting without a value is told as gone', { accent: '#112233' }, { accent: undefined }, { accent: null }],
    [
      'an entry without a value is told as gone',
      { terminal: { size: 9 } },
      { terminal: { size: undefined } },
      { terminal: { size: null } },
    ],
    ['lists are told whole', { open: ['a', 'b'] }, { open: ['b'] }, { open: ['b'] }],
    ['a new setting is told whole', {}, { keys: { a: 1 } }, { keys: { a: 1 } }],
  ])('%s', (_, before, change, sent) => {
    expect(changeToSend(before, change)).toEqual(sent)
  })

  it('and one after it are told as one', () => {
    expect(bothChanges({ theme: 'dark', keys: { a: null, b: 1 } }, { keys: { c: 2 }, open: [] })).toEqual({
      theme: 'dark',
      keys: { a: null, b: 1, c: 2 },
      open: [],
    })
  })
})

describe('the settings of the window', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('tell the backend of all that was changed and taken away since the last time', async () => {
    const told: unknown[] = []
    setBackend({ call: (_: string, params: unknown) => (told.push(params), Promise.resolve({})) } as unknown as Rpc)
    const settings = useSettings()
    settings.set({ keys: { help: ['F1'], search: ['/'] }, accent: '#112233' })
    await settings.save()
    settings.set({ keys: { search: ['/'] } })
    settings.set({ keys: {}, accent: undefined })
    await settings.save()
    expect(told).toEqual([
      { change: { keys: { help: ['F1'], search: ['/'] }, accent: '#112233' } },
      { change: { keys: { help: null, search: null }, accent: null } },
    ])
  })
})
