/**
 * Images that a person has marked as missing: the ConfigMap `drydock-images` in kube-system lists them under the key
 * `missing`, one reference a line; `#` begins a comment. Pulls of them fail as from a registry that does not have them.
 */
import { resources, type Informers } from '../api/client.js'
import type { ConfigMap } from '../api/object.js'

const NAMESPACE = 'kube-system'
const NAME = 'drydock-images'

/** The references in the text of the ConfigMap. */
export function missingReferences(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter(Boolean)
}

export interface MissingImagesOptions {
  informers: Informers
  /** Makes pulls of a reference fail from now on, or succeed again. Throws for what is no reference. */
  mark(reference: string, missing: boolean): void
  log(message: string, error: unknown): void
}

/** Follows the ConfigMap. Returns a function that stops. */
export function followMissingImages({ informers, mark, log }: MissingImagesOptions): () => void {
  let marked = new Set<string>()
  const set = (map: ConfigMap | undefined): void => {
    const wanted = new Set(missingReferences(map?.data?.missing ?? ''))
    for (const [references, missing] of [
      [[...marked].filter((r) => !wanted.has(r)), false],
      [[...wanted].filter((r) => !marked.has(r)), true],
    ] as const) {
      for (const reference of references) {
        try {
          mark(reference, missing)
        } catch (error) {
          log(`"${reference}" in the ConfigMap ${NAMESPACE}/${NAME} is no image reference`, error)
        }
      }
    }
    marked = wanted
  }
  const isIt = (map: ConfigMap): boolean => map.metadata.namespace === NAMESPACE && map.metadata.name === NAME
  return informers.for<ConfigMap>(resources.configmaps).on({
    add: (map) => isIt(map) && set(map),
    update: (_old, map) => isIt(map) && set(map),
    delete: (map) => isIt(map) && set(undefined),
  })
}
