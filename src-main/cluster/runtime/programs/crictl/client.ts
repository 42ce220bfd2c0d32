/** What the commands of crictl share: the runtime that they ask, how they fail, how they find what is named. */
import { rfc3339 } from '../../../clock.js'
import type { ListedContainer, ListedSandbox, NodeCri } from '../../node-cri.js'
import { Fail, type Command, type Options, type OptionSpec } from '../command.js'
import { boundedRegExp } from '../guarded-regexp.js'

/** One run of crictl. */
export interface Client {
  readonly c: Command
  readonly cri: NodeCri
  /** All that there are, for the help. */
  readonly commands: readonly Subcommand[]
}

/** A command of crictl: gets its own name and what follows it; resolves with the exit status. */
export interface Subcommand {
  readonly names: readonly string[]
  /** What the help says it does. */
  readonly about: string
  run(client: Client, argv: readonly string[]): Promise<number>
}

/** What crictl can do. */
export async function help({ c, commands }: Client): Promise<number> {
  const rows = commands.map(({ names, about }) => `   ${names.join(', ').padEnd(20)}${about}\n`).join('')
  await c.print(`NAME:\n   crictl - client for CRI\n\nUSAGE:\n   crictl [global options] command [command options]\n\nCOMMANDS:\n${rows}`)
  return 0
}

/** The end of a run as logrus words it: short on a terminal, with time and level elsewhere. */
export function fatal(c: Command, message: string): Fail {
  if (c.task.fd(2)?.kind === 'tty') return new Fail(`FATA[0000] ${message}`)
  return new Fail(`time=${JSON.stringify(rfc3339(c.task.clock.now()))} level=fatal msg=${JSON.stringify(message)}`)
}

/** The options of a command. */
export function optionsOf({ c }: Client, short: string, long: Readonly<Record<string, string>>, argv: readonly string[]): Promise<Options> {
  const spec: OptionSpec = { short, long, stopAtOperand: true, usage: '' }
  return c.optionsOr(
    spec,
    (fault) => {
      const unknown = /(?:unrecognized option|invalid option --) '-*([^']*)'/.exec(fault)?.[1]
      return fatal(c, unknown === undefined ? fault.replace(/^crictl: /, '') : `flag provided but not defined: -${unknown}`)
    },
    argv,
  )
}

/** A number given to an option. Throws for what is none. */
export function numberOf({ c }: Client, o: Options, letter: string, name: string): number | undefined {
  const text = o.get(letter)
  if (text === undefined) return undefined
  if (/^-?\d+$/.test(text)) return Number(text)
  throw fatal(c, `invalid value "${text}" for flag -${name}: strconv.ParseInt: parsing "${text}": invalid syntax`)
}

/** Labels that options ask for, `KEY=VALUE` each. */
export function labelsOf({ c }: Client, given: readonly string[]): (labels: Readonly<Record<string, string>>) => boolean {
  const wanted = given.map((text) => {
    const at = text.indexOf('=')
    if (at < 0) throw fatal(c, `incorrectly specified label: ${text}`)
    return [text.slice(0, at), text.slice(at + 1)] as const
  })
  return (labels) => wanted.every(([key, value]) => labels[key] === value)
}

/** What matches a regular expression of an option; everything without one. */
export function matcher({ c }: Client, pattern: string | undefined): (text: string) => boolean {
  if (pattern === undefined) return () => true
  try {
    const expression = boundedRegExp(pattern)
    return (text) => expression.test(text)
  } catch {
    throw fatal(c, `error parsing regexp: ${pattern}`)
  }
}

/** The newest first; of those, as many as `--latest` and `--last` let through. */
export function newest<T extends { readonly createdAt: number }>(client: Client, all: readonly T[], o: Options): T[] {
  const sorted = [...all].sort((a, b) => b.createdAt - a.createdAt)
  const last = o.has('l') ? 1 : (numberOf(client, o, 'n', 'last') ?? 0)
  return last > 0 ? sorted.slice(0, last) : sorted
}

function byId<T extends { readonly id: string }>(all: readonly T[], id: string): T | undefined {
  const found = all.filter((each) => each.id.startsWith(id))
  return id !== '' && found.length === 1 ? found[0] : undefined
}

/** The container whose id begins so. Throws in the words of containerd, after `doing`. */
export function containerOf({ c, cri }: Client, id: string, doing: string): ListedContainer {
  const found = byId(cri.containers(), id)
  if (found) return found
  throw fatal(c, `${doing}rpc error: code = NotFound desc = an error occurred when try to find container "${id}": not found`)
}

/** The sandbox whose id begins so. */
export function sandboxOf({ c, cri }: Client, id: string, doing: string): ListedSandbox {
  const found = byId(cri.sandboxes(), id)
  if (found) return found
  throw fatal(c, `${doing}rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found`)
}
