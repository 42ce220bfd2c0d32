/** `configurations` of a kustomization: fields of custom resources that its transformers are to reach besides those of the built-in kinds. */
import path from 'node:path'
import type { Json } from '../../kinds/kind.js'
import { textOf, type ManifestFiles } from '../manifest-files.js'
import { fromYaml } from '../yaml.js'
import type { FieldSpec } from './field-path.js'
import type { Reference } from './name-references.js'
import { kustomizeError } from './resource.js'

/** The fields, by what is done to them. */
export interface TransformerConfig {
  nameReference: Reference[]
  commonLabels: FieldSpec[]
  commonAnnotations: FieldSpec[]
  images: FieldSpec[]
  /** Fields besides the name that get the prefix. */
  namePrefix: FieldSpec[]
  /** Fields in which variables are replaced. */
  varReference: FieldSpec[]
}

export const noConfig = (): TransformerConfig => ({
  nameReference: [],
  commonLabels: [],
  commonAnnotations: [],
  images: [],
  namePrefix: [],
  varReference: [],
})

/** What a configuration file may say as a list of fields. */
const plainFields = ['commonLabels', 'commonAnnotations', 'images', 'varReference'] as const
type PlainField = (typeof plainFields)[number]

/** A field as a kustomization writes it; lists on its way are passed through. */
export function fieldSpec(f: Json): FieldSpec {
  return {
    path: String(f.path),
    ...(f.kind ? { kinds: [String(f.kind)] } : {}),
    ...(f.group ? { group: String(f.group) } : {}),
    ...(f.version ? { version: String(f.version) } : {}),
    create: f.create === true,
  }
}

/** Adds what the files of a kustomization say to a configuration. Throws on a file that is not there, and on what is not supported. */
export function addConfigurations(
  config: TransformerConfig,
  files: ManifestFiles,
  directory: string,
  entries: readonly string[],
  where: string,
): void {
  for (const entry of entries) {
    const text = textOf(files, path.posix.join(directory, entry))
    if (text === undefined) throw kustomizeError(where, `the configuration "${entry}" does not exist`)
    for (const document of fromYaml(text, 'kustomize'))
      for (const [field, value] of Object.entries(document as Record<string, Json[]>)) {
        if (field === 'nameReference')
          for (const r of value)
            config.nameReference.push({ to: [String(r.kind)], fields: ((r.fieldSpecs ?? []) as Json[]).map(fieldSpec) })
        else if (plainFields.includes(field as PlainField)) config[field as PlainField].push(...value.map(fieldSpec))
        else throw kustomizeError(entry, `"${field}" is not supported here. Build the folder with kustomize and apply the result.`)
      }
  }
}
