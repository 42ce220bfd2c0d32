/** The characters that sed's scripts write as escapes: `\t`, `\x41`, `\o101`, `\d065`, `\cA`. */

const LETTERS: Readonly<Record<string, string>> = { a: '\x07', f: '\f', r: '\r', v: '\v', t: '\t' }

/** Escapes; a bracket expression is one token, and what is escaped otherwise stays as it is. */
const TOKEN = /\\(?:([afrv])|c([^])|d(\d{3})|o([0-7]{1,3})|x([\dA-Fa-f]{1,2})|[^])|\[\^?\]?(?:\[:\w+:\]|[^\]])*\]/g

/**
 * Writes the escapes of a text as the characters that they stand for, but `\n`, `\t` and what means something to a regular expression or a
 * replacement.
 *
 * @param all whether it is GNU's sed: busybox knows of these only `\r`
 * @param special what a character has before it so that it stands for itself, where it would mean something
 */
export function unescape(text: string, all: boolean, special: RegExp): string {
  return text.replace(TOKEN, (whole: string, letter?: string, control?: string, decimal?: string, octal?: string, hex?: string) => {
    if (whole[0] === '[') return `${whole[0]}${unescape(whole.slice(1, -1), all, /(?!)/)}]`
    if (!all && letter !== 'r') return whole
    if (letter !== undefined) return LETTERS[letter]!
    const code = codeOf(control, decimal, octal, hex)
    if (code === undefined) return whole
    const ch = String.fromCharCode(code & 0xff)
    return special.test(ch) ? `\\${ch}` : ch
  })
}

function codeOf(control?: string, decimal?: string, octal?: string, hex?: string): number | undefined {
  if (control !== undefined) return control.toUpperCase().charCodeAt(0) ^ 0x40
  if (decimal !== undefined) return Number(decimal)
  if (octal !== undefined) return parseInt(octal, 8)
  return hex === undefined ? undefined : parseInt(hex, 16)
}

/** The text of `a`, `i` and `c`: a backslash before anything else takes it as it is, but a letter that stands for a character. */
export function insertedText(text: string, all: boolean): string {
  return unescape(text, all, /(?!)/).replace(/\\([^])/g, (_, ch: string) => (ch === 'n' ? '\n' : ch === 't' ? '\t' : ch))
}
