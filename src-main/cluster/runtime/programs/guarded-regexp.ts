/**
 * Regular expressions that may take for ever. Most cannot; one with a repetition inside a repetition, or with many
 * repetitions, is run under a time limit, so that a pattern typed in a container never stops the simulator.
 */
import vm from 'node:vm'
import { hostCpu } from '../../host.js'

/** Wall ms after which it is looked whether a match of a doubtful pattern takes too long. */
const LOOK_AFTER = 250
/** CPU ms that one match of a doubtful pattern may take. What it had of a busy machine may be far less than the wall shows. */
const LIMIT = LOOK_AFTER / 2
/** CPU ms that all matches of one doubtful pattern may take. */
const LIMIT_OF_ALL = 2000
/** More repetitions than this may take polynomial time that is too much. */
const MANY = 4

/** A match took too long. */
export class RegexTimeout extends Error {
  constructor() {
    super('Memory exhausted')
  }
}

/** Whether a JavaScript pattern can backtrack without a reasonable bound. */
export function isDoubtful(source: string): boolean {
  const groups: boolean[] = [false]
  let unbounded = 0
  for (let i = 0; i < source.length; i++) {
    const c = source[i]!
    if (c === '\\') i++
    else if (c === '[') {
      for (i++; i < source.length && source[i] !== ']'; i++) if (source[i] === '\\') i++
    } else if (c === '(') groups.push(false)
    else if (c === '|') groups[groups.length - 1] = true
    else if (c === ')') {
      const inner = groups.pop() ?? false
      if (inner && /[*+{]/.test(source[i + 1] ?? '')) return true
      if (inner) groups[groups.length - 1] = true
    } else if (c === '*' || c === '+' || (c === '{' && /^\{\d*,\}/.test(source.slice(i)))) {
      unbounded++
      groups[groups.length - 1] = true
    }
  }
  return unbounded > MANY
}

const context = vm.createContext(Object.create(null) as object)
const script = new vm.Script('match()')

/** A doubtful pattern: each match has a time limit, and all of them together. */
class GuardedRegExp extends RegExp {
  private spent = 0

  override exec(text: string): RegExpExecArray | null {
    // What is called must be made here: the other realm only lends its watch.
    ;(context as { match?: () => RegExpExecArray | null }).match = () => super.exec(text)
    const before = this.spent
    while (before <= LIMIT_OF_ALL && this.spent - before < LIMIT) {
      const began = hostCpu()
      try {
        return script.runInContext(context, { timeout: LOOK_AFTER }) as RegExpExecArray | null
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      } finally {
        this.spent += hostCpu() - began
      }
    }
    throw new RegexTimeout()
  }
}

/** A RegExp that cannot block the simulator for long. Matching throws {@link RegexTimeout} when it gives up. */
export function boundedRegExp(source: string, flags = ''): RegExp {
  return isDoubtful(source) ? new GuardedRegExp(source, flags) : new RegExp(source, flags)
}
