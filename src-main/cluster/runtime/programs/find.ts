/** find: walks directories and tests what is there. */
import { SystemError, type Program } from '../process.js'
import { command, type Command, type Flavour } from './command.js'
import { FindParser, run, type Entry, type Settings, type Test } from './find-expression.js'

export function find(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.slice(1)
    const settings: Settings = {
      maxDepth: Infinity,
      minDepth: 0,
      depthFirst: false,
      follow: false,
      acts: false,
      batches: [],
      quit: false,
      sameMount: false,
      warnings: [],
    }
    let followRoots = false
    for (; /^-([HLP]|O\d)$/.test(args[0] ?? '') && !(c.busybox && /^-[PO]/.test(args[0]!)); args.shift()) {
      if (args[0]!.startsWith('-O')) continue
      settings.follow = args[0] === '-L'
      followRoots = args[0] === '-H'
    }
    if (c.busybox && args.includes('--help')) throw c.usageError({ short: '', usage: '' })
    const roots: string[] = []
    while (args.length > 0 && !/^(-.|[!()])/.test(args[0]!)) roots.push(args.shift()!)
    if (roots.length === 0) roots.push('.')
    const parser = new FindParser(c, args, settings)
    const test = parser.parse()
    for (const warning of settings.warnings) await c.task.writeError(`find: warning: ${warning}\n`)
    for (const root of roots) {
      try {
        await walk(c, settings, test, {
          path: root,
          stat: (settings.follow || followRoots) && c.fs.exists(root) ? c.fs.stat(root) : c.fs.lstat(root),
          depth: 0,
          root,
        })
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
  const elsewhere = s.sameMount && e.depth > 0 && c.fs.mountOf(e.path) !== c.fs.mountOf(e.root)
  if (e.stat.type === 'directory' && !state.prune && e.depth < s.maxDepth && !elsewhere) {
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
