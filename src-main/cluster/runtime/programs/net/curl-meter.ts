/** The progress meter of curl: two lines of heading and one that is written anew until all is there. */
import type { Command } from '../command.js'

const HEADING = `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
`

export class Meter {
  private begun = false
  private ended = false

  /**
   * @param shown false with -s, and where the content goes to a terminal
   * @param asBar with -#, a bar of hashes
   * @param headed the heading stands there already, from another try
   */
  constructor(
    private readonly c: Command,
    private readonly shown: boolean,
    private readonly asBar = false,
    private readonly headed = false,
  ) {}

  /** When a transfer begins. */
  async begin(): Promise<void> {
    if (!this.shown || this.begun) return
    this.begun = true
    if (this.asBar) return
    await this.c.task.writeError((this.headed ? '' : HEADING) + row(0, undefined, 0))
  }

  /** When no more comes. `total` is what was announced, `ms` the time that it took. */
  async end(bytes: number, total: number | undefined, ms: number): Promise<void> {
    if (!this.begun || this.ended) return
    this.ended = true
    if (this.asBar) return this.bar(bytes, total)
    await this.c.task.writeError(`\r${row(bytes, total ?? (bytes > 0 ? bytes : undefined), (bytes * 1000) / Math.max(1, ms))}\n`)
  }

  /** As wide as a terminal that nobody asks. */
  private async bar(bytes: number, total: number | undefined): Promise<void> {
    if (bytes === 0) return
    const share = total ? bytes / total : 1
    const hashes = '#'.repeat(Math.round(72 * share)).padEnd(72)
    await this.c.task.writeError(`\r${hashes} ${(share * 100).toFixed(1).padStart(5)}%\n`)
  }

  /** When it comes to nothing. A name that is not found leaves the line as it is. */
  async fail(code: number, total?: number): Promise<void> {
    if (code !== 6) await this.end(0, total, 1)
  }
}

/** Five columns: 12345, 1234k, 123M. */
function five(n: number): string {
  const value = Math.round(n)
  if (value < 100_000) return String(value).padStart(5)
  if (value < 10_000 * 1024) return `${Math.floor(value / 1024)}k`.padStart(5)
  const megabytes = value / 1024 ** 2
  return `${megabytes < 100 ? megabytes.toFixed(1) : Math.floor(megabytes)}M`.padStart(5)
}

function row(bytes: number, total: number | undefined, speed: number): string {
  const share = total && bytes > 0 ? Math.floor((bytes / total) * 100) : 0
  const part = `${String(share).padStart(3)} ${five(total ?? 0)}  ${String(share).padStart(3)} ${five(bytes)}    0     0`
  return `${part}  ${five(speed)}      0 --:--:-- --:--:-- --:--:-- ${five(speed)}`
}
