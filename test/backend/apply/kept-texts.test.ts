import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Drafts, KeptTexts, withoutSecretValues } from '../../../src-main/backend/apply/kept-texts.js'

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-texts-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: s # the name\nstringData:\n  password: hunter2\n'
const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n'

describe('templates', () => {
  it('are files of this user alone, under any name that a person gives them', () => {
    const texts = new KeptTexts(path.join(folder, 'templates'))
    expect(texts.list()).toEqual([])
    texts.set('../My: web/app', POD)
    expect(texts.list()).toEqual([{ name: '../My: web/app', kept: expect.any(Number), about: 'Pod p' }])
    expect(fs.readdirSync(folder)).toEqual(['templates'])
    const [file] = fs.readdirSync(path.join(folder, 'templates'))
    expect(fs.statSync(path.join(folder, 'templates', file!)).mode & 0o777).toBe(0o600)
    expect(texts.get('../My: web/app')).toBe(POD)
    texts.remove('../My: web/app')
    expect(texts.list()).toEqual([])
  })
})

describe('drafts', () => {
  it('come back whole while the backend runs, and over a restart without the values of Secrets', () => {
    const drafts = new Drafts(folder)
    drafts.save('one', `${POD}---\n${SECRET}`)
    expect(drafts.get('one')).toEqual({ text: `${POD}---\n${SECRET}`, redacted: false })
    const later = new Drafts(folder)
    expect(later.get('one')).toEqual({
      text: `# The values of Secrets were not kept.\n${POD}---\n${SECRET.replace('hunter2', '""')}`,
      redacted: true,
    })
    expect(later.list().map((d) => d.about)).toEqual(['Pod p, Secret s'])
  })

  it('without text are gone', () => {
    const drafts = new Drafts(folder)
    drafts.save('one', POD)
    drafts.save('one', ' \n')
    expect(drafts.list()).toEqual([])
    expect(drafts.get('one')).toEqual({ text: '', redacted: false })
  })

  it('never write a Secret that cannot be read as YAML', () => {
    expect(withoutSecretValues(`${POD}---\nkind: Secret\ndata: {a: hunter2\n`)).not.toContain('hunter2')
    expect(withoutSecretValues(`apiVersion: v1\nkind: List\nitems:\n- ${SECRET.trim().replaceAll('\n', '\n  ')}\n`)).not.toContain(
      'hunter2',
    )
    expect(withoutSecretValues('{"kind":"Secret","data":{"a":"aHVudGVyMg=="}}')).not.toContain('aHVudGVyMg')
  })

  it('know a list of Secrets, whose items name no kind, and a Secret whose kind is yet to be typed', () => {
    const list = withoutSecretValues('apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {name: a}\n  data: {password: aHVudGVyMg==}\n')
    expect(list).toContain('password: ""')
    expect(list).not.toContain('aHVudGVyMg')
    expect(withoutSecretValues('metadata:\n  name: a\nstringData:\n  password: hunter2\n')).not.toContain('hunter2')
  })
})
