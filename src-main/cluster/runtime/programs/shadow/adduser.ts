/** Debian's adduser, addgroup, deluser and delgroup, which tell what they do. */
import type { Program } from '../../process.js'
import { appendLine, askHidden, changeLine, encrypted } from '../account-files.js'
import { groups, users, type Account } from '../accounts.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { GROUP, GSHADOW, nextSubordinates, SHADOW, SUBORDINATE } from './common.js'
import { addGroup, changeMembers } from './groups.js'
import { addUser, makeHome, removeUser } from './users.js'

const SPEC = {
  short: 'cdf:hqv',
  long: {
    system: 'system', group: 'group', 'disabled-password': 'disabled-password', 'disabled-login': 'disabled-login', 'gecos=': 'gecos', 'comment=': 'gecos',
    'home=': 'home', 'shell=': 'shell', 'no-create-home': 'no-create-home', 'uid=': 'uid', 'gid=': 'gid', 'ingroup=': 'ingroup',
    'add-extra-groups': 'extra', add_extra_groups: 'extra', quiet: 'q', debug: 'd', 'force-badname': 'badname', 'allow-bad-names': 'badname',
    'allow-badname': 'badname', 'firstuid=': 'firstuid', 'lastuid=': 'lastuid', 'remove-home': 'remove-home', 'remove-all-files': 'remove-home',
    backup: 'backup', 'only-if-empty': 'only-if-empty', 'conf=': 'conf', 'backup-to=': 'backup-to',
  },
  usage: '[options] USER',
} // prettier-ignore

const [FIRST_ID, FIRST_SYSTEM, NOWHERE] = [1000, 100, '/nonexistent']

/** Says what is done; not with --quiet. */
async function say(c: Command, o: Options, text: string): Promise<void> {
  if (!o.has('q')) await c.print(`${text}\n`)
}

function firstFree(taken: readonly Account[], from: number): number {
  const ids = new Set(taken.map((each) => each.id))
  let id = from
  while (ids.has(id)) id++
  return id
}

async function begin(c: Command): Promise<Options> {
  const o = await c.optionsOr(SPEC, (fault) => new Fail(fault.replace(/^[a-z]+: unrecognized option '--([^']*)'/, 'Unknown option: $1')))
  if (c.task.uid !== 0)
    throw new Fail(
      `${c.name}: Only root may ${c.name.startsWith('add') ? 'add' : 'remove'} a user or group ${c.name.startsWith('add') ? 'to' : 'from'} the system.`,
    )
  return o
}

const user = (c: Command, name: string): Account | undefined => users(c.fs).find((each) => each.name === name)
const group = (c: Command, name: string): Account | undefined => groups(c.fs).find((each) => each.name === name || String(each.id) === name)

/** Puts a user into a group that is there. */
async function join(c: Command, o: Options, name: string, into: string): Promise<void> {
  if (!user(c, name)) throw new Fail(`${c.name}: The user \`${name}' does not exist.`)
  const found = group(c, into)
  if (!found) throw new Fail(`${c.name}: The group \`${into}' does not exist.`)
  if (found.members.includes(name)) return say(c, o, `The user \`${name}' is already a member of \`${into}'.`)
  await say(c, o, `Adding user \`${name}' to group \`${into}' ...`)
  changeMembers(c, found.name, (old) => [...old, name])
  await say(c, o, 'Done.')
}

export function adduser(): Program {
  return command('coreutils', async (c) => {
    const o = await begin(c)
    const [name, into] = o.operands
    if (name === undefined) throw new Fail(`${c.name}: Only one or two names allowed.`)
    if (c.name === 'addgroup' || (o.has('group') && !o.has('system')))
      return into === undefined ? newGroup(c, o, name) : join(c, o, name, into)
    if (into !== undefined) return join(c, o, name, into)
    if (!/^[a-z][-a-z0-9_]*\$?$/.test(name) && !o.has('badname'))
      throw new Fail(`${c.name}: Please enter a username matching the regular expression\n            configured via the NAME_REGEX configuration variable.  Use the\n            \`--allow-bad-names' option to relax this check or reconfigure\n            NAME_REGEX in configuration.`) // prettier-ignore
    if (user(c, name)) {
      if (o.has('system')) return c.task.writeError(`The system user \`${name}' already exists. Exiting.\n`)
      throw new Fail(`adduser: The user \`${name}' already exists.`)
    }
    const given = o.get('uid')
    if (given !== undefined && users(c.fs).some((each) => each.id === Number(given)))
      throw new Fail(`adduser: The UID ${given} is already in use.`, 4)
    if (o.has('system')) return systemUser(c, o, name)
    const inGroup = o.get('ingroup') ?? o.get('gid')
    const first = inGroup === undefined ? undefined : group(c, inGroup)
    if (inGroup !== undefined && !first) throw new Fail(`adduser: The group \`${inGroup}' does not exist.`, 3)
    const uid = given === undefined ? firstFree([...users(c.fs), ...(first ? [] : groups(c.fs))], FIRST_ID) : Number(given)
    const gid = first?.id ?? uid
    const home = o.get('home') ?? `/home/${name}`
    await say(c, o, `Adding user \`${name}' ...`)
    if (!first) {
      await say(c, o, `Adding new group \`${name}' (${gid}) ...`)
      addGroup(c, name, gid)
    }
    await say(c, o, `Adding new user \`${name}' (${uid}) with group \`${first?.name ?? name} (${gid})' ...`)
    addUser(c, name, {
      uid,
      gid,
      comment: o.get('gecos') === '' ? ',,,' : (o.get('gecos') ?? ''),
      home,
      shell: o.get('shell') ?? '/bin/bash',
    })
    for (const path of SUBORDINATE) appendLine(c, path, nextSubordinates(c, path, name))
    if (o.has('no-create-home')) await say(c, o, `Not creating home directory \`${home}'.`)
    else if (c.fs.exists(home)) await c.task.writeError(`adduser: Warning: The home directory \`${home}' already exists.\n`)
    else {
      await say(c, o, `Creating home directory \`${home}' ...`)
      await say(c, o, "Copying files from `/etc/skel' ...")
      makeHome(c, home, uid, gid)
    }
    if (!o.has('disabled-password') && !o.has('disabled-login')) await password(c, name)
    if (o.get('gecos') === undefined) await comment(c, name)
    if (first) return
    await say(c, o, `Adding new user \`${name}' to supplemental / extra groups \`users' ...`)
    await say(c, o, `Adding user \`${name}' to group \`users' ...`)
    changeMembers(c, 'users', (old) => [...old, name])
  })
}

async function systemUser(c: Command, o: Options, name: string): Promise<void> {
  const own = o.has('group')
  const inGroup = o.get('ingroup') ?? o.get('gid')
  const first = inGroup === undefined ? undefined : group(c, inGroup)
  if (inGroup !== undefined && !first) throw new Fail(`adduser: The group \`${inGroup}' does not exist.`, 3)
  const uid = Number(o.get('uid') ?? firstFree(users(c.fs), FIRST_SYSTEM))
  const gid = own ? firstFree(groups(c.fs), FIRST_SYSTEM) : (first?.id ?? group(c, 'nogroup')!.id)
  const home = o.get('home') ?? NOWHERE
  await say(c, o, `Adding system user \`${name}' (UID ${uid}) ...`)
  if (own) {
    await say(c, o, `Adding new group \`${name}' (GID ${gid}) ...`)
    addGroup(c, name, gid)
  }
  await say(c, o, `Adding new user \`${name}' (UID ${uid}) with group \`${own ? name : (first?.name ?? 'nogroup')}' ...`)
  addUser(c, name, { uid, gid, comment: o.get('gecos') ?? '', home, shell: o.get('shell') ?? '/usr/sbin/nologin' })
  if (o.has('no-create-home') || home === NOWHERE)
    return say(c, o, home === NOWHERE ? `Not creating \`${NOWHERE}'.` : `Not creating home directory \`${home}'.`)
  if (c.fs.exists(home)) return c.task.writeError(`adduser: Warning: The home directory \`${home}' already exists.\n`)
  await say(c, o, `Creating home directory \`${home}' ...`)
  c.fs.mkdir(home, { recursive: true, mode: 0o755 })
  c.fs.chown(home, uid, gid)
}

async function newGroup(c: Command, o: Options, name: string): Promise<void> {
  if (group(c, name)) {
    if (o.has('system')) return c.task.writeError(`addgroup: The group \`${name}' already exists as a system group. Exiting.\n`)
    throw new Fail(`addgroup: The group \`${name}' already exists.`)
  }
  const given = o.get('gid')
  if (given !== undefined && group(c, given)) throw new Fail(`addgroup: The GID \`${given}' is already in use.`)
  const id = given === undefined ? firstFree(groups(c.fs), o.has('system') ? FIRST_SYSTEM : FIRST_ID) : Number(given)
  await say(c, o, `Adding group \`${name}' (GID ${id}) ...`)
  addGroup(c, name, id)
  await say(c, o, 'Done.')
}

async function password(c: Command, name: string): Promise<void> {
  const first = await askHidden(c, 'New password: ', false)
  const again = await askHidden(c, 'Retype new password: ', false)
  if (first === '' || first !== again) {
    await c.task.writeError(
      `${first === '' ? 'No password has been supplied.' : 'Sorry, passwords do not match.'}\npasswd: Authentication token manipulation error\npasswd: password unchanged\n`,
    )
    return
  }
  changeLine(c, SHADOW, name, (f) => [f[0]!, encrypted(c, first, '$y$j9T$'), ...f.slice(2)])
  await c.task.writeError('passwd: password updated successfully\n')
}

/** Asks who the user is, field by field. */
async function comment(c: Command, name: string): Promise<void> {
  const fields: string[] = []
  await c.print(`Changing the user information for ${name}\nEnter the new value, or press ENTER for the default\n`)
  for (const title of ['Full Name', 'Room Number', 'Work Phone', 'Home Phone', 'Other']) {
    await c.print(`\t${title} []: `)
    fields.push((await c.task.readLine()) ?? '')
  }
  await c.print('Is the information correct? [Y/n] ')
  await c.task.readLine()
  const text = fields.slice(0, fields[4] === '' ? 4 : 5).join(',')
  changeLine(c, '/etc/passwd', name, (f) => [...f.slice(0, 4), text, ...f.slice(5)])
}

export function deluser(): Program {
  return command('coreutils', async (c) => {
    const o = await begin(c)
    const [name, from] = o.operands
    if (name === undefined) throw new Fail(`${c.name}: Only one or two names allowed.`)
    if (from !== undefined) {
      const found = group(c, from)
      if (!found) throw new Fail(`deluser: The group \`${from}' does not exist.`, 3)
      if (!user(c, name)) throw new Fail(`deluser: The user \`${name}' does not exist.`, 2)
      if (!found.members.includes(name)) throw new Fail(`deluser: The user \`${name}' is not a member of group \`${from}'.`, 6)
      await say(c, o, `Removing user \`${name}' from group \`${from}' ...`)
      changeMembers(c, from, (old) => old.filter((each) => each !== name))
      return say(c, o, 'Done.')
    }
    if (c.name === 'delgroup' || o.has('group')) {
      const found = group(c, name)
      if (!found) throw new Fail(`delgroup: The group \`${name}' does not exist.`, 3)
      const member = users(c.fs).find((each) => each.gid === found.id)
      if (member) throw new Fail(`delgroup: \`${member.name}' still has \`${name}' as their primary group!`, 7)
      if (o.has('only-if-empty') && found.members.length > 0) throw new Fail(`delgroup: The group \`${name}' is not empty!`, 5)
      await say(c, o, `Removing group \`${name}' ...`)
      for (const path of [GROUP, GSHADOW]) changeLine(c, path, name, () => undefined)
      return say(c, o, 'Done.')
    }
    const found = user(c, name)
    if (!found) {
      if (o.has('system')) return say(c, o, `The user \`${name}' does not exist, but --system was given. Exiting.`)
      throw new Fail(`deluser: The user \`${name}' does not exist.`, 2)
    }
    if (o.has('remove-home')) {
      await say(c, o, 'Looking for files to backup/remove ...')
      if (c.fs.exists(found.home)) {
        await say(c, o, 'Removing files ...')
        c.fs.remove(found.home, { recursive: true })
      }
    }
    await c.task.writeError("deluser: `/usr/bin/crontab' not executed. Skipping crontab removal. Package `cron' required.\n")
    await say(c, o, `Removing user \`${name}' ...`)
    removeUser(c, name)
    const left = group(c, name)
    if (left && left.members.length === 0) for (const path of [GROUP, GSHADOW]) changeLine(c, path, name, () => undefined)
    await say(c, o, 'Done.')
  })
}
