/** A patched object as the API server shows it in the refusal of a JSON patch or merge patch that made it unreadable. */
import { jsonText } from '../../../exact-json.js'
import { equalJson } from '../copy.js'
import { isObject } from './merge.js'

/**
 * The object as JSON. Maps that the patch went into have their fields in the order of the alphabet, as Go writes maps;
 * what it left alone stays as it was.
 */
export function patchedText(before: unknown, after: unknown): string {
  return jsonText(inGoOrder(before, after)).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)
}

function inGoOrder(before: unknown, after: unknown): unknown {
  if (equalJson(after, before)) return before
  if (!isObject(before) || !isObject(after)) return after
  const names = Object.keys(after).sort()
  return Object.fromEntries(names.map((name) => [name, inGoOrder(before[name], after[name])]))
}
