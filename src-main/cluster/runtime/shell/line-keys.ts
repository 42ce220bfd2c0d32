/** The keys of the line editor. */
import type { Task } from '../task.js'
import type { Completion } from './complete.js'

/** Keys that send more than one byte. */
const SEQUENCES: Record<string, Key> = {
  '[A': 'up',
  OA: 'up',
  '[B': 'down',
  OB: 'down',
  '[C': 'right',
  OC: 'right',
  '[D': 'left',
  OD: 'left',
  '[H': 'home',
  OH: 'home',
  '[1~': 'home',
  '[7~': 'home',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
  '[8~': 'end',
  '[3~': 'delete',
  '[1;5C': 'word-right',
  '[1;5D': 'word-left',
  '[1;3C': 'word-right',
  '[1;3D': 'word-left',
  f: 'word-right',
  b: 'word-left',
  d: 'kill-word',
  '.': 'last-argument',
  _: 'last-argument',
  u: 'upper-word',
  l: 'lower-word',
  c: 'capital-word',
  '\x7f': 'erase-word',
}

export type Key =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'delete'
  | 'word-left'
  | 'word-right'
  | 'kill-word'
  | 'erase-word'
  | 'erase'
  | 'kill-end'
  | 'kill-start'
  | 'yank'
  | 'clear'
  | 'search'
  | 'transpose'
  | 'interrupt'
  | 'eof'
  | 'enter'
  | 'tab'
  | 'last-argument'
  | 'upper-word'
  | 'lower-word'
  | 'capital-word'

const CONTROLS: Record<number, Key> = {
  1: 'home',
  2: 'left',
  3: 'interrupt',
  4: 'eof',
  5: 'end',
  6: 'right',
  8: 'erase',
  9: 'tab',
  10: 'enter',
  11: 'kill-end',
  12: 'clear',
  13: 'enter',
  14: 'down',
  16: 'up',
  18: 'search',
  20: 'transpose',
  21: 'kill-start',
  23: 'erase-word',
  25: 'yank',
  127: 'erase',
}

/** How long the rest of an escape sequence may take, in ms. */
const ESCAPE_WAIT = 50

/** What terminals put around text that is pasted, once they were asked to. */
const [PASTE_BEGINS, PASTE_ENDS] = ['[200~', '\x1b[201~']
/** Bytes that one paste may have. */
const LONGEST_PASTE = 1024 * 1024

/** Whose lines are edited: a shell, or another program with a prompt. */
export interface LineOwner {
  readonly task: Task
  /** bash has keys that others do not have. */
  readonly isBash: boolean
  /** Whether the terminal is asked to mark what is pasted, as readline does since 8.1. */
  readonly marksPastes?: boolean
  /** Lines that were read, oldest first. */
  readonly history: readonly string[]
  /** What Tab makes of the text before the cursor. */
  complete(before: string): Completion | Promise<Completion>
}

/** Reads keys from the terminal: characters and what special keys send. */
export abstract class KeyReader {
  constructor(protected readonly owner: LineOwner) {}

  private async byte(wait?: number): Promise<number | undefined> {
    const file = this.owner.task.fd(0)
    if (!file) return undefined
    if (wait !== undefined && !(await this.owner.task.poll(file, wait))) return undefined
    // What is typed after the line is for the program that the line starts.
    return (await file.read(1))[0]
  }

  /** The next key, or a character that stands for itself. undefined at end of file. */
  protected async key(): Promise<Key | { text: string } | 'unknown' | undefined> {
    const b = await this.byte()
    if (b === undefined) return undefined
    if (b === 27) return this.sequence()
    if (b < 32 || b === 127) return CONTROLS[b] ?? 'unknown'
    if (b < 128) return { text: String.fromCharCode(b) }
    const length = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2
    const bytes = [b]
    while (bytes.length < length) {
      const next = await this.byte(ESCAPE_WAIT)
      if (next === undefined) break
      bytes.push(next)
    }
    return { text: Buffer.from(bytes).toString('utf8') }
  }

  private async sequence(): Promise<Key | { text: string } | 'unknown'> {
    let text = ''
    for (;;) {
      const b = await this.byte(ESCAPE_WAIT)
      if (b === undefined) return 'unknown'
      text += String.fromCharCode(b)
      if (text === PASTE_BEGINS) return this.pasted()
      if (Object.hasOwn(SEQUENCES, text)) return SEQUENCES[text]!
      if (text === '[' || text === 'O' || /^\[[0-9;]*$/.test(text)) continue
      return 'unknown'
    }
  }

  /** What is pasted stands for itself, whatever keys it would be. */
  private async pasted(): Promise<{ text: string }> {
    const bytes: number[] = []
    const ended = (): boolean =>
      bytes.length >= PASTE_ENDS.length && Buffer.from(bytes.slice(-PASTE_ENDS.length)).toString('latin1') === PASTE_ENDS
    while (!ended() && bytes.length < LONGEST_PASTE) {
      const b = await this.byte()
      if (b === undefined) break
      bytes.push(b)
    }
    const text = Buffer.from(ended() ? bytes.slice(0, -PASTE_ENDS.length) : bytes).toString('utf8')
    return { text: text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') }
  }
}
