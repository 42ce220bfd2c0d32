/** The content type that Go's servers find by the first bytes of an answer. https://mimesniff.spec.whatwg.org/ */

/** How HTML begins, after white space; a space or `>` follows. */
const HTML = /^[\t\n\f\r ]*<(?:(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[ >]|!--)/i

/** Bytes that no text has. */
// eslint-disable-next-line no-control-regex
const BINARY = /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f]/

/** What `http.DetectContentType` says of an answer that begins so: HTML, text or neither. */
export function sniffedType(body: string): string {
  const start = body.slice(0, 512)
  if (HTML.test(start)) return 'text/html; charset=utf-8'
  return BINARY.test(start) ? 'application/octet-stream' : 'text/plain; charset=utf-8'
}
