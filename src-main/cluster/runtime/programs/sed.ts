/** sed */
import type { Program } from '../process.js'
import { SystemError } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
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
    const o = await c.options(SPEC)
    const scripts = [...o.all('e')]
    for (const f of o.all('f')) scripts.push((await readText(c, f)).replace(/\n$/, ''))
    const operands = [...o.operands]
    if (scripts.length === 0) {
      const first = operands.shift()
      if (first === undefined)
        throw new Fail(c.busybox ? c.usageError(SPEC).message : 'Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...')
      scripts.push(first)
    }
    const program = new ScriptParser(c, scripts.join('\n'), o.has('E') || o.has('r')).parse()
    if (o.has('s') && !o.has('i')) return separately(c, o, program, operands)
    if (!o.has('i')) return new Editor(c, o, program, (b) => c.print(b)).run(inputsOf(c, operands))
    if (operands.length === 0 && !c.busybox) throw new Fail('sed: no input files', 1)
    let status = 0
    for (const path of operands) {
      try {
        const original = c.fs.stat(path)
        if (original.type === 'directory' && !c.busybox) {
          await c.warn(`couldn't edit ${path}: not a regular file`, 4)
          continue
        }
        const out: Buffer[] = []
        status = await new Editor(c, o, structuredProgram(program), async (b) => void out.push(Buffer.from(b))).run(inputsOf(c, [path]))
        const suffix = o.get('i')
        if (suffix) c.fs.writeFile(path + suffix, c.fs.readFile(path))
        c.fs.writeFile(path, Buffer.concat(out))
        c.fs.chmod(path, original.mode)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.warn(c.busybox ? `${path}: ${error.message}` : `can't read ${path}: ${error.message}`, c.busybox ? 1 : 2)
      }
    }
    return c.status || status
  })
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
        await c.warn(c.busybox ? `read error: Is a directory` : `read error on ${name}: Is a directory`)
        continue
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
