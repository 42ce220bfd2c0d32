/**
 * Pseudo-terminals: what a person types on one side, what programs read and write on the other, and the line
 * discipline between them (termios(3)): canonical and raw input, echo, erase and kill, signals to the foreground
 * process group, newline translation, window size.
 */
import { systemError } from './errors.js'
import { FileDescription, type Caller } from './open-file.js'
import { ByteQueue } from './pipe.js'
import type { Signal } from './process.js'
import { columnsOf } from './screen-columns.js'
import { firstCharacters, firstModes, type Characters, type Modes } from './terminal-modes.js'
import { WaitQueue, type Sleeper } from './waiting.js'

const NL = 10
const CR = 13

/** Bytes that either side may hold before the other has to wait. */
const OUTPUT_CAPACITY = 65_536
const INPUT_CAPACITY = 65_536
/** ms in the unit of TIME. */
const TENTH = 100
/** The longest line that canonical mode takes. */
const LINE_LIMIT = 4096

/** One pseudo-terminal. The runtime holds the master side, processes a {@link TerminalFile}. */
export class Pty {
  modes: Modes = firstModes()
  /** What means something to it when it is typed; 0 for nothing. */
  characters: Characters = firstCharacters()
  /** Bits a second, which change nothing here. */
  speed = 38_400
  columns: number
  rows: number
  /** The session whose controlling terminal it is, and the group that gets its signals; 0 for none. */
  session = 0
  foreground = 0

  private line: number[] = []
  private literal = false
  /** Complete lines (canonical) or all bytes (raw). An empty record is end of file. */
  private records: Uint8Array[] = []
  private recordBytes = 0
  private readonly output = new ByteQueue()
  private paused = false
  private hungUp = false
  readonly inputReady = new WaitQueue()
  private readonly inputRoom = new WaitQueue()
  private readonly outputReady = new WaitQueue()
  private readonly outputRoom = new WaitQueue()
  /** How many processes wait for input, and whether the person's side waits for output. */
  private readers = 0
  private outputAwaited = false
  private readonly turnedQuiet = new WaitQueue()

  /**
   * @param signalGroup sends a signal to a process group of the namespace the terminal is used in
   * @param index its number under /dev/pts
   */
  constructor(
    private readonly signalGroup: (group: number, signal: Signal) => void,
    readonly index: number,
    size: { columns: number; rows: number } = { columns: 80, rows: 24 },
  ) {
    this.columns = size.columns
    this.rows = size.rows
  }

  get closed(): boolean {
    return this.hungUp
  }

  /** Sets the window size; the foreground group learns of a change by SIGWINCH. */
  resize(columns: number, rows: number): void {
    if (columns === this.columns && rows === this.rows) return
    this.columns = columns
    this.rows = rows
    this.signal('WINCH')
  }

  /** tcsetattr: input that was being edited becomes readable when canonical mode ends. */
  setModes(modes: Partial<Modes>): void {
    const wasCanonical = this.modes.icanon
    this.modes = { ...this.modes, ...modes }
    if (wasCanonical && !this.modes.icanon && this.line.length > 0) this.commit()
  }

  // The master side.

  /** What the person's terminal sends. Resolves when there is room for more. */
  async input(data: Uint8Array, by: Sleeper): Promise<void> {
    for (const byte of data) this.typed(byte)
    while (this.recordBytes > INPUT_CAPACITY && !this.hungUp) await this.inputRoom.wait(by)
  }

  /** What goes to the person's screen; an empty array when the terminal is closed and all is read. */
  async readOutput(max: number, by: Sleeper): Promise<Uint8Array> {
    while (this.output.length === 0 || this.paused) {
      if (this.hungUp) return this.output.take(max)
      this.outputAwaited = true
      this.turnedQuiet.wake()
      await this.outputReady.wait(by)
      this.outputAwaited = false
    }
    const data = this.output.take(max)
    this.outputRoom.wake()
    return data
  }

  /** Resolves when a process waits for input that is not there and all output has been read, or the terminal is closed. */
  async whenQuiet(by: Sleeper): Promise<void> {
    const quiet = (): boolean =>
      this.hungUp || (this.readers > 0 && this.records.length === 0 && this.outputAwaited && this.output.length === 0)
    while (!quiet()) await this.turnedQuiet.wait(by)
  }

  /** The person's side is gone: SIGHUP to the session's foreground group, end of file and EIO for whoever still uses it. */
  hangUp(): void {
    if (this.hungUp) return
    this.hungUp = true
    this.signal('HUP')
    this.signal('CONT')
    for (const queue of [this.inputReady, this.inputRoom, this.outputReady, this.outputRoom, this.turnedQuiet]) queue.wake()
  }

  // The side of the processes.

  get readable(): boolean {
    return this.records.length > 0 || this.hungUp
  }

  /** @param toNewline no more than a line: what was typed before the terminal read by lines can hold several */
  async read(max: number, by: Caller, toNewline = false): Promise<Uint8Array> {
    for (;;) {
      if (by.sessionId === this.session && this.foreground !== 0 && by.processGroup !== this.foreground) {
        await by.stopForTerminal('TTIN')
        continue
      }
      if (this.hungUp && this.records.length === 0) return new Uint8Array()
      const { min, time } = this.characters
      if (this.modes.icanon || this.hungUp) {
        if (this.records.length > 0) break
        await this.awaitInput(by)
        continue
      }
      if (this.recordBytes >= Math.max(1, Math.min(min, max))) break
      // Without a least number of bytes, a read ends when its time is over; with one, time runs from the first byte on.
      const limited = time > 0 && (min === 0 || this.recordBytes > 0)
      if (min === 0 && time === 0) return this.records.length > 0 ? this.records.shift()! : new Uint8Array()
      const more = await this.awaitInput(by, limited ? time * TENTH : undefined)
      if (!more) {
        if (this.recordBytes === 0) return new Uint8Array()
        break
      }
    }
    const first = this.gathered()
    const most = Math.min(max, (toNewline && first.indexOf(NL) + 1) || max)
    if (first.length <= most) {
      this.records.shift()
      this.recordBytes -= first.length
      this.inputRoom.wake()
      return first
    }
    this.records[0] = first.subarray(most)
    this.recordBytes -= most
    return first.subarray(0, most)
  }

  /** What may be read at once: by lines one record, otherwise all that came. */
  private gathered(): Uint8Array {
    if (!this.modes.icanon && this.records.length > 1) this.records = [Buffer.concat(this.records)]
    return this.records[0]!
  }

  /** Whether something came before so many ms were over. */
  private async awaitInput(by: Caller, ms?: number): Promise<boolean> {
    this.readers++
    this.turnedQuiet.wake()
    let late = false
    try {
      if (ms === undefined || !by.alarm) await this.inputReady.wait(by)
      else
        await by.block((wake) => {
          const stop = this.inputReady.add(wake)
          const cancel = by.alarm!(ms, () => {
            late = true
            wake()
          })
          return () => {
            stop()
            cancel()
          }
        })
      return !late
    } finally {
      this.readers--
    }
  }

  async write(data: Uint8Array, by: Sleeper | Caller): Promise<void> {
    if (this.modes.tostop && 'sessionId' in by)
      while (by.sessionId === this.session && this.foreground !== 0 && by.processGroup !== this.foreground && this.modes.tostop)
        await by.stopForTerminal('TTOU')
    for (let at = 0; at < data.length; at += 4096) {
      while (this.output.length >= OUTPUT_CAPACITY && !this.hungUp) await this.outputRoom.wait(by)
      if (this.hungUp) throw systemError('EIO')
      this.display(data.subarray(at, at + 4096))
    }
  }

  /** Drops what was typed but not read yet. */
  flushInput(): void {
    this.line = []
    this.records = []
    this.recordBytes = 0
  }

  private display(data: Uint8Array): void {
    const { opost, onlcr, ocrnl, onlret, olcuc } = this.modes
    if (!opost || (!ocrnl && !onlret && !olcuc && (!onlcr || !data.includes(NL)))) this.output.push(data.slice())
    else {
      const out: number[] = []
      for (const b of data) {
        if (b === NL && onlcr) out.push(CR, NL)
        else if (b === CR && ocrnl) out.push(NL)
        else if (b !== CR || !onlret) out.push(olcuc && b >= 97 && b <= 122 ? b - 32 : b)
      }
      this.output.push(Uint8Array.from(out))
    }
    this.outputReady.wake()
  }

  private signal(signal: Signal): void {
    if (this.foreground !== 0) this.signalGroup(this.foreground, signal)
  }

  private typed(byte: number): void {
    const m = this.modes
    if (this.literal) {
      this.literal = false
      return this.accept(byte)
    }
    const { intr, quit, susp, start, stop } = this.characters
    if (m.istrip) byte &= 0x7f
    if (m.iuclc && byte >= 65 && byte <= 90) byte += 32
    if (m.isig && byte !== 0) {
      const signal = byte === intr ? 'INT' : byte === quit ? 'QUIT' : byte === susp ? 'TSTP' : undefined
      if (signal) {
        if (!m.noflsh) this.flushInput()
        this.echo(byte)
        this.paused = false
        return this.signal(signal)
      }
    }
    if (m.ixon && byte !== 0 && (byte === stop || byte === start)) {
      this.paused = byte === stop && !(stop === start && this.paused)
      this.outputReady.wake()
      return
    }
    if (m.ixon && m.ixany && this.paused) {
      this.paused = false
      this.outputReady.wake()
    }
    if (byte === CR) {
      if (m.igncr) return
      if (m.icrnl) byte = NL
    } else if (byte === NL && m.inlcr) byte = CR
    if (m.icanon) this.canonical(byte)
    else this.accept(byte)
  }

  private canonical(byte: number): void {
    const { erase, werase, kill, rprnt, lnext, eof, eol, eol2 } = this.characters
    const { iexten, echo, echonl, echok, echoke } = this.modes
    if (byte === NL) {
      this.line.push(NL)
      if (echo || echonl) this.display(Uint8Array.of(NL))
      return this.commit()
    }
    if (byte !== 0) {
      if (byte === erase) return this.erase()
      if (byte === kill) {
        if (echok && !echoke) {
          this.echo(byte)
          this.echo(NL)
          this.line = []
        }
        while (this.line.length > 0) this.erase()
        return
      }
      if (byte === eof) return this.commit()
      if (byte === eol || byte === eol2) {
        this.accept(byte)
        return this.commit()
      }
    }
    if (byte !== 0 && iexten) {
      if (byte === werase) {
        const blank = (): boolean => [32, 9].includes(this.line.at(-1)!)
        while (this.line.length > 0 && blank()) this.erase()
        while (this.line.length > 0 && !blank()) this.erase()
        return
      }
      if (byte === rprnt) {
        this.echo(byte)
        this.echo(NL)
        for (const b of this.line) this.echo(b)
        return
      }
      if (byte === lnext) {
        this.literal = true
        return
      }
    }
    if (this.line.length < LINE_LIMIT - 1) this.accept(byte)
  }

  private accept(byte: number): void {
    this.echo(byte)
    if (this.modes.icanon) {
      this.line.push(byte)
      return
    }
    const last = this.records.at(-1)
    // Bytes of one burst are read together, as from a real queue.
    if (last && last.length > 0 && last.length < 4096) {
      const joined = new Uint8Array(last.length + 1)
      joined.set(last)
      joined[last.length] = byte
      this.records[this.records.length - 1] = joined
    } else this.records.push(Uint8Array.of(byte))
    this.recordBytes++
    this.inputReady.wake()
  }

  private commit(): void {
    this.records.push(Uint8Array.from(this.line))
    this.recordBytes += this.line.length
    this.line = []
    this.inputReady.wake()
  }

  /** Removes one character (all bytes of a UTF-8 sequence) from the line, and from the screen. */
  private erase(): void {
    if (this.line.length === 0) return
    let byte = this.line.pop()!
    const bytes = [byte]
    while ((byte & 0xc0) === 0x80 && this.line.length > 0) {
      byte = this.line.pop()!
      bytes.unshift(byte)
    }
    if (!this.modes.echo) return
    if (!this.modes.echoe) return this.echo(this.characters.erase)
    const control = bytes.length === 1 && (byte < 32 || byte === 127)
    const columns = control ? (this.modes.echoctl ? 2 : 0) : columnsOf(Buffer.from(bytes).toString('utf8'))
    this.display(Buffer.from('\b \b'.repeat(columns)))
  }

  private echo(byte: number): void {
    if (!this.modes.echo) return
    // Echo that nobody collects is not worth keeping.
    if (this.output.length > 2 * OUTPUT_CAPACITY) return
    if (this.modes.echoctl && ((byte < 32 && byte !== NL && byte !== 9) || byte === 127))
      this.display(Buffer.from(`^${String.fromCharCode(byte ^ 64)}`))
    else this.display(Uint8Array.of(byte))
  }
}

/** A process' end of a terminal: /dev/pts/N. */
export class TerminalFile extends FileDescription {
  readonly kind = 'tty'
  override readonly readiness: WaitQueue

  constructor(
    readonly pty: Pty,
    private readonly closed?: () => void,
  ) {
    super()
    this.readiness = pty.inputReady
  }

  read(max: number, by: Caller): Promise<Uint8Array> {
    return this.pty.read(max, by)
  }

  override async readLine(by: Caller): Promise<Uint8Array> {
    if (!this.pty.modes.icanon) return super.readLine(by)
    const parts: Uint8Array[] = []
    for (;;) {
      const data = await this.pty.read(LINE_LIMIT, by, true)
      if (data.length > 0) parts.push(data)
      if (data.length === 0 || data.at(-1) === NL) return Buffer.concat(parts)
    }
  }

  override readable(): boolean {
    return this.pty.readable
  }

  write(data: Uint8Array, by: Caller): Promise<void> {
    return this.pty.write(data, by)
  }

  override describe(): string {
    return `/dev/pts/${this.pty.index}`
  }

  protected override onClose(): void {
    this.closed?.()
  }
}
