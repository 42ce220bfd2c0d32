/**
 * Header blocks of SPDY/3: name-value pairs in one zlib stream per direction that lives as long as the connection.
 */
import { createInflate, type Inflate } from 'node:zlib'
import { SpdyProtocolError } from './frames.js'

/** Names in lower case to values. */
export type Headers = ReadonlyMap<string, string>

/** What one header block may unpack to; a zlib bomb stops here. */
const LONGEST_HEADER_BLOCK = 64 * 1024

/** The words that the dictionary of the SPDY/3 draft, section 2.6.10.1, holds with 32-bit lengths before them. */
const WORDS =
  'options|head|post|put|delete|trace|accept|accept-charset|accept-encoding|accept-language|accept-ranges|age|allow|' +
  'authorization|cache-control|connection|content-base|content-encoding|content-language|content-length|content-location|' +
  'content-md5|content-range|content-type|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|' +
  'if-range|if-unmodified-since|last-modified|location|max-forwards|pragma|proxy-authenticate|proxy-authorization|range|' +
  'referer|retry-after|server|te|trailer|transfer-encoding|upgrade|user-agent|vary|via|warning|www-authenticate|method|get|' +
  'status|200 OK|version|HTTP/1.1|url|public|set-cookie|keep-alive|origin'

/** The rest of that dictionary, without lengths. */
const TAIL =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information' +
  '204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error' +
  '501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, ' +
  'Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,' +
  'text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.'

/** The compression dictionary of SPDY/3 header blocks. */
export const dictionary: Buffer = Buffer.concat([...WORDS.split('|').map(lengthPrefixed), Buffer.from(TAIL, 'latin1')])

function lengthPrefixed(s: string): Buffer {
  const bytes = Buffer.from(s, 'utf8')
  const out = Buffer.alloc(4 + bytes.length)
  out.writeUInt32BE(bytes.length, 0)
  bytes.copy(out, 4)
  return out
}

/** Unpacks the header blocks of one direction, in the order of their arrival. */
export class HeaderReader {
  private readonly inflate: Inflate = createInflate({ dictionary })
  private parts: Buffer[] = []
  private size = 0
  private failed: Error | undefined
  private fail: (error: Error) => void = () => undefined

  constructor() {
    this.inflate.on('data', (part: Buffer) => {
      this.size += part.length
      if (this.size > LONGEST_HEADER_BLOCK) {
        this.inflate.destroy(new SpdyProtocolError(`a header block is longer than ${LONGEST_HEADER_BLOCK} bytes`))
        return
      }
      this.parts.push(part)
    })
    this.inflate.on('error', (error: Error) => {
      this.failed =
        error instanceof SpdyProtocolError ? error : new SpdyProtocolError(`a header block cannot be unpacked: ${error.message}`)
      this.fail(this.failed)
    })
  }

  /** Call again only when the last call has settled. Rejects with {@link SpdyProtocolError}. */
  async read(block: Buffer): Promise<Headers> {
    if (this.failed) throw this.failed
    await new Promise<void>((resolve, reject) => {
      this.fail = reject
      this.inflate.write(block, () => (this.failed ? reject(this.failed) : resolve()))
    })
    const plain = Buffer.concat(this.parts)
    this.parts = []
    this.size = 0
    return parse(plain)
  }

  close(): void {
    this.inflate.destroy()
  }
}

function parse(plain: Buffer): Headers {
  const headers = new Map<string, string>()
  let at = 0
  const number = (): number => {
    if (at + 4 > plain.length) throw new SpdyProtocolError('a header block is cut short')
    at += 4
    return plain.readUInt32BE(at - 4)
  }
  const string = (): string => {
    const length = number()
    if (at + length > plain.length) throw new SpdyProtocolError('a header block is cut short')
    at += length
    return plain.toString('utf8', at - length, at)
  }
  for (let left = number(); left > 0; left--) {
    const name = string().toLowerCase()
    headers.set(name, string())
  }
  return headers
}

/**
 * Packs the header blocks of one direction. What a server sends is tiny, so it goes in stored blocks of deflate: a
 * stored block needs no state, hence no waiting for a compressor while frames must leave in order. An empty stored
 * block follows, as after a zlib sync flush: Go's inflater hands out its output only there.
 */
export class HeaderWriter {
  private started = false

  write(headers: Headers): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(headers.size, 0)
    const parts: Buffer[] = [count]
    for (const [name, value] of headers) parts.push(lengthPrefixed(name.toLowerCase()), lengthPrefixed(value))
    const plain = Buffer.concat(parts)
    const head = Buffer.alloc(5)
    head.writeUInt16LE(plain.length, 1)
    head.writeUInt16LE(~plain.length & 0xffff, 3)
    const block = Buffer.concat([head, plain, Buffer.from([0, 0, 0, 0xff, 0xff])])
    if (this.started) return block
    this.started = true
    return Buffer.concat([Buffer.from([0x78, 0x01]), block])
  }
}
