/** The inputs and outputs of a running awk program. */
import type { OpenFile } from '../../process.js'
import { makePipe } from '../../pipe.js'
import { Handle, LONGEST_LINE } from '../../open-file.js'
import { exitCode } from '../../exit-reason.js'
import { type Command } from '../command.js'
import { openForReading } from '../reading.js'
import { type AwkArray, toNumber } from './values.js'
import { Exit } from './control.js'
import { AwkVariables } from './variables.js'

interface Reader {
  file: OpenFile
  rest: string
  ended: boolean
  close: () => Promise<number>
}

interface Writer {
  write: (text: string) => Promise<void>
  close: () => Promise<number>
}

/** What a running program reads and writes: its main input, files and commands. */
export abstract class AwkStreams extends AwkVariables {
  protected readonly readers = new Map<string, Reader>()
  protected readonly writers = new Map<string, Writer>()
  protected out = ''
  protected main: Reader | undefined
  private argument = 1
  private usedFile = false

  protected async nextRecord(): Promise<boolean> {
    for (;;) {
      if (!this.main && !(await this.openNext())) return false
      const line = await this.readRecord(this.main!)
      if (line === undefined) {
        await this.main!.close()
        this.main = undefined
        continue
      }
      this.set('NR', toNumber(this.get('NR')) + 1)
      this.set('FNR', toNumber(this.get('FNR')) + 1)
      this.setRecord(line)
      return true
    }
  }

  private async openNext(): Promise<boolean> {
    const argc = toNumber(this.get('ARGC'))
    const argv = this.globals.get('ARGV')!.value as AwkArray
    while (this.argument < argc) {
      const arg = this.text(argv.get(String(this.argument++)) ?? '')
      if (arg === '') continue
      if (/^[A-Za-z_]\w*=/.test(arg)) {
        this.assignment(arg)
        continue
      }
      this.usedFile = true
      if (arg === '-') return this.useInput()
      const path = Buffer.from(arg, 'latin1').toString('utf8')
      try {
        const file = await openForReading(this.c.task, path)
        this.main = { file, rest: '', ended: false, close: async () => (file.close(), 0) }
        this.set('FILENAME', arg)
        this.set('FNR', 0)
        return true
      } catch (error) {
        this.c.task.check()
        await this.flush()
        await this.c.warn(
          this.c.busybox ? `${path}: ${this.c.text(error)}` : `cannot open ${path} (${this.c.text(error)})`,
          this.c.busybox ? 1 : 2,
        )
        throw new Exit(this.c.busybox ? 1 : 2)
      }
    }
    return this.usedFile ? false : this.useInput()
  }

  private useInput(): boolean {
    this.usedFile = true
    const file = this.c.task.fd(0)
    if (!file) return false
    this.main = { file, rest: '', ended: false, close: async () => 0 }
    return true
  }

  protected async readRecord(r: Reader): Promise<string | undefined> {
    const rs = this.text(this.get('RS'))
    if (rs === '') return this.readParagraph(r)
    for (;;) {
      if (rs.length === 1) {
        const at = r.rest.indexOf(rs)
        if (at >= 0) {
          const line = r.rest.slice(0, at)
          r.rest = r.rest.slice(at + 1)
          return line
        }
      } else {
        const m = this.regex(rs).exec(r.rest)
        if (m && m[0] !== '' && (r.ended || m.index + m[0].length < r.rest.length)) {
          const line = r.rest.slice(0, m.index)
          r.rest = r.rest.slice(m.index + m[0].length)
          return line
        }
      }
      if (r.ended) {
        if (r.rest === '') return undefined
        const line = r.rest
        r.rest = ''
        return line
      }
      await this.fill(r)
    }
  }

  private async readParagraph(r: Reader): Promise<string | undefined> {
    while (!r.ended) await this.fill(r)
    r.rest = r.rest.replace(/^\n+/, '')
    if (r.rest === '') return undefined
    const m = /\n\n+/.exec(r.rest)
    const line = m ? r.rest.slice(0, m.index) : r.rest.replace(/\n$/, '')
    r.rest = m ? r.rest.slice(m.index + m[0].length) : ''
    return line
  }

  private async fill(r: Reader): Promise<void> {
    // Whoever waits for more has seen what there was.
    await this.flush()
    const data = await r.file.read(65_536)
    if (data.length === 0) r.ended = true
    else r.rest += Buffer.from(data).toString('latin1')
    if (r.rest.length > LONGEST_LINE) throw this.outOfMemory()
  }

  protected shell(line: string, fds: Map<number, Handle['description']>): ReturnType<Command['task']['fork']> {
    const { task } = this.c
    return task.fork(
      async (child) => {
        const run = await child.spawn({ argv: ['/bin/sh', '-c', line] })
        return run.wait()
      },
      { fds },
    )
  }

  protected commandReader(line: string): Reader {
    const { reader, writer } = makePipe()
    reader.retain()
    const child = this.shell(line, new Map([[1, writer]]))
    const file = new Handle(reader, this.c.task)
    return {
      file,
      rest: '',
      ended: false,
      close: async () => {
        reader.release()
        return exitCode(await this.c.task.waitFor(child))
      },
    }
  }

  protected async openWriter(op: '>' | '>>' | '|', name: string): Promise<Writer> {
    const { task } = this.c
    const path = Buffer.from(name, 'latin1').toString('utf8')
    const bytes = (t: string): Buffer => Buffer.from(t, 'latin1')
    if (op === '|') {
      await this.flush()
      const { reader, writer } = makePipe()
      writer.retain()
      const child = this.shell(path, new Map([[0, reader]]))
      const file = new Handle(writer, task)
      return {
        write: (t) => file.write(bytes(t)),
        close: async () => {
          writer.release()
          return exitCode(await task.waitFor(child))
        },
      }
    }
    if (path === '/dev/stdout' || path === '-') return { write: async (t) => void (this.out += t), close: async () => 0 }
    if (path === '/dev/stderr') return { write: (t) => task.writeError(bytes(t)), close: async () => 0 }
    const file = this.c.fs.open(path, op === '>' ? 'w' : 'a')
    return { write: (t) => file.write(bytes(t)), close: async () => (file.close(), 0) }
  }

  protected async close(name: string): Promise<number> {
    const writer = this.writers.get(name)
    const reader = this.readers.get(name)
    if (!writer && !reader) return -1
    if (writer) await this.flush()
    this.writers.delete(name)
    this.readers.delete(name)
    const a = await writer?.close()
    const b = await reader?.close()
    return a ?? b ?? 0
  }

  protected async flush(): Promise<void> {
    if (this.out === '') return
    const text = this.out
    this.out = ''
    await this.c.print(Buffer.from(text, 'latin1'))
  }
}
