/**
 * The file system calls of a simulated process. Paths may be relative to the process' working directory. Everything
 * that fails throws {@link SystemError} with a POSIX code (ENOENT, EEXIST, EISDIR, ENOTDIR, EACCES, EROFS, ENOSPC, …).
 * All calls are synchronous: the tree is in memory. Reading and writing through descriptors is `OpenFile`.
 */
import type { OpenFile } from './process.js'

export type FileType = 'file' | 'directory' | 'symlink' | 'device' | 'block' | 'fifo' | 'socket'

export interface Stat {
  type: FileType
  /** Permission bits, such as 0o644. */
  mode: number
  uid: number
  gid: number
  size: number
  /** Room that it takes, in units of 512 bytes. */
  blocks: number
  /** ms since the epoch, cluster time. */
  mtime: number
  inode: number
  links: number
  /** Device numbers of a device. */
  device?: { major: number; minor: number }
}

const TYPE_BITS: Readonly<Record<FileType, number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  device: 0o020000,
  block: 0o060000,
  fifo: 0o010000,
  socket: 0o140000,
}

/** The mode as the kernel tells it (`st_mode`): the type of the file and its permission bits. */
export const rawMode = ({ type, mode }: Pick<Stat, 'type' | 'mode'>): number => TYPE_BITS[type] | mode

export interface FileSystem {
  stat(path: string): Stat
  lstat(path: string): Stat
  exists(path: string): boolean
  readFile(path: string): Uint8Array
  readText(path: string): string
  /** Creates or replaces; `append` adds at the end. `mode` counts only when it is created. */
  writeFile(path: string, data: string | Uint8Array, options?: { append?: boolean; mode?: number }): void
  readdir(path: string): string[]
  mkdir(path: string, options?: { recursive?: boolean; mode?: number }): void
  remove(path: string, options?: { recursive?: boolean }): void
  rename(from: string, to: string): void
  symlink(target: string, path: string): void
  link(existing: string, path: string): void
  readlink(path: string): string
  chmod(path: string, mode: number): void
  chown(path: string, uid: number, gid: number, options?: { link?: boolean }): void
  utimes(path: string, mtime: number, options?: { link?: boolean }): void
  realpath(path: string): string
  /** flags: r, w (truncate), a (append), r+ (read and write), wx (must not exist). */
  open(path: string, flags: 'r' | 'w' | 'a' | 'r+' | 'wx', mode?: number): OpenFile
}
