/** sed */
import type { Program } from '../process.js'
import { SystemError } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import type { Stat } from '../fs.js'
import { baseName } from './files.js'
import { openForReading, readText } from './reading.js'
import { type Instruction, ScriptParser } from './sed/script.js'
import { Editor, type SedInput } from './sed/editor.js'

const SPEC = {
  short: 'ne:f:ri::Esuzl:',
  long: {
    quiet: 'n',
    silent: 'n',
    'expression=': 'e',
    'file=': 'f',
    'regexp-extended': 'E',
    'in-place=?': 'i',
    separate: 's',
    'null-data': 'z',
    unbuffered: 'u',
    posix: 'posix',
    sandbox: 'sandbox',
    'follow-symlinks': 'follow',
    'line-length=': 'l',
  },
  usage: '[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...\nor: sed [-i[SFX]] [-nrE] CMD [FILE]...',
}

export function sed(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    if (c.busybox && c.task.argv[1] === '--version') return c.print('This is not GNU sed version 4.0\n')
    const o = await c.options(SPEC)
    const scripts = [...o.all('e')]
    for (const f of o.all('f')) scripts.push(await scriptFile(c, f))
    const operands = [...o.operands]
    if (scripts.length === 0) {
      const first = operands.shift()
      if (first === undefined) throw c.usageError(SPEC)
      scripts.push(first)
    }
    if (/^#n(\n|$)/.test(scripts[0]!)) o.add('n', '')
    const program = new ScriptParser(c, scripts.join('\n'), o.has('E') || o.has('r'), o.has('sandbox')).parse()
    if (o.has('s') && !o.has('i')) return separately(c, o, program, operands)
    if (!o.has('i')) return new Editor(c, o, program, (b) => c.print(b)).run(inputsOf(c, operands))
    if (operands.length === 0 && !c.busybox) throw new Fail('sed: no input files', 1)
    let status = 0
    for (const path of operands) status = (await inPlace(c, o, program, path)) ?? status
    return c.status || status
  })
}

async function scriptFile(c: Command, path: string): Promise<string> {
  try {
    return (await readText(c, path)).replace(/\n$/, '')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw c.busybox ? new Fail(`sed: ${path}: ${error.message}`) : new Fail(`sed: couldn't open file ${path}: ${error.message}`, 4)
  }
}

/** Edits a file: what comes of it is written beside it and then takes its name. The status, where it could be edited. */
async function inPlace(c: Command, o: Options, program: Instruction[], given: string): Promise<number | undefined> {
  let original: Stat
  const path = o.has('follow') && c.fs.exists(given) ? c.fs.realpath(given) : given
  try {
    original = c.fs.stat(path)
    c.fs.open(path, 'r').close()
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.warn(c.busybox ? `${given}: ${error.message}` : `can't read ${given}: ${error.message}`, c.busybox ? 1 : 2)
    return undefined
  }
  if (original.type === 'directory' && !c.busybox) {
    await c.warn(`couldn't edit ${given}: not a regular file`, 4)
    return undefined
  }
  const beside = besides(c, path)
  try {
    c.fs.writeFile(beside, '', { mode: 0o600 })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw c.busybox
      ? new Fail(`sed: can't create temp file '${path}XXXXXX': ${error.message}`)
      : new Fail(`sed: couldn't open temporary file ${beside}: ${error.message}`, 4)
  }
  try {
    const out: Buffer[] = []
    const status = await new Editor(c, o, structuredProgram(program), async (b) => void out.push(Buffer.from(b))).run(inputsOf(c, [path]))
    c.fs.writeFile(beside, Buffer.concat(out))
    c.fs.chmod(beside, original.mode)
    if (c.task.uid === 0) c.fs.chown(beside, original.uid, original.gid)
    const suffix = o.get('i')
    if (suffix) replace(c, path, suffix.includes('*') && !c.busybox ? suffix.replaceAll('*', baseName(path)) : path + suffix)
    replace(c, beside, path)
    return status
  } finally {
    if (c.fs.exists(beside)) c.fs.remove(beside)
  }
}

/** The name of the file that an edited one is written to: `sedXXXXXX` in the same directory, with busybox `FILEXXXXXX`. */
function besides(c: Command, path: string): string {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
  const random = Array.from({ length: 6 }, () => letters[c.task.random.int(letters.length)]).join('')
  if (c.busybox) return path + random
  return `${path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'}/sed${random}`
}

/** Gives a file the name of another. Throws Fail where that is mounted, as /etc/hosts is in a container. */
function replace(c: Command, from: string, to: string): void {
  try {
    c.fs.rename(from, to)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw c.busybox
      ? new Fail(`sed: can't move '${from}' to '${to}': ${error.message}`)
      : new Fail(`sed: cannot rename ${from}: ${error.message}`, 4)
  }
}

/** Ranges start closed in each file that is edited in place. */
function structuredProgram(program: Instruction[]): Instruction[] {
  return program.map((i) => ({ ...i, openUntil: i.from?.type === 'line' && i.from.line === 0 ? Infinity : undefined }))
}

/** Each file by itself: lines are counted anew, and `$` is the last one of each. */
async function separately(c: Command, o: Options, program: Instruction[], operands: readonly string[]): Promise<number> {
  let status = 0
  for (const name of operands.length > 0 ? operands : ['-'])
    status = await new Editor(c, o, structuredProgram(program), (b) => c.print(b)).run(inputsOf(c, [name]))
  return status
}

async function* inputsOf(c: Command, operands: string[]): AsyncGenerator<SedInput> {
  for (const name of operands.length > 0 ? operands : ['-']) {
    if (name === '-') {
      yield { name, file: c.task.fd(0)! }
      continue
    }
    try {
      const stat = c.fs.stat(name)
      if (stat.type === 'directory') {
        // busybox finds it empty.
        if (c.busybox) continue
        throw new Fail(`sed: read error on ${name}: Is a directory`, 4)
      }
      const file = await openForReading(c.task, name)
      yield { name, file }
      file.close()
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.warn(c.busybox ? `${name}: ${error.message}` : `can't read ${name}: ${error.message}`, c.busybox ? 1 : 2)
    }
  }
}
