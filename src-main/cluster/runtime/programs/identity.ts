/** id, whoami, groups, hostname, uname, tty, nproc, getent's local tables. */
import { hostEntries } from './net/names.js'
import { TerminalFile } from '../pty.js'
import { SystemError, type Program } from '../process.js'
import { readText } from './reading.js'
import { groups as allGroups, nameTable, users } from './accounts.js'
import { wholeNumber } from './option-number.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'

const ID = {
  short: 'agGnruzZ',
  long: { context: 'Z', group: 'g', groups: 'G', name: 'n', real: 'r', user: 'u', zero: 'z' },
  usage: '[-ugGnr] [USER]\n\nPrint information about USER or the current user',
}

export function id(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...ID, short: 'ugGnr' } : ID)
    if (o.has('Z')) throw new Fail('id: --context (-Z) works only on an SELinux-enabled kernel')
    const one = ['u', 'g', 'G'].filter((letter) => o.has(letter)).length
    if (!c.busybox) {
      if (one > 1) throw new Fail('id: cannot print "only" of more than one choice')
      if (one === 0 && (o.has('r') || o.has('n'))) throw new Fail('id: cannot print only names or real IDs in default format')
      if (one === 0 && o.has('z')) throw new Fail('id: option --zero not permitted in default format')
    } else if (one === 0 && (o.has('r') || o.has('n'))) throw c.usageError(ID)
    for (const who of o.operands.length > 0 ? o.operands : [undefined]) await tellOf(c, o, who)
  })
}

async function tellOf(c: Command, o: Options, who: string | undefined): Promise<void> {
  const end = o.has('z') ? (o.operands.length > 1 && o.has('G') ? '\0\0' : '\0') : '\n'
  const names = nameTable(c.fs)
  let { uid, gid } = c.task
  let list = [...c.task.groups]
  if (who !== undefined) {
    const user = users(c.fs).find((u) => u.name === who || String(u.id) === who)
    if (!user) return c.warn(c.busybox ? `unknown user ${who}` : `'${who}': no such user`)
    uid = user.id
    gid = user.gid
    list = [
      gid,
      ...allGroups(c.fs)
        .filter((g) => g.members.includes(user.name))
        .map((g) => g.id),
    ]
  }
  // The kernel keeps the groups of a process in the order of their numbers.
  else list.sort((a, b) => a - b)
  // busybox tells them in that order, unless it is asked for nothing else.
  if (!c.busybox || o.has('G') || !list.includes(gid)) list = [gid, ...list.filter((g) => g !== gid)]
  const named = o.has('n')
  if (o.has('u')) return c.print(`${named ? names.user(uid) : uid}${end}`)
  if (o.has('g')) return c.print(`${named ? names.group(gid) : gid}${end}`)
  if (o.has('G')) return c.print(`${list.map((g) => (named ? names.group(g) : g)).join(o.has('z') ? '\0' : ' ')}${end}`)
  const show = (n: number, name: string): string => (name === String(n) ? `${n}` : `${n}(${name})`)
  const groupText = list.map((g) => show(g, names.group(g))).join(',')
  await c.print(`uid=${show(uid, names.user(uid))} gid=${show(gid, names.group(gid))} groups=${groupText}\n`)
}

export function whoami(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    await withoutOperands(c)
    const name = users(c.fs).find((u) => u.id === c.task.uid)?.name
    if (name === undefined)
      throw new Fail(c.busybox ? `whoami: unknown uid ${c.task.uid}` : `whoami: cannot find name for user ID ${c.task.uid}`)
    await c.print(`${name}\n`)
  })
}

export function groups(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const names = nameTable(c.fs)
    const { operands } = await c.options({ short: '', usage: '[USER]\n\nPrint the groups USER is in' })
    const shown = (ids: readonly number[]): string => [...new Set(ids)].map((g) => names.group(g)).join(' ')
    if (operands.length === 0) return c.print(`${shown([c.task.gid, ...c.task.groups])}\n`)
    for (const who of operands) {
      const user = users(c.fs).find((each) => each.name === who)
      if (!user) {
        await c.warn(c.busybox ? `unknown user ${who}` : `'${who}': no such user`)
        continue
      }
      const list = [
        user.gid,
        ...allGroups(c.fs)
          .filter((g) => g.members.includes(user.name))
          .map((g) => g.id),
      ]
      await c.print(`${c.busybox ? '' : `${who} : `}${shown(list)}\n`)
    }
    return undefined
  })
}

const HOSTNAME_LONG = {
  alias: 'a', 'all-fqdns': 'A', boot: 'b', domain: 'd', fqdn: 'f', long: 'f', 'file=': 'F', 'ip-address': 'i', 'all-ip-addresses': 'I', short: 's',
  yp: 'y', nis: 'y',
} // prettier-ignore

/** The name that the host is to have: an operand, or the first line of a file that is no comment. */
async function newHostname(c: Command, o: Options): Promise<string | undefined> {
  const file = o.get('F')
  if (file === undefined) return o.operands[0]
  try {
    return (await readText(c, file)).split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? ''
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(c.busybox ? `hostname: can't open '${file}': ${error.message}` : `hostname: ${error.message}`)
  }
}

export function hostname(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: c.busybox ? 'isdfF:' : 'aAbdfF:iIsy',
      long: HOSTNAME_LONG,
      usage: '[-sidf] [HOSTNAME | -F FILE]\n\nShow or set hostname or DNS domain name',
    }
    const o = await c.options(spec)
    if (o.operands.length > 1 && !c.busybox) throw c.usageError(spec)
    const given = await newHostname(c, o)
    if (given !== undefined && !c.busybox && !/^[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?$/.test(given))
      throw new Fail('hostname: the specified hostname is invalid')
    if (given !== undefined)
      throw new Fail(c.busybox ? 'hostname: sethostname: Operation not permitted' : 'hostname: you must be root to change the host name')
    if (o.has('y')) throw new Fail('hostname: Local domain name not set')
    if (o.has('a')) return void (await c.print('\n'))
    if (o.has('A')) {
      const names = (await hostEntries(c, c.task.hostname)).flatMap((entry) => entry.names.slice(0, 1))
      return void (await c.print(`${[...new Set(names)].join(' ')} \n`))
    }
    if (o.has('b')) return undefined
    if (o.has('i') || o.has('I')) return void (await c.print(`${c.task.net.ip}${o.has('I') ? ' ' : ''}\n`))
    const { hostname: name } = c.task
    if (o.has('s')) return void (await c.print(`${name.split('.')[0]}\n`))
    // The name in full is the first that the resolver has for it.
    const full = o.has('d') || o.has('f') ? ((await hostEntries(c, name))[0]?.names[0] ?? name) : name
    if (o.has('d')) return void (await c.print(full.includes('.') ? `${full.slice(full.indexOf('.') + 1)}\n` : c.busybox ? '\n' : ''))
    await c.print(`${full}\n`)
  })
}

export function uname(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'amnrspvio',
      long: {
        all: 'a',
        'kernel-name': 's',
        nodename: 'n',
        'kernel-release': 'r',
        'kernel-version': 'v',
        machine: 'm',
        processor: 'p',
        'hardware-platform': 'i',
        'operating-system': 'o',
      },
      usage: '[-amnrspvio]\n\nPrint system information',
    })
    noOperands(c, o.operands)
    const release = c.fs.readText('/proc/sys/kernel/osrelease').trim()
    const parts: [string, string][] = [
      ['s', 'Linux'],
      ['n', c.task.hostname],
      ['r', release],
      ['v', '#1 SMP PREEMPT_DYNAMIC'],
      ['m', 'x86_64'],
      ['o', c.busybox ? 'Linux' : 'GNU/Linux'],
    ]
    const any = parts.some(([k]) => o.has(k)) || o.has('a') || o.has('p') || o.has('i')
    const shown = parts.filter(([k]) => o.has('a') || o.has(k) || (!any && k === 's')).map(([, v]) => v)
    if (o.has('p') || o.has('i')) shown.push('unknown')
    await c.print(`${shown.join(' ')}\n`)
  })
}

export function tty(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: 's', long: { silent: 's', quiet: 's' }, usage: "[-s]\n\nPrint file name of stdin's terminal" })
    noOperands(c, o.operands)
    const print = (text: string): Promise<void> => (o.has('s') ? Promise.resolve() : c.print(text))
    const description = c.task.description(0)
    if (!(description instanceof TerminalFile)) {
      await print('not a tty\n')
      return 1
    }
    await print(`${description.describe()}\n`)
    return 0
  })
}

export function nproc(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: '',
      long: { all: 'a', 'ignore=': 'i' },
      usage: '[--all] [--ignore=N]\n\nPrint number of available CPUs',
    })
    noOperands(c, o.operands)
    const all = c.fs.readText('/proc/cpuinfo').match(/^processor/gm)?.length ?? 1
    await c.print(`${Math.max(1, all - wholeNumber(c, o.get('i') ?? '0', 'number'))}\n`)
  })
}

/** Refuses operands, as programs do that take none. */
export async function withoutOperands(c: Command, usage = '[OPTION]...'): Promise<void> {
  const spec = { short: '', usage }
  noOperands(c, (await c.options(spec)).operands)
}

function noOperands(c: Command, operands: readonly string[]): void {
  if (operands.length > 0 && !c.busybox) throw c.usageError({ short: '', usage: '' }, `extra operand '${operands[0]}'`)
}

export function arch(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    noOperands(c, (await c.options({ short: '', usage: '\n\nPrint system architecture' })).operands)
    await c.print('x86_64\n')
  })
}
