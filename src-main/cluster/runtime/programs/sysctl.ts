/** sysctl: the kernel's settings of /proc/sys by name. */
import { SystemError, type Program } from '../process.js'
import { command, type Command, type Flavour } from './command.js'

const ROOT = '/proc/sys'

/** Names below a directory of /proc/sys, dotted, in the order of their files. */
function namesBelow(c: Command, path: string): string[] {
  const stat = c.fs.stat(`${ROOT}/${path}`)
  if (stat.type !== 'directory') return [path.replaceAll('/', '.')]
  return c.fs
    .readdir(`${ROOT}/${path}`)
    .sort()
    .flatMap((name) => namesBelow(c, path ? `${path}/${name}` : name))
}

export function sysctl(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'neNaAbpqwrN',
      long: { values: 'n', names: 'N', ignore: 'e', all: 'a', quiet: 'q', write: 'w' },
      usage: c.busybox
        ? '[-enq] { -a | -p [FILE]... | [-w] [KEY[=VALUE]]... }\n\nShow/set kernel parameters'
        : '[options] [variable[=value] ...]',
    })
    const wanted = o.has('a') || o.has('A') ? namesBelow(c, '') : o.operands
    let failed = false
    const complain = async (text: string): Promise<void> => {
      failed = true
      if (!o.has('e')) await c.task.writeError(`${text}\n`)
    }
    for (const operand of wanted) {
      const [name = '', value] = operand.split('=', 2)
      const path = name.includes('/') ? name : name.replaceAll('.', '/')
      try {
        const keys = namesBelow(c, path)
        if (value !== undefined) {
          const problem = c.busybox ? `error setting key '${name}': Read-only file system` : `setting key "${name}": Read-only file system`
          await complain(`sysctl: ${problem}`)
          continue
        }
        for (const key of keys) {
          const text = c.fs.readText(`${ROOT}/${key.replaceAll('.', '/')}`).trimEnd()
          await c.print(o.has('N') ? `${key}\n` : o.has('n') ? `${text}\n` : `${key} = ${text}\n`)
        }
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        const file = `${ROOT}/${path}`
        await complain(c.busybox ? `sysctl: error: '${name}' is an unknown key` : `sysctl: cannot stat ${file}: ${error.message}`)
      }
    }
    return failed ? (c.busybox ? 1 : 255) : 0
  })
}
