/** Pathname expansion (XCU 2.13.3). */
import type { FileCalls } from '../fs-calls.js'
import { Pattern } from './pattern.js'

export interface GlobOptions {
  /** bash's groups. */
  extended?: boolean
  /** Names that begin with a dot, too. */
  dots?: boolean
  /** `**` stands for any number of directories. */
  recursive?: boolean
  anyCase?: boolean
  /** No pattern stands for `.` and `..` (bash's globskipdots). */
  skipDots?: boolean
}

/** The existing paths that a pattern matches, sorted; empty when there is none. */
export function globPaths(fs: FileCalls, pattern: string, options: GlobOptions = {}): string[] {
  const components = pattern.split('/')
  let bases = ['']
  components.forEach((component, i) => {
    const last = i === components.length - 1
    const fold = (text: string): string => (options.anyCase ? text.toLowerCase() : text)
    const p = new Pattern(fold(component), options.extended)
    const next: string[] = []
    for (const base of bases) {
      if (component === '') {
        if (!last || isDirectory(fs, base)) next.push(last ? base : `${base}/`)
        continue
      }
      if (component === '**' && options.recursive) {
        if (!last || base !== '') next.push(base)
        next.push(...below(fs, base, !last, options.dots ?? false))
        continue
      }
      if (!p.magic && !options.anyCase) {
        const path = base + p.plain
        if (last ? exists(fs, path) : isDirectory(fs, path)) next.push(last ? path : `${path}/`)
        continue
      }
      for (const name of names(fs, base)) {
        // A leading dot must be matched by itself.
        if (name.startsWith('.') && !component.startsWith('.') && (!options.dots || name === '.' || name === '..')) continue
        if (options.skipDots && (name === '.' || name === '..')) continue
        if (!p.matches(fold(name))) continue
        if (!last && !isDirectory(fs, base + name)) continue
        next.push(last ? base + name : `${base}${name}/`)
      }
    }
    bases = next
  })
  return bases.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** Everything below a directory, without following links; directories end with a slash when only they are wanted. */
function below(fs: FileCalls, base: string, directoriesOnly: boolean, dots: boolean): string[] {
  const found: string[] = []
  for (const name of names(fs, base)) {
    if (name === '.' || name === '..' || (name.startsWith('.') && !dots)) continue
    const path = base + name
    const directory = fs.lstat(path).type === 'directory'
    if (!directoriesOnly) found.push(path)
    else if (directory) found.push(`${path}/`)
    if (directory) found.push(...below(fs, `${path}/`, directoriesOnly, dots))
  }
  return found
}

function names(fs: FileCalls, directory: string): string[] {
  try {
    return ['.', '..', ...fs.readdir(directory || '.')]
  } catch {
    return [] // a directory that cannot be read matches nothing
  }
}

function isDirectory(fs: FileCalls, path: string): boolean {
  try {
    return fs.stat(path || '.').type === 'directory'
  } catch {
    return false
  }
}

function exists(fs: FileCalls, path: string): boolean {
  try {
    fs.lstat(path)
    return true
  } catch {
    return false
  }
}
