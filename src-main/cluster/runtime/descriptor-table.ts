/** The open descriptors of a process: what 0, 1, 2 and the others refer to, and reading and writing through them. */
import { bytesOfText } from './stray-bytes.js'
import { Accounting } from './accounting.js'
import { systemError } from './errors.js'
import { Handle, type Caller, type FileDescription } from './open-file.js'

/** A process with descriptors. */
export abstract class DescriptorTable extends Accounting implements Caller {
  abstract readonly processGroup: number
  abstract readonly sessionId: number
  protected readonly table = new Map<number, FileDescription>()
  private openFiles: Set<{ close(): void }> | undefined

  abstract brokenPipe(): void
  abstract stopForTerminal(signal: 'TTIN' | 'TTOU'): Promise<void>

  /** What it has open besides its descriptors. */
  get opened(): Set<{ close(): void }> {
    return (this.openFiles ??= new Set())
  }

  protected closeOpened(): void {
    for (const file of this.openFiles ?? []) file.close()
  }

  fd(n: number): Handle | undefined {
    const description = this.table.get(n)
    return description && new Handle(description, this)
  }

  description(n: number): FileDescription | undefined {
    return this.table.get(n)
  }

  descriptors(): number[] {
    return [...this.table.keys()].sort((a, b) => a - b)
  }

  /** Makes descriptor `n` refer to `description`; undefined closes it. */
  setDescriptor(n: number, description: FileDescription | undefined): void {
    const old = this.table.get(n)
    if (description) this.table.set(n, description.retain())
    else this.table.delete(n)
    old?.release()
  }

  private descriptor(n: number): Handle {
    const handle = this.fd(n)
    if (!handle) throw systemError('EBADF')
    return handle
  }

  async read(max = 65_536): Promise<Uint8Array> {
    return this.descriptor(0).read(max)
  }

  async write(data: string | Uint8Array): Promise<void> {
    return this.descriptor(1).write(typeof data === 'string' ? bytesOfText(data) : data)
  }

  async writeError(data: string | Uint8Array): Promise<void> {
    return this.descriptor(2).write(typeof data === 'string' ? bytesOfText(data) : data)
  }

  /** A line without its newline; undefined at end of file. */
  async readLine(): Promise<string | undefined> {
    const bytes = await this.descriptor(0).readLine()
    if (bytes.length === 0) return undefined
    const text = Buffer.from(bytes).toString('utf8')
    return text.endsWith('\n') ? text.slice(0, -1) : text
  }
}
