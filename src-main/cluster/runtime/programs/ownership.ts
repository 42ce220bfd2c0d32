/** chmod, chown and chgrp. */
import { isErrorCode } from '../errors.js'
import type { Program } from '../process.js'
import { groups, users } from './accounts.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { applyMode, modeText } from './modes.js'
import { failed, join } from './copy.js'

/** Runs `change` on each operand, and below it with -R. */
async function eachFile(
  c: Command,
  paths: readonly string[],
  recursive: boolean,
  change: (path: string) => Promise<void> | void,
): Promise<void> {
  for (const path of paths) {
    try {
      await change(path)
      if (recursive && c.fs.lstat(path).type === 'directory')
        await eachFile(
          c,
          c.fs.readdir(path).map((n) => join(path, n)),
          true,
          change,
        )
    } catch (error) {
      const missing = isErrorCode(error, 'ENOENT')
      const verb = c.name === 'chmod' ? 'changing permissions of' : c.name === 'chgrp' ? 'changing group of' : 'changing ownership of'
      await failed(c, error, path, missing ? `cannot access '${path}'` : `${verb} '${path}'`)
    }
  }
}

export function chmod(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'RvcfrwxXst',
      long: { recursive: 'R', verbose: 'v', changes: 'c', silent: 'f', quiet: 'f' },
      usage: '[-Rcvf] MODE[,MODE]... FILE...\n\nMODE is octal number (bit pattern sstrwxrwxrwx) or [ugoa]{+|-|=}[rwxXst]',
    }
    // A mode may look like an option: `chmod -w file`.
    const argv = c.task.argv.map((a) => (/^-[rwxXst]+(,|$)/.test(a) ? `a${a}` : a))
    const o = await c.options(spec, argv)
    const [mode, ...files] = o.operands
    if (mode === undefined || files.length === 0)
      throw c.usageError(spec, c.busybox ? undefined : mode === undefined ? 'missing operand' : `missing operand after '${mode}'`)
    if (applyMode(mode, 0, false, c.task.umask) === undefined)
      throw new Fail(
        c.busybox ? `chmod: invalid mode '${mode}'` : `chmod: invalid mode: '${mode}'\nTry 'chmod --help' for more information.`,
      )
    await eachFile(c, files, o.has('R'), (path) => {
      if (c.fs.lstat(path).type === 'symlink' && o.has('R')) return
      const stat = c.fs.stat(path)
      const changed = applyMode(mode, stat.mode, stat.type === 'directory', c.task.umask)!
      c.fs.chmod(path, changed)
      if (c.busybox || !(o.has('v') || (o.has('c') && changed !== stat.mode))) return
      const shown = (m: number): string => `${m.toString(8).padStart(4, '0')} (${modeText({ type: 'file', mode: m }).slice(1)})`
      return c.print(
        changed === stat.mode
          ? `mode of '${path}' retained as ${shown(changed)}\n`
          : `mode of '${path}' changed from ${shown(stat.mode)} to ${shown(changed)}\n`,
      )
    })
  })
}

export function chown(flavour: Flavour, groupOnly = false): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'RhLHPcvf',
      long: { recursive: 'R', 'no-dereference': 'h' },
      usage: groupOnly
        ? '[-RhLHPcvf]... GROUP FILE...\n\nChange the group membership of FILEs to GROUP'
        : '[-Rh]... USER[:[GRP]] FILE...\n\nChange the owner and/or group of FILEs to USER and/or GRP',
    }
    const o = await c.options(spec)
    const [who, ...files] = o.operands
    if (who === undefined || files.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    const [user, group] = groupOnly ? ['', who] : who.split(/[:.]/)
    const uid = user ? resolve(c, users(c.fs), user, 'user') : undefined
    const gid = group
      ? resolve(c, groups(c.fs), group, 'group')
      : group === '' && user
        ? users(c.fs).find((u) => u.name === user)?.gid
        : undefined
    await eachFile(c, files, o.has('R'), (path) => {
      const stat = c.fs.lstat(path)
      if (stat.type === 'symlink' && o.has('h')) return
      c.fs.chown(path, uid ?? stat.uid, gid ?? stat.gid)
    })
  })
}

function resolve(c: Command, table: { name: string; id: number }[], text: string, what: string): number {
  const found = table.find((a) => a.name === text)
  if (found) return found.id
  if (/^\d+$/.test(text)) return Number(text)
  throw new Fail(c.busybox ? `${c.name}: unknown ${what} ${text}` : `${c.name}: invalid ${what}: '${text}'`)
}
