/** Pathname expansion (XCU 2.13.3). */
import type { FileCalls } from '../fs-calls.js'
import { Pattern } from './pattern.js'

/** The existing paths that a pattern matches, sorted; empty when there is none. */
export function globPaths(fs: FileCalls, pattern: string, options: { extended?: boolean; dots?: boolean } = {}): string[] {
  const components = pattern.split('/')
  let bases = ['']
  components.forEach((component, i) => {
    const last = i === components.length - 1
    const p = new Pattern(component, options.extended)
    const next: string[] = []
    for (const base of bases) {
      if (component === '') {
        if (!last || isDirectory(fs, base)) next.push(last ? base : `${base}/`)
        continue
      }
      if (!p.magic) {
        const path = base + p.plain
        if (last ? exists(fs, path) : isDirectory(fs, path)) next.push(last ? path : `${path}/`)
        continue
      }
      for (const name of names(fs, base)) {
        // A leading dot must be matched by itself.
        if (name.startsWith('.') && !component.startsWith('.') && (!options.dots || name === '.' || name === '..')) continue
        if (!p.matches(name)) continue
        if (!last && !isDirectory(fs, base + name)) continue
        next.push(last ? base + name : `${base}${name}/`)
      }
    }
    bases = next
  })
  return bases.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
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
