/** adduser, addgroup, deluser, delgroup, passwd, chpasswd: the lines of /etc/passwd, /etc/group and /etc/shadow. */
import type { Program } from '../process.js'
import { appendLine as append, changeLine as change, encrypted, askHidden } from './account-files.js'
import { groups, users } from './accounts.js'
import { command, Fail, type Command } from './command.js'

const [FIRST_ID, LAST_ID, FIRST_SYSTEM, LAST_SYSTEM] = [1000, 59_999, 100, 999]

function mustBeRoot(c: Command): void {
  if (c.task.uid !== 0) throw new Fail(`${c.name}: permission denied (are you root?)`)
}

function freeId(c: Command, taken: readonly number[], system: boolean): number {
  const [first, last] = system ? [FIRST_SYSTEM, LAST_SYSTEM] : [FIRST_ID, LAST_ID]
  for (let id = first; id <= last; id++) if (!taken.includes(id)) return id
  throw new Fail(`${c.name}: no ${c.name === 'addgroup' ? 'g' : 'u'}ids left`)
}

function checkedName(c: Command, name: string): string {
  if (!/^[A-Za-z_][-A-Za-z0-9_.]*\$?$/.test(name)) throw new Fail(`${c.name}: illegal name '${name}'`)
  return name
}

/** Puts a user into a group. */
function join(c: Command, user: string, group: string): void {
  if (!users(c.fs).some((each) => each.name === user)) throw new Fail(`${c.name}: unknown user ${user}`)
  const edit = (fields: string[]): string[] => {
    const members = (fields[3] ?? '').split(',').filter(Boolean)
    return [...fields.slice(0, 3), [...new Set([...members, user])].join(',')]
  }
  if (!change(c, '/etc/group', group, edit)) throw new Fail(`${c.name}: unknown group ${group}`)
}

export function addgroup(): Program {
  return command('busybox', async (c) => {
    const spec = { short: 'g:S', long: { 'gid=': 'g', system: 'S' }, usage: '[-g GID] [-S] [USER] GROUP' }
    const o = await c.options(spec)
    const [first, second] = o.operands
    if (first === undefined || o.operands.length > 2) throw c.usageError(spec)
    mustBeRoot(c)
    if (second !== undefined) return join(c, first, second)
    const all = groups(c.fs)
    if (all.some((each) => each.name === first)) throw new Fail(`addgroup: group '${first}' in use`)
    const wanted = o.get('g')
    if (wanted !== undefined && all.some((each) => each.id === Number(wanted))) throw new Fail(`addgroup: gid '${wanted}' in use`)
    const ids = all.map((each) => each.id)
    append(c, '/etc/group', `${checkedName(c, first)}:x:${wanted ?? freeId(c, ids, o.has('S'))}:`)
  })
}

export function adduser(): Program {
  return command('busybox', async (c) => {
    const spec = {
      short: 'h:g:s:G:DSHu:k:',
      long: {
        'home=': 'h', 'gecos=': 'g', 'shell=': 's', 'ingroup=': 'G', 'disabled-password': 'D', 'empty-password': 'D', system: 'S',
        'no-create-home': 'H', 'uid=': 'u', 'skel=': 'k',
      },
      usage: '[OPTIONS] USER [GROUP]',
    } // prettier-ignore
    const o = await c.options(spec)
    const [name, group] = o.operands
    if (name === undefined || o.operands.length > 2) throw c.usageError(spec)
    mustBeRoot(c)
    if (group !== undefined) return join(c, name, group)
    const [all, allGroups] = [users(c.fs), groups(c.fs)]
    if (all.some((each) => each.name === name)) throw new Fail(`adduser: user '${name}' in use`)
    const system = o.has('S')
    const uid = Number(o.get('u') ?? freeId(c, [...all.map((each) => each.id), ...allGroups.map((each) => each.id)], system))
    if (all.some((each) => each.id === uid)) throw new Fail(`adduser: uid '${uid}' in use`)
    const given = o.get('G')
    const own = given === undefined ? undefined : allGroups.find((each) => each.name === given)
    if (given !== undefined && !own) throw new Fail(`adduser: unknown group ${given}`)
    // A system user without a group of its own belongs to nogroup.
    const gid = own?.id ?? (system ? (allGroups.find((each) => each.name === 'nogroup')?.id ?? 65_533) : uid)
    const home = o.get('h') ?? `/home/${name}`
    const shell = o.get('s') ?? (system ? '/bin/false' : '/bin/sh')
    append(c, '/etc/passwd', `${checkedName(c, name)}:x:${uid}:${gid}:${o.get('g') ?? `Linux User,,,`}:${home}:${shell}`)
    if (c.fs.exists('/etc/shadow')) append(c, '/etc/shadow', `${name}:!:${Math.floor(c.task.clock.now() / 86_400_000)}:0:99999:7:::`)
    if (!own && !system && !allGroups.some((each) => each.name === name)) append(c, '/etc/group', `${name}:x:${uid}:`)
    else if (own) join(c, name, own.name)
    if (!o.has('H') && !c.fs.exists(home)) {
      c.fs.mkdir(home, { recursive: true, mode: 0o755 })
      c.fs.chown(home, uid, gid)
    }
    if (!o.has('D') && !system) await newPassword(c, name)
  })
}

export function deluser(): Program {
  return command('busybox', async (c) => {
    const spec = { short: '', long: { 'remove-home': 'r' }, usage: c.name === 'delgroup' ? '[USER] GROUP' : '[--remove-home] USER' }
    const o = await c.options(spec)
    const [first, second] = o.operands
    if (first === undefined || o.operands.length > 2) throw c.usageError(spec)
    mustBeRoot(c)
    if (second !== undefined) {
      const without = (f: string[]): string[] => [
        ...f.slice(0, 3),
        (f[3] ?? '')
          .split(',')
          .filter((each) => each !== first)
          .join(','),
      ]
      if (!change(c, '/etc/group', second, without)) throw new Fail(`${c.name}: unknown group ${second}`)
      return
    }
    if (c.name === 'delgroup') {
      const group = groups(c.fs).find((each) => each.name === first)
      if (!group) throw new Fail(`delgroup: unknown group ${first}`)
      const user = users(c.fs).find((each) => each.gid === group.id)
      if (user) throw new Fail(`delgroup: '${user.name}' still has '${first}' as their primary group!`)
      change(c, '/etc/group', first, () => undefined)
      return
    }
    const user = users(c.fs).find((each) => each.name === first)
    if (!user) throw new Fail(`deluser: unknown user ${first}`)
    for (const path of ['/etc/passwd', '/etc/shadow', '/etc/group']) change(c, path, first, () => undefined)
    if (o.has('r') && c.fs.exists(user.home)) c.fs.remove(user.home, { recursive: true })
  })
}

function setPassword(c: Command, user: string, field: (old: string) => string): void {
  const inShadow = change(c, '/etc/shadow', user, (f) => [f[0]!, field(f[1] ?? ''), ...f.slice(2)])
  if (!inShadow && !change(c, '/etc/passwd', user, (f) => [f[0]!, field(f[1] ?? ''), ...f.slice(2)]))
    throw new Fail(`${c.name}: unknown user ${user}`)
}

/** Asks twice without showing it. */
async function newPassword(c: Command, user: string): Promise<void> {
  await c.print(`Changing password for ${user}\n`)
  const password = await askHidden(c, 'New password: ')
  if (password === '') throw new Fail(`passwd: password for ${user} is unchanged`)
  if (password.length < 6) await c.print('Bad password: too short\n')
  if ((await askHidden(c, 'Retype password: ')) !== password)
    throw new Fail("Passwords don't match\npasswd: password for " + `${user} is unchanged`)
  setPassword(c, user, () => encrypted(c, password, '$6$'))
  await c.print(`passwd: password for ${user} changed by ${users(c.fs).find((each) => each.id === c.task.uid)?.name ?? c.task.uid}\n`)
}

export function passwd(): Program {
  return command('busybox', async (c) => {
    const o = await c.options({ short: 'a:dlu', usage: '[-a ALG] [-dlu] [USER]' })
    const own = users(c.fs).find((each) => each.id === c.task.uid)?.name ?? String(c.task.uid)
    const user = o.operands[0] ?? own
    if (!users(c.fs).some((each) => each.name === user)) throw new Fail(`passwd: unknown user ${user}`)
    if (c.task.uid !== 0 && user !== own) throw new Fail(`passwd: ${own} can't change password for ${user}`)
    const done = `passwd: password for ${user} changed by ${own}\n`
    if (o.has('d')) setPassword(c, user, () => '')
    else if (o.has('l')) setPassword(c, user, (old) => `!${old.replace(/^!/, '')}`)
    else if (o.has('u')) setPassword(c, user, (old) => old.replace(/^!/, ''))
    else return newPassword(c, user)
    await c.print(done)
  })
}

export function chpasswd(): Program {
  return command('busybox', async (c) => {
    const o = await c.options({ short: 'emc:R:', long: { encrypted: 'e', md5: 'm', 'crypt-method=': 'c', 'root=': 'R' }, usage: '' })
    mustBeRoot(c)
    for (let line = await c.task.readLine(); line !== undefined; line = await c.task.readLine()) {
      const at = line.indexOf(':')
      if (at < 0) throw new Fail('chpasswd: missing new password')
      const [user, password] = [line.slice(0, at), line.slice(at + 1)]
      setPassword(c, user, () => (o.has('e') ? password : encrypted(c, password, '$6$')))
      await c.print(`chpasswd: password for '${user}' changed\n`)
    }
  })
}
