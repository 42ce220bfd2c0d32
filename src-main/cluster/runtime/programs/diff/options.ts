/** What diff was asked for. busybox knows only the unified form and few of the options. */
import { SystemError } from '../../process.js'
import { Fail, type Command, type Options, type OptionSpec } from '../command.js'
import { readText } from '../reading.js'
import { versionText } from '../gnu-versions.js'
import { compile, RegexError } from '../regex.js'
import type { Likeness } from './changes.js'
import type { Look } from './look.js'
import { ifdefFormats, type Formats } from './merged.js'
import type { Columns } from './side-by-side.js'

const BUSYBOX: OptionSpec = {
  short: 'abBdiL:NqrsS:tTuU:wpE',
  long: {
    text: 'a',
    brief: 'q',
    'ignore-all-space': 'w',
    'ignore-blank-lines': 'B',
    'ignore-case': 'i',
    'ignore-space-change': 'b',
    'ignore-tab-expansion': 'E',
    'new-file': 'N',
    recursive: 'r',
    'report-identical-files': 's',
    'starting-file=': 'S',
    'expand-tabs': 't',
    'initial-tab': 'T',
    'show-c-function': 'p',
    minimal: 'd',
    'unified=': 'U',
    'label=': 'L',
  },
  usage: '[-abBdiNqrTstw] [-L LABEL] [-S FILE] [-U LINES] FILE1 FILE2\n\nCompare files line by line and output the differences',
}

const GNU: OptionSpec = {
  short: '0123456789abBcC:dD:eEfF:hHiI:lL:nNpPqrsS:tTuU:vwW:x:X:yZ',
  long: {
    binary: 'binary', brief: 'q', 'color=?': 'color', 'context=?': 'C', ed: 'e', 'exclude=': 'x', 'exclude-from=': 'X', 'expand-tabs': 't',
    'forward-ed': 'f', 'from-file=': 'from', 'horizon-lines=': 'horizon', 'ifdef=': 'D', 'ignore-all-space': 'w', 'ignore-blank-lines': 'B',
    'ignore-case': 'i', 'ignore-file-name-case': 'fold', 'ignore-matching-lines=': 'I', 'ignore-space-change': 'b', 'ignore-tab-expansion': 'E',
    'ignore-trailing-space': 'Z', 'initial-tab': 'T', 'label=': 'L', 'left-column': 'left', minimal: 'd', 'new-file': 'N', 'no-dereference': 'links',
    'no-ignore-file-name-case': 'no-fold', normal: 'normal', paginate: 'l', 'palette=': 'palette', rcs: 'n', recursive: 'r',
    'report-identical-files': 's', 'show-c-function': 'p', 'show-function-line=': 'F', 'side-by-side': 'y', 'speed-large-files': 'H',
    'starting-file=': 'S', 'strip-trailing-cr': 'strip', 'suppress-blank-empty': 'bare', 'suppress-common-lines': 'suppress', 'tabsize=': 'tabsize',
    text: 'a', 'to-file=': 'to', 'unidirectional-new-file': 'P', 'unified=?': 'U', version: 'v', 'width=': 'W',
    'line-format=': 'line', 'old-line-format=': 'line-old', 'new-line-format=': 'line-new', 'unchanged-line-format=': 'line-unchanged',
    'old-group-format=': 'group-old', 'new-group-format=': 'group-new', 'changed-group-format=': 'group-changed', 'unchanged-group-format=': 'group-unchanged',
  },
  usage: '[OPTION]... FILES\nCompare FILES line by line.\n\nMandatory arguments to long options are mandatory for short options too.\n      --normal                  output a normal diff (the default)\n  -q, --brief                   report only when files differ\n  -s, --report-identical-files  report when two files are the same\n  -c, -C NUM, --context[=NUM]   output NUM (default 3) lines of copied context\n  -u, -U NUM, --unified[=NUM]   output NUM (default 3) lines of unified context\n  -e, --ed                      output an ed script\n  -n, --rcs                     output an RCS format diff\n  -y, --side-by-side            output in two columns\n  -W, --width=NUM               output at most NUM (default 130) print columns\n  -r, --recursive               recursively compare any subdirectories found\n  -N, --new-file                treat absent files as empty\n  -i, --ignore-case             ignore case differences in file contents\n  -b, --ignore-space-change     ignore changes in the amount of white space\n  -w, --ignore-all-space        ignore all white space\n  -B, --ignore-blank-lines      ignore changes where lines are all blank\n  -I, --ignore-matching-lines=RE  ignore changes where all lines match RE\n  -a, --text                    treat all files as text\n      --color[=WHEN]            color output; WHEN is \'never\', \'always\', or \'auto\'',
} // prettier-ignore

/** How the differences are printed. */
export type Form = 'normal' | 'unified' | 'context' | 'ed' | 'forward' | 'rcs' | 'columns' | 'merged'

/** What a run of diff does. */
export interface Plan {
  options: Options
  form: Form
  likeness: Likeness
  look: Look
  columns: Columns
  formats: Formats
  /** Lines around a change. */
  context: number
  /** -p, -F: lines that head what is below them. */
  heading: RegExp | undefined
  /** -x, -X */
  excluded: readonly string[]
  /** The options as they were given, for the line above the difference of two files of directories. */
  given: string
}

const FORM_OF: Readonly<Record<string, Form>> = { c: 'context', C: 'context', u: 'unified', U: 'unified', e: 'ed', f: 'forward', n: 'rcs', y: 'columns', D: 'merged', normal: 'normal' } // prettier-ignore
const WIDTH = 130
const TAB = 8

/** Reads the arguments. Throws Fail. */
export async function planOf(c: Command): Promise<Plan> {
  const spec = c.busybox ? BUSYBOX : GNU
  const o = await c.options(spec)
  if (o.has('v')) {
    await c.print(versionText(c.name, c.fs))
    return c.task.exit(0)
  }
  const refuse = (message: string): Fail => c.usageError(spec, message)
  const number = (value: string, what: string): number => {
    if (!/^\d+$/.test(value)) throw refuse(`invalid ${what} '${value}'`)
    return Number(value)
  }
  if (o.all('L').length > 2 && !c.busybox) throw new Fail(`${c.name}: too many file label options`, 2)
  const tabSize = o.has('tabsize') ? number(o.get('tabsize')!, 'tabsize') : TAB
  if (o.has('horizon')) number(o.get('horizon')!, 'horizon length')
  if (o.has('l')) throw new Fail(`${c.name}: subsidiary program 'pr' could not be invoked`, 2)
  const form = formOf(c, o, refuse)
  const widths = ['U', 'C'].flatMap((letter) => o.all(letter)).filter((value) => value !== '')
  const lines = widths.map((value) => number(value, 'context length'))
  const digits = c.busybox
    ? ''
    : o.given
        .map(([letter]) => letter)
        .filter((letter) => /^\d$/.test(letter))
        .join('')
  checkOperands(c, o, spec)
  const wide = lines.length > 0 ? Math.max(...lines) : 3
  return {
    options: o,
    form,
    likeness: {
      ignoreCase: o.has('i'),
      space: o.has('w') ? 'all' : o.has('b') ? 'amount' : o.has('Z') ? 'trailing' : undefined,
      tabs: o.has('E') ? tabSize : undefined,
      blankLines: o.has('B'),
      ignored: o.all('I').map((re) => regexOf(c, re)),
    },
    look: { colors: colorsOf(c, o, refuse), expand: o.has('t'), initialTab: o.has('T'), tabSize, bareBlank: o.has('bare') },
    columns: {
      width: o.has('W') ? number(o.get('W')!, 'width') : WIDTH,
      leftColumn: o.has('left'),
      suppressCommon: o.has('suppress'),
    },
    formats: formatsOf(o),
    context: digits === '' ? wide : Number(digits),
    heading: o.has('F') ? regexOf(c, o.get('F')!) : o.has('p') ? /^[A-Za-z$_]/ : undefined,
    excluded: [...o.all('x'), ...(await patternsOf(c, o.all('X')))],
    given: givenText(c, o),
  }
}

/** The patterns of files, one a line. */
async function patternsOf(c: Command, files: readonly string[]): Promise<string[]> {
  const patterns: string[] = []
  for (const file of files) {
    try {
      patterns.push(...(await readText(c, file)).split('\n').filter(Boolean))
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw new Fail(`${c.name}: ${file}: ${error.message}`, 2)
    }
  }
  return patterns
}

function checkOperands(c: Command, o: Options, spec: OptionSpec): void {
  if (o.has('from') || o.has('to')) {
    if (o.has('from') && o.has('to')) throw new Fail(`${c.name}: --from-file and --to-file both specified`, 2)
    return
  }
  if (o.operands.length < 2) throw c.busybox ? c.usageError(spec) : c.usageError(spec, `missing operand after '${o.operands[0] ?? c.task.argv.at(-1)!.split('/').at(-1)!}'`)
  if (o.operands.length > 2) throw c.busybox ? c.usageError(spec) : c.usageError(spec, `extra operand '${o.operands[2]}'`)
} // prettier-ignore

function formOf(c: Command, o: Options, refuse: (message: string) => Fail): Form {
  if (c.busybox) return 'unified'
  const forms = new Set(o.given.map(([letter]) => (/^(?:line|group)/.test(letter) ? 'merged' : FORM_OF[letter])).filter(Boolean))
  if (forms.size > 1) throw refuse('conflicting output style options')
  const [form] = forms
  return form ?? (o.has('p') || o.has('F') ? 'context' : 'normal')
}

function regexOf(c: Command, source: string): RegExp {
  try {
    return compile(source, false)
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    throw new Fail(`${c.name}: ${source}: ${error.message}`, 2)
  }
}

function colorsOf(c: Command, o: Options, refuse: (message: string) => Fail): Look['colors'] {
  const when = o.has('color') ? o.get('color')! : 'never'
  if (!['', 'always', 'never', 'auto'].includes(when)) throw refuse(`invalid color '${when}'`)
  if (when === 'never' || (when !== 'always' && c.task.fd(1)?.kind !== 'tty')) return undefined
  const palette = (o.get('palette') ?? '').split(':').map((each) => each.split('='))
  return { hd: '1', ad: '32', de: '31', ln: '36', ...Object.fromEntries(palette.filter((each) => each.length === 2)) }
}

function formatsOf(o: Options): Formats {
  const [groups, lines]: [Formats['groups'], Formats['lines']] = [o.has('D') ? ifdefFormats(o.get('D')!) : {}, {}]
  for (const [letter, value] of o.given) {
    const [what, kind] = letter.split('-') as [string, 'old' | 'new' | 'changed' | 'unchanged' | undefined]
    if (what === 'group' && kind) groups[kind] = value
    else if (letter === 'line') lines.old = lines.new = lines.unchanged = value
    else if (what === 'line' && kind && kind !== 'changed') lines[kind] = value
  }
  return { groups, lines }
}

/** The arguments that are no operands, quoted for a shell. */
function givenText(c: Command, o: Options): string {
  const operands = [...o.operands]
  const rest = c.task.argv.slice(1).toReversed()
  // Operands stand last, mostly: the same word before them is the value of an option.
  for (const operand of operands.reverse()) rest.splice(rest.indexOf(operand), 1)
  const quoted = rest.toReversed().filter((arg) => arg !== '--')
  return quoted.map((arg) => ` ${/^[\w@%+:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", String.raw`'\''`)}'`}`).join('')
}
