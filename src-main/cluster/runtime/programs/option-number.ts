/** Options whose argument is a number, and what is said of one that is none. */
import { Fail, type Command } from './command.js'

/**
 * The whole number that is meant.
 *
 * @param what how GNU's program calls it: `number of columns` of `fold: invalid number of columns: 'x'`
 * @param least the smallest that is taken
 * @param status what GNU's program ends with
 * Throws Fail.
 */
export function wholeNumber(c: Command, text: string, what: string, least = 0, status = 1): number {
  if (/^[-+]?\d+$/.test(text) && Number(text) >= least) return Number(text)
  const range = /^[-+]?\d+$/.test(text) ? ': Numerical result out of range' : ''
  throw new Fail(
    c.busybox ? `${c.name}: invalid number '${text}'` : `${c.name}: invalid ${what}: '${text}'${range}`,
    c.busybox ? 1 : status,
  )
}
