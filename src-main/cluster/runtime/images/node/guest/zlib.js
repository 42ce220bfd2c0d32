// zlib: compression by the machine; streams gather what they get and give it when it ends.
const { Transform } = require('stream')
const { Buffer } = require('buffer')
const { host } = kernel

const ERRNO = { Z_DATA_ERROR: -3, Z_BUF_ERROR: -5, Z_STREAM_ERROR: -2 }

function bytesOf(data) {
  if (typeof data === 'string') return Buffer.from(data)
  if (data instanceof ArrayBuffer) return Buffer.from(data)
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength))
  throw Object.assign(
    new TypeError(
      `The "buffer" argument must be of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer. Received ${data === null || data === undefined ? data : `type ${typeof data} (${String(data)})`}`,
    ),
    { code: 'ERR_INVALID_ARG_TYPE' },
  )
}

function run(method, data, options) {
  try {
    return Buffer.from(host.zlib(method, bytesOf(data).slice().buffer, options?.level ?? -1))
  } catch (error) {
    throw error.code in ERRNO ? Object.assign(error, { errno: ERRNO[error.code] }) : error
  }
}

const METHODS = ['gzip', 'gunzip', 'deflate', 'inflate', 'deflateRaw', 'inflateRaw', 'unzip', 'brotliCompress', 'brotliDecompress']

for (const method of METHODS) {
  exports[`${method}Sync`] = (data, options) => run(method, data, options)
  exports[method] = (data, options, done = options) => {
    const input = bytesOf(data)
    setImmediate(() => {
      let result
      try {
        result = run(method, input, typeof options === 'function' ? {} : options)
      } catch (error) {
        return done(error)
      }
      done(null, result)
    })
  }
  const name = method[0].toUpperCase() + method.slice(1)
  exports[`create${name}`] = (options) => {
    const parts = []
    return new Transform({
      transform(chunk, encoding, done) {
        parts.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
        done()
      },
      flush(done) {
        try {
          done(null, run(method, Buffer.concat(parts), options))
        } catch (error) {
          done(error)
        }
      },
    })
  }
}

/** The check sum of gzip. */
exports.crc32 = (data, value = 0) => {
  let crc = ~value
  for (const byte of bytesOf(data)) {
    crc ^= byte
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

exports.constants = {
  Z_NO_FLUSH: 0,
  Z_FINISH: 4,
  Z_OK: 0,
  Z_NO_COMPRESSION: 0,
  Z_BEST_SPEED: 1,
  Z_BEST_COMPRESSION: 9,
  Z_DEFAULT_COMPRESSION: -1,
}
