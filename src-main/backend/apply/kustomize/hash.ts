/** The suffix that kustomize gives to the names of generated ConfigMaps and Secrets: ten characters from the content's SHA-256. */
import crypto from 'node:crypto'
import type { Json } from '../../kinds/kind.js'
import { isMap } from '../fields.js'

/** Letters in place of those digits of a hex digest that could form words. */
const letters: Record<string, string> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' }

/** JSON as Go writes it: keys in the order of their bytes, and what could end a script element escaped. */
function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (isMap(value))
    return `{${Object.keys(value)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map((k) => `${goJson(k)}:${goJson(value[k])}`)
      .join(',')}}`
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The suffix for a ConfigMap or Secret. The name itself plays no part. */
export function contentHash(object: Json): string {
  const { kind, data, binaryData, stringData, type } = object
  const hashed =
    kind === 'Secret'
      ? { kind, type: type ?? '', name: '', data: data ?? '', ...(isMap(stringData) ? { stringData } : {}) }
      : { kind, name: '', data: data ?? '', ...(isMap(binaryData) ? { binaryData } : {}) }
  const digest = crypto.createHash('sha256').update(goJson(hashed)).digest('hex')
  return digest.slice(0, 10).replace(/[013ae]/g, (c) => letters[c]!)
}
