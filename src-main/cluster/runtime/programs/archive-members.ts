/** What stands in an archive of tar: the old format, ustar, GNU's and pax. */

function text(b: Buffer): string {
  const end = b.indexOf(0)
  return b.toString('utf8', 0, end < 0 ? b.length : end)
}

/** One member of an archive. */
export interface Member {
  name: string
  mode: number
  uid: number
  gid: number
  mtime: number
  type: string
  link: string
  data: Buffer
  owner: string
  /** Where its first block begins, its long name included, and where the next member begins. */
  from: number
  to: number
  /** Whether the archive ends in the midst of it. */
  cut: 'data' | 'padding' | undefined
}

/** The members of an archive in their order, the later of a name behind the earlier. */
export function* members(data: Buffer): Generator<Member> {
  let longName: string | undefined
  let longLink: string | undefined
  let pax: Record<string, string> = {}
  let from = 0
  for (let at = 0; at + 512 <= data.length;) {
    const h = data.subarray(at, at + 512)
    if (h[0] === 0) return
    const octal = (from: number, to: number): number => parseInt(text(h.subarray(from, to)).trim() || '0', 8)
    const size = pax['size'] ? Number(pax['size']) : octal(124, 136)
    const body = data.subarray(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
    const type = String.fromCharCode(h[156] || 48)
    if (type === 'L') longName = text(body)
    else if (type === 'K') longLink = text(body)
    else if (type === 'x' || type === 'g') {
      pax = {}
      for (const m of body.toString('utf8').matchAll(/\d+ ([^=]+)=(.*)\n/g)) pax[m[1]!] = m[2]!
    } else {
      const prefix = h.toString('latin1', 257, 263) === 'ustar\0' ? text(h.subarray(345, 500)) : ''
      const short = text(h.subarray(0, 100))
      yield {
        name: longName ?? pax['path'] ?? (prefix ? `${prefix}/${short}` : short),
        mode: octal(100, 108) & 0o7777,
        uid: octal(108, 116),
        gid: octal(116, 124),
        mtime: octal(136, 148) * 1000,
        type,
        link: longLink ?? pax['linkpath'] ?? text(h.subarray(157, 257)),
        data: body,
        from,
        to: at,
        cut: body.length < size ? 'data' : at > data.length ? 'padding' : undefined,
        owner: `${text(h.subarray(265, 297)) || octal(108, 116)}/${text(h.subarray(297, 329)) || octal(116, 124)}`,
      }
      from = at
      longName = longLink = undefined
      pax = {}
    }
  }
}
