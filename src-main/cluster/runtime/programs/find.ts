/** find: walks directories and tests what is there. */
import { SystemError, type Program } from '../process.js'
import { command, type Command, type Flavour } from './command.js'
import { FindParser, run, type Entry, type Settings, type Test } from './find-expression.js'

export function find(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.slice(1)
    const settings: Settings = { maxDepth: Infinity, minDepth: 0, depthFirst: false, follow: false, acts: false, batches: [], quit: false }
    while (args[0] === '-H' || args[0] === '-L' || args[0] === '-P') settings.follow = args.shift() === '-L'
    const roots: string[] = []
    while (args.length > 0 && !/^(-.|[!()])/.test(args[0]!)) roots.push(args.shift()!)
    if (roots.length === 0) roots.push('.')
    const parser = new FindParser(c, args, settings)
    const test = parser.parse()
    for (const root of roots) {
      try {
        await walk(c, settings, test, { path: root, stat: settings.follow ? c.fs.stat(root) : c.fs.lstat(root), depth: 0, root })
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.warn(c.busybox ? `${root}: ${error.message}` : `'${root}': ${error.message}`)
      }
      if (settings.quit) break
    }
    for (const batch of settings.batches) if (batch.paths.length > 0 && (await run(c, [...batch.argv, ...batch.paths])) !== 0) c.status = 1
  })
}

async function walk(c: Command, s: Settings, test: Test, e: Entry): Promise<void> {
  const state = { prune: false }
  const visit = async (): Promise<void> => {
    if (e.depth >= s.minDepth && e.depth <= s.maxDepth && (await test(e, state)) && !s.acts) await c.print(`${e.path}\n`)
  }
  if (!s.depthFirst) await visit()
  if (s.quit) return
  if (e.stat.type === 'directory' && !state.prune && e.depth < s.maxDepth) {
    let names: string[] = []
    try {
      names = c.fs.readdir(e.path)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.warn(c.busybox ? `${e.path}: ${error.message}` : `'${e.path}': ${error.message}`)
    }
    for (const name of names) {
      const path = e.path.endsWith('/') ? e.path + name : `${e.path}/${name}`
      try {
        const stat = s.follow && c.fs.exists(path) ? c.fs.stat(path) : c.fs.lstat(path)
        await walk(c, s, test, { path, stat, depth: e.depth + 1, root: e.root })
      } catch (error) {
        if (!(error instanceof SystemError) || error.code !== 'ENOENT') throw error // it went away meanwhile
      }
      if (s.quit) return
    }
  }
  if (s.depthFirst) await visit()
}
