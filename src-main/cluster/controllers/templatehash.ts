/** The hash that tells a workload's revisions apart: `pod-template-hash`, and the names of ReplicaSets and ControllerRevisions. */

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
  return JSON.stringify(value) ?? 'null'
}

/** Whether two values are the same to Kubernetes' comparison: what {@link canonical} says of their texts, without making them. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b)
  if (typeof a !== 'object' || typeof b !== 'object') return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false
    return true
  }
  const x = a as Record<string, unknown>
  const y = b as Record<string, unknown>
  for (const name in x) if (!sameValue(x[name], y[name])) return false
  for (const name in y) if (!(name in x) && !isEmpty(y[name])) return false
  return true
}

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
