/** lsof and fuser: which processes have which files open. */
import { SystemError, type Program, type Signal } from '../process.js'
import { parseSignal } from '../signals.js'
import { command, type Command, type Flavour } from './command.js'

export function lsof(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    await c.options({ short: 'nPp:i', usage: '\n\nShow all open files' })
    for (const { pid } of visible(c)) {
      const program = resolveLink(c, `/proc/${pid}/exe`) ?? ''
      for (const fd of descriptorsOf(c, pid)) {
        const target = resolveLink(c, `/proc/${pid}/fd/${fd}`)
        if (target !== undefined) await c.print(`${pid}\t${program}\t${fd}\t${target}\n`)
      }
    }
  })
}

/** Where a link of /proc leads, for those who may look. */
function resolveLink(c: Command, path: string): string | undefined {
  try {
    return c.fs.readlink(path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return undefined
  }
}

function visible(c: Command): { pid: number }[] {
  return c.task.namespaces.pids.list().filter((task) => !task.ended)
}

function descriptorsOf(c: Command, pid: number): string[] {
  return c.fs.access(`/proc/${pid}/fd`, 4) ? c.fs.readdir(`/proc/${pid}/fd`).sort((a, b) => Number(a) - Number(b)) : []
}

export function fuser(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: 'msk46vn:', usage: '[-msk46] [-SIGNAL] FILE or PORT/PROTO' }
    const named = c.task.argv.find((arg, i) => i > 0 && /^-[A-Z]{2,}$/.test(arg))
    const o = await c.options(
      spec,
      c.task.argv.filter((arg) => arg !== named),
    )
    if (o.operands.length === 0) throw c.usageError(spec)
    const signal: Signal = (named && parseSignal(named.slice(1))) || 'KILL'
    const found = new Set<number>()
    for (const file of o.operands) {
      if (/^\d+\/(tcp|udp)$/.test(file) || !c.fs.exists(file)) continue
      const path = c.fs.realpath(file)
      const inside = (target: string | undefined): boolean => target === path || (o.has('m') && (target ?? '').startsWith(path))
      for (const { pid } of visible(c)) {
        const links = [...descriptorsOf(c, pid).map((fd) => `/proc/${pid}/fd/${fd}`), `/proc/${pid}/exe`, `/proc/${pid}/cwd`]
        if (pid !== c.task.pid && links.some((link) => inside(resolveLink(c, link)))) found.add(pid)
      }
    }
    if (found.size === 0) return 1
    if (o.has('k')) for (const pid of found) c.task.kill(pid, signal)
    else if (!o.has('s')) await c.print(`${[...found].join(' ')}\n`)
    return 0
  })
}
