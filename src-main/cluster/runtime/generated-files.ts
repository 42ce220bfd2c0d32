/** Directories whose files are made when somebody reads them: settings and counters of the kernel. */
import { FileNode, VirtualDirectory, type Inode, type Tree } from './tree.js'

/** What each file says, by its path in the directory. */
export type Values = ReadonlyMap<string, () => string>

/**
 * A directory of small files, and of directories where paths have several parts. It is laid out when somebody looks:
 * hardly a container ever does. `write` takes what is written to one of them. `tree` owns its inodes; `now` is cluster time, ms.
 */
export function generatedDirectory(
  tree: Tree,
  now: number,
  values: () => Values,
  options: { separator: '.' | '/'; mode: number; write?(path: string, text: string): void },
  prefix = '',
): VirtualDirectory {
  let made: Map<string, Inode> | undefined
  const entries = (): Map<string, Inode> => (made ??= entriesOf(tree, now, values, options, prefix))
  return new VirtualDirectory(
    tree.inode(),
    now,
    (name) => entries().get(name),
    () => [...entries().keys()],
  )
}

function entriesOf(
  tree: Tree,
  now: number,
  values: () => Values,
  options: Parameters<typeof generatedDirectory>[3],
  prefix: string,
): Map<string, Inode> {
  const { separator, mode, write } = options
  const entries = new Map<string, Inode>()
  for (const [name, value] of values()) {
    if (!name.startsWith(prefix)) continue
    const [first, ...rest] = name.slice(prefix.length).split(separator) as [string, ...string[]]
    if (rest.length > 0) {
      if (!entries.has(first)) entries.set(first, generatedDirectory(tree, now, values, options, `${prefix}${first}${separator}`))
      continue
    }
    const file = new FileNode(tree.inode(), mode, 0, 0, now)
    file.generate = () => `${value()}\n`
    if (write) file.accept = (text) => write(name, text)
    entries.set(first, file)
  }
  return entries
}
