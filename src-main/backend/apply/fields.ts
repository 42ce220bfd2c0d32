/** Fields of objects, as patches and conflicts go through them. */
import type { Json } from '../kinds/kind.js'

/** Whether a JSON value is a map (not a list, not null). */
export const isMap = (v: unknown): v is Record<string, Json> => typeof v === 'object' && v !== null && !Array.isArray(v)

/** The path of the field `key` below another: `spec.replicas`, `metadata.labels[app.kubernetes.io/name]`. */
export function fieldBelow(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${key}]`
  return path ? `${path}.${key}` : key
}
