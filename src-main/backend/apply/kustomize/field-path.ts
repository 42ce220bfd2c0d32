/** Fields at a path through mappings and lists: `spec/template/spec/containers[]/env[]`. */
import type { Json } from '../../kinds/kind.js'
import { isMap } from '../fields.js'

/** Where a kustomize transformer reaches: a path, for the kinds that are named (all when none are). */
export interface FieldSpec {
  path: string
  kinds?: readonly string[]
  group?: string
  version?: string
  /** Makes what is missing on the way. */
  create?: boolean
}

/** Calls `change` with each holder of the last step of a path; `[]` after a step goes through a list. A slash in a key is written `\\0`. */
export function eachAt(object: Json, path: string, change: (holder: Record<string, Json>, key: string) => void, create = false): void {
  const steps = path.split('/').map((s) => s.replaceAll('\u0000', '/'))
  const walk = (value: Json, i: number): void => {
    if (Array.isArray(value)) return void value.forEach((v) => walk(v, i))
    if (!isMap(value)) return
    const list = steps[i]!.endsWith('[]')
    const key = list ? steps[i]!.slice(0, -2) : steps[i]!
    if (i === steps.length - 1) {
      if (create || value[key] !== undefined) change(value, key)
      return
    }
    if (value[key] === undefined || value[key] === null) {
      if (!create || list) return
      value[key] = {}
    }
    walk(value[key], i + 1)
  }
  walk(object, 0)
}

/** The paths of a pod's spec (or of its template's metadata) in the kinds that have one. */
const templateKinds = ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'ReplicationController', 'Job']
export const podSpecs = (rest: string): FieldSpec[] => [
  { path: `spec/${rest}`, kinds: ['Pod'] },
  { path: `spec/template/spec/${rest}`, kinds: templateKinds },
  { path: `spec/jobTemplate/spec/template/spec/${rest}`, kinds: ['CronJob'] },
]
