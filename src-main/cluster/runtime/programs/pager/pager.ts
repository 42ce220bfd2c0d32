/** less and more: a screen at a time on a terminal, everything otherwise. */
import { SystemError, type OpenFile, type Program } from '../../process.js'
import { command, type Command, type Flavour, type OptionSpec } from '../command.js'
import { openForReading, readAll } from '../reading.js'
import { versionText } from '../gnu-versions.js'
import { Less, type Document } from './less.js'
import { More } from './more.js'
import { linesOf } from './rows.js'

const LESS: OptionSpec = {
  short: 'aAb:BcCdeEfFgGh:iIj:J:k:KLmMnNo:O:p:P:qQrRsSt:T:uUVwWx:XyZ:z:"#:~',
  long: {
    'search-skip-screen': 'a', 'buffers=': 'b', 'clear-screen': 'c', dumb: 'd', 'quit-at-eof': 'e', 'QUIT-AT-EOF': 'E', force: 'f',
    'quit-if-one-screen': 'F', 'hilite-search': 'g', 'HILITE-SEARCH': 'G', 'max-back-scroll=': 'h', 'ignore-case': 'i', 'IGNORE-CASE': 'I',
    'jump-target=': 'j', 'status-column': 'J', 'quit-on-intr': 'K', 'long-prompt': 'm', 'LONG-PROMPT': 'M', 'line-numbers': 'n', 'LINE-NUMBERS': 'N',
    'pattern=': 'p', 'prompt=': 'P', quiet: 'q', silent: 'q', QUIET: 'Q', 'raw-control-chars': 'r', 'RAW-CONTROL-CHARS': 'R', 'squeeze-blank-lines': 's',
    'chop-long-lines': 'S', 'underline-special': 'u', version: 'V', 'hilite-unread': 'w', 'tabs=': 'x', 'no-init': 'X', 'window=': 'z', tilde: '~',
    mouse: 'mouse', 'follow-name': 'follow-name', 'no-keypad': 'no-keypad', 'shift=': '#', 'use-color': 'use-color',
  },
  usage: '[-EFIMmNSRh~] [FILE]...\n\nView FILE (or stdin) one screenful at a time',
} // prettier-ignore

const MORE: OptionSpec = {
  short: 'dlfcpsuen:hV',
  long: {
    silent: 'd',
    logical: 'l',
    'no-pause': 'f',
    'clean-print': 'c',
    'print-over': 'p',
    squeeze: 's',
    plain: 'u',
    'exit-on-eof': 'e',
    'lines=': 'n',
  },
  usage: '[FILE]...\n\nView FILE (or stdin) one screenful at a time',
}

export function pager(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const more = c.name === 'more'
    const starts: string[] = []
    const argv = c.task.argv.filter((arg, i) => i === 0 || !/^\+./.test(arg) || !starts.push(arg.slice(1)))
    const spec = more
      ? c.busybox
        ? { ...MORE, short: '', long: {} }
        : { ...MORE, digits: 'n' }
      : c.busybox
        ? { ...LESS, short: 'EFIMmNSRh~' }
        : LESS
    const o = await c.options(spec, argv)
    if (o.has('V')) return c.print(versionText(c.name, c.fs))
    const { terminal } = c.task
    if (c.task.fd(1)?.kind !== 'tty' || !terminal) {
      // What is shown to no terminal passes as it comes.
      for (const name of o.operands.length > 0 ? o.operands : ['-']) {
        if (more && o.operands.length > 1 && !c.busybox) await c.print(`::::::::::::::\n${name}\n::::::::::::::\n`)
        for await (const { file } of c.inputs([name])) await passOn(c, file)
      }
      return c.status
    }
    const documents = await read(c, o.operands)
    if (documents.length === 0) return c.status || 1
    const keys = await openForReading(c.task, '/dev/tty')
    const modes = terminal.modes
    terminal.setModes({ icanon: false, echo: false })
    c.task.onSignal('WINCH', () => undefined)
    try {
      await (more ? new More(c, o, documents, keys, starts).run() : new Less(c, o, documents, keys, starts).run())
    } finally {
      if (!c.task.ended) terminal.setModes(modes)
      keys.close()
    }
    return c.status
  })
}

/** The files that can be read. */
async function read(c: Command, names: readonly string[]): Promise<Document[]> {
  const out: Document[] = []
  for (const name of names.length > 0 ? names : ['-']) {
    try {
      if (name !== '-' && c.fs.stat(name).type === 'directory' && !c.busybox) {
        await c.task.writeError(c.name === 'more' ? `\n*** ${name}: directory ***\n\n` : `${name} is a directory\n`)
        continue
      }
      const file = name === '-' ? c.task.fd(0)! : await openForReading(c.task, name)
      out.push({ name: name === '-' ? undefined : name, lines: linesOf((await readAll(file)).toString('utf8')) })
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.task.writeError(c.busybox ? `${c.name}: can't open '${name}': ${error.message}\n` : c.name === 'more' ? `more: cannot open ${name}: ${error.message}\n` : `${name}: ${error.message}\n`) // prettier-ignore
      c.status = 1
    }
  }
  return out
}

async function passOn(c: Command, file: OpenFile): Promise<void> {
  for (let data = await file.read(65_536); data.length > 0; data = await file.read(65_536)) await c.print(data)
}
