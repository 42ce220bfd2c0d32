/** Who is logged on, which in a container is nobody: who, w, users, last, logname; and su, nologin, hostid. */
import type { Program } from '../process.js'
import { groups, users } from './accounts.js'
import { withoutOperands } from './identity.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { become } from './launch.js'
import { upLine } from './time.js'

const WHO = {
  all: 'a', boot: 'b', dead: 'd', heading: 'H', ips: 'i', login: 'l', lookup: 'lookup', process: 'p', count: 'q', runlevel: 'r', short: 's', time: 't',
  mesg: 'T', message: 'T', writable: 'T', users: 'u',
} // prettier-ignore

export function who(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: flavour === 'busybox' ? 'aH' : 'abdHilmpqrstuTw', long: WHO, usage: '[-aH]\n\nShow who is logged on' }
    const o = await c.options(spec)
    if (!c.busybox && o.operands.length > 2) throw c.usageError(spec, `extra operand '${o.operands[2]}'`)
    if (c.busybox) await c.print('USER\t\tTTY\t\tIDLE\tTIME\t\t HOST\n')
    else if (o.has('q')) await c.print('\n# users=0\n')
    else if (o.has('H')) await c.print('NAME     LINE         TIME             COMMENT\n')
  })
}

export function w(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: flavour === 'busybox' ? '' : 'hsfiou',
      long: flavour === 'busybox' ? {} : { 'no-header': 'h', 'no-current': 'u', short: 's', from: 'f', 'old-style': 'o', 'ip-addr': 'i' },
      usage: '\n\nShow who is logged on',
    })
    // Nobody is logged on: without the heading nothing is left.
    if (o.has('h')) return
    await c.print(
      c.busybox
        ? 'USER\t\tTTY\t\tIDLE\tTIME\t\t HOST\n'
        : `${upLine(c)}\n${o.has('s') ? `USER     TTY      ${o.has('f') ? '' : 'FROM             '} IDLE WHAT` : `USER     TTY      ${o.has('f') ? '' : 'FROM             '}LOGIN@   IDLE   JCPU   PCPU WHAT`}\n`,
    )
  })
}

export function loggedOn(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: '', usage: '[OPTION]... [FILE]' }
    const o = await c.options(spec)
    if (!c.busybox && o.operands.length > 1) throw c.usageError(spec, `extra operand '${o.operands[1]}'`)
  })
}

const LAST = {
  hostlast: 'a', dns: 'd', 'file=': 'f', fulltimes: 'F', ip: 'i', 'limit=': 'n', nohostname: 'R', 'since=': 's', 'until=': 't', 'present=': 'p', fullnames: 'w',
  system: 'x', 'time-format=': 'time-format',
} // prettier-ignore

export function last(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(
      flavour === 'busybox'
        ? { short: 'HWn:f:', usage: '[-HW] [-f FILE]\n\nShow listing of the last users that logged into the system' }
        : { short: 'adf:Fin:Rs:t:p:wx', long: LAST, digits: 'n', usage: '[options] [<username>...] [<tty>...]' },
    )
    if (!c.busybox) return void (await c.warn(`cannot open ${o.get('f') ?? '/var/log/wtmp'}: No such file or directory`))
    await c.print('USER       TTY            HOST               LOGIN        TIME\n')
  })
}

export function logname(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    await withoutOperands(c, '\n\nPrint the name of the current user')
    throw new Fail(c.busybox ? 'logname: getlogin: No such device or address' : 'logname: no login name')
  })
}

export function hostid(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    await withoutOperands(c, '\n\nPrint out a unique 32-bit identifier for the machine')
    const [a = 0, b = 0, d = 0, e = 0] = c.task.net.ip.split('.').map(Number)
    await c.print(`${[b, a, e, d].map((n) => n.toString(16).padStart(2, '0')).join('')}\n`)
  })
}

export function nologin(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    await c.print(flavour === 'busybox' ? 'This account is not available\n' : 'This account is currently not available.\n')
    return 1
  })
}

const SU = { fast: 'f', pty: 'P', 'group=': 'g', 'supp-group=': 'G', 'session-command=': 'c', 'whitelist-environment=': 'w' }

/** Another user's shell. Root needs no password; nobody else has one here. */
export function su(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const login = c.task.argv.includes('-')
    const argv = c.task.argv.filter((arg) => arg !== '-')
    const o = await c.options(
      {
        short: flavour === 'busybox' ? 'lmpc:s:' : 'lmpc:s:fPg:G:w:',
        long: { login: 'l', 'preserve-environment': 'p', 'command=': 'c', 'shell=': 's', ...(flavour === 'busybox' ? {} : SU) },
        stopAtOperand: flavour === 'busybox',
        usage: "[-lmp] [-s SH] [-] [USER [FILE ARGS | -c 'CMD' [ARG0 ARGS]]]",
      },
      argv,
    )
    const [name = 'root', ...rest] = o.operands
    const user = users(c.fs).find((each) => each.name === name)
    if (!user)
      throw new Fail(
        c.busybox
          ? `su: unknown user ${name}`
          : `su: user ${name} does not exist or the user entry does not contain all the required fields`,
      )
    if (c.task.uid !== 0) await refuse(c)
    const shell = o.get('s') ?? (shellOf(c, name) || '/bin/sh')
    const env = { ...c.task.env }
    const kept = (o.get('w') ?? '').split(',')
    if (login || o.has('l')) for (const key of Object.keys(env)) if (key !== 'TERM' && !kept.includes(key)) delete env[key]
    if (login || o.has('l')) env['PATH'] = user.id === 0 ? '/sbin:/usr/sbin:/bin:/usr/bin' : '/bin:/usr/bin'
    if (!o.has('p') && !o.has('m')) {
      Object.assign(env, { HOME: user.home, SHELL: shell })
      if (user.id !== 0 || login || o.has('l')) Object.assign(env, { USER: name, LOGNAME: name })
    }
    if ((login || o.has('l')) && c.fs.exists(user.home)) c.task.cwd = user.home
    const byName = (text: string): number => {
      const group = groups(c.fs).find((each) => each.name === text)
      if (!group) throw new Fail(`su: group ${text} does not exist`)
      return group.id
    }
    c.task.gid = o.has('g') ? byName(o.get('g')!) : o.has('G') ? byName(o.all('G')[0]!) : user.gid
    c.task.groups = o.has('G') ? o.all('G').map(byName) : [c.task.gid, ...groups(c.fs).filter((each) => each.members.includes(name)).map((each) => each.id)] // prettier-ignore
    c.task.uid = user.id
    // busybox leaves -c among the operands behind the name.
    const at = rest.indexOf('-c')
    const text = o.get('c') ?? (at >= 0 ? rest[at + 1] : undefined)
    const args = at >= 0 ? rest.slice(at + 2) : rest
    return become(c, [shell, ...(text === undefined ? [] : ['-c', text]), ...args], env)
  })
}

async function refuse(c: Command): Promise<never> {
  await c.task.writeError('Password: ')
  await c.task.readLine()
  throw new Fail(c.busybox ? '\nsu: incorrect password' : '\nsu: Authentication failure')
}

function shellOf(c: Command, name: string): string {
  const line = c.fs.exists('/etc/passwd')
    ? c.fs
        .readText('/etc/passwd')
        .split('\n')
        .find((each) => each.startsWith(`${name}:`))
    : undefined
  return line?.split(':')[6]?.trim() ?? ''
}
