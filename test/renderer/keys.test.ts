import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { comboOf, reserved, sameKey, type KeyPress } from '../../src-renderer/app/key-combos.js'
import { commandOfAction, keyCommands, type KeyCommand } from '../../src-renderer/app/key-commands.js'
import { bindListKeys, installKeys, type ListKeys, type WindowKeys } from '../../src-renderer/app/keys.js'
import { actions } from '../../src-renderer/actions/actions.js'
import { useKeys } from '../../src-renderer/stores/keys.js'
import { useSettings } from '../../src-renderer/stores/settings.js'
import { StreamStub } from './stream-stub.js'

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
})
const command = (id: string): KeyCommand => keyCommands.find((c) => c.id === id)!
beforeEach(() => {
  new StreamStub()
  setActivePinia(createPinia())
})

describe('a key', () => {
  it.each<[string, KeyPress]>([
    ['n', press('n')],
    ['N', press('N', { shiftKey: true })],
    [':', press(':', { shiftKey: true })],
    ['Space', press(' ')],
    ['ctrl+d', press('d', { ctrlKey: true })],
    ['ctrl+shift+k', press('K', { ctrlKey: true, shiftKey: true })],
    ['meta+k', press('k', { metaKey: true })],
    ['alt+k', press('˚', { altKey: true, code: 'KeyK' })],
    ['ctrl+shift+`', press('~', { ctrlKey: true, shiftKey: true, code: 'Backquote' })],
    ['ctrl+PageDown', press('PageDown', { ctrlKey: true, code: 'PageDown' })],
    ['alt+ArrowLeft', press('ArrowLeft', { altKey: true })],
    ['shift+F5', press('F5', { shiftKey: true })],
    ['', press('Control', { ctrlKey: true })],
  ])('is written as %s', (text, e) => {
    expect(comboOf(e)).toBe(text)
  })

  it('with mod is that with Ctrl or with ⌘', () => {
    expect([sameKey('mod+k', 'ctrl+k'), sameKey('meta+k', 'mod+k'), sameKey('ctrl+k', 'meta+k'), sameKey('k', 'K')]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('that lists, menus and fields need cannot be given away', () => {
    expect(['Enter', 'Escape', 'Tab', 'Space', 'ArrowUp', 'shift+ArrowDown', '3', 'alt+3', 'ctrl+c', 'meta+v'].every(reserved)).toBe(true)
    expect(['x', 'ctrl+x'].map(reserved)).toEqual([false, true])
    expect(['F5', 'ctrl+d', 'alt+k', 'G', 'ctrl+ArrowUp'].some(reserved)).toBe(false)
  })
})

describe('the keys of commands', () => {
  it('are each of one command from the start, and none of them is reserved', () => {
    const keys = useKeys()
    for (const c of keyCommands)
      for (const k of c.keys) {
        expect(keys.holder(k, c)?.id, `${c.id} ${k}`).toBeUndefined()
        expect(reserved(k), k).toBe(false)
      }
    expect(new Set(keyCommands.map((c) => c.id)).size).toBe(keyCommands.length)
  })

  it('are one for actions that never meet, and each action has its command', () => {
    expect(commandOfAction('node-shell')?.id).toBe('action.shell')
    for (const a of actions) expect(commandOfAction(a.id), a.id).toBeDefined()
  })

  it('change, are told and taken from another command, and are reset', () => {
    const keys = useKeys()
    const logs = command('action.logs')
    keys.give(logs, 'F7')
    expect(keys.ofAction('logs')).toBe('F7')
    expect(keys.holder('s', logs)?.id).toBe('action.shell')
    // A log has keys of its own: nothing is taken from the list.
    expect(keys.holder('p', command('logs.mark'))?.id).toBe('logs.pause')
    expect(keys.holder('l', command('logs.mark'))).toBeUndefined()
    keys.give(logs, 's')
    expect([keys.of(logs), keys.of(command('action.shell'))]).toEqual([['s'], []])
    expect(useSettings().value.keys).toEqual({ 'action.logs': ['s'], 'action.shell': [] })
    keys.reset(logs)
    expect(keys.of(logs)).toEqual(['l'])
    keys.clear(logs)
    expect(keys.ofAction('logs')).toBeUndefined()
    keys.resetAll()
    expect([keys.of(logs), keys.of(command('action.shell'))]).toEqual([['l'], ['s']])
  })
})

describe('the keyboard of the window', () => {
  const did: string[] = []
  let remove: () => void
  const log = (what: string) => (more?: unknown) => (did.push(more === undefined ? what : `${what} ${String(more)}`), true)
  const windowKeys = Object.fromEntries(
    [
      'palette',
      'search',
      'settings',
      'help',
      'namespaces',
      'namespace',
      'toggleDock',
      'localTerminal',
      'nextTab',
      'cluster',
      'back',
      'escape',
    ].map((name) => [name, log(name)]),
  ) as unknown as WindowKeys
  const listKeys = Object.fromEntries(
    ['action', 'search', 'details', 'sort', 'faults', 'focusList', 'escape'].map((name) => [name, log(`list ${name}`)]),
  )
  const send = (key: string, held: Partial<KeyPress> = {}, target: Element = document.body): void => {
    target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...press(key, held) }))
  }
  beforeEach(() => {
    did.length = 0
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    bindListKeys({ ...listKeys, actions: () => actions.filter((a) => ['logs', 'shell', 'delete'].includes(a.id)) } as unknown as ListKeys)
    remove = installKeys({ ...windowKeys, blocked: () => false })
  })
  afterEach(() => {
    remove()
    document.body.innerHTML = ''
    vi.restoreAllMocks()
  })

  it('types a key that writes something where something is typed, whatever it stands for elsewhere', () => {
    const input = document.body.appendChild(document.createElement('input'))
    send('[')
    send(']')
    expect(did).toEqual(['back -1', 'back 1'])
    did.length = 0
    send('[', {}, input)
    useKeys().give(command('palette'), 'x')
    send('x', {}, input)
    expect(did).toEqual([])
    send('x')
    send('f', { ctrlKey: true })
    expect(did).toEqual(['palette all', 'list search'])
  })

  it('does what keys say', () => {
    send('k', { ctrlKey: true })
    send('/', { ctrlKey: true })
    send(':', { shiftKey: true })
    send('l')
    send('d', { ctrlKey: true })
    send('A', { shiftKey: true })
    send('y')
    send('ArrowRight', { altKey: true })
    send('PageUp', { ctrlKey: true })
    send('3', { altKey: true })
    send('4')
    send('Escape')
    expect(did).toEqual([
      'palette all',
      'search',
      'palette kinds',
      'list action logs',
      'list action delete',
      'list sort age',
      'list details yaml',
      'back 1',
      'nextTab -1',
      'cluster 3',
      'namespace 4',
      'list escape',
    ])
  })

  it('has no keys for what a page without a list of objects leaves out', () => {
    bindListKeys({ search: () => did.push('page search'), focusList: () => did.push('page focus') })
    for (const key of ['l', 'd', 'y', 'A', 'Escape', '/']) send(key)
    expect(did).toEqual(['escape', 'page search'])
  })

  it('follows keys that were changed at once', () => {
    useKeys().give(command('action.logs'), 'F7')
    useKeys().give(command('palette'), 'mod+p')
    send('l')
    send('k', { ctrlKey: true })
    send('F7')
    send('p', { metaKey: true })
    expect(did).toEqual(['list action logs', 'palette all'])
  })

  it('leaves letters to fields, and Ctrl with letters to terminals', () => {
    const input = document.body.appendChild(document.createElement('input'))
    const terminal = document.body.appendChild(document.createElement('div'))
    terminal.className = 'xterm'
    send('l', {}, input)
    send('k', { ctrlKey: true }, input)
    send('l', {}, terminal)
    send('k', { ctrlKey: true }, terminal)
    send('ArrowLeft', { altKey: true }, terminal)
    send('K', { ctrlKey: true, shiftKey: true }, terminal)
    send('`', { ctrlKey: true, code: 'Backquote' }, terminal)
    expect(did).toEqual(['palette all', 'palette all', 'toggleDock'])
  })
})
