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

/** The lines of sysctl.conf(5) that set something, as `name=value`. */
function settingsOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#;]/.test(line))
}

/** Writes a setting; returns what was wrong. */
function change(c: Command, path: string, value: string): SystemError | undefined {
  try {
    c.fs.writeFile(path, `${value}\n`)
    return undefined
  } catch (error) {
    if (error instanceof SystemError) return error
    throw error
  }
}

function refusal(c: Command, name: string, { code, message }: SystemError): string {
  if (c.busybox) return `sysctl: error setting key '${name}': ${message}`
  return code === 'EACCES' ? `sysctl: permission denied on key "${name}"` : `sysctl: setting key "${name}": ${message}`
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
    let wanted = o.has('a') || o.has('A') ? namesBelow(c, '') : o.operands
    if (o.has('p')) wanted = (o.operands.length > 0 ? o.operands : ['/etc/sysctl.conf']).flatMap((path) => settingsOf(c.fs.readText(path)))
    let failed = false
    const complain = async (text: string): Promise<void> => {
      failed = true
      if (!o.has('e')) await c.task.writeError(`${text}\n`)
    }
    for (const operand of wanted) {
      const [name = '', value] = operand.split('=', 2).map((part) => part.trim())
      const path = name.includes('/') ? name : name.replaceAll('.', '/')
      try {
        const keys = namesBelow(c, path)
        if (value !== undefined) {
          const problem = change(c, `${ROOT}/${path}`, value)
          if (problem) await complain(refusal(c, name, problem))
          else if (!o.has('q')) await c.print(o.has('n') ? `${value}\n` : `${name.replaceAll('/', '.')} = ${value}\n`)
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
