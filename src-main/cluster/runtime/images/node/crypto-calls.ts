/** The calls behind `crypto`: digests, and random bytes from the machine's source. */
import { createHash, createHmac } from 'node:crypto'
import { SystemError } from '../../process.js'
import type { HostFunction } from './engine.js'
import type { Script } from './script.js'

/** The digests that scripts may ask for. */
const ALGORITHMS = new Set(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256', 'sha3-256', 'sha3-512', 'ripemd160'])
/** The most random bytes at once. */
const MOST_RANDOM = 16 * 1024 * 1024

function known(algorithm: string): string {
  const name = algorithm.toLowerCase().replace(/^rsa-/, '')
  if (!ALGORITHMS.has(name)) throw new SystemError('ERR_OSSL_EVP_UNSUPPORTED', 'Digest method not supported')
  return name
}

export function cryptoCalls({ process: { random } }: Script): Record<string, HostFunction> {
  return {
    digest: (algorithm: string, data: Uint8Array) => createHash(known(algorithm)).update(data).digest(),
    keyedDigest: (algorithm: string, key: Uint8Array, data: Uint8Array) => createHmac(known(algorithm), key).update(data).digest(),
    digestNames: () => [...ALGORITHMS],
    randomBytes: (size: number) => {
      if (!(size >= 0 && size <= MOST_RANDOM)) throw new SystemError('ERR_OUT_OF_RANGE', 'The value of "size" is out of range.')
      return Uint8Array.from({ length: size }, () => random.int(256))
    },
  }
}
