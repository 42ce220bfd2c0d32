/** stty: the modes of a terminal, shown and set (stty(1)). */
import type { Program } from '../process.js'
import type { Pty } from '../pty.js'
import { TerminalFile } from '../pty.js'
import { ALL_FLAGS, CHARACTERS, firstCharacters, FLAGS, type Character, type Characters, type Flag, type Modes, type Word } from '../terminal-modes.js' // prettier-ignore
import { command, Fail, type Command, type Flavour } from './command.js'

/** Flags that stty takes for right when they are set, and for right when they are not. */
const SANE: ReadonlySet<string> = new Set(
  'cread brkint icrnl imaxbel opost onlcr isig icanon iexten echo echoe echok echoctl echoke'.split(' '),
)
const SANE_UNSET: ReadonlySet<string> = new Set(
  'ignbrk inlcr igncr ixoff iuclc ixany iutf8 olcuc ocrnl onocr onlret ofill ofdel echonl noflsh xcase tostop echoprt flusho extproc'.split(
    ' ',
  ),
)

/** Names for several flags: what each sets; those with a `-` before them, what that sets. */
const COMBINED: Readonly<Record<string, string>> = {
  cooked: 'brkint ignpar istrip icrnl ixon opost isig icanon', '-cooked': RAW(), raw: RAW(), '-raw': 'brkint ignpar istrip icrnl ixon opost isig icanon',
  cbreak: '-icanon', '-cbreak': 'icanon', nl: '-icrnl -onlcr', '-nl': 'icrnl -inlcr -igncr onlcr -ocrnl -onlret', evenp: '', parity: '', '-evenp': '',
  '-parity': '', oddp: '', '-oddp': '', pass8: '-istrip', '-pass8': 'istrip', litout: '-istrip -opost', '-litout': 'istrip opost', decctlq: '-ixany',
  '-decctlq': 'ixany', tabs: '', '-tabs': '', tab0: '', tab3: '', nl0: '', nl1: '', cr0: '', cr1: '', cr2: '', cr3: '', bs0: '', bs1: '', vt0: '', vt1: '', ff0: '',
  ff1: '', lcase: 'xcase iuclc olcuc', '-lcase': '-xcase -iuclc -olcuc', LCASE: 'xcase iuclc olcuc', '-LCASE': '-xcase -iuclc -olcuc',
  crt: 'echoe echoctl echoke', dec: 'echoe echoctl echoke -ixany', ek: '', sane: '', cs5: '', cs6: '', cs7: '', cs8: '',
} // prettier-ignore

/** Other names of flags. */
const ALIASES: Readonly<Record<string, Flag>> = {
  hup: 'hupcl',
  tandem: 'ixoff',
  crterase: 'echoe',
  prterase: 'echoprt',
  ctlecho: 'echoctl',
  crtkill: 'echoke',
}

function RAW(): string {
  return '-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr -icrnl -ixon -ixoff -iuclc -ixany -imaxbel -opost -isig -icanon -xcase'
}

const SPEEDS = new Set([0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600, 1_000_000, 1_152_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000, 4_000_000]) // prettier-ignore

/** Where the control characters stand in struct termios. */
const PLACES: readonly (keyof Characters)[] = [
  'intr',
  'quit',
  'erase',
  'kill',
  'eof',
  'time',
  'min',
  'swtch',
  'start',
  'stop',
  'susp',
  'eol',
  'rprnt',
  'discard',
  'werase',
  'lnext',
  'eol2',
]
const ALL_PLACES = 32
/** Eight bits a character and 38,400 bits a second, of the word for control. */
const CONTROL_BASE = 0o77

interface Setting {
  modes: Modes
  characters: Characters
}

/** stty of coreutils and of busybox. */
export function stty(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.slice(1)
    const wrong = (text: string): Fail =>
      new Fail(c.busybox ? `stty: ${text}` : `stty: ${text}${text.startsWith('when') ? '' : "\nTry 'stty --help' for more information."}`)
    if (args[0] === '--help' && !c.busybox) {
      await c.print(
        'Usage: stty [-F DEVICE | --file=DEVICE] [SETTING]...\n  or:  stty [-F DEVICE | --file=DEVICE] [-a|--all]\n  or:  stty [-F DEVICE | --file=DEVICE] [-g|--save]\nPrint or change terminal characteristics.\n',
      )
      return
    }
    let device: string | undefined
    let shape: 'all' | 'save' | undefined
    const settings: string[] = []
    for (let i = 0; i < args.length; i++) {
      const arg = args[i]!
      const file = /^(?:-F|--file=)(.+)$/.exec(arg)?.[1]
      if (file !== undefined) device = file
      else if (arg === '-F' || arg === '--file') {
        device = args[++i]
        if (device === undefined) throw wrong(`option requires an argument -- 'F'`)
      } else if (/^-[ag]+$/.test(arg) || arg === '--all' || arg === '--save') {
        const next = /g|save/.test(arg) ? 'save' : 'all'
        if ((shape && shape !== next) || /^-(ag|ga)/.test(arg))
          throw new Fail(
            c.busybox
              ? 'stty: only one style of output (-a or -g) is allowed'
              : 'stty: the options for verbose and stty-readable output styles are\nmutually exclusive',
          )
        shape = next
      } else settings.push(arg)
    }
    if (shape && settings.length > 0)
      throw wrong(
        c.busybox ? 'modes may not be set when specifying an output style' : 'when specifying an output style, modes may not be set',
      )
    const terminal = terminalOf(c, device)
    const state: Setting = { modes: { ...terminal.modes }, characters: { ...terminal.characters } }
    if (shape === 'save') return c.print(`${saved(state)}\n`)
    if (settings.length === 0) return c.print(shape === 'all' ? all(c, terminal) : changed(c, terminal))
    for (let i = 0; i < settings.length;) i += await set(c, terminal, state, settings, i, wrong)
    terminal.characters = state.characters
    terminal.setModes(state.modes)
  })
}

/** The terminal of standard input, or the one that -F names. */
function terminalOf(c: Command, device: string | undefined): Pty {
  const none = (): Fail =>
    new Fail(`stty: ${device ?? (c.busybox ? 'standard input' : "'standard input'")}: Inappropriate ioctl for device`)
  if (device === undefined) {
    if (c.task.fd(0)?.kind !== 'tty' || !c.task.terminal) throw none()
    return c.task.terminal
  }
  let file
  try {
    file = c.fs.openDescription(device, 'r')
  } catch (error) {
    throw new Fail(c.busybox ? `stty: can't open '${device}': ${c.text(error)}` : `stty: ${device}: ${c.text(error)}`)
  }
  if (!(file instanceof TerminalFile)) throw none()
  return file.pty
}

/** Does what stands at a place among the words. Returns how many words that were. */
async function set(
  c: Command,
  terminal: Pty,
  state: Setting,
  words: readonly string[],
  at: number,
  wrong: (text: string) => Fail,
): Promise<number> {
  const word = words[at]!
  const name = word.replace(/^-/, '')
  const flag = ALIASES[name] ?? name
  if (ALL_FLAGS.some(([each]) => each === flag)) {
    state.modes[flag as Flag] = !word.startsWith('-')
    return 1
  }
  if (Object.hasOwn(COMBINED, word)) {
    combine(state, word)
    return 1
  }
  if (word === 'size') {
    await c.print(`${terminal.rows} ${terminal.columns}\n`)
    return 1
  }
  if (word === 'speed') {
    await c.print(`${terminal.speed}\n`)
    return 1
  }
  if (/^([0-9a-f]+:){3,}[0-9a-f]+$/.test(word) && restore(state, word)) return 1
  const takes = Object.hasOwn(CHARACTERS, word) || ['min', 'time', 'rows', 'cols', 'columns', 'line', 'ispeed', 'ospeed'].includes(word)
  if (takes) {
    const value = words[at + 1]
    if (value === undefined) throw wrong(c.busybox ? `${word} requires an argument` : `missing argument to '${word}'`)
    if (Object.hasOwn(CHARACTERS, word)) state.characters[word as Character] = character(c, value)
    else if (word === 'min' || word === 'time') state.characters[word] = whole(c, value, 255)
    else if (word === 'rows') terminal.resize(terminal.columns, whole(c, value, 65_535))
    else if (word === 'cols' || word === 'columns') terminal.resize(whole(c, value, 65_535), terminal.rows)
    else if (word !== 'line') {
      if (!SPEEDS.has(Number(value))) throw new Fail(c.busybox ? `stty: invalid number '${value}'` : `stty: invalid ${word} '${value}'`)
      terminal.speed = Number(value)
    }
    return 2
  }
  if (/^\d+$/.test(word) && SPEEDS.has(Number(word))) {
    terminal.speed = Number(word)
    return 1
  }
  throw c.busybox && !word.startsWith('-') ? new Fail(`stty: invalid number '${word}'`) : wrong(`invalid argument '${word}'`)
}

function combine(state: Setting, word: string): void {
  if (word === 'sane') {
    for (const [flag] of ALL_FLAGS) if (SANE.has(flag) || SANE_UNSET.has(flag)) state.modes[flag] = SANE.has(flag)
    state.characters = firstCharacters()
  }
  for (const each of COMBINED[word]!.split(' ').filter(Boolean)) state.modes[each.replace('-', '') as Flag] = !each.startsWith('-')
  const first = firstCharacters()
  const back: (keyof Characters)[] =
    word === 'raw' || word === '-cooked'
      ? ['min', 'time']
      : word === 'cooked' || word === '-raw'
        ? ['eof', 'eol']
        : word === 'ek'
          ? ['erase', 'kill']
          : word === 'dec'
            ? ['intr', 'erase', 'kill']
            : []
  for (const name of back) state.characters[name] = first[name]
}

function character(c: Command, text: string): number {
  if (text === '^-' || text === 'undef') return 0
  if (text.length === 1) return text.charCodeAt(0)
  if (/^\^.$/.test(text)) return text === '^?' ? 127 : text.charCodeAt(1) & 0x1f
  return whole(c, text, 255)
}

function whole(c: Command, text: string, most: number): number {
  const number = /^0x[0-9a-f]+$/i.test(text)
    ? parseInt(text, 16)
    : /^0[0-7]*$/.test(text)
      ? parseInt(text, 8)
      : /^\d+$/.test(text)
        ? Number(text)
        : NaN
  if (c.busybox && number > most) throw new Fail(`stty: number ${text} is not in 0..${most} range`)
  if (!(number <= most)) {
    const range = Number.isNaN(number) ? '' : most === 255 ? ': Numerical result out of range' : ': Value too large for defined data type'
    throw new Fail(c.busybox ? `stty: invalid number '${text}'` : `stty: invalid integer argument: '${text}'${range}`)
  }
  return number
}

/** As -g writes it: four words and the characters, in hexadecimal. */
function saved({ modes, characters }: Setting): string {
  const word = (kind: Word): number => ALL_FLAGS.reduce((sum, [flag, each, bit]) => (each === kind && modes[flag] ? sum + bit : sum), 0)
  const control = word('control') + CONTROL_BASE
  const places = Array.from({ length: ALL_PLACES }, (_, i) => (PLACES[i] === undefined ? 0 : characters[PLACES[i]]))
  return [word('input'), word('output'), control, word('local'), ...places].map((n) => n.toString(16)).join(':')
}

function restore(state: Setting, text: string): boolean {
  const numbers = text.split(':').map((each) => parseInt(each, 16))
  if (numbers.length !== 4 + ALL_PLACES) return false
  const words: Record<Word, number> = { input: numbers[0]!, output: numbers[1]!, control: numbers[2]!, local: numbers[3]! }
  for (const [flag, word, bit] of ALL_FLAGS) state.modes[flag] = Math.floor(words[word] / bit) % 2 === 1
  PLACES.forEach((name, i) => (state.characters[name] = numbers[4 + i]!))
  return true
}

function shownCharacter(code: number): string {
  if (code === 0) return '<undef>'
  if (code < 32) return `^${String.fromCharCode(code + 64)}`
  return code === 127 ? '^?' : String.fromCharCode(code)
}

/** Pieces in lines of no more than the terminal's width. */
function wrapped(pieces: readonly string[], columns: number): string {
  const lines: string[] = []
  for (const piece of pieces) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + piece.length <= columns) lines[lines.length - 1] = `${last} ${piece}`
    else lines.push(piece)
  }
  return lines.map((line) => `${line}\n`).join('')
}

function charactersOf(c: Command, characters: Characters, which: (name: Character) => boolean): string[] {
  const called = (name: Character): string => (c.busybox && name === 'discard' ? 'flush' : name)
  return (Object.keys(CHARACTERS) as Character[]).filter(which).map((name) => `${called(name)} = ${shownCharacter(characters[name])};`)
}

function all(c: Command, terminal: Pty): string {
  const { modes, characters, columns, rows, speed } = terminal
  const shown = (word: Word): string[] => Object.keys(FLAGS[word]).map((flag) => (modes[flag as Flag] ? flag : `-${flag}`))
  const [parenb, parodd, cmspar, ...control] = shown('control')
  const width = columns || 80
  return (
    wrapped([`speed ${speed} baud;`, `rows ${rows};`, `columns ${columns};`, 'line = 0;'], width) +
    wrapped([...charactersOf(c, characters, () => true), `min = ${characters.min};`, `time = ${characters.time};`], width) +
    wrapped([parenb!, parodd!, cmspar!, 'cs8', ...control], width) +
    wrapped(shown('input'), width) +
    wrapped([...shown('output'), 'nl0', 'cr0', 'tab0', 'bs0', 'vt0', 'ff0'], width) +
    wrapped(shown('local'), width)
  )
}

/** What is not as stty thinks that it should be. */
function changed(c: Command, terminal: Pty): string {
  const { modes, characters, columns, speed } = terminal
  const first = firstCharacters()
  const width = columns || 80
  const limits = modes.icanon && !c.busybox ? [] : [`min = ${characters.min};`, `time = ${characters.time};`]
  const odd = (word: Word): string[] =>
    (Object.keys(FLAGS[word]) as Flag[]).flatMap((flag) => {
      if (modes[flag]) return SANE_UNSET.has(flag) ? [flag] : []
      return SANE.has(flag) ? [`-${flag}`] : []
    })
  return (
    wrapped([`speed ${speed} baud;`, 'line = 0;'], width) +
    wrapped([...charactersOf(c, characters, (name) => c.busybox || characters[name] !== first[name]), ...limits], width) +
    (Object.keys(FLAGS) as Word[]).map((word) => wrapped(odd(word), width)).join('')
  )
}
