/** configMapGenerator and secretGenerator: ConfigMaps and Secrets from literals, files and env files. */
import path from 'node:path'
import type { Json } from '../../kinds/kind.js'
import { dataEntries, envFileEntries, literalEntry, type DataEntry } from '../data-entries.js'
import { textOf, type ManifestFiles } from '../manifest-files.js'
import { kustomizeError, newResource, type KustomizeResource } from './resource.js'

export interface GeneratorOptions {
  labels?: Record<string, string>
  annotations?: Record<string, string>
  disableNameSuffixHash?: boolean
  immutable?: boolean
}

export interface GeneratorArgs {
  name: string
  namespace?: string
  behavior?: 'create' | 'merge' | 'replace'
  literals?: string[]
  files?: string[]
  envs?: string[]
  env?: string
  type?: string
  options?: GeneratorOptions
}

/** The object that a generator makes. `directory` is the kustomization's own. */
export function generate(
  kind: 'ConfigMap' | 'Secret',
  args: GeneratorArgs,
  shared: GeneratorOptions,
  files: ManifestFiles,
  directory: string,
): KustomizeResource {
  const where = path.posix.join(directory, 'kustomization.yaml')
  const need = (name: string): string => path.posix.join(directory, name)
  const entries: DataEntry[] = []
  for (const name of [...(args.env ? [args.env] : []), ...(args.envs ?? [])]) {
    const text = textOf(files, need(name))
    if (text === undefined) throw kustomizeError(where, `${kind} "${args.name}": the env file "${name}" does not exist`)
    entries.push(...envFileEntries(text))
  }
  for (const literal of args.literals ?? []) entries.push(literalEntry(literal))
  for (const source of args.files ?? []) {
    const equals = source.indexOf('=')
    const file = source.slice(equals + 1)
    const bytes = files.read(need(file))
    if (!bytes) throw kustomizeError(where, `${kind} "${args.name}": the file "${file}" does not exist`)
    entries.push({ key: equals < 0 ? path.posix.basename(file) : source.slice(0, equals), value: bytes })
  }
  let data: ReturnType<typeof dataEntries>
  try {
    data = dataEntries(kind, entries)
  } catch (error) {
    throw kustomizeError(where, `${kind} "${args.name}": ${(error as Error).message}`)
  }
  const labels = { ...shared.labels, ...args.options?.labels }
  const annotations = { ...shared.annotations, ...args.options?.annotations }
  const immutable = args.options?.immutable ?? shared.immutable
  const object: Json = {
    apiVersion: 'v1',
    kind,
    metadata: {
      name: args.name,
      ...(args.namespace ? { namespace: args.namespace } : {}),
      ...(Object.keys(labels).length ? { labels } : {}),
      ...(Object.keys(annotations).length ? { annotations } : {}),
    },
    ...data,
    ...(kind === 'Secret' ? { type: args.type || 'Opaque' } : {}),
    ...(immutable ? { immutable: true } : {}),
  }
  return newResource(object, !(args.options?.disableNameSuffixHash || shared.disableNameSuffixHash))
}
