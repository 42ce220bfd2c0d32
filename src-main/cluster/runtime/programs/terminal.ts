/** clear and reset: the screen. */
import type { Program } from '../process.js'
import { command } from './command.js'

export function clear(): Program {
  return command('busybox', (c) => c.print('\x1b[H\x1b[J'))
}

export function reset(): Program {
  return command('busybox', (c) => c.print('\x1bc\x1b[m\x1b[J\x1b[?25h'))
}
