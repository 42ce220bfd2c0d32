/** What changed between two versions of a structure, in the form that messages about immutable specs show it. */
import { unifiedDiff } from './unified-diff.js'
import { serverForm } from './server-form.js'
import type { ServerType } from './server-types.js'

/** The lines that differ between the server's own forms of two structures, written as indented JSON. */
export function specDiff(type: ServerType, old: object | null | undefined, changed: object | null | undefined): string {
  return unifiedDiff(indented(type, old), indented(type, changed))
}

function indented(type: ServerType, value: object | null | undefined): string {
  // Go escapes what could end a script in a page.
  return JSON.stringify(serverForm(type, value), null, 1).replaceAll(/[<>&\u2028\u2029]/g, escaped)
}

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
