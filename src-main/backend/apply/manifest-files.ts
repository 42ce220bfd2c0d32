/** Files that manifests are read from: a folder of this machine, or what a window handed over. Paths are with `/`, relative to the top. */
import fs from 'node:fs'
import path from 'node:path'
import { BackendError, problem } from '../errors.js'

/** A tree of files, read only. */
export interface ManifestFiles {
  /** All files, sorted, each relative to the top. */
  readonly names: readonly string[]
  /** The bytes of one; undefined when there is none of that name. */
  read(name: string): Uint8Array | undefined
}

/** What a folder of manifests may hold: more is a mistake (a home directory, a checkout with its dependencies). */
const MAX_FILES = 5_000
const MAX_BYTES = 32 * 1024 * 1024
const notManifests = new Set(['node_modules', '.git', '.terraform'])

/** The text of a file; undefined when there is none of that name. */
export function textOf(files: ManifestFiles, name: string): string | undefined {
  const bytes = files.read(name)
  return (
    bytes &&
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
  )
}

/** Files that a window read itself. */
export function givenFiles(files: readonly { path: string; bytes: Uint8Array }[]): ManifestFiles {
  const byName = new Map(files.map((f) => [path.posix.normalize(f.path.replaceAll('\\', '/')).replace(/^\/+/, ''), f.bytes]))
  return { names: [...byName.keys()].sort(), read: (name) => byName.get(name) }
}

/** One or several files and folders of this machine, named from the folder that holds the first of them. */
export function filesOnDisk(paths: readonly string[]): { files: ManifestFiles; top: string; picked: string[] } {
  const absolute = paths.map((p) => path.resolve(p))
  const first = absolute[0]
  if (first === undefined) throw problem('Invalid', 'noFile')
  const top = path.dirname(first)
  const names: string[] = []
  let bytes = 0
  const walk = (file: string): void => {
    let stat: fs.Stats
    try {
      stat = fs.statSync(file)
    } catch {
      throw new BackendError({ reason: 'NotFound', message: `the path "${file}" does not exist` })
    }
    if (stat.isDirectory()) {
      for (const name of fs.readdirSync(file).sort()) if (!notManifests.has(name)) walk(path.join(file, name))
      return
    }
    if (!stat.isFile()) return
    bytes += stat.size
    if (names.length >= MAX_FILES || bytes > MAX_BYTES)
      throw problem('TooLarge', 'tooManyFiles', { path: first, files: MAX_FILES, size: MAX_BYTES / 1024 / 1024 })
    names.push(relative(top, file))
  }
  for (const file of absolute) walk(file)
  return {
    top,
    picked: absolute.map((p) => relative(top, p)),
    files: {
      names,
      // A base may lie beside what was picked: any path is read, as kubectl on this machine would.
      read: (name) => {
        try {
          return fs.readFileSync(path.join(top, name))
        } catch {
          return undefined
        }
      },
    },
  }
}

const relative = (top: string, file: string): string => path.relative(top, file).split(path.sep).join('/')
