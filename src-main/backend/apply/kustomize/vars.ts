/** `vars` of kustomizations: a field of one object, put in the place of `$(NAME)` in the fields that may have it. */
import type { Json } from '../../kinds/kind.js'
import { isMap } from '../fields.js'
import { eachAt, podSpecs, type FieldSpec } from './field-path.js'
import { gvkOf, kustomizeError, type KustomizeResource } from './resource.js'
import { applies } from './transformers.js'

/** A variable as a kustomization writes it. */
export interface Var {
  name: string
  objref: { kind: string; name: string; apiVersion: string; namespace: string }
  /** `spec.ports[0].port`; a dot inside of a key is written `\.`. */
  fieldPath: string
}

/** A variable, and the objects that it may stand for. */
export interface BoundVar extends Var {
  of: KustomizeResource[]
}

/** ReplicationControllers are not in kustomize's table of variables. */
const withoutControllers = (f: FieldSpec): FieldSpec => ({ ...f, kinds: f.kinds!.filter((k) => k !== 'ReplicationController') })
const perContainer = ['args', 'command', 'env/value', 'volumeMounts/mountPath']
/** Fields in which variables are replaced, besides those that `varReference` of a configuration names. The table is kustomize's default. */
const fields: FieldSpec[] = [
  ...['containers', 'initContainers'].flatMap((c) => perContainer.flatMap((f) => podSpecs(`${c}/${f}`).map(withoutControllers))),
  { path: 'spec/volumes/nfs/server', kinds: ['Pod'] },
  { path: 'spec/template/spec/volumes/nfs/server', kinds: ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet'] },
  { path: 'spec/volumeClaimTemplates/spec/nfs/server', kinds: ['StatefulSet'] },
  { path: 'spec/template/metadata/annotations', kinds: ['Deployment'] },
  ...['spec/rules/host', 'spec/tls/hosts', 'spec/tls/secretName'].map((path) => ({ path, kinds: ['Ingress'] })),
  ...['spec/ports/port', 'spec/ports/targetPort'].map((path) => ({ path, kinds: ['Service'] })),
  { path: 'spec/nfs/server', kinds: ['PersistentVolume'] },
  { path: 'metadata/labels' },
  { path: 'metadata/annotations' },
]

/** Reads `vars` of a kustomization. Throws on one that has no name or names no object. */
export function readVars(entries: readonly Json[], file: string): Var[] {
  return entries.map((v) => {
    const { kind, name, apiVersion, group, version, namespace } = (v?.objref ?? {}) as Record<string, string | undefined>
    if (typeof v?.name !== 'string' || !v.name || !kind || !name)
      throw kustomizeError(file, 'each of "vars" needs "name", and "kind" and "name" in "objref"')
    return {
      name: v.name,
      objref: { kind, name, apiVersion: apiVersion ?? [group, version].filter(Boolean).join('/'), namespace: namespace ?? '' },
      fieldPath: (v.fieldref?.fieldpath as string | undefined) ?? 'metadata.name',
    }
  })
}

/** Binds variables to the objects of the kustomization that declares them, by any name that those have had. */
export function bindVars(vars: readonly Var[], resources: readonly KustomizeResource[], known: BoundVar[], file: string): void {
  for (const v of vars) {
    if (known.some((k) => k.name === v.name)) throw kustomizeError(file, `var '${v.name}' already encountered`)
    const of = resources.filter(
      (r) =>
        gvkOf(r.object).kind === v.objref.kind &&
        String(r.object.apiVersion ?? '') === v.objref.apiVersion &&
        r.names.includes(v.objref.name) &&
        (!v.objref.namespace || r.namespaces.includes(v.objref.namespace)),
    )
    if (of.length > 1) throw kustomizeError(file, `found ${of.length} resId matches for var ${v.name} (unable to disambiguate)`)
    known.push({ ...v, of })
  }
}

/** Puts the values of all variables where they are asked for; `more` are the fields that kustomizations configure. */
export function resolveVars(
  resources: readonly KustomizeResource[],
  vars: readonly BoundVar[],
  more: readonly FieldSpec[],
  file: string,
): void {
  if (vars.length === 0) return
  const values = new Map(vars.map((v) => [v.name, valueOf(v, resources, file)]))
  for (const { object } of resources)
    for (const field of [...fields, ...more])
      if (applies(field, object)) eachAt(object, field.path, (holder, key) => (holder[key] = expanded(holder[key], values)))
}

function valueOf(v: BoundVar, resources: readonly KustomizeResource[], file: string): Json {
  const target = v.of.find((r) => resources.includes(r))
  if (!target) throw kustomizeError(file, `var '${v.name}' cannot be mapped to a field in the set of known resources`)
  let value: Json = target.object
  for (const step of v.fieldPath.replaceAll('\\.', '\u0000').match(/[^.[\]]+/g) ?? []) value = value?.[step.replaceAll('\u0000', '.')]
  if (value === undefined || value === null)
    throw kustomizeError(file, `field specified in var '${v.name}' not found in corresponding resource: ${v.fieldPath}`)
  return value
}

const isPlain = (value: Json): boolean => ['string', 'number', 'boolean'].includes(typeof value)

/** A value with its variables replaced, in lists and in the values of a mapping as well. */
function expanded(value: Json, values: ReadonlyMap<string, Json>): Json {
  if (Array.isArray(value)) return value.map((v: Json) => (typeof v === 'string' ? expanded(v, values) : v))
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, typeof v === 'string' ? expanded(v, values) : v]))
  if (typeof value !== 'string') return value
  // What is nothing but a variable keeps the type of its value: a port stays a number.
  const whole = /^\$\(([^()]*)\)$/.exec(value)
  if (whole && isPlain(values.get(whole[1]!))) return values.get(whole[1]!)
  return value.replace(/\$(?:\$|\(([^()]*)\))/g, (found, name: string | undefined) => {
    if (name === undefined) return '$'
    const known: Json = values.get(name)
    return isPlain(known) ? String(known) : found
  })
}
