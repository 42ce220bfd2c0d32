/** logger and dmesg: the log of a machine; a container has no daemon that keeps one. */
import type { Program } from '../process.js'
import { users } from './accounts.js'
import { command, type Flavour } from './command.js'
import { lineBatches } from './reading.js'

export function logger(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'sp:t:if:',
      long: { stderr: 's', 'priority=': 'p', 'tag=': 't' },
      usage: '[-s] [-t TAG] [-p PRIO] [MESSAGE]\n\nWrite MESSAGE (or stdin) to syslog',
    })
    const tag = o.get('t') ?? users(c.fs).find((each) => each.id === c.task.uid)?.name ?? 'logger'
    const say = async (text: string): Promise<void> => {
      if (o.has('s')) await c.task.writeError(`${c.busybox ? '' : '<13>'}${tag}: ${text}\n`)
    }
    if (o.operands.length > 0) return say(o.operands.join(' '))
    for await (const lines of lineBatches(c.task.fd(0)!)) for (const line of lines) await say(line.toString('utf8').trimEnd())
  })
}

export function dmesg(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    await c.options({ short: 'cn:s:rTHwx', usage: '[-cr] [-n LEVEL] [-s SIZE]\n\nPrint or control the kernel ring buffer' })
    await c.warn(flavour === 'busybox' ? 'klogctl: Operation not permitted' : 'read kernel buffer failed: Operation not permitted')
  })
}
