/** All kinds that the server knows without being told, in the order `kubectl api-resources` lists them within a group. */
import type { Kind } from './kind.js'
import { configMap } from './configmap.js'
import { controllerRevision } from './controllerrevision.js'
import { cronJob } from './cronjob.js'
import { daemonSet } from './daemonset.js'
import { deployment } from './deployment.js'
import { endpoints } from './endpoints.js'
import { endpointSlice } from './endpointslice.js'
import { event } from './event.js'
import { eventsEvent } from './events-event.js'
import { job } from './job.js'
import { lease } from './lease.js'
import { namespace } from './namespace.js'
import { node } from './node.js'
import { pod } from './pod.js'
import { replicaSet } from './replicaset.js'
import { replicationController } from './replicationcontroller.js'
import { secret } from './secret.js'
import { service } from './service.js'
import { serviceAccount } from './serviceaccount.js'
import { statefulSet } from './statefulset.js'

export const builtinKinds: readonly Kind[] = [
  configMap,
  endpoints,
  event,
  namespace,
  node,
  pod,
  replicationController,
  secret,
  serviceAccount,
  service,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  cronJob,
  job,
  lease,
  endpointSlice,
  eventsEvent,
]
