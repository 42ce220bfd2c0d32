/** The calls behind `fs`: the container's file tree with this user's permissions. */
import { rawMode, type Stat } from '../../fs.js'
import { SystemError } from '../../process.js'
import { MOST_BYTES } from './turn-record.js'
import type { HostFunction, Value, WaitingFunction } from './engine.js'
import type { Script } from './script.js'

function statValue(stat: Stat): Value {
  const { type, uid, gid, size, mtime, inode, links } = stat
  const times = { atimeMs: mtime, mtimeMs: mtime, ctimeMs: mtime, birthtimeMs: mtime }
  const blocks = Math.ceil(size / 512)
  return { type, dev: 1, mode: rawMode(stat), nlink: links, uid, gid, rdev: 0, blksize: 4096, ino: inode, size, blocks, ...times }
}

export function fileCalls({ process: { fs }, loop: { task } }: Script): Record<string, HostFunction> {
  return {
    readFile: (path: string) => fs.readFile(path),
    writeFile: (path: string, data: Uint8Array, append: boolean) => fs.writeFile(path, data, { append }),
    exists: (path: string) => fs.exists(path),
    fileType: (path: string) => (fs.exists(path) ? fs.stat(path).type : undefined),
    stat: (path: string, follow: boolean) => statValue(follow ? fs.stat(path) : fs.lstat(path)),
    readdir: (path: string) => fs.readdir(path),
    mkdir: (path: string, recursive: boolean) => fs.mkdir(path, { recursive }),
    remove: (path: string, recursive: boolean) => fs.remove(path, { recursive }),
    rename: (from: string, to: string) => fs.rename(from, to),
    symlink: (path: string, target: string) => fs.symlink(target, path),
    readlink: (path: string) => fs.readlink(path),
    realpath: (path: string) => fs.realpath(path),
    chmod: (path: string, mode: number) => fs.chmod(path, mode),
    cwd: () => task.cwd,
    chdir: (path: string) => {
      fs.readdir(path)
      task.cwd = fs.realpath(path)
    },
  }
}

/** Reads that wait for what somebody else writes. */
export function waitingFileCalls({ loop: { task } }: Script): Record<string, WaitingFunction> {
  return {
    readStandardInput: async () => {
      const parts: Uint8Array[] = []
      for (let size = 0; ;) {
        const part = (await task.fd(0)?.read(65_536)) ?? new Uint8Array()
        if (part.length === 0) return new Uint8Array(Buffer.concat(parts))
        size += part.length
        if (size > MOST_BYTES) throw new SystemError('ENOMEM', 'Cannot allocate memory')
        parts.push(part)
      }
    },
  }
}
