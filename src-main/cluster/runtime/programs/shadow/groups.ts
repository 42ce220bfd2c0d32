/** groupadd, groupmod, groupdel, gpasswd: the lines of /etc/group as Debian's shadow changes them. */
import type { Program } from '../../process.js'
import { appendLine, changeLine, linesOf } from '../account-files.js'
import { groups, users } from '../accounts.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { GROUP, groupNamed, GSHADOW, isName, mustOwn, nextId, PASSWD, shadowOptions, usageOf, userNamed } from './common.js'

/** Puts users into a group or takes them out. */
export function changeMembers(c: Command, group: string, edit: (members: string[]) => string[]): void {
  const at = (i: number) => (fields: string[]): string[] => {
    const members = edit((fields[i] ?? '').split(',').filter(Boolean))
    return [...fields.slice(0, i), [...new Set(members)].join(',')]
  } // prettier-ignore
  changeLine(c, GROUP, group, at(3))
  changeLine(c, GSHADOW, group, at(3))
}

/** Adds a group without asking whether it may be. */
export function addGroup(c: Command, name: string, id: number, members = ''): void {
  appendLine(c, GROUP, `${name}:x:${id}:${members}`)
  appendLine(c, GSHADOW, `${name}:!::${members}`, 0o640)
}

function numberOf(c: Command, o: Options, own?: string): number | undefined {
  const text = o.get('g')
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw new Fail(`${c.name}: invalid group ID '${text}'`, 3)
  if (!o.has('o') && groups(c.fs).some((each) => each.id === Number(text) && each.name !== own)) {
    if (o.has('f')) return undefined
    throw new Fail(`${c.name}: GID '${text}' already exists`, 4)
  }
  return Number(text)
}

export function groupadd(): Program {
  return command('coreutils', async (c) => {
    const spec = {
      short: 'fg:hK:op:rU:',
      long: { force: 'f', 'gid=': 'g', 'key=': 'K', 'non-unique': 'o', 'password=': 'p', system: 'r', 'users=': 'U' },
      usage: '[options] GROUP',
    }
    const o = await shadowOptions(c, spec)
    const [name] = o.operands
    if (name === undefined || o.operands.length > 1) throw new Fail(usageOf(c, spec), 2)
    if (!isName(name)) throw new Fail(`groupadd: '${name}' is not a valid group name`, 3)
    if (groups(c.fs).some((each) => each.name === name)) {
      if (o.has('f')) return
      throw new Fail(`groupadd: group '${name}' already exists`, 9)
    }
    const id = numberOf(c, o) ?? nextId(groups(c.fs).map((each) => each.id), o.has('r')) // prettier-ignore
    mustOwn(c, GROUP)
    addGroup(c, name, id, o.get('U') ?? '')
  })
}

export function groupmod(): Program {
  return command('coreutils', async (c) => {
    const spec = {
      short: 'ag:hn:op:U:',
      long: { append: 'a', 'gid=': 'g', 'new-name=': 'n', 'non-unique': 'o', 'password=': 'p', 'users=': 'U' },
      usage: '[options] GROUP',
    }
    const o = await shadowOptions(c, spec)
    const [name] = o.operands
    if (name === undefined || o.operands.length > 1) throw new Fail(usageOf(c, spec), 2)
    const group = groupNamed(c, name)
    const id = numberOf(c, o, name)
    const wanted = o.get('n')
    if (wanted !== undefined && wanted !== name && groups(c.fs).some((each) => each.name === wanted))
      throw new Fail(`groupmod: group '${wanted}' already exists`, 9)
    mustOwn(c, GROUP)
    changeLine(c, GROUP, name, (f) => [wanted ?? name, f[1]!, String(id ?? f[2]), ...f.slice(3)])
    changeLine(c, GSHADOW, name, (f) => [wanted ?? name, ...f.slice(1)])
    if (o.has('U')) changeMembers(c, wanted ?? name, (old) => [...(o.has('a') ? old : []), ...o.get('U')!.split(',')])
    if (id === undefined) return
    // Who has it as the first group goes with it.
    for (const user of users(c.fs).filter((each) => each.gid === group.id))
      changeLine(c, PASSWD, user.name, (f) => [...f.slice(0, 3), String(id), ...f.slice(4)])
  })
}

export function groupdel(): Program {
  return command('coreutils', async (c) => {
    const spec = { short: 'fh', long: { force: 'f' }, usage: '[options] GROUP' }
    const o = await shadowOptions(c, spec)
    const [name] = o.operands
    if (name === undefined || o.operands.length > 1) throw new Fail(usageOf(c, spec), 2)
    const group = groupNamed(c, name)
    const user = users(c.fs).find((each) => each.gid === group.id)
    if (user && !o.has('f')) throw new Fail(`groupdel: cannot remove the primary group of user '${user.name}'`, 8)
    mustOwn(c, GROUP)
    for (const path of [GROUP, GSHADOW]) changeLine(c, path, name, () => undefined)
  })
}

export function gpasswd(): Program {
  return command('coreutils', async (c) => {
    const spec = {
      short: 'a:d:hrRA:M:Q:',
      long: { 'add=': 'a', 'delete=': 'd', 'delete-password': 'r', restrict: 'R', 'members=': 'M', 'administrators=': 'A' },
      usage: '[option] GROUP',
    }
    const o = await shadowOptions(c, spec)
    const [name] = o.operands
    if (name === undefined) throw new Fail(usageOf(c, spec), 2)
    const [added, removed] = [o.get('a'), o.get('d')]
    for (const user of [added, removed])
      if (user !== undefined) {
        const missing = !users(c.fs).some((each) => each.name === user)
        if (missing && user === added) throw new Fail(`gpasswd: user '${user}' does not exist`, 3)
      }
    if (!linesOf(c, GROUP).some((line) => line.startsWith(`${name}:`)))
      throw new Fail(`gpasswd: group '${name}' does not exist in /etc/group`, 3)
    mustOwn(c, GROUP)
    if (added !== undefined) {
      userNamed(c, added)
      await c.print(`Adding user ${added} to group ${name}\n`)
      changeMembers(c, name, (old) => [...old, added])
    }
    if (removed !== undefined) {
      const members = groups(c.fs).find((each) => each.name === name)!.members
      if (!members.includes(removed)) throw new Fail(`gpasswd: user '${removed}' is not a member of '${name}'`, 3)
      await c.print(`Removing user ${removed} from group ${name}\n`)
      changeMembers(c, name, (old) => old.filter((each) => each !== removed))
    }
    if (o.has('M')) changeMembers(c, name, () => o.get('M')!.split(',').filter(Boolean))
  })
}
