/** What a field manager may be called. https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers */
import { field, type FieldError } from './errors.js'

/** The longest name of a manager, in bytes. */
export const LONGEST_MANAGER = 128

/** What hardly any name goes beyond: as many bytes as characters, all of which can be printed. */
const PLAIN = /^[ -~]*$/

/** Checks the name of a manager at a path: its length, and that every character of it can be printed. */
export function checkFieldManager(manager: string, path: string, errors: FieldError[]): void {
  if (manager.length <= LONGEST_MANAGER && PLAIN.test(manager)) return
  if (Buffer.byteLength(manager) > LONGEST_MANAGER) errors.push(field.tooLong(path, LONGEST_MANAGER))
  // Of all white space only the plain blank counts as printable. Positions are counted in bytes.
  let at = 0
  for (const c of manager) {
    if (c !== ' ' && /\p{C}|\p{Z}/u.test(c)) {
      const code = c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
      errors.push(field.invalid(path, manager, `invalid character U+${code} (at position ${at})`))
    }
    at += Buffer.byteLength(c)
  }
}
