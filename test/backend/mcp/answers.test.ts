import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultDataDirectory } from '../../../src-main/directories.js'
import { toYaml } from '../../../src-main/backend/apply/yaml.js'
import { assistantCommand } from '../../../src-main/backend/mcp/install.js'
import { maskedDescription, maskedObject, maskedYaml } from '../../../src-main/backend/mcp/masked.js'
import { mcpOptions } from '../../../src-main/backend/mcp/options.js'
import { MOST, part, table } from '../../../src-main/backend/mcp/text.js'
import { lastLines } from '../../../src-main/backend/mcp/tools/logs.js'

describe('an answer', () => {
  it('that is short is given whole', () => {
    expect(part('a\nb')).toBe('a\nb')
  })

  it('that is long comes in parts of whole lines, which together are all of it', () => {
    const text = Array.from({ length: 3000 }, (_, i) => `line ${i} ${'x'.repeat(20)}`).join('\n')
    let all = ''
    let offset = 0
    for (let calls = 1; ; calls++) {
      const answer = part(text, offset)
      const [, shown = answer, next] =
        /^([^]*)\n\[Characters \d+ to \d+ of \d+\. Call again with offset (\d+) for more\.\]$/.exec(answer) ?? []
      expect(shown.length).toBeLessThanOrEqual(MOST)
      all += shown
      if (!next) {
        expect(calls).toBe(3)
        break
      }
      expect(shown.endsWith('\n')).toBe(true)
      offset = Number(next)
    }
    expect(all).toBe(text)
  })

  it('of one line that never ends is cut where it has to be', () => {
    const text = 'y'.repeat(MOST + 10)
    expect(part(text)).toBe(`${'y'.repeat(MOST)}\n[Characters 0 to ${MOST} of ${MOST + 10}. Call again with offset ${MOST} for more.]`)
    expect(part(text, MOST)).toBe('y'.repeat(10))
    expect(part(text, 9_999_999)).toBe(`There is no more: the whole has ${MOST + 10} characters.`)
  })

  it('that is a table has its columns under each other, and one line for each row', () => {
    expect(
      table(
        ['NAME', 'MESSAGE'],
        [
          ['a', 'two\n  lines'],
          ['longer', null],
        ],
      ),
    ).toBe('NAME     MESSAGE\na        two lines\nlonger')
  })
})

describe('a log', () => {
  const log = Array.from({ length: 7 }, (_, i) => `line ${i + 1}\n`).join('')

  it('is given from its end, and tells how to get what was before', () => {
    expect(lastLines(log, 3, 0)).toBe('[Earlier lines: call again with skip 3.]\nline 5\nline 6\nline 7')
    expect(lastLines(log, 3, 3)).toBe('[Earlier lines: call again with skip 6.]\nline 2\nline 3\nline 4')
    expect(lastLines(log, 3, 6)).toBe('line 1')
    expect(lastLines(log, 3, 7)).toBe('There are no lines before.')
    expect(lastLines('', 3, 0)).toBe('The log is empty.')
  })

  it('of long lines is given as far as an answer goes, and loses none', () => {
    const long = Array.from({ length: 5 }, (_, i) => `${i}${'z'.repeat(15_000)}\n`).join('')
    const first = lastLines(long, 5, 0)
    expect(first.startsWith('[Earlier lines: call again with skip 2.]\n3zz')).toBe(true)
    expect(lastLines(long, 5, 2).startsWith('[Earlier lines: call again with skip 4.]\n1zz')).toBe(true)
    expect(lastLines(long, 5, 4).startsWith('0zz')).toBe(true)
    expect(lastLines('z'.repeat(MOST + 5), 5, 0)).toBe(`${'z'.repeat(MOST)} [the line was cut]`)
  })
})

describe('of a Secret', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'vault',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"aHVudGVyMg=="}}', team: 'a' },
    },
    data: { password: 'aHVudGVyMg==', 'user.name': 'YWRtaW4=' },
    stringData: { more: 'hunter2' },
  }

  it('no value is told, in the manifest that was applied last neither', () => {
    expect(maskedObject(secret)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'vault', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '***', team: 'a' } },
      data: { password: '***', 'user.name': '***' },
      stringData: { more: '***' },
    })
    expect(maskedYaml(toYaml(secret))).not.toMatch(/aHVudGVyMg|hunter2|YWRtaW4/)
  })

  it('what a comparison marked stays marked', () => {
    expect(maskedObject({ apiVersion: 'v1', kind: 'Secret', data: { a: '*** (before)', b: '***' } }).data).toEqual({
      a: '*** (before)',
      b: '***',
    })
  })

  it('the description keeps sizes, and not the token that kubectl prints', () => {
    const text =
      'Name:         robot-token\nType:  kubernetes.io/service-account-token\n\nData\n====\nca.crt:     570 bytes\nnamespace:  4 bytes\ntoken:      eyJhbGciOi.JSUzI1.NiIs\n'
    expect(maskedDescription(text)).toBe(text.replace('token:      eyJhbGciOi.JSUzI1.NiIs', 'token:  ***'))
    expect(maskedDescription('Name: x\nData\n====\nodd: 1 bytes\nof two lines\n')).toBe('Name: x\nData\n====\nodd: 1 bytes\n')
  })

  it('other objects are left as they are', () => {
    const map = { apiVersion: 'v1', kind: 'ConfigMap', data: { colour: 'blue' } }
    expect(maskedObject(map)).toBe(map)
    const other = { apiVersion: 'example.com/v1', kind: 'Secret', data: { colour: 'blue' } }
    expect(maskedObject(other)).toBe(other)
  })
})

describe('the command line', () => {
  it('names contexts, allows writes, and is read-only without a word', () => {
    expect(mcpOptions([])).toEqual({ data: defaultDataDirectory(), allowWrites: false })
    expect(mcpOptions(['--context', 'a', '--context', 'b', '--allow-writes', '--data', '/x'])).toEqual({
      data: path.resolve('/x'),
      contexts: ['a', 'b'],
      allowWrites: true,
    })
    expect(mcpOptions(['--help'])).toBeUndefined()
    expect(() => mcpOptions(['--allow-all'])).toThrow(/Unknown option '--allow-all'[^]*usage: npm run --silent mcp/)
  })

  it('of an install names its data directory only where that is not the usual one', () => {
    const usual = defaultDataDirectory({ ...process.env, DRYDOCK_DATA: undefined })
    expect(assistantCommand('/usr/bin/drydock', ['--mcp'], usual)).toEqual({ command: '/usr/bin/drydock', args: ['--mcp'] })
    expect(assistantCommand('/usr/bin/drydock', ['--mcp'], '/data')).toEqual({
      command: '/usr/bin/drydock',
      args: ['--mcp', '--data', '/data'],
    })
  })
})
