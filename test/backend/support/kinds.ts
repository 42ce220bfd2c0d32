import type { KindInfo } from '../../../src-main/backend/rpc/contract.js'

/** A kind of version v1 that can be listed, as discovery tells of it. */
export const kindOf = (kind: string, resource: string, group = ''): KindInfo => ({
  kind,
  resource,
  group,
  version: 'v1',
  namespaced: true,
  verbs: ['list'],
  shortNames: [],
  categories: [],
})
