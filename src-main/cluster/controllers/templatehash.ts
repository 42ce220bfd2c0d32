/** The hash that tells a workload's revisions apart: `pod-template-hash`, and the names of ReplicaSets and ControllerRevisions. */
import { equalBesides } from '../api/copy.js'

/** Kubernetes' alphabet for names made of numbers, as in rand.SafeEncodeString. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** JSON with sorted keys: equal values give equal texts. Absent and empty fields are the same to Kubernetes' comparison. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, v]) => !isEmpty(v))
    fields.sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${fields.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(',')}}`
  }
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null')
}

/** Whether two values are the same to Kubernetes' comparison: what {@link canonical} says of their texts, without making them. */
export const sameValue = (a: unknown, b: unknown): boolean => equalBesides(a, b, isEmpty)

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true
  // An empty map or list is as good as none; an empty object such as `emptyDir: {}` means something.
  return Array.isArray(value) && value.length === 0
}

/** 32-bit FNV-1a. */
export function fnv1a(text: string, hash = 0x811c9dc5): number {
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** A number spelled with the safe alphabet, digit by digit. */
export function safeEncode(n: number): string {
  let s = ''
  for (const digit of String(n)) s += ALPHABET[digit.charCodeAt(0) % ALPHABET.length]
  return s
}

/**
 * The hash of a template. `collisionCount` changes it, for when another object has the name already.
 *
 * @returns up to ten characters of the safe alphabet, such as `5c689d88bb`
 */
export function templateHash(template: unknown, collisionCount?: number): string {
  let hash = fnv1a(canonical(template))
  if (collisionCount !== undefined) hash = fnv1a(`/${collisionCount}`, hash)
  return safeEncode(hash)
}
