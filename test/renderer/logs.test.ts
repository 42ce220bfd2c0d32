import { describe, expect, it } from 'vitest'
import { parseAnsi, stripAnsi } from '../../src-renderer/logs/ansi.js'
import { LogBuffer } from '../../src-renderer/logs/log-buffer.js'
import { LogSearch, parseQuery } from '../../src-renderer/logs/log-search.js'

const lines = (b: LogBuffer) => Array.from({ length: b.size }, (_, i) => b.line(b.first + i))

describe('a log buffer', () => {
  it('joins chunks into lines, whatever the cuts', () => {
    const b = new LogBuffer()
    b.append('one\ntw')
    b.append('o\r\nth')
    expect(lines(b)).toEqual(['one', 'two'])
    b.finish()
    expect(lines(b)).toEqual(['one', 'two', 'th'])
  })

  it('keeps the unfinished lines of several sources apart', () => {
    const b = new LogBuffer()
    b.append('from a', 0)
    b.append('from b\n', 1)
    b.append(' again\n', 0)
    expect(lines(b)).toEqual(['from b', 'from a again'])
    expect([b.source(0), b.source(1)]).toEqual([1, 0])
  })

  it('drops the oldest lines beyond its bound, and numbers stay the same', () => {
    const b = new LogBuffer(1000)
    for (let i = 0; i < 50; i++) b.append(Array.from({ length: 1000 }, (_, n) => `line ${i * 1000 + n}\n`).join(''))
    expect(b.size).toBe(1000)
    expect(b.first).toBe(49_000)
    expect(b.line(49_000)).toBe('line 49000')
    expect(b.line(b.end - 1)).toBe('line 49999')
    expect(b.line(48_999)).toBe('')
  })

  it('keeps a million lines and not one more', () => {
    const b = new LogBuffer()
    const chunk = 'a line of an ordinary log, as they come\n'.repeat(10_000)
    for (let i = 0; i < 105; i++) b.append(chunk)
    expect([b.size, b.first, b.end]).toEqual([1_000_000, 50_000, 1_050_000])
    expect(b.line(50_000)).toBe('a line of an ordinary log, as they come')
    expect(b.line(49_999)).toBe('')
  })

  it('is bounded in characters as well', () => {
    const b = new LogBuffer(1000, 100)
    b.append(`${'x'.repeat(60)}\n${'y'.repeat(60)}\n`)
    expect(lines(b)).toEqual(['y'.repeat(60)])
  })
})

describe('ANSI sequences', () => {
  it('become runs with colours and weights', () => {
    expect(parseAnsi('\u001b[31mred \u001b[1mbold\u001b[0m plain')).toEqual([
      { text: 'red ', colour: 1 },
      { text: 'bold', colour: 1, bold: true },
      { text: ' plain' },
    ])
  })

  it('know 256 colours and RGB', () => {
    expect(parseAnsi('\u001b[38;5;208mo\u001b[48;2;1;2;3mb')).toEqual([
      { text: 'o', colour: 'rgb(255 135 0)' },
      { text: 'b', colour: 'rgb(255 135 0)', background: 'rgb(1 2 3)' },
    ])
  })

  it('that are no colours leave nothing behind', () => {
    expect(stripAnsi('a\u001b[2Kb\u001b]0;title\u0007c\u001b[1;32md')).toBe('abcd')
  })
})

describe('searching a log', () => {
  it('finds text beneath colours, in small steps that catch up', () => {
    const b = new LogBuffer()
    b.append('INFO ok\n\u001b[31mERR\u001b[0mOR bad\nINFO ok\n')
    const s = new LogSearch(b, parseQuery('error')!.test)
    expect(s.step(2)).toBe(true)
    expect(s.matches).toEqual([1])
    b.append('error again\n')
    expect(s.step(100)).toBe(false)
    expect(s.matches).toEqual([1, 3])
  })

  it('forgets matches in lines that were dropped', () => {
    const b = new LogBuffer(2)
    b.append('hit 1\nhit 2\n')
    const s = new LogSearch(b, parseQuery('hit')!.test)
    s.step()
    b.append('hit 3\n')
    s.step()
    expect(s.matches).toEqual([1, 2])
  })

  it('takes regular expressions and their inverse, and marks where they match', () => {
    expect(parseQuery('/a+/')!.ranges('xaay a')).toEqual([
      [1, 3],
      [5, 6],
    ])
    const not = parseQuery('!debug')!
    expect([not.test('DEBUG x'), not.test('info')]).toEqual([false, true])
    expect(parseQuery('/[/')).toBeNull()
  })

  it('marks all matches of a line, wherever the search of another line ended', () => {
    const find = parseQuery('错误')!
    expect(find.test('2026-11-21 一个很长的行，最后才是错误')).toBe(true)
    expect(find.ranges('错误：重试')).toEqual([[0, 2]])
  })
})
