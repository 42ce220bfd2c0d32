import type { KindInfo } from '../../src-main/backend/rpc/contract.js'
import type { Action } from './action.js'
import { ownActions } from './own-commands.js'
import { accessActions } from './table/access.js'
import { anyActions } from './table/any.js'
import { clusterActions } from './table/cluster.js'
import { helmActions } from './table/helm.js'
import { jobActions } from './table/jobs.js'
import { lookingActions } from './table/looking.js'
import { nodeActions } from './table/nodes.js'
import { podActions } from './table/pods.js'
import { storageActions } from './table/storage.js'
import { subjectActions } from './table/subjects.js'
import { workloadActions } from './table/workloads.js'

/** All actions, in the order of menus. To add one, add an entry to one of these tables. */
export const actions: readonly Action[] = [
  ...lookingActions,
  ...workloadActions,
  ...jobActions,
  ...nodeActions,
  ...podActions,
  ...storageActions,
  ...accessActions,
  ...subjectActions,
  ...clusterActions,
  ...helmActions,
  ...anyActions,
]

/** The actions that can be offered for this many objects of a kind; of several kinds, those that all of them have. */
export function actionsFor(kinds: KindInfo | readonly KindInfo[], count: number): Action[] {
  const all = 'kind' in kinds ? [kinds] : kinds
  return [...actions, ...ownActions()].filter((a) => (count === 1 || a.many) && all.length > 0 && all.every((kind) => a.applies(kind)))
}

/** An action by its id. */
export function actionOf(id: string): Action | undefined {
  return actions.find((a) => a.id === id)
}
