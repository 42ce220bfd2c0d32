/** Strings of bc's print statement. */

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', q: '"', t: '\t', '\\': '\\' }

/** A string with what its backslashes mean. */
export function escapesOf(text: string): string {
  return text.replace(/\\(.)/g, (_, ch: string) => ESCAPES[ch] ?? '')
}
