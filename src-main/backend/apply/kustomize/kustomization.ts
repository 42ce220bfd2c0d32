/** The file kustomization.yaml: what it may say here, older spellings brought to today's, and clear refusals of the rest. */
import path from 'node:path'
import type { Json } from '../../kinds/kind.js'
import { textOf, type ManifestFiles } from '../manifest-files.js'
import { fromYaml } from '../yaml.js'
import type { GeneratorArgs, GeneratorOptions } from './generators.js'
import type { PatchOptions, PatchTarget } from './patches.js'
import type { Replacement } from './replacements.js'
import { isMap } from '../fields.js'
import { kustomizeError } from './resource.js'
import { fieldSpec } from './transformer-config.js'
import type { ImageEntry, LabelEntry } from './transformers.js'
import { readVars, type Var } from './vars.js'

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']

export interface Kustomization {
  /** The file, for messages. */
  file: string
  directory: string
  resources: string[]
  components: string[]
  /** Files with fields of custom resources that the transformers reach. */
  configurations: string[]
  /** Files with OpenAPI definitions of custom resources, which say the same. */
  crds: string[]
  vars: Var[]
  namePrefix: string
  nameSuffix: string
  namespace: string
  labels: LabelEntry[]
  commonAnnotations: Record<string, string>
  images: ImageEntry[]
  replicas: { name: string; count: number }[]
  configMapGenerator: GeneratorArgs[]
  secretGenerator: GeneratorArgs[]
  generatorOptions: GeneratorOptions
  /** In the order in which they are applied. A text or the name of a file. */
  patches: { patch?: string; path?: string; target?: PatchTarget; options?: PatchOptions }[]
  /** `patchesJson6902`, which come after names and labels have been set. */
  latePatches: { patch?: string; path?: string; target: PatchTarget }[]
  /** A value or a field of one object for fields of others; or the file that says so. */
  replacements: (Replacement | { path: string })[]
  /** `legacy`: by kind. `fifo`: as they came. */
  order: 'legacy' | 'fifo'
}

const known = new Set(
  (
    'apiVersion kind metadata resources bases components namePrefix nameSuffix namespace labels commonLabels commonAnnotations images ' +
    'replicas configMapGenerator secretGenerator generatorOptions patches patchesStrategicMerge patchesJson6902 sortOptions replacements configurations crds vars'
  ).split(' '),
)
const unsupported = new Set(
  'buildMetadata generators transformers validators helmCharts helmGlobals helmChartInflationGenerator openapi'.split(' '),
)

/** The kustomization files among `names`, by their folder. */
export function kustomizationFolders(names: readonly string[]): string[] {
  return [...new Set(names.filter((n) => NAMES.includes(path.posix.basename(n))).map((n) => path.posix.dirname(n)))].sort()
}

/** Whether a file is a kustomization rather than a manifest. */
export const isKustomization = (name: string): boolean => NAMES.includes(path.posix.basename(name))

/** Reads the kustomization of a folder; undefined when it has none. Throws on more than one, on what is not supported and on wrong types. */
export function readKustomization(files: ManifestFiles, directory: string): Kustomization | undefined {
  const found = NAMES.map((n) => path.posix.join(directory, n)).filter((n) => files.read(n) !== undefined)
  const file = found[0]
  if (file === undefined) return undefined
  if (found.length > 1)
    throw kustomizeError(directory, `Found multiple kustomization files: ${found.map((f) => path.posix.basename(f)).join(', ')}`)
  let parsed: Json[]
  try {
    parsed = fromYaml(textOf(files, file)!, 'kustomize')
  } catch (error) {
    throw kustomizeError(file, (error as Error).message)
  }
  const k: Json = parsed[0] ?? {}
  if (parsed.length > 1) throw kustomizeError(file, 'it holds more than one document')
  for (const field of Object.keys(k)) {
    if (unsupported.has(field))
      throw kustomizeError(file, `"${field}" is not supported here. Build the folder with kustomize and apply the result.`)
    if (!known.has(field)) throw kustomizeError(file, `invalid Kustomization: unknown field "${field}"`)
  }
  if (k.kind !== undefined && k.kind !== 'Kustomization' && k.kind !== 'Component')
    throw kustomizeError(file, `kind should be Kustomization or Component, it is ${JSON.stringify(k.kind)}`)

  const list = (field: string): Json[] => {
    const value: unknown = k[field]
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) throw kustomizeError(file, `"${field}" must be a list`)
    return value as Json[]
  }
  const text = (field: string): string => {
    const value: unknown = k[field]
    if (value === undefined || value === null) return ''
    if (typeof value !== 'string') throw kustomizeError(file, `"${field}" must be a string`)
    return value
  }
  const pairs = (field: string): Record<string, string> => stringMap(k[field], `"${field}"`, file)
  const patches: Kustomization['patches'] = list('patchesStrategicMerge').map((p) =>
    typeof p === 'string' && !p.includes('\n') ? { path: p } : { patch: String(p) },
  )
  for (const p of list('patches')) {
    if (!isMap(p) || (p.patch === undefined) === (p.path === undefined))
      throw kustomizeError(file, 'each of "patches" needs exactly one of "patch" and "path"')
    patches.push(p)
  }
  const common = pairs('commonLabels')
  return {
    file,
    directory,
    resources: [...list('resources'), ...list('bases')].map(String),
    components: list('components').map(String),
    configurations: list('configurations').map(String),
    crds: list('crds').map(String),
    vars: readVars(list('vars'), file),
    namePrefix: text('namePrefix'),
    nameSuffix: text('nameSuffix'),
    namespace: text('namespace'),
    labels: [
      ...list('labels').map((l) => ({
        ...(l as LabelEntry),
        pairs: stringMap(l?.pairs, '"labels" pairs', file),
        fields: ((l?.fields ?? l?.fieldSpecs ?? []) as Json[]).map(fieldSpec),
      })),
      ...(Object.keys(common).length ? [{ pairs: common, includeSelectors: true }] : []),
    ],
    commonAnnotations: pairs('commonAnnotations'),
    images: list('images') as ImageEntry[],
    replicas: list('replicas').map((r) => {
      if (typeof r?.name !== 'string' || !Number.isInteger(r.count))
        throw kustomizeError(file, 'each of "replicas" needs "name" and "count"')
      return { name: r.name, count: r.count as number }
    }),
    configMapGenerator: list('configMapGenerator') as GeneratorArgs[],
    secretGenerator: list('secretGenerator') as GeneratorArgs[],
    generatorOptions: (k.generatorOptions ?? {}) as GeneratorOptions,
    patches,
    latePatches: list('patchesJson6902') as Kustomization['latePatches'],
    replacements: list('replacements') as Kustomization['replacements'],
    order: k.sortOptions?.order === 'fifo' ? 'fifo' : 'legacy',
  }
}

function stringMap(value: Json, what: string, file: string): Record<string, string> {
  if (value === undefined || value === null) return {}
  if (!isMap(value)) throw kustomizeError(file, `${what} must be a mapping`)
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => {
      if (typeof v === 'object') throw kustomizeError(file, `${what}: the value of "${k}" must be a string`)
      return [k, String(v)]
    }),
  )
}
