/** Owners that an object names twice: the API server keeps one of them and warns. */
import { equalJson } from '../copy.js'
import type { KubeObject, OwnerReference } from '../object.js'
import type { Call } from './machinery.js'

/** Who named an owner twice: the client, or admission after it. A patch is looked at only then. */
export type NamedBy = 'client' | 'admission'

const WHEN: Record<NamedBy, string> = { client: '', admission: ' after mutating admission happens' }

/** Drops, in place, the owner references of an object that equal an earlier one in all their fields, with a warning. */
export function dropRepeatedOwners(object: KubeObject, call: Call, by: NamedBy): void {
  const owners = object.metadata?.ownerReferences
  if (!owners || owners.length < 2) return
  const kept: OwnerReference[] = []
  const repeated: string[] = []
  for (const owner of owners) {
    if (kept.some((other) => equalJson(other, owner))) repeated.push(owner.uid)
    else kept.push(owner)
  }
  if (repeated.length === 0) return
  object.metadata.ownerReferences = kept
  call.warnings.push(
    `.metadata.ownerReferences contains duplicate entries${WHEN[by]}; API server dedups owner references in 1.20+, ` +
      `and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${repeated.join(', ')}`,
  )
}
