import { describe, expect, it } from 'vitest'
import type { Row } from '../../src-main/backend/rpc/contract.js'
import { parseSearch } from '../../src-renderer/components/row-search.js'

const rows: Row[] = [
  { id: '1', name: 'web-0', namespace: 'shop', cells: [{ text: 'Running', tone: 'ok' }, 3], labels: { app: 'web' } },
  { id: '2', name: 'web-1', namespace: 'shop', cells: [{ text: 'CrashLoopBackOff', tone: 'bad' }, 14], labels: { app: 'web' } },
  { id: '3', name: 'db-0', namespace: 'data', cells: [{ text: 'Running', tone: 'ok' }, 0] },
]
const found = (text: string) => {
  const { matches } = parseSearch(text)
  return rows.filter((r) => matches?.(r) ?? true).map((r) => r.name)
}

describe('a search', () => {
  it('finds names, namespaces, statuses and labels in any case', () => {
    expect(found('WEB')).toEqual(['web-0', 'web-1'])
    expect(found('data')).toEqual(['db-0'])
    expect(found('crash')).toEqual(['web-1'])
    expect(found('app=web')).toEqual(['web-0', 'web-1'])
  })

  it('finds the states of pods and containers, not how they are coloured', () => {
    const bricks = { text: 'web-a\tRunning\tok\nweb-b\tCrashLoopBackOff\tbad' }
    const of = (text: string) => parseSearch(text).matches!({ id: '1', name: 'web', namespace: 'shop', cells: [bricks] })
    expect([of('web-b'), of('crashloop'), of('/^CrashLoopBackOff$/'), of('bad')]).toEqual([true, true, true, false])
  })

  it('wants every word', () => {
    expect(found('web running')).toEqual(['web-0'])
  })

  it('turns a word around with an exclamation mark', () => {
    expect(found('!running')).toEqual(['web-1'])
    expect(found('web !crash')).toEqual(['web-0'])
  })

  it('takes regular expressions, also turned around', () => {
    expect(found('/^web-\\d$/')).toEqual(['web-0', 'web-1'])
    expect(found('!/-0$/')).toEqual(['web-1'])
  })

  it('says what is wrong with a regular expression, and hides nothing', () => {
    const s = parseSearch('/web-[/')
    expect(s.matches).toBeNull()
    expect(s.error).toContain('Invalid regular expression')
  })

  it('looks for a lone slash or exclamation mark as it is', () => {
    expect(found('/')).toEqual([])
    expect(found('  ')).toEqual(['web-0', 'web-1', 'db-0'])
  })
})
