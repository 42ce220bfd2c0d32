/**
 * `$(NAME)` in env values, commands and arguments: replaced when the name is known, left as it is when not; `$$` is one
 * dollar sign, so `$$(NAME)` stays literally `$(NAME)`. Kubernetes documentation, "Define Dependent Environment Variables".
 */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '$' || i + 1 === text.length) {
      out += text[i]
      continue
    }
    const next = text[i + 1]!
    if (next === '$') {
      out += '$'
      i++
      continue
    }
    const end = next === '(' ? text.indexOf(')', i + 2) : -1
    if (end < 0) {
      out += '$' + next
      i++
      continue
    }
    const name = text.slice(i + 2, end)
    out += lookup(name) ?? `$(${name})`
    i = end
  }
  return out
}
