/** nsenter: runs a program in the namespaces of another process, as a shell on a node is opened from a privileged pod. */
import { SystemError, type Program } from '../process.js'
import { hasCapability } from '../security.js'
import type { Task } from '../task.js'
import { command, Fail, type Command, type Flavour, type OptionSpec } from './command.js'
import { become } from './launch.js'

/** The namespaces by their letters: the name of the option, and of the file in /proc/PID/ns. In this order they are entered. */
const KINDS = { U: ['user', 'user'], C: ['cgroup', 'cgroup'], i: ['ipc', 'ipc'], u: ['uts', 'uts'], n: ['net', 'net'], p: ['pid', 'pid'], m: ['mount', 'mnt'], T: ['time', 'time'] } as const // prettier-ignore
type Letter = keyof typeof KINDS
const LETTERS = Object.keys(KINDS) as Letter[]
/** Those that make a difference to a process here; the machine has one of each of the others, but for those of a container. */
const FELT = new Set(['mnt', 'net', 'uts'])

function specOf(busybox: boolean): OptionSpec {
  const long: Record<string, string> = { 'target=': 't', 'setuid=': 'S', 'setgid=': 'G', 'root=?': 'r', 'wd=?': 'w', 'no-fork': 'F' }
  for (const letter of LETTERS) if (!busybox || !'CT'.includes(letter)) long[`${KINDS[letter][0]}=?`] = letter
  return {
    short: busybox ? 'm::u::i::n::p::U::t:S:G:r::w::F' : 'at:m::u::i::n::p::C::U::T::S:G:r::w::FZ',
    long: { ...long, 'preserve-credentials': 'preserve', ...(busybox ? {} : { all: 'a', 'follow-context': 'Z' }) },
    stopAtOperand: true,
    usage: '[options] [<program> [<argument>...]]',
  }
}

export function nsenter(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(specOf(c.busybox))
    const target = o.get('t')
    if (target !== undefined && !/^\d+$/.test(target))
      throw new Fail(c.busybox ? `nsenter: invalid number '${target}'` : `nsenter: failed to parse pid: '${target}'`)
    const wanted = LETTERS.filter((letter) => o.has(letter) || (o.has('a') && letter !== 'U'))
    const files = wanted.map((letter) => [letter, o.get(letter) || ownFile(target, KINDS[letter][1])] as const)
    const found = files.map(([letter, path]) => [letter, targetOf(c, path)] as const)
    const { task } = c
    for (const [letter, of] of found) enter(c, letter, of)
    if (o.has('r')) await inTarget(c, () => task.fs.changeRoot(o.get('r') || `/proc/${target}/root`))
    if (o.has('w')) await inTarget(c, () => void (task.cwd = task.fs.realpath(o.get('w') || `/proc/${target}/cwd`)))
    if (o.has('G')) task.gid = Number(o.get('G'))
    if (o.has('S')) task.uid = Number(o.get('S'))
    // A login shell has the name of the shell behind a hyphen.
    return become(c, o.operands.length > 0 ? o.operands : [task.env['SHELL'] ?? '/bin/sh', '-l'])
  })
}

function ownFile(target: string | undefined, name: string): string {
  if (target === undefined) throw new Fail('nsenter: neither filename nor target pid supplied for ns/' + name)
  return `/proc/${target}/ns/${name}`
}

/** The process whose namespace a file is; undefined for a file that is none. */
function targetOf(c: Command, path: string): Task | undefined {
  try {
    return c.task.fs.namespaceOf(path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(c.busybox ? `nsenter: can't open '${path}': ${error.message}` : `nsenter: cannot open ${path}: ${error.message}`)
  }
}

function enter(c: Command, letter: Letter, of: Task | undefined): void {
  const [, name] = KINDS[letter]
  const { security } = c.task.namespaces
  const why = !of ? 'Invalid argument' : security && !hasCapability(security, c.task.uid, 'SYS_ADMIN') ? 'Operation not permitted' : ''
  if (why) {
    const what = c.busybox ? `setns(): can't reassociate to namespace '${name}'` : `reassociate to namespace 'ns/${name}' failed`
    throw new Fail(`nsenter: ${what}: ${why}`)
  }
  if (FELT.has(name)) c.task.enter(name as 'mnt' | 'net' | 'uts', of!)
}

/** Changes the root or the working directory, once the namespaces are entered. */
async function inTarget(c: Command, change: () => void): Promise<void> {
  try {
    change()
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(`nsenter: ${error.message}`)
  }
}
