// Between text and bytes.
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = new Map([...ALPHABET].map((char, i) => [char, i]))
VALUES.set('-', 62).set('_', 63)

/** From this length on the host does it; what has a NUL in it does not get across whole. */
const LONG = 512

exports.utf8Bytes = (text) => {
  if (text.length >= LONG && !text.includes('\0')) return new Uint8Array(kernel.host.utf8Bytes(text))
  const bytes = []
  for (const char of text) {
    let code = char.codePointAt(0)
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return bytes
}

exports.utf8Text = (bytes) => {
  if (bytes.length >= LONG && !bytes.includes(0)) return kernel.host.utf8Text(new Uint8Array(bytes).buffer)
  const parts = []
  let text = ''
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i++]
    const more =
      first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : -1
    let code = more === 0 ? first : more < 0 ? 0xfffd : first & (0x3f >> more)
    for (let left = more; left > 0; left--) {
      if ((bytes[i] & 0xc0) !== 0x80) {
        code = 0xfffd
        break
      }
      code = (code << 6) | (bytes[i++] & 63)
    }
    text += String.fromCodePoint(code > 0x10ffff ? 0xfffd : code)
    if (text.length > 4096) {
      parts.push(text)
      text = ''
    }
  }
  return parts.join('') + text
}

exports.base64Bytes = (text) => {
  const bytes = []
  let [buffer, bits] = [0, 0]
  for (const char of text) {
    const value = VALUES.get(char)
    if (value === undefined) continue
    buffer = ((buffer << 6) | value) & 0xffffff
    bits += 6
    if (bits >= 8) bytes.push((buffer >> (bits -= 8)) & 255)
  }
  return bytes
}

exports.base64Text = (bytes, url = false) => {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b = 0, c = 0] = [bytes[i], bytes[i + 1], bytes[i + 2]]
    text += ALPHABET[a >> 2] + ALPHABET[((a & 3) << 4) | (b >> 4)]
    text += i + 1 < bytes.length ? ALPHABET[((b & 15) << 2) | (c >> 6)] : '='
    text += i + 2 < bytes.length ? ALPHABET[c & 63] : '='
  }
  return url ? text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '') : text
}
