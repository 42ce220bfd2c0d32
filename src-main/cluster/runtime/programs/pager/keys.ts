/** The keys that are typed at a pager; what a terminal sends for one key counts as one. */
import type { OpenFile } from '../../process.js'
import type { Command } from '../command.js'

export class Keys {
  private queue: string[] = []

  constructor(
    private readonly c: Command,
    private readonly file: OpenFile,
  ) {}

  /** The next key; undefined at the end. */
  async next(): Promise<string | undefined> {
    if (this.queue.length === 0) {
      const data = await this.file.read(4096)
      if (data.length === 0) return undefined
      // oxlint-disable-next-line no-control-regex
      this.queue = Buffer.from(data).toString('utf8').match(/\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|\x1b[ -~]|[\s\S]/gu) ?? [] // prettier-ignore
    }
    return this.queue.shift()
  }

  /** Whether a key comes within a time, ms. */
  async within(ms: number): Promise<boolean> {
    return this.queue.length > 0 || (await this.c.task.poll(this.file, ms))
  }

  /** A line at the bottom of the screen; undefined when it is given up. */
  async line(prompt: string): Promise<string | undefined> {
    let text = ''
    for (;;) {
      await this.c.print(`\r\x1b[K${prompt}${text}`)
      const key = await this.next()
      if (key === undefined || key === '\x1b' || key === '\x03') return undefined
      if (key === '\r' || key === '\n') return text
      if (key === '\x15') text = ''
      else if (key === '\x7f' || key === '\b') {
        if (text === '') return undefined
        text = text.slice(0, -1)
      } else if (key >= ' ') text += key
    }
  }
}
