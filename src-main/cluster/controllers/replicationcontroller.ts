/** The ReplicationController controller: the older form of a ReplicaSet, with a plain map as its selector. */
import { resources } from '../api/client.js'
import type { ReplicationController } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { startReplication } from './replication.js'
import { mapMatcherOf } from './selector.js'

export const startReplicationControllerController = (ctx: ControllerContext): Controller =>
  startReplication<ReplicationController>(ctx, {
    name: 'replication-controller',
    apiVersion: 'v1',
    kind: 'ReplicationController',
    gvr: resources.replicationcontrollers,
    selects: (controller) => mapMatcherOf(controller.spec?.selector),
    ranksWithSiblings: false,
    countsTerminating: false,
  })
