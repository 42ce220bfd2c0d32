/** Descriptions of what lies in a file tree: regular files, directories, generated texts, FIFOs. */
import { systemError } from './errors.js'
import { FileDescription } from './open-file.js'
import { PipeReader, PipeWriter } from './pipe.js'
import type { FifoNode, FileNode, Tree } from './tree.js'

/** A regular file with its position, which all processes that inherited the description share. */
export class RegularFile extends FileDescription {
  readonly kind = 'file'
  position = 0

  constructor(
    readonly node: FileNode,
    private readonly tree: Tree,
    private readonly path: string,
    private readonly how: { read: boolean; write: boolean; append: boolean },
  ) {
    super()
  }

  async read(max: number): Promise<Uint8Array> {
    if (!this.how.read) throw systemError('EBADF')
    const data = this.node.data.slice(this.position, Math.min(this.node.size, this.position + max))
    this.position += data.length
    return data
  }

  override async readLine(): Promise<Uint8Array> {
    if (!this.how.read) throw systemError('EBADF')
    const newline = this.node.content.indexOf(10, this.position)
    const end = newline < 0 ? this.node.size : newline + 1
    const data = this.node.data.slice(this.position, end)
    this.position = Math.max(this.position, end)
    return data
  }

  async write(data: Uint8Array): Promise<void> {
    if (!this.how.write) throw systemError('EBADF')
    if (this.how.append) this.position = this.node.size
    this.tree.write(this.node, data, this.position)
    this.position += data.length
  }

  override describe(): string {
    return this.path
  }
}

/** An open directory: it cannot be read as bytes. */
export class DirectoryFile extends FileDescription {
  readonly kind = 'directory'

  read(): Promise<Uint8Array> {
    return Promise.reject(systemError('EISDIR'))
  }

  write(): Promise<void> {
    return Promise.reject(systemError('EBADF'))
  }
}

/** A text that was made when it was opened: a here-document, a file of /proc. */
export class VirtualText extends FileDescription {
  readonly kind = 'file'
  private readonly data: Uint8Array
  private position = 0

  constructor(
    text: string,
    private readonly accept?: (text: string) => void,
  ) {
    super()
    this.data = Buffer.from(text)
  }

  async read(max: number): Promise<Uint8Array> {
    const part = this.data.slice(this.position, this.position + max)
    this.position += part.length
    return part
  }

  override async readLine(): Promise<Uint8Array> {
    const newline = this.data.indexOf(10, this.position)
    return this.read(newline < 0 ? this.data.length : newline + 1 - this.position)
  }

  async write(data: Uint8Array): Promise<void> {
    if (!this.accept) throw systemError('EACCES')
    this.accept(Buffer.from(data).toString('utf8'))
  }
}

/** One end of a FIFO; its pipe lives as long as anybody has it open. */
export function fifoEnd(node: FifoNode, how: { read: boolean; write: boolean }): FileDescription {
  return how.write ? new PipeWriter(node.pipe, 'fifo') : new PipeReader(node.pipe, 'fifo')
}
