/** flock: one program at a time. */
import type { FileDescription } from '../open-file.js'
import { SystemError, type Program } from '../process.js'
import { RegularFile } from '../regular-file.js'
import { WaitQueue } from '../waiting.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { parseDuration } from './sizes.js'
import { become } from './launch.js'

interface Lock {
  /** By process, or by the open file that a shell holds. */
  holders: Map<object, 'shared' | 'exclusive'>
  freed: WaitQueue
}

/** Locks by file, of every file tree. */
const locks = new WeakMap<object, Lock>()

const SPEC = {
  short: 'sxeunw:c:oE:',
  long: {
    shared: 's', exclusive: 'x', unlock: 'u', nonblock: 'n', nb: 'n', 'wait=': 'w', 'timeout=': 'w', 'command=': 'c', close: 'o',
    'conflict-exit-code=': 'E',
  },
  stopAtOperand: true,
  usage: '[-sxun] FD | { FILE [-c] PROG ARGS }\n\n[Un]lock file descriptor, or lock FILE, run PROG',
} // prettier-ignore

export function flock(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    const [target, ...rest] = o.operands
    if (target === undefined) throw c.busybox ? c.usageError(SPEC) : new Fail('flock: not enough arguments', 64)
    const script = rest[0] === '-c' ? rest[1] : o.get('c')
    const argv = script !== undefined ? ['/bin/sh', '-c', script] : rest
    const shared = o.has('s')
    const limit = o.has('n') ? 0 : o.has('w') ? (parseDuration(o.get('w')!) ?? 0) : Infinity
    const conflict = Number(o.get('E') ?? 1)
    if (argv.length === 0) return ofDescriptor(c, target, shared, o.has('u'), limit, conflict)
    if (!c.fs.exists(target)) c.fs.writeFile(target, '')
    const lock = lockOf(c.fs.openDescription(target, 'r'))
    if (!(await take(c, lock, c.task, shared, limit))) return conflict
    c.task.onExit(() => give(lock, c.task))
    try {
      const status = await (await c.task.spawn({ argv })).wait()
      give(lock, c.task)
      return status
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      give(lock, c.task)
      return become(c, argv)
    }
  })
}

/** Locks what a descriptor of the calling shell refers to, until the shell closes it or ends. */
async function ofDescriptor(c: Command, text: string, shared: boolean, unlock: boolean, limit: number, conflict: number): Promise<number> {
  const description = /^\d+$/.test(text) ? c.task.description(Number(text)) : undefined
  if (!description) throw new Fail(`flock: ${text}: Bad file descriptor`, c.busybox ? 1 : 65)
  const lock = lockOf(description)
  const owner = c.task.parent ?? c.task
  if (unlock) {
    give(lock, description)
    return 0
  }
  if (!(await take(c, lock, description, shared, limit))) return conflict
  owner.onExit(() => give(lock, description))
  return 0
}

function lockOf(description: FileDescription): Lock {
  const key = description instanceof RegularFile ? description.node : description
  const found = locks.get(key) ?? { holders: new Map(), freed: new WaitQueue() }
  locks.set(key, found)
  return found
}

/** Waits for a lock, at most `limit` ms. Tells whether it was had. */
async function take(c: Command, lock: Lock, owner: object, shared: boolean, limit: number): Promise<boolean> {
  const until = c.task.clock.now() + limit
  const free = (): boolean => [...lock.holders].every(([holder, kind]) => holder === owner || (shared && kind === 'shared'))
  while (!free()) {
    const left = until - c.task.clock.now()
    if (left <= 0) return false
    await c.task.block((wake) => {
      const stop = lock.freed.add(wake)
      const timer = left === Infinity ? undefined : c.task.clock.after(left, wake)
      return () => {
        stop()
        timer?.cancel()
      }
    })
  }
  lock.holders.set(owner, shared ? 'shared' : 'exclusive')
  return true
}

function give(lock: Lock, owner: object): void {
  if (lock.holders.delete(owner)) lock.freed.wake()
}
