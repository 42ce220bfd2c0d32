/**
 * The links of an HTML page that came through a proxy: those to the target itself lead through the proxy again, so that a
 * browser can follow them. As apimachinery's proxy transport does it: elements that link, by their attributes.
 */

/** The attributes that hold URLs, by element. */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['formaction', 'src', 'usemap'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
}

/** A comment, what has no elements inside, or a tag with its attributes. */
const PIECES =
  /<!--[\s\S]*?-->|<(script|style)\b([^>]*)>([\s\S]*?)<\/\1\s*>|<([a-zA-Z][a-zA-Z0-9]*)((?:\s+[^\s=>"']+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+))?)*)(\s*\/?)>/g
const ATTRIBUTE = /([^\s=>"']+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+)/g

/**
 * The page with its links turned through the proxy.
 *
 * @param html the page
 * @param prefix the path of the proxy, without a slash at its end
 * @param origin the target as the page would name it, as in `http://10.244.1.2:8080`
 */
export function throughProxy(html: string, prefix: string, origin: string): string {
  return html.replace(
    PIECES,
    (piece: string, raw: string | undefined, rawAttributes: string, content: string, name: string, rest: string, end: string) => {
      if (raw !== undefined) return `<${raw}${attributes(raw, rawAttributes, prefix, origin)}>${content}</${raw}>`
      if (name === undefined) return piece
      return `<${name}${attributes(name, rest, prefix, origin)}${end}>`
    },
  )
}

function attributes(element: string, text: string, prefix: string, origin: string): string {
  const links = LINKS[element.toLowerCase()]
  if (!links) return text
  return text.replace(ATTRIBUTE, (whole: string, name: string, equals: string, value: string) => {
    if (!links.includes(name.toLowerCase())) return whole
    const quote = /^["']/.test(value) ? value[0]! : ''
    return `${name}${equals}${quote}${turned(quote ? value.slice(1, -1) : value, prefix, origin)}${quote}`
  })
}

/** A path of the target, or its whole URL, behind the proxy; relative links and links to elsewhere stay. */
function turned(link: string, prefix: string, origin: string): string {
  if (link.startsWith('/') && !link.startsWith('//')) return link.startsWith(`${prefix}/`) ? link : prefix + link
  if (link === origin || link.startsWith(`${origin}/`)) return prefix + (link.slice(origin.length) || '/')
  return link
}
