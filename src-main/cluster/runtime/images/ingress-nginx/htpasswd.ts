/** Lines of htpasswd files as nginx' auth_basic_user_file reads them: apr1, SHA and plain passwords. */
import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether a password is the one of a line's hash. */
export function checkPassword(password: string, hash: string): boolean {
  if (hash.startsWith('{SHA}')) return equal(createHash('sha1').update(password).digest('base64'), hash.slice(5))
  if (hash.startsWith('{PLAIN}')) return equal(password, hash.slice(7))
  const apr1 = /^\$(apr1|1)\$([^$]{1,8})\$(.+)$/.exec(hash)
  return apr1 !== null && equal(md5crypt(password, apr1[2]!, `$${apr1[1]}$`), hash)
}

function equal(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** MD5-based crypt; `magic` is `$apr1$` in Apache's files. */
export function md5crypt(password: string, salt: string, magic = '$apr1$'): string {
  const md5 = (...parts: (string | Uint8Array)[]): Buffer => {
    const hash = createHash('md5')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const bytes = Buffer.from(password)
  const mixed = md5(bytes, salt, bytes)
  const first: (string | Uint8Array)[] = [bytes, magic, salt]
  for (let left = bytes.length; left > 0; left -= 16) first.push(mixed.subarray(0, Math.min(16, left)))
  for (let n = bytes.length; n > 0; n >>= 1) first.push(n & 1 ? Buffer.from([0]) : bytes.subarray(0, 1))
  let digest = md5(...first)
  for (let i = 0; i < 1000; i++) {
    digest = md5(i & 1 ? bytes : digest, i % 3 ? salt : '', i % 7 ? bytes : '', i & 1 ? digest : bytes)
  }
  const encode = (value: number, length: number): string => {
    let text = ''
    for (let rest = value; text.length < length; rest >>>= 6) text += ALPHABET[rest & 63]
    return text
  }
  const groups = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ] as const
  const text = groups.map(([a, b, c]) => encode((digest[a]! << 16) | (digest[b]! << 8) | digest[c]!, 4)).join('')
  return `${magic}${salt}$${text}${encode(digest[11]!, 2)}`
}
