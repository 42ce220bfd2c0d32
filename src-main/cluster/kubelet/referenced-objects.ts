/** The ConfigMaps and Secrets that pods refer to, as the kubelet reads them. */
import type { Client } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason, notFound } from '../api/errors.js'
import type { ConfigMap, Secret } from '../api/object.js'
import type { ReferencedObjects } from './env.js'

/** Reads them with a node's own rights. */
export function referencedObjects(client: Client): ReferencedObjects {
  return {
    configMap: (namespace, name) => named('configmap', name, client.resource<ConfigMap>(resources.configmaps).get(namespace, name)),
    secret: (namespace, name) => named('secret', name, client.resource<Secret>(resources.secrets).get(namespace, name)),
  }
}

/** The kubelet's cache says `configmap "x" not found` where the API says `configmaps`. */
async function named<T>(what: string, name: string, read: Promise<T>): Promise<T> {
  try {
    return await read
  } catch (error) {
    throw isReason(error, 'NotFound') ? notFound({ group: '', resource: what }, name) : error
  }
}
