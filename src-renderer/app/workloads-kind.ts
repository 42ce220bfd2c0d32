import type { KindInfo } from '../../src-main/backend/rpc/contract.js'

/**
 * All that runs, as a kind of the window's own: the backend makes its list of the workloads of every kind. Each of its rows is an object
 * of a kind of its own, so that it has no verbs, and no object of it is ever opened.
 */
export const workloadsKind: KindInfo = {
  group: '',
  version: 'v1',
  resource: 'workloads',
  kind: 'Workload',
  namespaced: true,
  verbs: [],
  shortNames: ['workload', 'wk'],
  categories: [],
}

/** The kind as addresses write it. */
export const WORKLOADS = 'workloads'
