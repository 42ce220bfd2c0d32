/** The prompt of node: lines from the terminal or from standard input, one after the other, for the script's engine. */
import type { Process } from '../../process.js'
import { taskOf } from '../../task.js'
import { LineEditor } from '../../shell/line-editor.js'
import { Interrupted as Broken } from '../../shell/endings.js'
import type { EventLoop } from './event-loop.js'

/** What the script's side does with lines (guest/repl.js). */
export interface Prompt {
  /** Takes a line, null for the end of an editor's text: `done`, `more`, `editor` or `wait`. */
  take(line: string | null): string
  /** Drops what was typed so far; tells whether there was something. */
  drop(): boolean
  /** Names for Tab, a space between them. */
  complete(before: string): string
}

/** Reads commands until Ctrl-D, `.exit`, or Ctrl-C twice. `again` tells that a command has come to its end. */
export class Repl {
  private readonly history: string[] = []
  private readonly editor: LineEditor | undefined
  private prompt = '> '
  private broken = false

  constructor(
    process: Process,
    private readonly loop: EventLoop,
    private readonly script: Prompt,
    private readonly version: string,
  ) {
    const { history } = this
    const complete = (before: string): { insert: string; choices: string[] } => this.complete(before)
    this.editor = process.fd(0)?.kind === 'tty' ? new LineEditor({ task: taskOf(process), isBash: false, history, complete }) : undefined
  }

  begin(): void {
    this.say(`Welcome to Node.js v${this.version}.\nType ".help" for more information.\n`)
    this.ask()
  }

  /** Asks for the next line, once what was printed is out; the process stays as long as it waits for one. */
  ask(): void {
    this.loop.post(() => this.next())
  }

  private next(): void {
    this.loop.follow(
      this.read().then(
        (line) => () => this.take(line),
        (error: unknown) => {
          if (!(error instanceof Broken)) throw error
          return () => this.interrupted()
        },
      ),
    )
  }

  private async read(): Promise<string | undefined> {
    if (this.editor) return this.editor.read(this.prompt, true)
    await this.loop.task.write(this.prompt)
    return this.loop.task.readLine()
  }

  private take(line: string | undefined): void {
    this.broken = false
    if (line === undefined && this.prompt !== '') {
      this.say('\n')
      this.loop.exit(0)
      return
    }
    if (line !== undefined && line.trim() !== '' && line !== this.history.at(-1)) this.history.push(line)
    const state = this.script.take(line ?? null)
    this.prompt = state === 'more' ? '... ' : state === 'editor' ? '' : '> '
    if (state !== 'wait') this.ask()
  }

  private interrupted(): void {
    const dropped = this.script.drop()
    this.prompt = '> '
    if (this.broken && !dropped) {
      this.loop.exit(0)
      return
    }
    if (!dropped) this.say('(To exit, press Ctrl+C again or Ctrl+D or type .exit)\n')
    this.broken = !dropped
    this.ask()
  }

  private complete(before: string): { insert: string; choices: string[] } {
    const names = this.script.complete(before).split(' ').filter(Boolean)
    const word = /[\w$]*$/.exec(before)![0]
    let common = names[0] ?? word
    for (const name of names) while (!name.startsWith(common)) common = common.slice(0, -1)
    return { insert: common.slice(word.length), choices: names.length > 1 ? names : [] }
  }

  private say(text: string): void {
    this.loop.print(1, Buffer.from(text))
  }
}
