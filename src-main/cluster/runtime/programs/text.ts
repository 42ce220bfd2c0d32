/** Programs that pass text on: cat, tac, tee, wc, nl, rev, fold, paste, seq. */
import type { OpenFile, Program } from '../process.js'
import { SystemError } from '../process.js'
import { formatPrintf } from '../shell/printf.js'
import { choice } from './choice.js'
import {
  command,
  Fail,
  lineBatches,
  openForReading,
  readAll,
  readLines,
  readText,
  type Command,
  type Flavour,
  type Options,
} from './command.js'

export function cat(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'nbvteAETsu',
      long: { number: 'n', 'number-nonblank': 'b', 'show-all': 'A', 'show-ends': 'E', 'show-tabs': 'T', 'squeeze-blank': 's' },
      usage: '[-nbvteA] [FILE]...\n\nPrint FILEs to stdout',
    })
    const plain = !['n', 'b', 'v', 't', 'e', 'A', 'E', 'T', 's'].some((x) => o.has(x))
    const state = { line: 0, blank: false }
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      // A directory opens, but cannot be read.
      try {
        for await (const { file } of c.inputs([name])) {
          if (plain) for (let d = await file.read(65_536); d.length > 0; d = await file.read(65_536)) await c.print(d)
          else await decorate(c, o, file, state)
        }
      } catch (error) {
        if (!(error instanceof SystemError) || error.code === 'EPIPE') throw error
        await c.warn(c.busybox ? `read error: ${error.message}` : `${name}: ${error.message}`)
      }
    }
  })
}

async function decorate(c: Command, o: Options, file: OpenFile, state: { line: number; blank: boolean }): Promise<void> {
  const tabs = o.has('t') || o.has('A') || o.has('T')
  const ends = o.has('e') || o.has('A') || o.has('E')
  const visible = o.has('v') || o.has('A') || o.has('t') || o.has('e')
  for await (const lines of lineBatches(file)) {
    let out = ''
    for (const raw of lines) {
      const complete = raw.at(-1) === 10
      let text = raw.toString('latin1')
      if (complete) text = text.slice(0, -1)
      if (o.has('s') && text === '' && state.blank) continue
      state.blank = text === ''
      // oxlint-disable-next-line no-control-regex
      if (visible) text = text.replace(/[\0-\x08\x0b-\x1f\x7f-\xff]/g, showControl)
      if (tabs) text = text.replaceAll('\t', '^I')
      if (o.has('b') ? text !== '' : o.has('n')) text = `${String(++state.line).padStart(6)}\t${text}`
      out += text + (complete ? (ends ? '$\n' : '\n') : '')
    }
    await c.print(Buffer.from(out, 'latin1'))
  }
}

function showControl(ch: string): string {
  const code = ch.charCodeAt(0)
  if (code < 32) return `^${String.fromCharCode(code + 64)}`
  if (code === 127) return '^?'
  return `M-${code >= 160 && code < 255 ? String.fromCharCode(code - 128) : showControl(String.fromCharCode(code - 128))}`
}

export function tac(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: '', usage: '[FILE]...\n\nConcatenate FILEs and print them in reverse' })
    for await (const { file } of c.inputs(o.operands)) {
      const all = await readAll(file)
      // A last line that is not ended comes first, and the next one follows it at once.
      for (let to = all.length; to > 0;) {
        const from = to < 2 ? 0 : all.lastIndexOf(10, to - 2) + 1
        await c.print(all.subarray(from, to))
        to = from
      }
    }
  })
}

export function rev(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: '', usage: '[FILE]...\n\nReverse lines of FILE' })
    for await (const { file } of c.inputs(o.operands)) {
      for await (const lines of lineBatches(file))
        await c.print(
          lines.map((l) => [...l.toString('utf8').replace(/\n$/, '')].reverse().join('') + (l.at(-1) === 10 ? '\n' : '')).join(''),
        )
    }
  })
}

export function tee(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'aip',
      long: { append: 'a', 'ignore-interrupts': 'i', 'output-error=?': 'p' },
      usage: '[-ai] [FILE]...\n\nCopy stdin to each FILE, and also to stdout',
    })
    if (o.has('i')) c.task.onSignal('INT', 'ignore')
    const files: OpenFile[] = []
    for (const path of o.operands) {
      try {
        files.push(c.fs.open(path, o.has('a') ? 'a' : 'w'))
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.warn(`${path}: ${error.message}`)
      }
    }
    for (let d = await c.task.read(); d.length > 0; d = await c.task.read()) {
      await c.print(d)
      for (const f of files) await f.write(d)
    }
  })
}

export function wc(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'clwLm',
      long: { bytes: 'c', lines: 'l', words: 'w', chars: 'm', 'max-line-length': 'L', 'files0-from=': 'files0', 'total=': 'total' },
      usage: '[-cmlwL] [FILE]...\n\nCount lines, words, and bytes for FILEs (or stdin)',
    })
    const wanted = ['l', 'w', 'm', 'c', 'L'].filter((x) => o.has(x))
    const columns = wanted.length > 0 ? wanted : ['l', 'w', 'c']
    const rows: { counts: number[]; name: string }[] = []
    const totals = columns.map(() => 0)
    // GNU's columns have room for the number of bytes of all files, whatever is counted.
    let bytes = 0
    let regular = true
    const list = o.get('files0')
    const names = list === undefined ? o.operands : (await readText(c, list)).split('\0').filter(Boolean)
    for (const name of names.length > 0 || list !== undefined ? names : ['-']) {
      try {
        for await (const { file } of c.inputs([name])) {
          const counted = await countAll(c, file)
          bytes += counted.c
          const counts = columns.map((x) => counted[x as 'l'])
          counts.forEach((n, i) => {
            totals[i] = columns[i] === 'L' ? Math.max(totals[i]!, n) : totals[i]! + n
          })
          rows.push({ counts, name: name === '-' && o.operands.length === 0 ? '' : name })
          regular &&= file.kind === 'file'
        }
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.warn(`${name}: ${error.message}`)
        // GNU's wc has opened a directory, and counts what it cannot read as nothing.
        if (!c.busybox && error.code === 'EISDIR') rows.push({ counts: columns.map(() => 0), name })
        regular = false
      }
    }
    const total = o.has('total') ? choice(c, '--total', o.get('total')!, [['auto'], ['always'], ['only'], ['never']]) : 'auto'
    if (total === 'only') rows.length = 0
    if (total === 'auto' ? names.length > 1 : total !== 'never') rows.push({ counts: totals, name: total === 'only' ? '' : 'total' })
    // A pipe does not tell its size beforehand.
    const wide = list !== undefined ? 1 : regular ? String(bytes).length : Math.max(String(bytes).length, 7)
    const width = total === 'only' || (columns.length === 1 && rows.length === 1) ? 0 : c.busybox ? 9 : wide
    for (const r of rows) {
      const numbers = r.counts.map((n) => String(n).padStart(width)).join(' ')
      await c.print(`${numbers}${r.name ? ` ${r.name}` : ''}\n`)
    }
  })
}

/** CPU ms that a byte costs to be looked at. */
const BYTE_COST = 0.00001

async function countAll(c: Command, file: OpenFile): Promise<Record<'l' | 'w' | 'c' | 'm' | 'L', number>> {
  const n = { l: 0, w: 0, c: 0, m: 0, L: 0 }
  let inWord = false
  let length = 0
  for (let d = await file.read(65_536); d.length > 0; d = await file.read(65_536)) {
    n.c += d.length
    await c.work(d.length * BYTE_COST)
    for (const b of d) {
      if ((b & 0xc0) !== 0x80) {
        n.m++
        if (b !== 10) length++
      }
      if (b === 10) {
        n.l++
        n.L = Math.max(n.L, length)
        length = 0
      }
      const blank = b === 32 || (b >= 9 && b <= 13)
      if (!blank && !inWord) n.w++
      inWord = !blank
    }
  }
  n.L = Math.max(n.L, length)
  return n
}

export function nl(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'b:w:s:v:n:',
      usage: '[OPTIONS] [FILE]...\n\nWrite FILEs to standard output with line numbers added',
    })
    let number = Number(o.get('v') ?? 1)
    const width = Number(o.get('w') ?? 6)
    const separator = o.get('s') ?? '\t'
    for await (const { file } of c.inputs(o.operands)) {
      for await (const lines of lineBatches(file)) {
        let out = ''
        for (const raw of lines) {
          const text = raw.toString('latin1').replace(/\n$/, '')
          out +=
            text === '' && o.get('b') !== 'a'
              ? `${' '.repeat(width + separator.length)}\n`
              : `${String(number++).padStart(width)}${separator}${text}\n`
        }
        await c.print(Buffer.from(out, 'latin1'))
      }
    }
  })
}

export function fold(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'bsw:',
      long: { 'width=': 'w', spaces: 's' },
      digits: 'w',
      usage: '[-bs] [-w WIDTH] [FILE]...\n\nWrap input lines in FILEs (or stdin)',
    })
    const width = Number(o.get('w') ?? 80)
    for await (const { file } of c.inputs(o.operands)) {
      for await (const lines of lineBatches(file)) {
        for (const raw of lines) {
          let text = raw.toString('utf8').replace(/\n$/, '')
          while (text.length > width) {
            let cut = width
            if (o.has('s')) {
              const blank = text.lastIndexOf(' ', width - 1)
              if (blank > 0) cut = blank + 1
            }
            await c.print(`${text.slice(0, cut)}\n`)
            text = text.slice(cut)
          }
          await c.print(raw.at(-1) === 10 ? `${text}\n` : text)
        }
      }
    }
  })
}

/** Rows that are written at once. */
const ROWS_AT_ONCE = 5000

export function paste(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'd:s',
      long: { 'delimiters=': 'd', serial: 's' },
      usage: '[-d LIST] [-s] [FILE]...\n\nPaste lines from each input file together',
    })
    const delimiters = [...(o.get('d') ?? '\t').replaceAll('\\n', '\n').replaceAll('\\t', '\t').replaceAll('\\0', '')]
    const columns: string[][] = []
    const names = o.operands.length > 0 ? o.operands : ['-']
    const dashes = names.filter((n) => n === '-').length
    let standard: string[] | undefined
    for (const name of names) {
      if (name === '-') {
        standard ??= await readLines(c.task.fd(0)!, 'utf8')
        columns.push(standard)
        continue
      }
      const file = await openForReading(c.task, name)
      columns.push(await readLines(file, 'utf8'))
      file.close()
    }
    const join = (parts: string[]): string =>
      parts.reduce((all, p, i) => all + (i > 0 ? (delimiters[(i - 1) % delimiters.length] ?? '') : '') + p, '')
    if (o.has('s')) {
      for (const column of columns) await c.print(`${join(column)}\n`)
      return
    }
    // Several dashes take turns at the lines of standard input.
    if (dashes > 1 && standard) {
      let seen = 0
      columns.forEach((column, i) => {
        if (column !== standard) return
        const mine = seen++
        columns[i] = standard!.filter((_, n) => n % dashes === mine)
      })
    }
    const rows = columns.reduce((most, each) => Math.max(most, each.length), 0)
    let out: string[] = []
    for (let r = 0; r < rows; r++) {
      out.push(join(columns.map((x) => x[r] ?? '')))
      if (out.length < ROWS_AT_ONCE && r + 1 < rows) continue
      await c.print(`${out.join('\n')}\n`)
      out = []
    }
  })
}

export function seq(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'ws:f:',
      long: { 'equal-width': 'w', 'separator=': 's', 'format=': 'f' },
      usage: '[-w] [-s SEP] [FIRST [INC]] LAST\n\nPrint numbers from FIRST to LAST, in steps of INC',
    }
    // Negative numbers are operands.
    const options: string[] = ['seq']
    const operands: string[] = []
    const rest = c.task.argv.slice(1)
    while (rest.length > 0) {
      const a = rest.shift()!
      if (/^-\d|^-\./.test(a) || !a.startsWith('-')) operands.push(a)
      else {
        options.push(a)
        if (a === '-s' || a === '-f') options.push(rest.shift() ?? '')
      }
    }
    const o = await c.options(spec, options)
    if (operands.length === 0 || operands.length > 3)
      throw c.usageError(spec, c.busybox ? undefined : operands.length === 0 ? 'missing operand' : `extra operand '${operands[3]}'`)
    const format = o.get('f')
    if (format !== undefined && !/^(%%|[^%])*%[-+ #0']*\d*(\.\d+)?[aAeEfFgG](%%|[^%])*$/.test(format))
      throw new Fail(
        /%[^aAeEfFgG%]*[b-df-zB-DF-Z]/.test(format)
          ? `seq: format '${format}' has unknown %${/%[-+ #0'\d.]*([a-zA-Z])/.exec(format)?.[1]} directive`
          : `seq: format '${format}' has no % directive`,
      )
    for (const x of operands)
      if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(x))
        throw c.busybox
          ? c.usageError(spec)
          : new Fail(`seq: invalid floating point argument: '${x}'\nTry 'seq --help' for more information.`)
    const [first, step, last] =
      operands.length === 1
        ? ['1', '1', operands[0]!]
        : operands.length === 2
          ? [operands[0]!, '1', operands[1]!]
          : (operands as [string, string, string])
    const digits = Math.max(...[first, step].map((x) => x.split('.')[1]?.length ?? 0))
    const increment = Number(step)
    if (increment === 0)
      throw new Fail(
        c.busybox ? "seq: invalid number '0'" : `seq: invalid Zero increment value: '${step}'\nTry 'seq --help' for more information.`,
      )
    const width = o.has('w') ? Math.max(Number(first).toFixed(digits).length, Number(last).toFixed(digits).length) : 0
    const separator = o.get('s') ?? '\n'
    const total = Math.floor((Number(last) - Number(first)) / increment + 1e-10)
    let out = ''
    for (let i = 0; i <= total; i++) {
      let text = (Number(first) + i * increment).toFixed(digits)
      if (o.has('f')) text = formatPrintf(o.get('f')!, [text], { now: 0 }).text
      else if (width > 0) text = text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0')
      out += (i > 0 ? separator : '') + text
      if (out.length > 8192) {
        await c.print(out)
        out = ''
      }
    }
    if (total >= 0) await c.print(`${out}\n`)
  })
}
