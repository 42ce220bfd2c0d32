/** The modes of a terminal by their termios names (termios(3)): the flags in four words, and the control characters. */

/** Which of the words of struct termios a flag stands in. */
export type Word = 'control' | 'input' | 'output' | 'local'

/** Flags by word in the order in which stty shows them, each with its bit as Linux has it. */
export const FLAGS = {
  control: { parenb: 0o400, parodd: 0o1000, cmspar: 0o10000000000, hupcl: 0o2000, cstopb: 0o100, cread: 0o200, clocal: 0o4000, crtscts: 0o20000000000 },
  input: {
    ignbrk: 0o1, brkint: 0o2, ignpar: 0o4, parmrk: 0o10, inpck: 0o20, istrip: 0o40, inlcr: 0o100, igncr: 0o200, icrnl: 0o400, ixon: 0o2000, ixoff: 0o10000,
    iuclc: 0o1000, ixany: 0o4000, imaxbel: 0o20000, iutf8: 0o40000,
  },
  output: { opost: 0o1, olcuc: 0o2, ocrnl: 0o10, onlcr: 0o4, onocr: 0o20, onlret: 0o40, ofill: 0o100, ofdel: 0o200 },
  local: {
    isig: 0o1, icanon: 0o2, iexten: 0o100000, echo: 0o10, echoe: 0o20, echok: 0o40, echonl: 0o100, noflsh: 0o200, xcase: 0o4, tostop: 0o400, echoprt: 0o2000,
    echoctl: 0o1000, echoke: 0o4000, flusho: 0o10000, extproc: 0o200000,
  },
} as const // prettier-ignore

type Flags<W extends Word> = keyof (typeof FLAGS)[W]
export type Flag = Flags<'control'> | Flags<'input'> | Flags<'output'> | Flags<'local'>
export type Modes = Record<Flag, boolean>

/** All flags with the word of each. */
export const ALL_FLAGS: readonly (readonly [flag: Flag, word: Word, bit: number])[] = (Object.keys(FLAGS) as Word[]).flatMap((word) =>
  Object.entries(FLAGS[word]).map(([flag, bit]) => [flag as Flag, word, bit] as const),
)

const SET_AT_FIRST: ReadonlySet<Flag> = new Set(
  'cread icrnl ixon opost onlcr isig icanon iexten echo echoe echok echoctl echoke'.split(' ') as Flag[],
)

/** As Linux makes a terminal. */
export function firstModes(): Modes {
  return Object.fromEntries(ALL_FLAGS.map(([flag]) => [flag, SET_AT_FIRST.has(flag)])) as Modes
}

/** Control characters in the order in which stty shows them; of those without a number that is none, 0 stands for it. */
export const CHARACTERS = {
  intr: 3, quit: 28, erase: 127, kill: 21, eof: 4, eol: 0, eol2: 0, swtch: 0, start: 17, stop: 19, susp: 26, rprnt: 18, werase: 23, lnext: 22, discard: 15,
} as const // prettier-ignore

export type Character = keyof typeof CHARACTERS
/** `min` and `time` (tenths of a second) say when a read without lines ends. */
export type Characters = Record<Character | 'min' | 'time', number>

/** As Linux makes a terminal. */
export function firstCharacters(): Characters {
  return { ...CHARACTERS, min: 1, time: 0 }
}
