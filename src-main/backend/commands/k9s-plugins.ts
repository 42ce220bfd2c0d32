/** Plugins of k9s as commands of a person's own: `plugins.yaml`, and folders of such files. https://k9scli.io/topics/plugins/ */
import path from 'node:path'
import { withHome } from '../../directories.js'
import { isMap } from '../apply/fields.js'
import { filesOnDisk, givenFiles, textOf } from '../apply/manifest-files.js'
import { yamlValues } from '../apply/yaml.js'
import { problem, toRpcError } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { FoundCommands, ManifestSource, OwnCommand } from '../rpc/contract.js'
import { said } from '../sentences.js'
import { commandProblems } from './check.js'

/** `Shift-L` → `L`, `Ctrl-Shift-X` → `ctrl+shift+x`; undefined for what is no key of a keyboard that all have in common. */
export function keyOf(shortCut: string): string | undefined {
  const parts = shortCut.trim().split('-')
  const key = parts.pop() ?? ''
  const held = parts.map((p) => p.toLowerCase())
  if (held.some((h) => !['ctrl', 'alt', 'shift'].includes(h))) return undefined
  const shift = held.includes('shift')
  const other = ['ctrl', 'alt'].filter((h) => held.includes(h))
  if (/^F([1-9]|1[0-2])$/i.test(key)) return [...other, ...(shift ? ['shift'] : []), key.toUpperCase()].join('+')
  if (/^[a-z]$/i.test(key))
    return other.length
      ? [...other, ...(shift ? ['shift'] : []), key.toLowerCase()].join('+')
      : shift
        ? key.toUpperCase()
        : key.toLowerCase()
  // What Shift makes of a digit depends on the keyboard.
  return /^\d$/.test(key) && other.length ? [...other, ...(shift ? ['shift'] : []), key].join('+') : undefined
}

type Tell = (field: string, found: FoundCommands['problems'][number]['problem']) => void

const wrong = (field: string, code: 'commandNoList' | 'commandNoText' | 'commandNoBoolean' | 'commandNoMap') =>
  said('Invalid', code, { field })

/** The words of a field that is a list of them; numbers are words too. */
function words(plugin: Json, field: string, tell: Tell): string[] | undefined {
  const value: unknown = plugin[field] ?? []
  if (Array.isArray(value) && value.every((w) => ['string', 'number', 'boolean'].includes(typeof w))) return value.map(String)
  tell(field, wrong(field, 'commandNoList'))
  return undefined
}

/** One plugin as a command; undefined where it cannot be one, which is told. */
function commandOf(name: string, plugin: Json, tell: Tell): OwnCommand | undefined {
  if (!isMap(plugin)) return void tell('', wrong(name, 'commandNoMap'))
  const read = plugin as Json
  const scopes = words(read, 'scopes', tell)
  const args = words(read, 'args', tell)
  const pipes = words(read, 'pipes', tell)
  if (!scopes || !args || !pipes) return undefined
  for (const field of ['command', 'description', 'shortCut'])
    if (read[field] !== undefined && typeof read[field] !== 'string') return void tell(field, wrong(field, 'commandNoText'))
  for (const field of ['confirm', 'background', 'dangerous'])
    if (read[field] !== undefined && typeof read[field] !== 'boolean') return void tell(field, wrong(field, 'commandNoBoolean'))
  if (read.inputs !== undefined) return void tell('inputs', said('Invalid', 'commandInputs'))
  const shortcut = read.shortCut ? keyOf(read.shortCut as string) : undefined
  if (read.shortCut && !shortcut) tell('shortCut', said('Invalid', 'commandKey', { key: read.shortCut as string }))
  const program = (read.command ?? '') as string
  return {
    name,
    ...(read.description ? { description: read.description as string } : {}),
    scopes,
    ...(shortcut ? { shortcut } : {}),
    // A pipe is a shell's: the command goes to it as arguments, which it does not read.
    ...(pipes.length ? { command: 'sh', args: ['-c', `"$0" "$@" | ${pipes.join(' | ')}`, program, ...args] } : { command: program, args }),
    ...(read.confirm ? { confirm: true } : {}),
    ...(read.dangerous ? { dangerous: true } : {}),
    ...(read.background ? { background: true } : {}),
    untried: true,
  }
}

/** The plugins of a file by name: under `plugins`, as a map, or one that is named as the file is. */
function pluginsIn(file: string, value: Json): [string, Json][] {
  if (!isMap(value)) throw problem('Invalid', 'commandNoPlugins')
  const top = value as Json
  if ('plugins' in top) {
    if (!isMap(top.plugins)) throw problem('Invalid', 'commandNoMap', { field: 'plugins' })
    return Object.entries(top.plugins as object)
  }
  if ('command' in top || 'scopes' in top) return [[path.posix.basename(file).replace(/\.ya?ml$/i, ''), top]]
  const plugins = Object.entries(top).filter(([, plugin]) => isMap(plugin) && 'command' in (plugin as object))
  if (plugins.length === 0) throw problem('Invalid', 'commandNoPlugins')
  return plugins
}

/** Reads files and folders. Each command that is found can be used; what is wrong with others is told, with the field and what mends it. */
export function readPlugins(source: ManifestSource): FoundCommands {
  const files = 'paths' in source ? filesOnDisk(source.paths.map(withHome)).files : givenFiles(source.files)
  const all: FoundCommands = { commands: [], problems: [] }
  const names = files.names.filter((name) => /\.ya?ml$/i.test(name))
  if (names.length === 0) throw problem('Invalid', 'commandNoFile')
  for (const file of names) {
    try {
      for (const value of yamlValues(textOf(files, file) ?? '', 'kubectl'))
        for (const [name, plugin] of pluginsIn(file, value)) {
          const tell: Tell = (field, why) => void all.problems.push({ file, name, ...(field ? { field } : {}), problem: why })
          const command = commandOf(name, plugin, tell)
          const found = command ? commandProblems(command) : []
          for (const { field, problem: why } of found) tell(field, why)
          if (command && found.length === 0) all.commands.push(command)
        }
    } catch (error) {
      all.problems.push({ file, problem: toRpcError(error) })
    }
  }
  return all
}
