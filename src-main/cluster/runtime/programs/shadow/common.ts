/** What the programs of shadow have in common: where accounts stand, which numbers are free, and how they are refused. */
import { linesOf } from '../account-files.js'
import { groups, users, type Account } from '../accounts.js'
import { Fail, type Command, type Options, type OptionSpec } from '../command.js'

export const [PASSWD, GROUP, SHADOW, GSHADOW] = ['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow'] as const
export const SUBORDINATE = ['/etc/subuid', '/etc/subgid'] as const

const [FIRST, LAST, FIRST_SYSTEM, LAST_SYSTEM] = [1000, 60_000, 101, 999]
/** Numbers that each user may give to users of a namespace. */
const SUBORDINATES = 65_536

/** Days since 1970, as /etc/shadow counts. */
export function today(c: Command): number {
  return Math.floor(c.task.clock.now() / 86_400_000)
}

/** Parses options; what is wrong is said with how the program is called. */
export async function shadowOptions(c: Command, spec: OptionSpec, argv?: readonly string[]): Promise<Options> {
  return c.optionsOr(spec, (fault) => new Fail(`${fault}\n${usageOf(c, spec)}`, 2), argv)
}

/** How a program is called: its forms, and its options by name. */
export function usageOf(c: Command, spec: OptionSpec): string {
  const letters = Object.entries(spec.long ?? {}).map(([name, letter]) => {
    const shown = `--${name.replace(/=\??$/, '')}${name.endsWith('=') ? ` ${name.slice(0, -1).toUpperCase().replaceAll('-', '_')}` : ''}`
    return letter.length === 1 ? `  -${letter}, ${shown}` : `      ${shown}`
  })
  return `Usage: ${c.name} ${spec.usage}\n\nOptions:\n${letters.join('\n')}\n  -h, --help`
}

/** Only root may change accounts. */
export function mustOwn(c: Command, file: string): void {
  if (c.task.uid !== 0)
    throw new Fail(`${c.name}: Permission denied.\n${c.name}: cannot lock ${file}; try again later.`, c.name.startsWith('group') ? 10 : 1)
}

/** The number after the highest that is taken; for the system, the highest that is free. */
export function nextId(taken: readonly number[], system: boolean): number {
  if (system) {
    for (let id = LAST_SYSTEM; id >= FIRST_SYSTEM; id--) if (!taken.includes(id)) return id
    return LAST_SYSTEM
  }
  return Math.max(FIRST - 1, ...taken.filter((id) => id >= FIRST && id < LAST)) + 1
}

/** Whether a number is one of those that ordinary users have. */
export function isOrdinary(id: number): boolean {
  return id >= FIRST && id <= LAST
}

export function userNamed(c: Command, name: string): Account {
  const user = users(c.fs).find((each) => each.name === name)
  if (!user)
    throw new Fail(`${c.name}: user '${name}' does not exist`, c.name === 'passwd' || c.name === 'chsh' || c.name === 'chage' ? 1 : 6)
  return user
}

/** A group by its name or number. */
export function groupNamed(c: Command, name: string): Account {
  const group = groups(c.fs).find((each) => each.name === name || String(each.id) === name)
  if (!group) throw new Fail(`${c.name}: group '${name}' does not exist`, 6)
  return group
}

/** A line for /etc/subuid or /etc/subgid: the first range behind those that are given. */
export function nextSubordinates(c: Command, path: string, name: string): string {
  const ends = linesOf(c, path).map((line) => line.split(':').slice(1).reduce((sum, n) => sum + Number(n), 0)) // prettier-ignore
  return `${name}:${Math.max(100_000, ...ends)}:${SUBORDINATES}`
}

/** A name as programs of shadow take it. */
export function isName(name: string): boolean {
  return /^[a-z_][a-z0-9_-]*\$?$/.test(name) && name.length <= 32
}
