import type { KindInfo } from '../../src-main/backend/rpc/contract.js'
import { kindTitle } from '../app/kind-groups.js'
import { resourceKey } from '../app/routes.js'
import { workloadsKind } from '../app/workloads-kind.js'
import type { Target } from '../stores/dialogs.js'

/** The kinds of objects, each once. */
export function kindsOf(targets: readonly Target[]): KindInfo[] {
  const known = new Map(targets.map(({ kind }) => [resourceKey(kind), kind]))
  return [...known.values()]
}

/** What objects are called together: `Pods`; of several kinds, as only the list of all workloads has them, `Workloads`. */
export function pluralOf(targets: readonly Target[]): string {
  const [first = workloadsKind, ...more] = kindsOf(targets)
  return kindTitle(more.length ? workloadsKind : first)
}
