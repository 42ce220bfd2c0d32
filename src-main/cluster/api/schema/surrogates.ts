/**
 * Half characters: `\ud800` in a text stands for one half of a pair that is not there. Go has no such strings, so none
 * may get into an object.
 */

/** Whether a body may escape a surrogate. */
const MAY_ESCAPE = /\\u[dD][89a-fA-F]/
/** Escapes one after the other, so that an escaped backslash hides what follows it; whole pairs are one of them. */
const ESCAPES = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\[^]/g
const ONE_ESCAPE = 6

/** JSON whose escapes of half characters stand for U+FFFD, as Go's decoder reads them. */
export function withoutHalves(json: string): string {
  if (!MAY_ESCAPE.test(json)) return json
  return json.replace(ESCAPES, (escape) => (escape.length === ONE_ESCAPE ? '\\ufffd' : escape))
}
