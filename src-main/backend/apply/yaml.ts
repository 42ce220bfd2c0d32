/** YAML as kubectl writes and reads it. */
import { parseAllDocuments, stringify, type Tags } from 'yaml'
import { exactIn, jsonText, mayBeLongInYaml } from '../../exact-json.js'
import { problem } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import { isMap } from './fields.js'

/** An object the way `kubectl get -o yaml` prints it: keys sorted, lists not indented, strings quoted where needed. */
export function toYaml(object: unknown): string {
  return stringify(object, { sortMapEntries: true, indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' })
}

/**
 * Plain scalars as Go's YAML reads them for kubectl: those of YAML 1.1, but dates and times such as `12:30:45` are strings. kustomize
 * knows no booleans but `true` and `false`.
 */
function scalars(dialect: 'kubectl' | 'kustomize'): (tags: Tags) => Tags {
  const left = (tags: Tags): Tags =>
    tags.filter((t) => typeof t === 'string' || (t.tag !== 'tag:yaml.org,2002:timestamp' && (t as { format?: string }).format !== 'TIME'))
  if (dialect === 'kubectl') return left
  return (tags) => ['bool', ...left(tags).filter((t) => typeof t === 'string' || t.tag !== 'tag:yaml.org,2002:bool')]
}

/** The objects of a text with one or several documents; empty documents are left out. Errors name the line. */
export function fromYaml(text: string, dialect: 'kubectl' | 'kustomize' = 'kubectl'): Json[] {
  return yamlValues(text, dialect).map((value, i) => {
    if (typeof value !== 'object' || Array.isArray(value)) throw problem('Invalid', 'documentNoObject', { number: i + 1 })
    return value
  })
}

/**
 * The values of a text, one for each document that is not empty, whatever they are; whole numbers beyond 2^53 are bigints. Throws
 * `Invalid` with the line.
 */
export function yamlValues(text: string, dialect: 'kubectl' | 'kustomize'): Json[] {
  const out: Json[] = []
  const long = mayBeLongInYaml(text)
  for (const doc of parseAllDocuments(text, { version: '1.1', customTags: scalars(dialect), intAsBigInt: long })) {
    const error = doc.errors[0]
    if (error)
      throw problem('Invalid', 'yamlLine', {
        line: error.linePos?.[0].line ?? '?',
        words: error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''),
      })
    const read: unknown = doc.toJS({ maxAliasCount: 100 })
    const value = long ? exactIn(read) : read
    if (value !== null && value !== undefined) out.push(value)
  }
  return out
}

/** The merge patch (RFC 7386) that turns one value into another; undefined when they are equal. */
export function mergePatch(from: Json, to: Json): Json | undefined {
  if (isMap(from) && isMap(to)) {
    const patch: Record<string, unknown> = {}
    for (const k of Object.keys(from)) if (!(k in to)) patch[k] = null
    for (const k of Object.keys(to)) {
      const change = k in from ? mergePatch(from[k], to[k]) : to[k]
      if (change !== undefined) patch[k] = change
    }
    return Object.keys(patch).length ? patch : undefined
  }
  return jsonText(from) === jsonText(to) ? undefined : to
}
