/** Commands and links of a person's own, in the menus of objects. */
import type { ManifestSource } from './apply.js'
import type { RpcError } from './errors.js'
import type { ObjectRef } from './resources.js'

/**
 * A program that is run for an object, or a page that is opened for it. Arguments and address may hold variables (`$NAME`, `${COL-NODE}`),
 * as the plugins of k9s have them: https://k9scli.io/topics/plugins/
 */
export interface OwnCommand {
  /** What menus call it; no two have the same. */
  name: string
  description?: string
  /** The kinds that it is offered for, as kubectl takes them (`po`, `deployments`, `deployments.apps`), or `all`. */
  scopes: string[]
  /** Its key in lists, as the keys of the window are written: `L`, `ctrl+l`. */
  shortcut?: string
  /** The page to open, instead of a program to run. */
  url?: string
  /** A program: its path, or a name that is looked for on the PATH of the login shell. It is started without a shell. */
  command?: string
  args?: string[]
  /** The person is shown the command line and asked before each run. */
  confirm?: boolean
  /** It changes or destroys something: not to be had where a context is read-only, and the object's name is to be typed. */
  dangerous?: boolean
  /** It gets no terminal; how it ended is told. */
  background?: boolean
  /** It came from a file and has never been run: its first run is confirmed, whatever it says. */
  untried?: boolean
}

/** What is wrong with one field of a command, such as `args[2]`, and how to mend it. */
export interface OwnCommandProblem {
  field: string
  problem: RpcError
}

/** What files hold of commands. */
export interface FoundCommands {
  commands: OwnCommand[]
  /** What was not taken, or was changed to be taken. */
  problems: { file: string; name?: string; field?: string; problem: RpcError }[]
}

/** A command line that is ready to be run, as it stands: nothing of it is taken from a window afterwards. */
export interface PreparedRun {
  /** Names it for the stream `command`. */
  run: string
  /** Each word quoted as a POSIX shell wants it. Empty for a link. */
  line: string
  /** The address of a link. */
  url?: string
  /** Where the command asks for one and the pod has several. */
  containers?: string[]
  container?: string
}

export interface CommandParams {
  run: string
  columns: number
  rows: number
}

export type CommandEvent =
  | { type: 'open' }
  | { type: 'data'; data: Uint8Array }
  /** The last is `exit`; a command in the background has had its output before. */
  | { type: 'exit'; code: number | null; error?: RpcError }

export interface CommandCalls {
  /** What keeps a command from being used; empty when nothing does. */
  'commands.check': (p: { command: OwnCommand }) => OwnCommandProblem[]
  /** Reads plugins of k9s (`plugins.yaml`, or a folder of such files). Rejects when there is no such file. */
  'commands.read': (p: { source: ManifestSource }) => FoundCommands
  /** Puts an object into the variables of the command of a name. Rejects with `Invalid` where a value must not stand where it would. */
  'commands.prepare': (p: { context: string; name: string; ref: ObjectRef; kind: string; container?: string }) => PreparedRun
}
