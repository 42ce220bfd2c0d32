/** getopt: the options of a script in an order that it can walk through. */
import type { Program } from '../process.js'
import { command, Fail, type Flavour } from './command.js'

const SPEC = {
  short: 'al:n:o:qQs:Tu',
  long: {
    alternative: 'a', 'longoptions=': 'l', 'name=': 'n', 'options=': 'o', quiet: 'q', 'quiet-output': 'Q', 'shell=': 's',
    test: 'T', unquoted: 'u',
  },
  stopAtOperand: true,
  usage: '[OPTIONS] [--] OPTSTRING PARAMS',
} // prettier-ignore

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

export function getopt(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    // Version 4 says so by its status.
    if (o.has('T')) return 4
    const operands = [...o.operands]
    if (operands[0] === '--') operands.shift()
    const old = !o.has('o') && !o.has('l') && !o.has('n')
    const letters = (o.get('o') ?? operands.shift() ?? '').replace(/^\+/, '')
    const name = o.get('n') ?? 'getopt'
    const show = old || o.has('u') ? (text: string): string => text : quoted
    const longs = new Map(
      o
        .all('l')
        .flatMap((each) => each.split(/[,\s]+/))
        .filter(Boolean)
        .map((each) => [each.replace(/:+$/, ''), /:*$/.exec(each)![0].length] as const),
    )
    const [out, rest, complaints]: [string[], string[], string[]] = [[], [], []]
    const missing = (option: string): void => void complaints.push(`option requires an argument -- '${option}'`)
    while (operands.length > 0) {
      const arg = operands.shift()!
      if (arg === '--') {
        rest.push(...operands.splice(0))
      } else if (arg.startsWith('--')) {
        const [given = '', ...values] = arg.slice(2).split('=')
        const value = values.length > 0 ? values.join('=') : undefined
        const found = longs.has(given) ? [given] : [...longs.keys()].filter((each) => each.startsWith(given))
        const takes = found.length === 1 ? longs.get(found[0]!)! : undefined
        if (takes === undefined) complaints.push(found.length > 1 ? `option '${arg}' is ambiguous` : `unrecognized option '${arg}'`)
        else if (takes === 0 && value !== undefined) complaints.push(`option '--${found[0]}' doesn't allow an argument`)
        else if (takes === 1 && value === undefined && operands.length === 0) complaints.push(`option '--${found[0]}' requires an argument`)
        else out.push(`--${found[0]}`, ...(takes === 0 ? [] : [show(value ?? (takes === 1 ? operands.shift()! : ''))]))
      } else if (/^-./.test(arg)) {
        for (let i = 1; i < arg.length; i++) {
          const at = arg[i] === ':' ? -1 : letters.indexOf(arg[i]!)
          const takes = at < 0 ? undefined : /^:*/.exec(letters.slice(at + 1))![0].length
          if (takes === undefined) complaints.push(`invalid option -- '${arg[i]}'`)
          else if (takes === 0) out.push(`-${arg[i]}`)
          else {
            const inline = arg.slice(i + 1)
            if (inline === '' && takes === 1 && operands.length === 0) missing(arg[i]!)
            else out.push(`-${arg[i]}`, show(inline !== '' || takes === 2 ? inline : operands.shift()!))
            break
          }
        }
      } else rest.push(arg)
    }
    if (!o.has('q')) for (const each of complaints) await c.task.writeError(`${name}: ${each}\n`)
    if (!o.has('Q')) await c.print(`${['', ...out, '--', ...rest.map(show)].join(' ')}\n`)
    if (complaints.length > 0) throw new Fail('', 1)
    return 0
  })
}
