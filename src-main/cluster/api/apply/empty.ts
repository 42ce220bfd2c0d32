/**
 * The object that a create is compared with. In Go a new object already has those parts that are structs and not
 * pointers (`spec`, `status`, `strategy`, …): such a part is therefore not itself a field of the one who creates the
 * object, only what is in it is.
 */
import type { Model } from '../schema/schema.js'
import type { Json } from './typed.js'

/** Parts that are structs in Go, by model, besides the metadata, spec and status of every kind. */
const STRUCTS: Readonly<Record<string, readonly string[]>> = {
  CoreV1Event: ['source'],
  EventsV1Event: ['deprecatedSource'],
  V1CronJobSpec: ['jobTemplate'],
  V1CustomResourceDefinitionSpec: ['names'],
  V1DaemonSetSpec: ['template', 'updateStrategy'],
  V1DeploymentSpec: ['strategy', 'template'],
  V1IngressStatus: ['loadBalancer'],
  V1JobSpec: ['template'],
  V1JobTemplateSpec: ['metadata', 'spec'],
  V1NetworkPolicySpec: ['podSelector'],
  V1NodeDaemonEndpoints: ['kubeletEndpoint'],
  V1NodeStatus: ['daemonEndpoints', 'nodeInfo'],
  V1PersistentVolumeClaimSpec: ['resources'],
  V1PodTemplate: ['template'],
  V1PodTemplateSpec: ['metadata', 'spec'],
  V1ReplicaSetSpec: ['template'],
  V1ServiceStatus: ['loadBalancer'],
  V1StatefulSetSpec: ['template', 'updateStrategy'],
  V1VolumeAttachmentSpec: ['source'],
}

/** What Go always writes and an object may be left with, by model: times and lists that are null in a new object, texts and numbers. */
const ZEROS: Readonly<Record<string, Json>> = {
  CoreV1Event: { eventTime: null, firstTimestamp: null, lastTimestamp: null, reportingComponent: '', reportingInstance: '' },
  EventsV1Event: { deprecatedFirstTimestamp: null, deprecatedLastTimestamp: null, eventTime: null },
  V1CSINodeSpec: { drivers: null },
  V1ClusterRole: { rules: null },
  V1ControllerRevision: { revision: 0 },
  V1EndpointSlice: { endpoints: null, ports: null },
  V1LimitRangeSpec: { limits: null },
  V1PriorityClass: { value: 0 },
  V1Role: { rules: null },
}

/** Keyed lists that a new object has, empty. */
const LISTS: Readonly<Record<string, readonly string[]>> = { V1PodSpec: ['containers'] }

const KIND_PARTS = ['metadata', 'spec', 'status'] as const

const made = new WeakMap<Model, Json>()

/** The empty object of a kind. Shared: it must not be changed. */
export function emptyObject(model: Model): Json {
  const known = made.get(model)
  if (known) return known
  const out: Json = {}
  // Custom resources are no structs: of theirs only the metadata is always there.
  for (const name of model.custom ? (['metadata'] as const) : KIND_PARTS) {
    const part = model.properties.get(name)?.model
    if (part) out[name] = emptyPart(part)
  }
  for (const [name, value] of Object.entries(emptyPart(model))) out[name] ??= value
  made.set(model, out)
  return out
}

function emptyPart(model: Model): Json {
  const out: Json = {}
  for (const name of STRUCTS[model.name] ?? []) out[name] = emptyPart(model.properties.get(name)!.model!)
  Object.assign(out, ZEROS[model.name])
  for (const name of LISTS[model.name] ?? []) out[name] = []
  return out
}
