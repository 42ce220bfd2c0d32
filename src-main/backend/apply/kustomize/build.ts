/**
 * Builds a kustomize folder into the objects that `kubectl kustomize` prints: resources and bases, components, generators with hashed
 * names, patches, and the transformers in kustomize's own order.
 */
import path from 'node:path'
import type { Json } from '../../kinds/kind.js'
import { textOf, type ManifestFiles } from '../manifest-files.js'
import { fromYaml, yamlValues } from '../yaml.js'
import { addDefinitions } from './crds.js'
import { generate } from './generators.js'
import { contentHash } from './hash.js'
import { readKustomization, type Kustomization } from './kustomization.js'
import { fixReferences } from './name-references.js'
import { compareResources } from './order.js'
import { applyPatch } from './patches.js'
import { gvkOf, idOf, kustomizeError, newResource, rename, type KustomizeResource } from './resource.js'
import { replace, type Replacement } from './replacements.js'
import { addConfigurations, noConfig, type TransformerConfig } from './transformer-config.js'
import { affixNames, setAnnotations, setImage, setLabels, setNamespace, setReplicas } from './transformers.js'
import { bindVars, resolveVars, type BoundVar } from './vars.js'

/** The objects of the kustomization in `directory`. Throws with the file and the reason when it cannot be built. */
export function buildKustomization(files: ManifestFiles, directory: string): Json[] {
  const k = readKustomization(files, directory)
  if (!k) throw kustomizeError(directory, "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization'")
  const config = noConfig()
  const vars: BoundVar[] = []
  const resources = accumulate(files, k, [], [], config, vars)
  for (const r of resources) if (r.hashed) rename(r, `${r.object.metadata.name}-${contentHash(r.object)}`)
  fixReferences(resources, config.nameReference)
  resolveVars(resources, vars, config.varReference, k.file)
  const objects = resources.map((r) => r.object)
  return k.order === 'fifo' ? objects : objects.sort(compareResources)
}

/**
 * What a kustomization makes of its own resources and of `given` (those of the one that includes a component). What it and its bases
 * configure is added to `config`, and their variables to `vars`: they hold for those who include it, too.
 */
function accumulate(
  files: ManifestFiles,
  k: Kustomization,
  given: KustomizeResource[],
  above: readonly string[],
  config: TransformerConfig,
  vars: BoundVar[],
): KustomizeResource[] {
  if (above.includes(k.directory)) throw kustomizeError(k.file, `cycle detected: ${[...above, k.directory].join(' -> ')}`)
  const trail = [...above, k.directory]
  let resources = [...given]
  addConfigurations(config, files, k.directory, k.configurations, k.file)
  addDefinitions(config, files, k.directory, k.crds, k.file)
  for (const entry of k.resources) for (const r of resourcesOf(files, k, entry, trail, config, vars)) add(resources, r, k.file)
  runGenerators(files, k, resources)
  for (const entry of k.components) {
    const component = readKustomization(files, path.posix.join(k.directory, entry))
    if (!component) throw kustomizeError(k.file, `the component "${entry}" has no kustomization file`)
    resources = accumulate(files, component, resources, trail, config, vars)
  }
  resources = transform(files, k, resources, config)
  bindVars(k.vars, resources, vars, k.file)
  return resources
}

function resourcesOf(
  files: ManifestFiles,
  k: Kustomization,
  entry: string,
  trail: readonly string[],
  config: TransformerConfig,
  vars: BoundVar[],
): KustomizeResource[] {
  if (/^(https?|git|ssh):|^git@|^github\.com\/|\.git($|[/?])|\?ref=/.test(entry))
    throw kustomizeError(k.file, `the remote resource "${entry}" is not fetched. Download it into the folder.`)
  const name = path.posix.join(k.directory, entry)
  const text = textOf(files, name)
  if (text === undefined) {
    const base = readKustomization(files, name)
    if (base) {
      // A base knows what it configures itself, not what the one beside it does.
      const own = noConfig()
      const made = accumulate(files, base, [], trail, own, vars)
      for (const field of Object.keys(own) as (keyof TransformerConfig)[]) config[field].push(...(own[field] as never[]))
      return made
    }
    const outside = path.posix.normalize(name).startsWith('..') ? ' It lies outside of what was opened: open the folder above.' : ''
    throw kustomizeError(k.file, `the resource "${entry}" is neither a file nor a folder with a kustomization.${outside}`)
  }
  let objects: Json[]
  try {
    objects = fromYaml(text, 'kustomize').flatMap((o) =>
      String(o.kind ?? '').endsWith('List') && Array.isArray(o.items) ? (o.items as Json[]) : [o],
    )
  } catch (error) {
    throw kustomizeError(name, (error as Error).message)
  }
  for (const o of objects) {
    if (!o.kind) throw kustomizeError(name, 'missing kind in object')
    if (!o.metadata?.name) throw kustomizeError(name, `missing metadata.name in object {${o.apiVersion ?? ''} ${o.kind}}`)
  }
  return objects.map((o) => newResource(o))
}

function add(resources: KustomizeResource[], r: KustomizeResource, file: string): void {
  const id = idOf(r.object)
  if (resources.some((other) => idOf(other.object) === id))
    throw kustomizeError(file, `may not add resource with an already registered id: ${id}`)
  resources.push(r)
}

function runGenerators(files: ManifestFiles, k: Kustomization, resources: KustomizeResource[]): void {
  for (const kind of ['ConfigMap', 'Secret'] as const)
    for (const args of kind === 'ConfigMap' ? k.configMapGenerator : k.secretGenerator) {
      if (!args?.name) throw kustomizeError(k.file, `a ${kind} generator has no name`)
      const made = generate(kind, args, k.generatorOptions, files, k.directory)
      const behavior = args.behavior || 'create'
      const found = resources.filter((r) => gvkOf(r.object).kind === kind && r.names.includes(args.name))
      if (behavior === 'create') {
        add(resources, made, k.file)
        continue
      }
      const into = found[0]
      if (!into || found.length > 1)
        throw kustomizeError(
          k.file,
          found.length
            ? `found multiple objects that could accept the ${behavior} of ${idOf(made.object)}`
            : `id ${idOf(made.object)} does not exist; cannot merge or replace`,
        )
      mergeGenerated(into, made, behavior)
    }
}

/** A generator with `behavior: merge` adds to what there is, one with `replace` takes its place; name and namespace stay. */
function mergeGenerated(into: KustomizeResource, made: KustomizeResource, behavior: 'merge' | 'replace'): void {
  const before = into.object
  const both = (field: string): Json => {
    const merged = behavior === 'merge' ? { ...before[field], ...made.object[field] } : { ...made.object[field] }
    return Object.keys(merged).length ? { [field]: merged } : {}
  }
  const {
    data: _d,
    binaryData: _b,
    ...rest
  } = behavior === 'merge' ? { ...before, ...(made.object.type ? { type: made.object.type } : {}) } : made.object
  const labels = { ...before.metadata.labels, ...made.object.metadata.labels }
  const annotations = { ...before.metadata.annotations, ...made.object.metadata.annotations }
  into.object = {
    ...rest,
    metadata: {
      ...before.metadata,
      ...(Object.keys(labels).length ? { labels } : {}),
      ...(Object.keys(annotations).length ? { annotations } : {}),
    },
    ...both('data'),
    ...both('binaryData'),
  }
  into.hashed = into.hashed || made.hashed
}

function transform(files: ManifestFiles, k: Kustomization, given: KustomizeResource[], config: TransformerConfig): KustomizeResource[] {
  let resources = given
  const patchText = (p: { patch?: string; path?: string }): [text: string, where: string] => {
    if (p.patch !== undefined) return [p.patch, k.file]
    const name = path.posix.join(k.directory, p.path!)
    const text = textOf(files, name)
    if (text === undefined) throw kustomizeError(k.file, `the patch "${p.path}" does not exist`)
    return [text, name]
  }
  for (const p of k.patches) {
    const [text, where] = patchText(p)
    resources = applyPatch(resources, text, p.target, p.options ?? {}, where)
  }
  if (k.namespace) setNamespace(resources, k.namespace)
  if (k.namePrefix || k.nameSuffix) affixNames(resources, k.namePrefix, k.nameSuffix, config.namePrefix)
  for (const l of k.labels) setLabels(resources, l, config.commonLabels)
  if (Object.keys(k.commonAnnotations).length) setAnnotations(resources, k.commonAnnotations, config.commonAnnotations)
  for (const p of k.latePatches) {
    const [text, where] = patchText(p)
    resources = applyPatch(resources, text, p.target, {}, where)
  }
  for (const r of k.replicas)
    if (!setReplicas(resources, r.name, r.count))
      throw kustomizeError(
        k.file,
        `resource with name ${r.name} does not match a config with the following GVK [Deployment, ReplicationController, ReplicaSet, StatefulSet]`,
      )
  for (const i of k.images) setImage(resources, i, config.images)
  replace(resources, replacementsOf(files, k), k.file)
  fixReferences(resources, config.nameReference)
  return resources
}

/** The replacements of a kustomization, those in files of their own included: one for each document, or a list of them. */
function replacementsOf(files: ManifestFiles, k: Kustomization): Replacement[] {
  return k.replacements.flatMap((entry) => {
    if (!('path' in entry)) return [entry]
    const name = path.posix.join(k.directory, entry.path)
    const text = textOf(files, name)
    if (text === undefined) throw kustomizeError(k.file, `the replacement file "${entry.path}" does not exist`)
    return yamlValues(text, 'kustomize').flatMap((document) => document as Replacement | Replacement[])
  })
}
