/** `getopts`: the options of a script. */
import type { Shell } from '../shell.js'
import { usage } from './usage.js'

export async function getopts(shell: Shell, given: readonly string[]): Promise<number> {
  const argv = given[1] === '--' ? [given[0]!, ...given.slice(2)] : given
  const [, spec, name] = argv
  if ((spec === undefined || name === undefined) && shell.dialect === 'bash') return usage(shell, 'getopts')
  if (spec === undefined || name === undefined) throw shell.error('getopts: Usage: getopts optstring var [arg...]')
  const args = argv.length > 3 ? argv.slice(3) : shell.positional
  const silent = spec.startsWith(':')
  const quiet = shell.dialect === 'bash' && shell.variables.get('OPTERR') === '0'
  const state = shell.getopts
  let index = state.index
  let { offset } = state
  const done = (status: number, option: string, argument?: string): number => {
    const { onChange } = shell.variables
    // Setting OPTIND here is not the script's reset of it.
    shell.variables.onChange = undefined
    shell.variables.set('OPTIND', String(index))
    shell.variables.onChange = onChange
    shell.getopts = { index, offset }
    shell.variables.set(name, option)
    if (argument === undefined && status === 0 && option !== '?' && shell.dialect !== 'bash') shell.variables.set('OPTARG', '')
    else if (argument === undefined) shell.variables.unset('OPTARG')
    else shell.variables.set('OPTARG', argument)
    return status
  }
  const arg = args[index - 1]
  if (offset === 0) {
    if (arg === undefined || !/^-./.test(arg)) return done(1, '?')
    if (arg === '--') {
      index++
      return done(1, '?')
    }
    offset = 1
  }
  const current = args[index - 1]!
  const c = current[offset]!
  offset++
  const known = c !== ':' && spec.includes(c)
  const takes = known && spec[spec.indexOf(c, silent ? 1 : 0) + 1] === ':'
  const last = offset >= current.length
  if (!known) {
    if (last) {
      index++
      offset = 0
    }
    if (silent) return done(0, '?', c)
    if (quiet) return done(0, '?')
    await shell.task.writeError(shell.dialect !== 'bash' ? `Illegal option -${c}\n` : `${shell.arg0}: illegal option -- ${c}\n`)
    return done(0, '?')
  }
  if (!takes) {
    if (last) {
      index++
      offset = 0
    }
    return done(0, c)
  }
  let argument: string | undefined = current.slice(offset)
  index++
  offset = 0
  if (last) {
    argument = args[index - 1]
    if (argument === undefined) {
      if (silent) return done(0, ':', c)
      if (quiet) return done(0, '?')
      await shell.task.writeError(
        shell.dialect !== 'bash' ? `No arg for -${c} option\n` : `${shell.arg0}: option requires an argument -- ${c}\n`,
      )
      return done(0, '?')
    }
    index++
  }
  return done(0, c, argument)
}
