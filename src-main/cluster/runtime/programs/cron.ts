/** crond and crontab: programs at times of the day. */
import { nullDevice } from '../devices.js'
import { SystemError, type Program } from '../process.js'
import { users } from './accounts.js'
import { Command, command, Fail } from './command.js'

const SPOOL = '/var/spool/cron/crontabs'
const MINUTE = 60_000

const NAMES: Readonly<Record<string, readonly string[]>> = {
  month: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  day: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
}

const SHORTHANDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *', '@hourly': '0 * * * *',
} // prettier-ignore

interface Job {
  user: string
  command: string
  due(at: Date): boolean
}

/** The values of one field: stars, names, ranges, steps and lists. */
function field(text: string, low: number, high: number, names?: readonly string[]): Set<number> | undefined {
  const found = new Set<number>()
  for (const part of text.toLowerCase().split(',')) {
    const m = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part)
    if (!m) return undefined
    const value = (each: string): number => (names && names.includes(each) ? names.indexOf(each) : Number(each))
    const from = m[1] === '*' ? low : value(m[1]!)
    const to = m[1] === '*' ? high : m[2] === undefined ? (m[3] ? high : from) : value(m[2])
    const step = Number(m[3] ?? 1)
    if (!(from >= low && to <= high && step >= 1)) return undefined
    for (let n = from; n <= to; n += step) found.add(n)
  }
  return found
}

function parseLine(line: string, user: string): Job | undefined {
  const text = line.replace(/^@\w+/, (name) => SHORTHANDS[name] ?? name)
  const m = /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(.+)$/.exec(text)
  if (!m) return undefined
  const [minute, hour, date, month] = [field(m[1]!, 0, 59), field(m[2]!, 0, 23), field(m[3]!, 1, 31), field(m[4]!, 1, 12, NAMES['month'])]
  const day = field(m[5]!.replace(/\b7\b/g, '0'), 0, 6, NAMES['day'])
  if (!minute || !hour || !date || !month || !day) return undefined
  const [anyDate, anyDay] = [m[3] === '*', m[5] === '*']
  return {
    user,
    command: m[6]!,
    due: (at) => {
      if (!minute.has(at.getUTCMinutes()) || !hour.has(at.getUTCHours()) || !month.has(at.getUTCMonth() + 1)) return false
      const [onDate, onDay] = [date.has(at.getUTCDate()), day.has(at.getUTCDay())]
      // Either will do when both are given.
      return anyDate || anyDay ? onDate && onDay : onDate || onDay
    },
  }
}

function jobs(c: Command, directory: string): Job[] {
  if (!c.fs.exists(directory)) return []
  return c.fs.readdir(directory).flatMap((user) =>
    c.fs
      .readText(`${directory}/${user}`)
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .flatMap((line) => parseLine(line.trim(), user) ?? []),
  )
}

export function crond(): Program {
  return command('busybox', async (c) => {
    const o = await c.options({ short: 'l:L:fbSc:d:', usage: '[-fbS] [-l N] [-d N] [-L LOGFILE] [-c DIR]' })
    const directory = o.get('c') ?? SPOOL
    const level = Number(o.get('d') ?? o.get('l') ?? 8)
    const run = async (on: Command): Promise<number> => {
      const log = async (text: string): Promise<void> => {
        const line = `crond: ${text}\n`
        if (o.has('L')) on.fs.writeFile(o.get('L')!, line, { append: true })
        else if (o.has('f') || o.has('d')) await on.task.writeError(line)
      }
      if (!on.fs.exists(directory)) throw new Fail(`crond: can't change directory to '${directory}': No such file or directory`)
      await log(`crond (busybox 1.36.1) started, log level ${level}`)
      for (;;) {
        const now = on.task.clock.now()
        await on.task.sleep(MINUTE - (now % MINUTE))
        const at = new Date(on.task.clock.now())
        for (const job of jobs(on, directory)) if (job.due(at)) await start(on, job, level, log)
      }
    }
    if (o.has('f')) return run(c)
    const daemon = (child: typeof c.task): Promise<number> => {
      child.newSession()
      return run(new Command(child, 'busybox'))
    }
    c.task.fork(daemon, { fds: new Map([0, 1, 2].map((n) => [n, nullDevice()])) })
    return 0
  })
}

/** Runs one in the home of its user; it goes on by itself. */
async function start(c: Command, job: Job, level: number, log: (text: string) => Promise<void>): Promise<void> {
  const user = users(c.fs).find((each) => each.name === job.user)
  if (!user) return
  const child = c.task.fork(async (task) => {
    task.uid = user.id
    task.gid = user.gid
    if (task.fs.exists(user.home)) task.cwd = user.home
    const env = { ...task.env, USER: user.name, HOME: user.home, SHELL: '/bin/sh' }
    try {
      return await (await task.spawn({ argv: ['/bin/sh', '-c', job.command], env })).wait()
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      return 127
    }
  })
  void c.task.waitFor(child).catch(() => undefined)
  if (level <= 8) await log(`USER ${user.name} pid ${String(child.pid).padStart(3)} cmd ${job.command}`)
}

export function crontab(): Program {
  return command('busybox', async (c) => {
    const spec = { short: 'c:u:ler', usage: '[-c DIR] [-u USER] [-ler]|[FILE]' }
    const o = await c.options(spec)
    const directory = o.get('c') ?? SPOOL
    const own = users(c.fs).find((each) => each.id === c.task.uid)?.name ?? String(c.task.uid)
    const user = o.get('u') ?? own
    if (user !== own && c.task.uid !== 0) throw new Fail('crontab: must be suid to work properly')
    const path = `${directory}/${user}`
    if (!c.fs.exists(directory)) throw new Fail(`crontab: can't change directory to '${directory}': No such file or directory`)
    if (o.has('l')) {
      if (!c.fs.exists(path)) throw new Fail(`crontab: can't open '${user}': No such file or directory`)
      await c.print(c.fs.readFile(path))
      return 0
    }
    if (o.has('r')) {
      if (c.fs.exists(path)) c.fs.remove(path)
      return 0
    }
    if (o.has('e')) {
      if (!c.fs.exists(path)) c.fs.writeFile(path, '', { mode: 0o600 })
      return (await c.task.spawn({ argv: [c.task.env['VISUAL'] ?? c.task.env['EDITOR'] ?? 'vi', path] })).wait()
    }
    const [file] = o.operands
    if (file === undefined) throw c.usageError(spec)
    let text = ''
    for await (const { file: input } of c.inputs([file]))
      for (let data = await input.read(65_536); data.length > 0; data = await input.read(65_536)) text += Buffer.from(data).toString('utf8')
    if (c.status === 0) c.fs.writeFile(path, text, { mode: 0o600 })
    return c.status
  })
}
