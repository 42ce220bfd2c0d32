/**
 * `crds` of a kustomization: OpenAPI definitions of custom resources, whose extensions say which fields hold labels, annotations and the
 * names of other objects.
 */
import path from 'node:path'
import type { Json } from '../../kinds/kind.js'
import { textOf, type ManifestFiles } from '../manifest-files.js'
import { isMap } from '../fields.js'
import { yamlValues } from '../yaml.js'
import { kustomizeError } from './resource.js'
import type { TransformerConfig } from './transformer-config.js'

/** Adds what the definitions of a kustomization say to its configuration. Throws on a file that is not there or holds none. */
export function addDefinitions(
  config: TransformerConfig,
  files: ManifestFiles,
  directory: string,
  entries: readonly string[],
  where: string,
): void {
  for (const entry of entries) {
    const text = textOf(files, path.posix.join(directory, entry))
    if (text === undefined) throw kustomizeError(where, `the definitions "${entry}" do not exist`)
    const definitions: unknown = yamlValues(text, 'kustomize')[0]
    if (!isMap(definitions) || !Object.values(definitions).every((d) => isMap(d)))
      throw kustomizeError(where, `unable to parse open API definition from '${entry}'`)
    for (const name of Object.keys(definitions)) {
      const fields = propertiesOf(definitions, name)
      if (fields.kind && fields.apiVersion && fields.metadata) addFields(config, definitions, name, name.split('.').at(-1)!, [])
    }
  }
}

const propertiesOf = (definitions: Json, name: string): Record<string, Json> => definitions[name]?.Schema?.properties ?? {}

function addFields(config: TransformerConfig, definitions: Json, name: string, kind: string, above: readonly string[]): void {
  for (const [field, property] of Object.entries(propertiesOf(definitions, name))) {
    const here = [...above, field]
    const spec = (...rest: string[]) => ({ path: [...here, ...rest].join('/'), kinds: [kind] })
    if (property['x-kubernetes-annotation'] !== undefined) config.commonAnnotations.push(spec())
    if (property['x-kubernetes-label-selector'] !== undefined) config.commonLabels.push(spec())
    if (property['x-kubernetes-identity'] !== undefined) config.namePrefix.push(spec())
    const to: unknown = property['x-kubernetes-object-ref-kind']
    if (typeof to === 'string' && property['x-kubernetes-object-ref-api-version'] !== undefined)
      config.nameReference.push({
        to: [to],
        fields: [spec((property['x-kubernetes-object-ref-name-key'] as string | undefined) ?? 'name')],
      })
    // A definition that leads back to itself names nothing that was not named before.
    const next: unknown = property.$ref
    if (typeof next === 'string' && above.length < 32) addFields(config, definitions, next, kind, here)
  }
}
