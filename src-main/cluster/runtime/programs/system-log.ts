/** logger and dmesg: the log of a machine; a container has no daemon that keeps one. */
import type { Program } from '../process.js'
import { users } from './accounts.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { lineBatches, readText } from './reading.js'

const LOGGER = {
  'id=?': 'id', 'file=': 'f', 'skip-empty': 'e', 'no-act': 'no-act', udp: 'd', tcp: 'T', 'server=': 'n', 'port=': 'P', 'socket=': 'u', 'size=': 'S',
  'prio-prefix': 'prio-prefix', rfc3164: 'rfc', 'rfc5424=?': 'rfc', 'octet-count': 'octet-count', 'msgid=': 'msgid', 'journald=?': 'journald',
  'socket-errors=?': 'socket-errors', 'sd-id=': 'sd', 'sd-param=': 'sd',
} // prettier-ignore

const FACILITIES = 'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp'.split(' ')
const LEVELS = 'emerg alert crit err warning notice info debug'.split(' ')
const SAME: Readonly<Record<string, string>> = { panic: 'emerg', error: 'err', warn: 'warning', security: 'auth' }

/** The number of `facility.level`. Throws Fail. */
function priorityOf(c: Command, text: string): number {
  const [first = '', second] = text.split('.').map((each) => SAME[each] ?? each)
  const local = /^local([0-7])$/.exec(first)
  const facility = second === undefined ? 1 : local ? 16 + Number(local[1]) : FACILITIES.indexOf(first)
  const level = LEVELS.indexOf(second ?? first)
  if (facility < 0 && !c.busybox) throw new Fail(`logger: unknown facility name: ${text}`)
  if (level < 0 && !c.busybox) throw new Fail(`logger: unknown priority name: ${text}`)
  return facility * 8 + level
}

export function logger(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: flavour === 'busybox' ? 'sp:t:' : 'sp:t:if:den:P:TuS:',
      long: { stderr: 's', 'priority=': 'p', 'tag=': 't', ...(flavour === 'busybox' ? {} : LOGGER) },
      usage: '[-s] [-t TAG] [-p PRIO] [MESSAGE]\n\nWrite MESSAGE (or stdin) to syslog',
    })
    const level = priorityOf(c, o.get('p') ?? 'user.notice')
    const tag = o.get('t') ?? users(c.fs).find((each) => each.id === c.task.uid)?.name ?? 'logger'
    const say = async (text: string): Promise<void> => {
      if (o.has('s'))
        await c.task.writeError(
          `${c.busybox ? '' : `<${level}>`}${tag}${o.has('i') || o.has('id') ? `[${o.get('id') || c.task.pid}]` : ''}: ${text}\n`,
        )
    }
    if (o.operands.length > 0) return say(o.operands.join(' '))
    if (o.has('f')) {
      for (const line of (await readText(c, o.get('f')!))
        .split('\n')
        .filter((each, i, all) => each !== '' || (i < all.length - 1 && !o.has('e'))))
        await say(line)
      return
    }
    for await (const lines of lineBatches(c.task.fd(0)!)) for (const line of lines) await say(line.toString('utf8').trimEnd())
  })
}

const DMESG = {
  clear: 'C', 'read-clear': 'c', 'console-off': 'D', 'show-delta': 'd', 'console-on': 'E', reltime: 'e', 'file=': 'F', 'facility=': 'f', human: 'H', json: 'J',
  kernel: 'k', 'color=?': 'L', 'level=': 'l', 'console-level=': 'n', nopager: 'P', 'force-prefix': 'p', raw: 'r', noescape: 'noescape', syslog: 'S',
  'buffer-size=': 's', ctime: 'T', notime: 't', userspace: 'u', 'follow-new': 'W', follow: 'w', decode: 'x', 'since=': 'since', 'until=': 'until',
  'time-format=': 'time-format',
} // prettier-ignore

export function dmesg(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    // All of it is about a log that a container is not let to read.
    await c.options(
      flavour === 'busybox'
        ? { short: 'cn:s:r', usage: '[-cr] [-n LEVEL] [-s SIZE]\n\nPrint or control the kernel ring buffer' }
        : { short: 'CcDdEeF:f:HJkL::l:n:PprSs:TtuWwx', long: DMESG, usage: '[options]' },
    )
    await c.warn(flavour === 'busybox' ? 'klogctl: Operation not permitted' : 'read kernel buffer failed: Operation not permitted')
  })
}
