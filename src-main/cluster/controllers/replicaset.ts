/** The ReplicaSet controller. */
import { resources } from '../api/client.js'
import type { ReplicaSet } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { startReplication } from './replication.js'
import { matcherOf } from './selector.js'

export const startReplicaSetController = (ctx: ControllerContext): Controller =>
  startReplication<ReplicaSet>(ctx, {
    name: 'replicaset-controller',
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    gvr: resources.replicasets,
    selects: (set) => matcherOf(set.spec?.selector),
    ranksWithSiblings: true,
    countsTerminating: true,
  })
