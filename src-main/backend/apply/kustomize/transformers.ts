/** What a kustomization does to every resource: names, namespace, labels, annotations, images, replicas. The fields are kustomize's defaults. */
import type { Json } from '../../kinds/kind.js'
import { eachAt, type FieldSpec } from './field-path.js'
import { isMap } from '../fields.js'
import { gvkOf, isClusterScoped, moveTo, rename, type KustomizeResource } from './resource.js'

/** Whether a transformer's field is one of an object. */
export function applies(spec: FieldSpec, object: Json): boolean {
  const { group, version, kind } = gvkOf(object)
  return (
    (!spec.kinds || spec.kinds.includes(kind)) &&
    (spec.group === undefined || spec.group === group) &&
    (spec.version === undefined || spec.version === version)
  )
}

const keepTheirNames = new Set(['CustomResourceDefinition', 'APIService', 'Namespace'])

/** Names get a prefix and a suffix; `more` are other fields that get the prefix. */
export function affixNames(resources: readonly KustomizeResource[], prefix: string, suffix: string, more: readonly FieldSpec[]): void {
  for (const r of resources) {
    if (!keepTheirNames.has(gvkOf(r.object).kind) && r.object.metadata?.name) rename(r, `${prefix}${r.object.metadata.name}${suffix}`)
    for (const field of more) if (applies(field, r.object)) eachAt(r.object, field.path, (h, k) => (h[k] = `${prefix}${h[k]}`))
  }
}

export function setNamespace(resources: readonly KustomizeResource[], namespace: string): void {
  for (const r of resources) {
    const { kind } = gvkOf(r.object)
    if (kind === 'Namespace') rename(r, namespace)
    else if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') {
      // Of the subjects only the namespace's own default account; the others follow the accounts that they name.
      for (const s of (r.object.subjects ?? []) as Json[]) if (s.kind === 'ServiceAccount' && s.name === 'default') s.namespace = namespace
    } else if (kind === 'APIService') eachAt(r.object, 'spec/service/namespace', (h, k) => (h[k] = namespace))
    else if (kind === 'CustomResourceDefinition')
      eachAt(r.object, 'spec/conversion/webhook/clientConfig/service/namespace', (h, k) => (h[k] = namespace))
    if (!isClusterScoped(r.object)) {
      r.object.metadata ??= {}
      moveTo(r, namespace)
    }
  }
}

const templated = ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet']
const own: FieldSpec = { path: 'metadata/labels', create: true }
const templateLabels: FieldSpec[] = [
  { path: 'spec/template/metadata/labels', kinds: [...templated, 'ReplicationController', 'Job'], create: true },
  { path: 'spec/jobTemplate/metadata/labels', kinds: ['CronJob'], create: true },
  { path: 'spec/jobTemplate/spec/template/metadata/labels', kinds: ['CronJob'], create: true },
  { path: 'spec/volumeClaimTemplates[]/metadata/labels', kinds: ['StatefulSet'], create: true },
]
const podTerms = ['podAffinity', 'podAntiAffinity'].flatMap((a) => [
  `affinity/${a}/preferredDuringSchedulingIgnoredDuringExecution[]/podAffinityTerm/labelSelector/matchLabels`,
  `affinity/${a}/requiredDuringSchedulingIgnoredDuringExecution[]/labelSelector/matchLabels`,
])
const selectors: FieldSpec[] = [
  { path: 'spec/selector', kinds: ['Service', 'ReplicationController'], create: true },
  { path: 'spec/selector/matchLabels', kinds: templated, create: true },
  { path: 'spec/selector/matchLabels', kinds: ['Job', 'PodDisruptionBudget'] },
  { path: 'spec/jobTemplate/spec/selector/matchLabels', kinds: ['CronJob'] },
  ...[...podTerms, 'topologySpreadConstraints[]/labelSelector/matchLabels'].map((rest) => ({
    path: `spec/template/spec/${rest}`,
    kinds: ['Deployment', 'StatefulSet'],
  })),
  { path: 'spec/podSelector/matchLabels', kinds: ['NetworkPolicy'] },
  { path: 'spec/ingress[]/from[]/podSelector/matchLabels', kinds: ['NetworkPolicy'] },
  { path: 'spec/egress[]/to[]/podSelector/matchLabels', kinds: ['NetworkPolicy'] },
]
const annotations: FieldSpec[] = [
  { path: 'metadata/annotations', create: true },
  { path: 'spec/template/metadata/annotations', kinds: [...templated, 'ReplicationController', 'Job'], create: true },
  { path: 'spec/jobTemplate/metadata/annotations', kinds: ['CronJob'], create: true },
  { path: 'spec/jobTemplate/spec/template/metadata/annotations', kinds: ['CronJob'], create: true },
]

/** Sets pairs in every mapping that the fields name. */
function setPairs(resources: readonly KustomizeResource[], fields: readonly FieldSpec[], pairs: Record<string, string>): void {
  for (const r of resources)
    for (const field of fields)
      if (applies(field, r.object))
        eachAt(
          r.object,
          field.path,
          (holder, key) => {
            holder[key] = { ...(isMap(holder[key]) ? holder[key] : {}), ...pairs }
          },
          field.create,
        )
}

export interface LabelEntry {
  pairs: Record<string, string>
  includeSelectors?: boolean
  includeTemplates?: boolean
  fields?: FieldSpec[]
}

/** `more` are fields that hold labels besides: those of `commonLabels`, which go into selectors. */
export function setLabels(resources: readonly KustomizeResource[], entry: LabelEntry, more: readonly FieldSpec[]): void {
  const fields = [
    own,
    ...(entry.includeSelectors ? [...templateLabels, ...selectors, ...more] : entry.includeTemplates ? templateLabels.slice(0, 3) : []),
    ...(entry.fields ?? []),
  ]
  setPairs(resources, fields, entry.pairs)
}

export const setAnnotations = (resources: readonly KustomizeResource[], pairs: Record<string, string>, more: readonly FieldSpec[]): void =>
  setPairs(resources, [...annotations, ...more], pairs)

export interface ImageEntry {
  name: string
  newName?: string
  newTag?: string
  tagSuffix?: string
  digest?: string
}

/** An image reference in its parts: `registry:5000/name`, the tag with its colon, the digest with its at sign. */
function imageParts(image: string): { name: string; tag: string; digest: string } {
  const at = image.indexOf('@')
  const digest = at < 0 ? '' : image.slice(at)
  const rest = at < 0 ? image : image.slice(0, at)
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1)
  return { name: colon < 0 ? rest : rest.slice(0, colon), tag: colon < 0 ? '' : rest.slice(colon), digest }
}

const podImages = ['spec', 'spec/template/spec'].flatMap((at) => [`${at}/containers[]/image`, `${at}/initContainers[]/image`])

export function setImage(resources: readonly KustomizeResource[], entry: ImageEntry, more: readonly FieldSpec[]): void {
  const change = (image: string): string => {
    const { name, tag, digest } = imageParts(image)
    if (name !== entry.name) return image
    const newName = entry.newName || name
    if (entry.newTag && entry.digest) return `${newName}:${entry.newTag}@${entry.digest}`
    if (entry.digest) return `${newName}@${entry.digest}`
    if (entry.newTag) return `${newName}:${entry.newTag}`
    if (entry.tagSuffix) return `${newName}${tag || ':'}${entry.tagSuffix}`
    return `${newName}${tag}${digest}`
  }
  // First the pods of the built-in kinds, then wherever containers are, in custom resources too. The pods come twice, as they do in
  // kustomize, which tells only with a suffix.
  const walk = (value: Json): void => {
    if (Array.isArray(value)) return value.forEach(walk)
    if (!isMap(value)) return
    for (const [key, inner] of Object.entries(value)) {
      if ((key === 'containers' || key === 'initContainers') && Array.isArray(inner))
        for (const c of inner) if (isMap(c) && typeof c.image === 'string') c.image = change(c.image)
      walk(inner)
    }
  }
  for (const r of resources) {
    if (gvkOf(r.object).kind === 'CustomResourceDefinition') continue
    for (const path of podImages) eachAt(r.object, path, (c, key) => typeof c[key] === 'string' && (c[key] = change(c[key])))
    walk(r.object)
    for (const field of more)
      if (applies(field, r.object)) eachAt(r.object, field.path, (h, key) => typeof h[key] === 'string' && (h[key] = change(h[key])))
  }
}

const scalable = ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet']

/** Sets `spec.replicas` of the workloads of a name; false when there is none. */
export function setReplicas(resources: readonly KustomizeResource[], name: string, count: number): boolean {
  const found = resources.filter((r) => scalable.includes(gvkOf(r.object).kind) && r.names.includes(name))
  for (const r of found) r.object.spec = { ...r.object.spec, replicas: count }
  return found.length > 0
}
