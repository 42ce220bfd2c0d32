/** Programs that pass text on: cat, tac, tee, wc, rev, seq. */
import type { OpenFile, Program } from '../process.js'
import { SystemError } from '../process.js'
import { charactersOf } from '../shell/escapes.js'
import { formatPrintf } from '../shell/printf.js'
import { choice } from './choice.js'
import { compile } from './regex.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { lineBatches, readAll, readText } from './reading.js'

export function cat(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'nbvteAETsu',
      long: {
        number: 'n',
        'number-nonblank': 'b',
        'show-all': 'A',
        'show-ends': 'E',
        'show-tabs': 'T',
        'show-nonprinting': 'v',
        'squeeze-blank': 's',
      },
      usage: '[-nbvteA] [FILE]...\n\nPrint FILEs to stdout',
    })
    const plain = !['n', 'b', 'v', 't', 'e', 'A', 'E', 'T', 's'].some((x) => o.has(x))
    const state = { line: 0, blank: false, begun: false }
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

/** What cat goes on from in the next file. */
interface Shown {
  /** The number of the last line. */
  line: number
  /** The last line was blank. */
  blank: boolean
  /** The last line was not ended: what follows belongs to it. */
  begun: boolean
}

async function decorate(c: Command, o: Options, file: OpenFile, state: Shown): Promise<void> {
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
      state.blank = text === '' && !state.begun
      // oxlint-disable-next-line no-control-regex
      if (visible) text = text.replace(/[\0-\x08\x0b-\x1f\x7f-\xff]/g, showControl)
      if (tabs) text = text.replaceAll('\t', '^I')
      if (!state.begun && (o.has('b') ? text !== '' : o.has('n'))) text = `${String(++state.line).padStart(6)}\t${text}`
      state.begun = !complete
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

const TAC = {
  short: 'brs:',
  long: { before: 'b', regex: 'r', 'separator=': 's' },
  usage: '[FILE]...\n\nConcatenate FILEs and print them in reverse',
}

export function tac(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...TAC, short: '', long: {} } : TAC)
    const separator = Buffer.from(o.get('s') ?? '\n').toString('latin1')
    if (o.has('r') && separator === '') throw new Fail('tac: separator cannot be empty')
    // Without -r an empty separator is the byte 0.
    const between = o.has('r') ? compile(separator, false, 'g') : undefined
    for await (const { file } of c.inputs(o.operands)) {
      const all = (await readAll(file)).toString('latin1')
      // What stands behind the last separator comes first, and the next piece follows it at once.
      for (const piece of pieces(all, between ?? (separator || '\0'), o.has('b')).reverse()) await c.print(Buffer.from(piece, 'latin1'))
    }
  })
}

/** Cuts text behind each separator, or before it. */
function pieces(text: string, separator: string | RegExp, before: boolean): string[] {
  const cuts: number[] = []
  if (typeof separator === 'string') {
    for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + separator.length))
      cuts.push(before ? at : at + separator.length)
  } else for (const m of text.matchAll(separator)) if (m[0] !== '') cuts.push(before ? m.index : m.index + m[0].length)
  const ends = [...cuts.filter((at) => at > 0 && at < text.length), text.length]
  return text === '' ? [] : ends.map((to, i) => text.slice(i === 0 ? 0 : ends[i - 1], to))
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
    if (o.get('p')) choice(c, '--output-error', o.get('p')!, [['warn'], ['warn-nopipe'], ['exit'], ['exit-nopipe']])
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

const WC = {
  short: 'clwLm',
  long: { bytes: 'c', lines: 'l', words: 'w', chars: 'm', 'max-line-length': 'L', 'files0-from=': 'files0', 'total=': 'total' },
  usage: '[-cmlwL] [FILE]...\n\nCount lines, words, and bytes for FILEs (or stdin)',
}

export function wc(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(WC)
    const wanted = ['l', 'w', 'm', 'c', 'L'].filter((x) => o.has(x))
    const columns = wanted.length > 0 ? wanted : ['l', 'w', 'c']
    const rows: { counts: number[]; name: string }[] = []
    const totals = columns.map(() => 0)
    // GNU's columns have room for the number of bytes of all files, whatever is counted.
    let bytes = 0
    let regular = true
    const list = o.get('files0')
    if (list !== undefined && o.operands.length > 0)
      throw c.usageError(WC, `extra operand '${o.operands[0]}'\nfile operands cannot be combined with --files0-from`)
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
  const wide = c.busybox || charactersOf((name) => c.task.env[name]) === 'utf-8'
  let inWord = false
  let length = 0
  for (let d = await file.read(65_536); d.length > 0; d = await file.read(65_536)) {
    n.c += d.length
    await c.work(d.length * BYTE_COST)
    for (const b of d) {
      // The bytes of a character behind its first one.
      if (wide && (b & 0xc0) === 0x80) continue
      n.m++
      if (b === 32 || (b >= 9 && b <= 13)) {
        inWord = false
        if (b === 10) n.l++
        if (b === 9) length += 8 - (length % 8)
        else if (b === 32) length++
        else if (b !== 11) {
          n.L = Math.max(n.L, length)
          length = 0
        }
      } else if ((b > 32 && b < 127) || (wide && b > 127)) {
        if (!inWord) n.w++
        inWord = true
        length++
      }
    }
  }
  n.L = Math.max(n.L, length)
  return n
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
        if ((a === '-s' || a === '-f') && rest.length > 0) options.push(rest.shift()!)
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
    if (o.has('f') && o.has('w') && !c.busybox)
      throw c.usageError(spec, 'format string may not be specified when printing equal width strings')
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
