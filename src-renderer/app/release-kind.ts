import type { KindInfo } from '../../src-main/backend/rpc/contract.js'

/**
 * Helm's releases as a kind of the window's own: no server has it. The backend makes its lists and objects of the records that Helm
 * keeps. It has no verbs, so that of the actions only those that are made for it are offered.
 */
export const releaseKind: KindInfo = {
  group: 'helm.sh',
  version: 'v1',
  resource: 'releases',
  kind: 'Release',
  namespaced: true,
  verbs: [],
  shortNames: ['helm'],
  categories: [],
}

/** The kind as addresses write it. */
export const RELEASES = 'releases.helm.sh'
