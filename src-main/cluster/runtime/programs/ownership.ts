/** chmod, chown and chgrp. */
import { isErrorCode } from '../errors.js'
import type { Stat } from '../fs.js'
import { SystemError, type Program } from '../process.js'
import { groups, nameTable, users } from './accounts.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { applyMode, modeText } from './modes.js'
import { failed, join } from './copy.js'

/** Runs `change` on each operand, and below it with -R. */
async function eachFile(
  c: Command,
  paths: readonly string[],
  { recursive, quiet }: { recursive: boolean; quiet: boolean },
  change: (path: string) => Promise<void> | void,
): Promise<void> {
  for (const path of paths) {
    try {
      await change(path)
      if (recursive && c.fs.lstat(path).type === 'directory')
        await eachFile(
          c,
          c.fs.readdir(path).map((n) => join(path, n)),
          { recursive, quiet },
          change,
        )
    } catch (error) {
      if (quiet) {
        c.status = 1
        continue
      }
      const missing = isErrorCode(error, 'ENOENT')
      const verb =
        c.name === 'chmod'
          ? 'changing permissions of'
          : c.name === 'chgrp' || (c.task.argv[1] ?? '').startsWith(':')
            ? 'changing group of'
            : 'changing ownership of'
      await failed(c, error, path, missing ? `cannot access '${path}'` : `${verb} '${path}'`)
    }
  }
}

/** The mode of another file, as with `--reference`. Throws Fail when it is not there. */
function modeOf(c: Command, path: string): string {
  return (referred(c, path).mode & 0o7777).toString(8)
}

function referred(c: Command, path: string): Stat {
  try {
    return c.fs.stat(path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(`${c.name}: failed to get attributes of '${path}': ${error.message}`)
  }
}

export function chmod(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'RvcfrwxXst',
      long: {
        recursive: 'R',
        verbose: 'v',
        changes: 'c',
        silent: 'f',
        quiet: 'f',
        'reference=': 'reference',
        'preserve-root': 'P',
        'no-preserve-root': 'P',
      },
      usage: '[-Rcvf] MODE[,MODE]... FILE...\n\nMODE is octal number (bit pattern sstrwxrwxrwx) or [ugoa]{+|-|=}[rwxXst]',
    }
    // A mode may look like an option: `chmod -w file`.
    const argv = c.task.argv.map((a) => (/^-[rwxXstugo]+([-+=,]|$)/.test(a) ? `a${a}` : a))
    const o = await c.options(spec, argv)
    const like = o.get('reference')
    const [mode, ...files] = like === undefined ? o.operands : [modeOf(c, like), ...o.operands]
    if (mode === undefined || files.length === 0)
      throw c.usageError(spec, c.busybox ? undefined : mode === undefined ? 'missing operand' : `missing operand after '${mode}'`)
    if (applyMode(mode, 0, false, c.task.umask) === undefined)
      throw new Fail(
        c.busybox ? `chmod: invalid mode '${mode}'` : `chmod: invalid mode: '${mode}'\nTry 'chmod --help' for more information.`,
      )
    await eachFile(c, files, { recursive: o.has('R'), quiet: o.has('f') }, (path) => {
      if (c.fs.lstat(path).type === 'symlink' && o.has('R')) return
      const stat = c.fs.stat(path)
      const asked = applyMode(mode, stat.mode, stat.type === 'directory', c.task.umask)!
      // GNU's chmod leaves the set-ID bits of a directory to those who name them, or write five digits.
      const changed = !c.busybox && stat.type === 'directory' && /^[0-7]{1,4}$/.test(mode) ? asked | (stat.mode & 0o6000) : asked
      c.fs.chmod(path, changed)
      if (!(o.has('v') || (o.has('c') && changed !== stat.mode))) return
      const shown = (m: number): string => `${m.toString(8).padStart(4, '0')} (${modeText({ type: 'file', mode: m }).slice(1)})`
      if (c.busybox) return c.print(`mode of '${path}' changed to ${shown(changed)}\n`)
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
      long: {
        recursive: 'R',
        'no-dereference': 'h',
        dereference: 'dereference',
        verbose: 'v',
        changes: 'c',
        silent: 'f',
        quiet: 'f',
        'reference=': 'reference',
        'from=': 'from',
        'preserve-root': 'P',
        'no-preserve-root': 'P',
      },
      usage: groupOnly
        ? '[-RhLHPcvf]... GROUP FILE...\n\nChange the group membership of FILEs to GROUP'
        : '[-Rh]... USER[:[GRP]] FILE...\n\nChange the owner and/or group of FILEs to USER and/or GRP',
    }
    const o = await c.options(spec)
    const like = o.get('reference')
    const [who, ...files] = like === undefined ? o.operands : [ownerOf(c, like, groupOnly), ...o.operands]
    if (who === undefined || files.length === 0)
      throw c.usageError(spec, c.busybox ? undefined : `missing operand${who === undefined ? '' : ` after '${who}'`}`)
    const dotted = !groupOnly && !who.includes(':') && who.includes('.')
    if (dotted && !c.busybox) await c.task.writeError(`${c.name}: warning: '.' should be ':': '${who}'\n`)
    const [user, group] = groupOnly ? ['', who] : who.split(/[:.]/)
    const uid = user ? resolve(c, users(c.fs), user, 'user', who) : undefined
    const gid = group
      ? resolve(c, groups(c.fs), group, 'group', who)
      : group === '' && user
        ? users(c.fs).find((u) => u.name === user)?.gid
        : undefined
    const from = o.has('from') ? ownersOf(c, o.get('from')!) : undefined
    await eachFile(c, files, { recursive: o.has('R'), quiet: o.has('f') }, (path) => {
      const own = c.fs.lstat(path)
      // Below a directory links are left alone; of those that are named, what they lead to is changed.
      const link = own.type === 'symlink' && (o.has('h') || (o.has('R') && !o.has('L')))
      const stat = link ? own : c.fs.stat(path)
      if (from && ((from.uid !== undefined && from.uid !== stat.uid) || (from.gid !== undefined && from.gid !== stat.gid))) return
      const changed = { uid: uid ?? stat.uid, gid: gid ?? stat.gid }
      c.fs.chown(path, changed.uid, changed.gid, { link })
      const same = changed.uid === stat.uid && changed.gid === stat.gid
      if (!(o.has('v') || (o.has('c') && !same))) return
      if (c.busybox) return c.print(`changed ownership of '${path}' to ${changed.uid}:${changed.gid}\n`)
      const what = groupOnly ? 'group' : 'ownership'
      const shown = (each: { uid: number; gid: number }): string => ownerText(c, each, groupOnly || user === '', group === undefined)
      return c.print(
        same
          ? `${what} of '${path}' retained as ${shown(stat)}\n`
          : `changed ${what} of '${path}' from ${shown(stat)} to ${shown(changed)}\n`,
      )
    })
  })
}

/** `root:root`, or the half of it that was named. */
function ownerText(c: Command, of: { uid: number; gid: number }, groupOnly: boolean, userOnly: boolean): string {
  const names = nameTable(c.fs)
  if (groupOnly) return names.group(of.gid)
  return userOnly ? names.user(of.uid) : `${names.user(of.uid)}:${names.group(of.gid)}`
}

/** `USER:GROUP` of --from, either of which may be left out. Throws Fail. */
function ownersOf(c: Command, text: string): { uid?: number; gid?: number } {
  const [user, group] = text.split(':')
  return {
    ...(user ? { uid: resolve(c, users(c.fs), user, 'user', text) } : {}),
    ...(group ? { gid: resolve(c, groups(c.fs), group, 'group', text) } : {}),
  }
}

function ownerOf(c: Command, path: string, groupOnly: boolean): string {
  const { uid, gid } = referred(c, path)
  return groupOnly ? String(gid) : `${uid}:${gid}`
}

function resolve(c: Command, table: { name: string; id: number }[], text: string, what: string, all: string): number {
  const found = table.find((a) => a.name === text)
  if (found) return found.id
  if (/^\d+$/.test(text)) return Number(text)
  throw new Fail(c.busybox ? `${c.name}: unknown ${what} ${text}` : `${c.name}: invalid ${what}: '${all}'`)
}
