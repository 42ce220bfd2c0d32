/** Masks the values of Secrets in a release's manifest, so that they are not shown before they are asked for. */
import { isMap } from '../apply/fields.js'
import { fromYaml, toYaml } from '../apply/yaml.js'
import type { Json } from '../kinds/kind.js'

/** One document of a manifest: its text, and the object in it if it can be read. */
interface Piece {
  text: string
  object?: Json
}

/** The documents of a manifest, with the comments that name their templates. */
export function manifestPieces(manifest: string): Piece[] {
  return manifest
    .split(/^---[ \t]*\r?$/m)
    .filter((text) => text.trim())
    .map((text) => {
      try {
        const [object] = fromYaml(text)
        return object ? { text, object } : { text }
      } catch {
        // What Helm wrote is shown as it is.
        return { text }
      }
    })
}

const isSecret = (object: Json): boolean => object?.kind === 'Secret' && object.apiVersion === 'v1'
const keyOf = (object: Json): string => `${object.metadata?.namespace ?? ''}/${object.metadata?.name}`
const FIELDS = ['data', 'stringData'] as const

/** Whether a manifest holds Secrets with values. */
export const holdsSecrets = (manifest: string): boolean =>
  manifestPieces(manifest).some((p) => isSecret(p.object) && FIELDS.some((f) => isMap(p.object[f])))

/**
 * The manifest with `***` for the values of Secrets. Beside another manifest a value that is a different one there gets `word`, as
 * `kubectl diff` does, so that a comparison shows that it differs.
 */
export function maskedManifest(manifest: string, beside?: { manifest: string; word: 'before' | 'after' }): string {
  const others = new Map(
    beside
      ? manifestPieces(beside.manifest)
          .filter((p) => isSecret(p.object))
          .map((p) => [keyOf(p.object), p.object as Json])
      : [],
  )
  const pieces = manifestPieces(manifest)
  if (!pieces.some((p) => isSecret(p.object))) return manifest
  return pieces
    .map(({ text, object }) => {
      if (!isSecret(object)) return `---${text.startsWith('\n') ? '' : '\n'}${text}`
      const other = others.get(keyOf(object))
      const masked = { ...object }
      for (const field of FIELDS) {
        if (!isMap(object[field])) continue
        masked[field] = Object.fromEntries(
          Object.entries(object[field]).map(([k, v]) => [k, other && other[field]?.[k] !== v ? `*** (${beside!.word})` : '***']),
        )
      }
      const source = /^# Source: .*$/m.exec(text)?.[0]
      return `---\n${source ? `${source}\n` : ''}${toYaml(masked)}`
    })
    .join('')
}
