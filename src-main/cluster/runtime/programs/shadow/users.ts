/** useradd, usermod, userdel: the accounts of /etc/passwd as Debian's shadow changes them. */
import type { Program } from '../../process.js'
import { appendLine, changeLine } from '../account-files.js'
import { groups, users } from '../accounts.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { GROUP, groupNamed, GSHADOW, isName, isOrdinary, mustOwn, nextId, nextSubordinates, PASSWD, SHADOW, shadowOptions, SUBORDINATE, today, usageOf, userNamed } from './common.js' // prettier-ignore
import { addGroup, changeMembers } from './groups.js'

const ADD = {
  short: 'b:c:d:De:f:Fg:G:hk:K:lmMNop:rR:P:s:u:UZ:',
  long: {
    badname: 'badname', 'base-dir=': 'b', 'comment=': 'c', 'home-dir=': 'd', defaults: 'D', 'expiredate=': 'e', 'inactive=': 'f', 'gid=': 'g',
    'groups=': 'G', 'skel=': 'k', 'key=': 'K', 'no-log-init': 'l', 'create-home': 'm', 'no-create-home': 'M', 'no-user-group': 'N', 'non-unique': 'o',
    'password=': 'p', system: 'r', 'shell=': 's', 'uid=': 'u', 'user-group': 'U',
  },
  usage: '[options] LOGIN\n       useradd -D\n       useradd -D [options]',
} // prettier-ignore

/** What a home directory begins with. */
const SKELETON = '/etc/skel'

/** Makes a home with what stands in the skeleton; its owner is the user. */
export function makeHome(c: Command, home: string, uid: number, gid: number, skeleton = SKELETON): void {
  c.fs.mkdir(home, { recursive: true, mode: 0o755 })
  c.fs.chown(home, uid, gid)
  if (!c.fs.exists(skeleton)) return
  for (const name of c.fs.readdir(skeleton)) {
    const from = `${skeleton}/${name}`
    if (c.fs.stat(from).type !== 'file') continue
    c.fs.writeFile(`${home}/${name}`, c.fs.readFile(from), { mode: c.fs.stat(from).mode & 0o777 })
    c.fs.chown(`${home}/${name}`, uid, gid)
  }
}

function uidOf(c: Command, o: Options, own?: string): number | undefined {
  const text = o.get('u')
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw new Fail(`${c.name}: invalid user ID '${text}'`, 3)
  if (!o.has('o') && users(c.fs).some((each) => each.id === Number(text) && each.name !== own))
    throw new Fail(c.name === 'usermod' ? `usermod: UID '${text}' already exists` : `useradd: UID ${text} is not unique`, 4)
  return Number(text)
}

function checkShell(c: Command, o: Options): void {
  const shell = o.get('s')
  if (shell === undefined || shell === '') return
  if (!shell.startsWith('/')) throw new Fail(`${c.name}: invalid shell '${shell}'`, 3)
  if (!c.fs.exists(shell)) void c.task.writeError(`${c.name}: Warning: missing or non-executable shell '${shell}'\n`)
}

/** Adds the lines of a user. */
export function addUser(c: Command, name: string, { uid, gid, comment = '', home, shell, password = '!' }: NewUser): void {
  appendLine(c, PASSWD, `${name}:x:${uid}:${gid}:${comment}:${home}:${shell}`)
  appendLine(c, SHADOW, `${name}:${password}:${today(c)}:0:99999:7:::`, 0o640)
}

interface NewUser {
  uid: number
  gid: number
  comment?: string
  home: string
  shell: string
  password?: string
}

export function useradd(): Program {
  return command('coreutils', async (c) => {
    const o = await shadowOptions(c, ADD)
    const [name] = o.operands
    if (o.has('D')) return void (await c.print('GROUP=100\nHOME=/home\nINACTIVE=-1\nEXPIRE=\nSHELL=/bin/sh\nSKEL=/etc/skel\nCREATE_MAIL_SPOOL=no\nLOG_INIT=yes\n')) // prettier-ignore
    if (name === undefined || o.operands.length > 1) throw new Fail(usageOf(c, ADD), 2)
    const given = uidOf(c, o)
    checkShell(c, o)
    if (!isName(name) && !o.has('badname')) throw new Fail(`useradd: invalid user name '${name}': use --badname to ignore`, 3)
    const others = (o.get('G') ?? '').split(',').filter(Boolean).map((each) => groupNamed(c, each)) // prettier-ignore
    const first = o.has('g') ? groupNamed(c, o.get('g')!) : undefined
    const [all, allGroups] = [users(c.fs), groups(c.fs)]
    if (all.some((each) => each.name === name)) throw new Fail(`useradd: user '${name}' already exists`, 9)
    const own = !first && !o.has('N')
    if (own && allGroups.some((each) => each.name === name))
      throw new Fail(`useradd: group ${name} exists - if you want to add this user to that group, use -g.`, 9)
    const system = o.has('r')
    const uid = given ?? nextId(all.map((each) => each.id), system) // prettier-ignore
    mustOwn(c, PASSWD)
    if (given !== undefined && !system && !isOrdinary(uid))
      await c.task.writeError(`useradd warning: ${name}'s uid ${uid} outside of the UID_MIN 1000 and UID_MAX 60000 range.\n`)
    const ids = allGroups.map((each) => each.id)
    const gid = first?.id ?? (own ? (!system && isOrdinary(uid) && !ids.includes(uid) ? uid : nextId(ids, system)) : 100)
    const home = o.get('d') ?? `${o.get('b') ?? '/home'}/${name}`
    addUser(c, name, { uid, gid, comment: o.get('c') ?? '', home, shell: o.get('s') ?? '/bin/sh', password: o.get('p') ?? '!' })
    if (own) addGroup(c, name, gid)
    for (const group of others) changeMembers(c, group.name, (old) => [...old, name])
    if (!system) for (const path of SUBORDINATE) appendLine(c, path, nextSubordinates(c, path, name))
    if (!o.has('m') || o.has('M')) return
    if (c.fs.exists(home))
      return c.task.writeError(
        `useradd: warning: the home directory ${home} already exists.\nuseradd: Not copying any file from skel directory into it.\n`,
      )
    makeHome(c, home, uid, gid, o.get('k'))
  })
}

const MODIFY = {
  short: 'abc:d:e:f:g:G:hl:Lmop:rR:P:s:u:Uv:V:w:W:Z:',
  long: {
    append: 'a', badname: 'b', 'comment=': 'c', 'home=': 'd', 'expiredate=': 'e', 'inactive=': 'f', 'gid=': 'g', 'groups=': 'G', 'login=': 'l', lock: 'L',
    'move-home': 'm', 'non-unique': 'o', 'password=': 'p', remove: 'r', 'shell=': 's', 'uid=': 'u', unlock: 'U',
  },
  usage: '[options] LOGIN',
} // prettier-ignore

export function usermod(): Program {
  return command('coreutils', async (c) => {
    const o = await shadowOptions(c, MODIFY)
    const [name] = o.operands
    if (name === undefined || o.operands.length > 1) throw new Fail(usageOf(c, MODIFY), 2)
    const user = userNamed(c, name)
    if (o.given.length === 0) throw new Fail(`usermod: no options\n${usageOf(c, MODIFY)}`, 2)
    const uid = uidOf(c, o, name)
    checkShell(c, o)
    const wanted = o.has('G') ? o.get('G')!.split(',').filter(Boolean).map((each) => groupNamed(c, each).name) : undefined // prettier-ignore
    const first = o.has('g') ? groupNamed(c, o.get('g')!) : undefined
    const login = o.get('l') ?? name
    if (login !== name && users(c.fs).some((each) => each.name === login)) throw new Fail(`usermod: user '${login}' already exists`, 9)
    mustOwn(c, PASSWD)
    const home = o.get('d') ?? user.home
    changeLine(c, PASSWD, name, (f) => [
      login,
      f[1]!,
      String(uid ?? f[2]),
      String(first?.id ?? f[3]),
      o.get('c') ?? f[4]!,
      home,
      o.get('s') ?? f[6]!,
    ])
    if (o.has('U') && /^!?$/.test(passwordOf(c, name)))
      await c.task.writeError(
        "usermod: unlocking the user's password would result in a passwordless account.\nYou should set a password with usermod -p to unlock this user's password.\n",
      )
    else changeLine(c, SHADOW, name, (f) => [login, passwordAfter(o, f[1]!), ...f.slice(2)])
    for (const group of groups(c.fs)) {
      const inIt = group.members.includes(name)
      const named = wanted?.includes(group.name)
      const stays = wanted === undefined ? inIt : o.has('r') ? inIt && !named : o.has('a') ? inIt || named : named
      if (inIt !== stays || login !== name)
        changeMembers(c, group.name, (old) => [...old.filter((each) => each !== name), ...(stays ? [login] : [])])
    }
    if (home !== user.home && o.has('m') && c.fs.exists(user.home)) c.fs.rename(user.home, home)
    if ((uid !== undefined || first) && c.fs.exists(home)) own(c, home, uid ?? user.id, first?.id ?? user.gid)
  })
}

/** Gives a tree to a user. */
function own(c: Command, path: string, uid: number, gid: number): void {
  c.fs.chown(path, uid, gid)
  if (c.fs.stat(path).type === 'directory') for (const name of c.fs.readdir(path)) own(c, `${path}/${name}`, uid, gid)
}

function passwordOf(c: Command, name: string): string {
  return new RegExp(`^${name}:([^:]*)`, 'm').exec(c.fs.exists(SHADOW) ? c.fs.readText(SHADOW) : '')?.[1] ?? ''
}

function passwordAfter(o: Options, old: string): string {
  if (o.has('L')) return old.startsWith('!') ? old : `!${old}`
  if (o.has('U')) return old.replace(/^!/, '')
  return o.get('p') ?? old
}

export function userdel(): Program {
  return command('coreutils', async (c) => {
    const spec = { short: 'fhrR:P:Z', long: { force: 'f', remove: 'r' }, usage: '[options] LOGIN' }
    const o = await shadowOptions(c, spec)
    const [name] = o.operands
    if (name === undefined || o.operands.length > 1) throw new Fail(usageOf(c, spec), 2)
    const user = userNamed(c, name)
    mustOwn(c, PASSWD)
    removeUser(c, name)
    const group = groups(c.fs).find((each) => each.name === name)
    if (group && !users(c.fs).some((each) => each.gid === group.id) && group.members.length === 0)
      for (const path of [GROUP, GSHADOW]) changeLine(c, path, name, () => undefined)
    if (!o.has('r')) return
    await c.task.writeError(`userdel: ${name} mail spool (/var/mail/${name}) not found\n`)
    if (c.fs.exists(user.home)) c.fs.remove(user.home, { recursive: true })
    else {
      await c.task.writeError(`userdel: ${name} home directory (${user.home}) not found\n`)
      c.status = 12
    }
  })
}

/** Takes out the lines of a user, and the name out of all groups. */
export function removeUser(c: Command, name: string): void {
  for (const path of [PASSWD, SHADOW, ...SUBORDINATE]) changeLine(c, path, name, () => undefined)
  for (const group of groups(c.fs))
    if (group.members.includes(name)) changeMembers(c, group.name, (old) => old.filter((each) => each !== name))
}
