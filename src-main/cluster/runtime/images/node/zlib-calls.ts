/** The calls behind `zlib`: compression and its reverse, of data that is bounded, as it runs on the host. */
import * as zlib from 'node:zlib'
import { SystemError } from '../../process.js'
import type { HostFunction } from './engine.js'

/** The most bytes in and out of one call: no script may keep the host busy for long. */
const LARGEST = 16 * 1024 * 1024

type Method = 'gzip' | 'gunzip' | 'deflate' | 'inflate' | 'deflateRaw' | 'inflateRaw' | 'unzip' | 'brotliCompress' | 'brotliDecompress'

const METHODS: Readonly<Record<Method, (data: Uint8Array, level: number) => Uint8Array>> = {
  gzip: (data, level) => zlib.gzipSync(data, { level }),
  gunzip: (data) => zlib.gunzipSync(data, { maxOutputLength: LARGEST }),
  deflate: (data, level) => zlib.deflateSync(data, { level }),
  inflate: (data) => zlib.inflateSync(data, { maxOutputLength: LARGEST }),
  deflateRaw: (data, level) => zlib.deflateRawSync(data, { level }),
  inflateRaw: (data) => zlib.inflateRawSync(data, { maxOutputLength: LARGEST }),
  unzip: (data) => zlib.unzipSync(data, { maxOutputLength: LARGEST }),
  // The best quality takes seconds for a megabyte.
  brotliCompress: (data) => zlib.brotliCompressSync(data, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
  brotliDecompress: (data) => zlib.brotliDecompressSync(data, { maxOutputLength: LARGEST }),
}

export function zlibCalls(): Record<string, HostFunction> {
  return {
    zlib: (method: string, data: Uint8Array, level: number) => {
      if (!Object.hasOwn(METHODS, method)) throw new SystemError('EINVAL', 'Invalid argument')
      if (data.length > LARGEST) throw new SystemError('ERR_BUFFER_TOO_LARGE', `Cannot create a Buffer larger than ${LARGEST} bytes`)
      const whole = Number.isInteger(level) && level >= -1 && level <= 9 ? level : -1
      try {
        return METHODS[method as Method](data, whole)
      } catch (error) {
        const { code, message } = error as { code?: string; message: string }
        throw new SystemError(code ?? 'Z_DATA_ERROR', message)
      }
    },
  }
}
