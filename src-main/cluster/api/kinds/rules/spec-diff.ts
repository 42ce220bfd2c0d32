/** What changed between two versions of a structure, in the form that messages about immutable specs show it. */
import { shownJson } from '../../shown-json.js'
import { unifiedDiff } from './unified-diff.js'
import { serverForm } from './server-form.js'
import type { ServerType } from './server-types.js'

/** The lines that differ between the server's own forms of two structures, written as indented JSON. */
export function specDiff(type: ServerType, old: object | null | undefined, changed: object | null | undefined): string {
  return unifiedDiff(indented(type, old), indented(type, changed))
}

function indented(type: ServerType, value: object | null | undefined): string {
  return shownJson(serverForm(type, value), 1)
}
