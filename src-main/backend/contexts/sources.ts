/** Where contexts come from besides what kubectl reads: files and folders that a person added, and pasted text. */
import fs from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { withHome } from '../../directories.js'
import { problem } from '../errors.js'

const LARGEST = 1024 * 1024

/** What is at a path; nothing where it cannot be looked at either. */
function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file)
  } catch {
    return undefined
  }
}

/** The files of a folder that may be kubeconfigs: not hidden, at most 1 MiB, not in folders below. None where it cannot be read. */
export function filesOf(source: string): string[] {
  if (!statOf(source)?.isDirectory()) return [source]
  let names: string[]
  try {
    names = fs.readdirSync(source)
  } catch {
    return []
  }
  return names
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => path.join(source, name))
    .filter((file) => {
      const s = statOf(file)
      return s?.isFile() === true && s.size <= LARGEST
    })
}

/** The absolute path of a file or folder that a person named; `~` is their home. Throws when it is not there. */
export function addedPath(given: string): string {
  const file = path.resolve(withHome(given))
  if (!fs.existsSync(file)) throw problem('NotFound', 'pathMissing', { path: file })
  return file
}

/** The folder of pasted kubeconfigs. */
export const pastedFolder = (data: string): string => path.join(data, 'kubeconfigs')

/** The files of pasted kubeconfigs. */
export function pastedFiles(data: string): string[] {
  const folder = pastedFolder(data)
  return fs.existsSync(folder) ? filesOf(folder) : []
}

/** Writes pasted text to a file of its own, for this user's eyes only. Throws when it is not a kubeconfig. */
export function keepPasted(data: string, name: string, text: string): string {
  let config: { contexts?: unknown } | null
  try {
    config = parse(text) as typeof config
  } catch (error) {
    throw problem('Invalid', 'textNoYaml', { words: (error as Error).message.split('\n')[0]! })
  }
  if (!Array.isArray(config?.contexts) || config.contexts.length === 0) throw problem('Invalid', 'textNoKubeconfig')
  const folder = pastedFolder(data)
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const base =
    name
      .trim()
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[.-]+/, '') || 'pasted'
  let file = path.join(folder, `${base}.yaml`)
  for (let i = 2; fs.existsSync(file); i++) file = path.join(folder, `${base}-${i}.yaml`)
  fs.writeFileSync(file, text, { mode: 0o600 })
  return file
}
