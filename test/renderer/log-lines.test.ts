import { describe, expect, it } from 'vitest'
import { fieldsOf, JsonColumns } from '../../src-renderer/logs/json-columns.js'
import { atLeast, severityOf } from '../../src-renderer/logs/log-severity.js'

describe('the severity of a line', () => {
  it.each([
    ['E0102 15:04:05.000000       1 reflector.go:147] failed to list', 'error'],
    ['W0102 15:04:05.000000       1 warnings.go:70] deprecated', 'warn'],
    ['time="2026-01-02T15:04:05Z" level=warning msg="slow"', 'warn'],
    ['{"level":"error","msg":"payment was declined"}', 'error'],
    ['{"severity":"INFO","message":"an ERROR that was mended"}', 'info'],
    ['2026/01/02 15:04:05 [error] 7#7: *1 open() failed', 'error'],
    ['2026-01-02 15:04:05 DEBUG pool: 3 idle', 'debug'],
  ])('is read of %s', (line, severity) => {
    expect(severityOf(line)).toBe(severity)
  })
  it('is not guessed where the line does not say', () => {
    expect(severityOf('10.244.0.1 - - "GET /error HTTP/1.1" 200 615')).toBe(null)
    expect(severityOf('an information desk with no errors')).toBe(null)
  })
  it('is a least one for a filter, which leaves out lines that do not say', () => {
    const lines = ['level=debug', 'level=info', 'level=warn', 'level=fatal', 'hello']
    expect(lines.filter((l) => atLeast(l, 'warn'))).toEqual(['level=warn', 'level=fatal'])
  })
})

describe('JSON lines as columns', () => {
  it('put level and message first and line up the rest, whatever its order in the line', () => {
    const columns = new JsonColumns()
    columns.format('{"level":"info","msg":"order taken","order":9,"took_ms":31}')
    expect([
      columns.format('{"took_ms":8,"order":10,"msg":"order taken","level":"info"}'),
      columns.format('{"level":"error","msg":"declined","order":11}'),
    ]).toEqual(['info  order taken  order=10  took_ms=8', 'error  declined     order=11'])
  })
  it('are those that were chosen, in their order, fields within objects by their path', () => {
    const columns = new JsonColumns(['http.status', 'msg', 'time', 'a.b'])
    expect([
      columns.format('{"time":"12:00","msg":"served","level":"info","http":{"status":200,"path":"/"}}'),
      columns.format('{"msg":"slow","http":{"status":500},"a.b":[1]}'),
    ]).toEqual(['http.status=200  served  12:00', 'http.status=500  slow           a.b=[1]'])
    expect(columns.format('plain text')).toBe('plain text')
  })
  it('have fields that are found in the lines, the telling ones first', () => {
    expect(fieldsOf(['{"n":1,"http":{"status":200,"by":{}}}', 'plain', '{"ts":1,"msg":"x","n":2}'])).toEqual([
      'msg',
      'n',
      'http.status',
      'http.by',
      'ts',
    ])
  })
  it('leave other lines as they are, and times to the timestamps of the log', () => {
    const columns = new JsonColumns()
    expect(columns.format('plain text')).toBe('plain text')
    expect(columns.format('{broken')).toBe('{broken')
    expect(columns.format('{"ts":1700000000,"msg":"two\\nlines"}')).toBe('two⏎lines')
  })
})
