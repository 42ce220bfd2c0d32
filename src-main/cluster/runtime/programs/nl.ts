/** nl: lines with their numbers, in pages of header, body and footer (nl(1)). */
import type { Program } from '../process.js'
import { compile, RegexError } from './regex.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { lineBatches } from './reading.js'
import { wholeNumber } from './option-number.js'

const SPEC = {
  short: 'b:d:f:h:i:l:n:ps:v:w:',
  long: {
    'header-numbering=': 'h', 'body-numbering=': 'b', 'footer-numbering=': 'f', 'starting-line-number=': 'v', 'line-increment=': 'i',
    'no-renumber': 'p', 'join-blank-lines=': 'l', 'number-separator=': 's', 'number-width=': 'w', 'number-format=': 'n', 'section-delimiter=': 'd',
  },
  usage: '[OPTIONS] [FILE]...\n\nWrite FILEs to standard output with line numbers added',
} // prettier-ignore

/** Parts of a page, by how many delimiters start them less one. */
const PARTS = ['f', 'b', 'h'] as const
const PART_NAMES = { f: 'footer', b: 'body', h: 'header' }

/** Whether a line gets a number: one that is blank may, when all do. */
type Style = 'a' | 't' | 'n' | RegExp

function styleOf(c: Command, o: Options, part: 'h' | 'b' | 'f'): Style {
  const text = o.get(part) ?? (part === 'b' ? 't' : 'n')
  if (text === 'a' || text === 't' || text === 'n') return text
  if (text.startsWith('p')) return pattern(text.slice(1))
  if (c.busybox) return 't'
  throw c.usageError(SPEC, `invalid ${PART_NAMES[part]} numbering style: '${text}'`)
}

function pattern(text: string): RegExp {
  try {
    return compile(text, false)
  } catch (error) {
    if (error instanceof RegexError) throw new Fail(`nl: ${error.message}`)
    throw error
  }
}

function formatOf(c: Command, o: Options): (n: number, width: number) => string {
  const format = o.get('n') ?? 'rn'
  if (format === 'ln') return (n, width) => String(n).padEnd(width)
  if (format === 'rn') return (n, width) => String(n).padStart(width)
  if (format === 'rz') return (n, width) => (n < 0 ? `-${String(-n).padStart(width - 1, '0')}` : String(n).padStart(width, '0'))
  throw c.usageError(SPEC, `invalid line numbering format: '${format}'`)
}

export function nl(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    const styles = { h: styleOf(c, o, 'h'), b: styleOf(c, o, 'b'), f: styleOf(c, o, 'f') }
    const start = wholeNumber(c, o.get('v') ?? '1', 'starting line number', -Infinity)
    const step = wholeNumber(c, o.get('i') ?? '1', 'line number increment', -Infinity)
    const joined = wholeNumber(c, o.get('l') ?? '1', 'line number of blank lines', 1)
    const width = wholeNumber(c, o.get('w') ?? '6', 'line number field width', 1)
    const separator = o.get('s') ?? '\t'
    const show = formatOf(c, o)
    const given = o.get('d') ?? '\\:'
    const delimiter = given.length === 1 ? `${given}:` : given
    let style = styles.b
    let number = start
    let blanks = 0
    const numbered = (text: string): boolean => {
      if (style === 'a') {
        if (text !== '' || joined === 1) return true
        blanks = (blanks + 1) % joined
        return blanks === 0
      }
      if (style === 't') return text !== ''
      return style !== 'n' && style.test(text)
    }
    const one = (text: string): string => {
      const sections = delimiter === '' || c.busybox ? 0 : PARTS.findIndex((_, i) => text === delimiter.repeat(i + 1)) + 1
      if (sections > 0) {
        style = styles[PARTS[sections - 1]!]
        if (!o.has('p')) number = start
        return '\n'
      }
      if (text !== '') blanks = 0
      if (!numbered(text)) return `${' '.repeat(width + separator.length)}${text}\n`
      const line = `${show(number, width)}${separator}${text}\n`
      number += step
      return line
    }
    for await (const { file } of c.inputs(o.operands))
      for await (const lines of lineBatches(file))
        await c.print(Buffer.from(lines.map((raw) => one(raw.toString('latin1').replace(/\n$/, ''))).join(''), 'latin1'))
  })
}
