/**
 * What Go takes for the URI of a request (`url.ParseRequestURI`): something with a scheme, or a path from the root.
 * It is more lenient than browsers, which correct what they are given.
 */

/** Host, with a port or not, behind user and password. */
const AUTHORITY = /^(?:[\w.~!$&'()*+,;=:@%-]*@)?(?:\[[\da-f:.]+(?:%25[\w.~%-]+)?\]|[\w.~!$&'()*+,;="<>%\u0080-\u{10ffff}-]*)(?::\d*)?$/iu

const badEscape = (text: string): boolean => /%(?![\da-f]{2})/i.test(text)

/** Whether a text is the URI of a request. */
export function isRequestUri(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  if (text === '' || /[\x00-\x1f\x7f]/.test(text)) return false
  if (text === '*') return true
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(text)?.[0] ?? ''
  const rest = text.slice(scheme.length).replace(/\?.*$/s, '')
  // Of what hangs on a scheme without a slash nothing is known.
  if (!rest.startsWith('/')) return scheme !== ''
  if (!scheme || !rest.startsWith('//')) return !badEscape(rest)
  const [, authority = '', path = ''] = /^\/\/([^/]*)(.*)$/s.exec(rest)!
  return AUTHORITY.test(authority) && !badEscape(authority) && !badEscape(path)
}
