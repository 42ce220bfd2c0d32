// querystring.
const decode = (text) => {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch {
    return text
  }
}
const encode = (value) => encodeURIComponent(typeof value === 'object' || value === undefined ? '' : value)
exports.escape = encodeURIComponent
exports.unescape = decode
exports.parse = exports.decode = (text, separator = '&', equals = '=') => {
  const result = Object.create(null)
  for (const part of String(text ?? '').split(separator)) {
    if (part === '') continue
    const at = part.indexOf(equals)
    const [key, value] = at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + equals.length))]
    result[key] = key in result ? [result[key], value].flat() : value
  }
  return result
}
exports.stringify = exports.encode = (object, separator = '&', equals = '=') =>
  Object.entries(object)
    .flatMap(([key, value]) => [value].flat().map((each) => `${encode(key)}${equals}${encode(each)}`))
    .join(separator)
