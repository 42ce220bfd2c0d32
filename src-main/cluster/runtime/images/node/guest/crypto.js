// crypto: digests and random values. Ciphers and keys are not there.
const { host } = kernel

const bytes = (data, encoding) => {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding)
  if (data instanceof Uint8Array) return Buffer.from(data)
  if (data instanceof ArrayBuffer) return Buffer.from(new Uint8Array(data))
  const error = new TypeError(
    `The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received ${data === null ? 'null' : typeof data}`,
  )
  error.code = 'ERR_INVALID_ARG_TYPE'
  throw error
}

// What the host takes: the bytes alone, in a buffer of their own.
const plain = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)

class Digest {
  #chunks = []
  #finish
  #done = false

  constructor(finish, chunks = []) {
    this.#finish = finish
    this.#chunks = chunks
  }

  update(data, encoding) {
    this.#check()
    this.#chunks.push(bytes(data, encoding))
    return this
  }

  digest(encoding) {
    this.#check()
    this.#done = true
    const result = Buffer.from(new Uint8Array(this.#finish(Buffer.concat(this.#chunks))))
    return encoding === undefined || encoding === 'buffer' ? result : result.toString(encoding)
  }

  copy() {
    this.#check()
    return new this.constructor(this.#finish, [...this.#chunks])
  }

  #check() {
    if (!this.#done) return
    const error = new Error('Digest already called')
    error.code = 'ERR_CRYPTO_HASH_FINALIZED'
    throw error
  }
}

class Hash extends Digest {}
class Hmac extends Digest {}

function createHash(algorithm) {
  if (!host.digestNames().includes(String(algorithm).toLowerCase().replace(/^rsa-/, ''))) throw new Error('Digest method not supported')
  return new Hash((data) => host.digest(algorithm, plain(data)))
}

function createHmac(algorithm, key) {
  const secret = bytes(key)
  if (!host.digestNames().includes(String(algorithm).toLowerCase())) throw new Error(`Invalid digest: ${algorithm}`)
  return new Hmac((data) => host.keyedDigest(algorithm, plain(secret), plain(data)))
}

function randomBytes(size, callback) {
  const data = Buffer.from(new Uint8Array(host.randomBytes(size)))
  if (!callback) return data
  process.nextTick(callback, null, data)
}

function randomUUID() {
  const data = randomBytes(16)
  data[6] = (data[6] & 0x0f) | 0x40
  data[8] = (data[8] & 0x3f) | 0x80
  const hex = data.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function randomInt(min, max, callback) {
  if (max === undefined || typeof max === 'function') [min, max, callback] = [0, min, max]
  const value = min + Math.floor((randomBytes(6).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 48) * (max - min))
  if (!callback) return value
  process.nextTick(callback, null, value)
}

function timingSafeEqual(a, b) {
  if (a.length !== b.length) {
    const error = new RangeError('Input buffers must have the same byte length')
    error.code = 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH'
    throw error
  }
  return a.every((byte, i) => byte === b[i])
}

function getRandomValues(array) {
  const view = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  view.set(new Uint8Array(host.randomBytes(view.length)))
  return array
}

module.exports = {
  Hash,
  Hmac,
  createHash,
  createHmac,
  getHashes: () => host.digestNames(),
  randomBytes,
  randomFillSync: getRandomValues,
  randomInt,
  randomUUID,
  timingSafeEqual,
  getRandomValues,
  webcrypto: { getRandomValues, randomUUID },
}
