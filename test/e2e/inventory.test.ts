import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { drivenFunctions, type DrivenFunction } from './support/driven.js'

/**
 * The inventory of the window, from its source: every component, every action, every button and field, every command of the palette and
 * every key was used by a test in a real browser or in Electron. It runs after all others, and knows what those called.
 */

const root = path.resolve(import.meta.dirname, '../../src-renderer')
let functions: DrivenFunction[]

test.beforeAll(async () => {
  functions = await drivenFunctions()
})

const filesIn = (folder: string, ending: string): string[] =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((f) => path.posix.join(folder, f.replaceAll('\\', '/')))
    .filter((f) => f.endsWith(ending))
    .sort()

/** What only words a failure, or takes leave of the page, is no act of a person. */
const NO_ACT = /^\(\)=>[\w$.]+\(`[\w.]+`|^\(\)=>\{\}$|removeEventListener/

/** Events that come with others: nobody sets out to cause them. */
const BY_THE_WAY = new Set(['Blur', 'Dragleave', 'Dragstart', 'Pointerleave'])

/** The functions of a file, or of a folder, that no test called: `file:line text`. */
const idle = (place: string): string[] =>
  functions
    .filter((f) => !f.called && !NO_ACT.test(f.text) && (f.file === place || f.file.startsWith(`${place}/`)))
    .map((f) => `${f.file}:${f.line} ${f.text}`)
    .sort()

test('every panel, dialog and part of them was shown', () => {
  const shown = new Set(functions.filter((f) => f.component && f.called).map((f) => f.component))
  expect(filesIn('', '.vue').filter((f) => !shown.has(path.posix.basename(f, '.vue')))).toEqual([])
})

test('every action was run, with its form and the command that does the same', () => {
  expect([...idle('actions/table'), ...idle('actions/run.ts')]).toEqual([])
})

test('every button, field and event of every panel was acted on', () => {
  const idleEvents = functions.filter((f) => f.event && !f.called && !NO_ACT.test(f.text) && !BY_THE_WAY.has(f.event))
  expect(idleEvents.map((f) => `${f.file}:${f.line} ${f.event}: ${f.text}`).sort()).toEqual([])
})

test('every command of the palette and every key was used', () => {
  expect([...idle('app/palette-commands.ts'), ...idle('app/keys.ts')]).toEqual([])
})
