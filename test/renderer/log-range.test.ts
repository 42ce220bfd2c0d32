import { describe, expect, it } from 'vitest'
import { fieldOf, momentOf, optionsOf, tail } from '../../src-renderer/logs/log-range.js'

describe('the part of a log that is read', () => {
  const nine = Date.parse('2026-11-21T09:00:00Z')
  it('is its last lines, its last seconds, or what was written between two moments', () => {
    expect(optionsOf(tail, 500)).toEqual({ tailLines: 500 })
    expect(optionsOf({ ...tail, of: 'last', seconds: 900 }, 500)).toEqual({ sinceSeconds: 900 })
    expect(optionsOf({ ...tail, of: 'span' }, 500)).toEqual({})
    expect(optionsOf({ ...tail, of: 'span', from: nine, until: nine + 60_000 }, 500)).toEqual({
      sinceTime: '2026-11-21T09:00:00.000Z',
      until: nine + 60_000,
    })
  })

  it('has moments in the time zone of its lines: UTC, or that of this machine', () => {
    expect(fieldOf(nine, true)).toBe('2026-11-21T09:00:00')
    expect(momentOf('2026-11-21T09:00:00', true)).toBe(nine)
    expect(momentOf('2026-11-21T09:00', true)).toBe(nine)
    expect(momentOf(fieldOf(nine, false), false)).toBe(nine)
    expect([fieldOf(null, false), momentOf('', false), momentOf('soon', true)]).toEqual(['', null, null])
  })
})
