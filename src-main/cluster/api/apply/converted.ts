/** The outcome of a server-side apply as an object of its kind: it was merged by the schema alone, which knows fewer types than the API. */
import { StatusError, withoutReason } from '../errors.js'
import { apiVersionOf } from '../kindset.js'
import type { Kind } from '../kinds/kind.js'
import type { KubeObject } from '../object.js'
import { decodeValue } from '../schema/decode.js'

/**
 * The merged object with the form that its kind gives to quantities, times and what else is written in several ways.
 * @param config what was applied, which messages name
 * @throws StatusError 500, as the API server, when a value is not what its field asks for
 */
export function converted(merged: KubeObject, config: KubeObject, kind: Kind): KubeObject {
  try {
    return decodeValue(merged, kind.model, true).object
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const apiVersion = apiVersionOf(kind)
    const to = `unable to convert unstructured object to ${typed(apiVersion, kind.kind)}: ${error.message}`
    throw withoutReason(`failed to convert new object (${identified(config, apiVersion, kind.kind)}) to proper version: ${to}`)
  }
}

/** How messages of server-side apply name an object: as `default/d; apps/v1, Kind=Deployment`. */
export function identified(object: { metadata?: unknown }, apiVersion: string, kind: string): string {
  const { namespace, name } = (object.metadata ?? {}) as { namespace?: unknown; name?: unknown }
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  return `${text(namespace)}/${text(name)}; ${typed(apiVersion, kind)}`
}

/** The empty group keeps its slash. */
const typed = (apiVersion: string, kind: string): string => `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}`
