/** Most lines that a log view keeps. */
export const MOST_LINES = 1_000_000
/** Most characters (UTF-16 units) that a log view keeps. */
export const MOST_CHARACTERS = 128_000_000

/**
 * The lines of one or several merged logs, bounded: the oldest are dropped. A line has a number that never changes; `first` is the
 * number of the oldest that is kept, `end` the number after the newest.
 */
export class LogBuffer {
  first = 0
  private lines: string[] = []
  private origins: number[] = []
  /** Where `first` is in the arrays; what is before is dropped now and then. */
  private start = 0
  private characters = 0
  /** Unfinished last lines, by source. */
  private readonly tails = new Map<number, string>()

  constructor(
    private readonly mostLines = MOST_LINES,
    private readonly mostCharacters = MOST_CHARACTERS,
  ) {}

  get end(): number {
    return this.first + this.lines.length - this.start
  }

  get size(): number {
    return this.lines.length - this.start
  }

  /** Takes a chunk of a source. A line counts once it ends with `\n`; `\r\n` ends one too. */
  append(text: string, source = 0): void {
    const whole = (this.tails.get(source) ?? '') + text
    const parts = whole.split('\n')
    const rest = parts.pop()!
    if (rest) this.tails.set(source, rest)
    else this.tails.delete(source)
    for (const p of parts) this.add(p.endsWith('\r') ? p.slice(0, -1) : p, source)
    this.trim()
  }

  /** Ends what a source has left unfinished, as when its log ends without a newline. */
  finish(source = 0): void {
    const rest = this.tails.get(source)
    if (rest === undefined) return
    this.tails.delete(source)
    this.add(rest, source)
    this.trim()
  }

  /** Takes whole lines. */
  appendLines(lines: readonly { text: string; source: number }[]): void {
    for (const l of lines) this.add(l.text, l.source)
    this.trim()
  }

  line(number: number): string {
    return this.lines[number - this.first + this.start] ?? ''
  }

  source(number: number): number {
    return this.origins[number - this.first + this.start] ?? 0
  }

  clear(): void {
    this.first = this.end
    this.lines = []
    this.origins = []
    this.start = 0
    this.characters = 0
  }

  private add(text: string, source: number): void {
    this.lines.push(text)
    this.origins.push(source)
    this.characters += text.length
  }

  private trim(): void {
    while (this.size > this.mostLines || (this.characters > this.mostCharacters && this.size > 1)) {
      this.characters -= this.lines[this.start]!.length
      // The string goes now; its place goes when half of the array is empty.
      this.lines[this.start] = ''
      this.start++
      this.first++
    }
    if (this.start > 4096 && this.start > this.lines.length / 2) {
      this.lines = this.lines.slice(this.start)
      this.origins = this.origins.slice(this.start)
      this.start = 0
    }
  }
}
