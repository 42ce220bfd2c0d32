/** E-mail addresses of RFC 5322, with a name before them or not, as Go's `mail.ParseAddress` reads them. */

const ATOM = "[\\w!#$%&'*+/=?^`{|}~\\u0080-\\u{10ffff}-]+"
const DOTTED = `${ATOM}(?:\\.${ATOM})*`
const QUOTED = '"(?:[^"\\\\\\x00-\\x08\\x0a-\\x1f\\x7f]|\\\\[^\\x00-\\x08\\x0a-\\x1f\\x7f])+"'
const DOMAIN = `(?:${DOTTED}|\\[[^\\[\\]\\\\]+\\])`
const ADDRESS = `(?:${DOTTED}|${QUOTED})@${DOMAIN}`
/** The words of a name, of which the first is quoted or an atom, and dots may stand anywhere. */
const NAME = `(?:(?:${ATOM}|${QUOTED})(?:[ \\t.]*(?:${ATOM}|${QUOTED}))*[ \\t.]*)?`

const MAIL = new RegExp(`^[ \\t]*(?:${ADDRESS}|${NAME}<[ \\t]*${ADDRESS}[ \\t]*>)[ \\t]*$`, 'u')
/** Addresses are shorter than this; what is longer would only keep the pattern busy. */
const LONGEST = 1024

/** Whether a text is one address. */
export const isMailAddress = (text: string): boolean => text.length <= LONGEST && MAIL.test(text)
