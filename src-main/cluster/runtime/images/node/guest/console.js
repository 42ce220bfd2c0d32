// The console: standard output and standard error, with groups, counters and timers.
const util = require('util')
let indent = ''
const counts = new Map()
const started = new Map()

const printer =
  (stream) =>
  (...args) => {
    const text = util.format(...args)
    process[stream].write(`${indent ? text.replace(/^/gm, indent) : text}\n`)
  }
const out = printer('stdout')
const err = printer('stderr')
const elapsed = (label) => {
  const ms = performance.now() - (started.get(label) ?? performance.now())
  return `${label}: ${ms >= 1000 ? `${(ms / 1000).toFixed(3)}s` : `${ms.toFixed(3).replace(/\.?0+$/, '')}ms`}`
}

exports.console = {
  log: out,
  info: out,
  debug: out,
  error: err,
  warn: err,
  trace: (...args) => err(`Trace: ${util.format(...args)}`),
  dir: (value, options) => out(util.inspect(value, options)),
  assert: (condition, ...args) => {
    if (condition) return
    if (typeof args[0] === 'string') err(`Assertion failed: ${args[0]}`, ...args.slice(1))
    else err('Assertion failed', ...args)
  },
  group: (...args) => {
    if (args.length > 0) out(...args)
    indent += '  '
  },
  groupEnd: () => void (indent = indent.slice(2)),
  count: (label = 'default') => {
    counts.set(label, (counts.get(label) ?? 0) + 1)
    out(`${label}: ${counts.get(label)}`)
  },
  countReset: (label = 'default') => void counts.delete(label),
  time: (label = 'default') => void started.set(label, performance.now()),
  timeLog: (label = 'default', ...args) => out(elapsed(label), ...args),
  timeEnd: (label = 'default') => {
    out(elapsed(label))
    started.delete(label)
  },
  table: (rows) => out(table(rows)),
}
exports.console.groupCollapsed = exports.console.group
exports.console.dirxml = out

function table(rows) {
  if (typeof rows !== 'object' || rows === null) return util.inspect(rows)
  const plain = Object.values(rows).some((row) => typeof row !== 'object' || row === null)
  const keys = [...new Set(Object.values(rows).flatMap((row) => (typeof row === 'object' && row !== null ? Object.keys(row) : [])))]
  const heads = ['(index)', ...keys, ...(plain ? ['Values'] : [])]
  const body = Object.entries(rows).map(([index, row]) => {
    const isObject = typeof row === 'object' && row !== null
    const cells = keys.map((key) => (isObject && key in row ? util.inspect(row[key], { depth: 0 }) : ''))
    return [index, ...cells, ...(plain ? [isObject ? '' : util.inspect(row)] : [])]
  })
  const widths = heads.map((head, i) => Math.max(head.length, ...body.map((row) => row[i].length)) + 2)
  const line = (cells) => `│${cells.map((cell, i) => ` ${cell}`.padEnd(widths[i])).join('│')}│`
  const rule = (a, b, c) => a + widths.map((width) => '─'.repeat(width)).join(b) + c
  return [rule('┌', '┬', '┐'), line(heads), rule('├', '┼', '┤'), ...body.map(line), rule('└', '┴', '┘')].join('\n')
}
