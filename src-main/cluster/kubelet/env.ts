/**
 * The environment of a container. Kubernetes documentation, "Define Environment Variables for a Container": `envFrom`
 * first, `env` over it in its order, services' variables where nothing else has set them.
 */
import type { ConfigMap, Container, Pod, Secret, Service } from '../api/object.js'
import { isReason } from '../api/errors.js'
import type { NodeFacts } from './downward-api.js'
import { fieldValue, resourceValue } from './downward-api.js'
import type { Volume } from '../runtime/cri.js'
import { fileKeyValue, missingFileKey } from './env-file.js'
import { expand } from './expansion.js'
import { serviceEnv } from './service-env.js'

/** Reads what a pod refers to. Both reject with a StatusError such as NotFound. */
export interface ReferencedObjects {
  configMap(namespace: string, name: string): Promise<ConfigMap>
  secret(namespace: string, name: string): Promise<Secret>
}

/** The text of a Secret's value, which the API holds in base64. */
export function secretText(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8')
}

/** Resolves to undefined when the object is not there and need not be. */
async function optionally<T>(optional: boolean | undefined, read: Promise<T>): Promise<T | undefined> {
  try {
    return await read
  } catch (error) {
    if (optional && isReason(error, 'NotFound')) return undefined
    throw error
  }
}

/** What variables are made of. */
export interface EnvContext {
  node: NodeFacts
  podIP: string
  services: Iterable<Service>
  objects: ReferencedObjects
  volumes: ReadonlyMap<string, Volume>
  /** The files of volumes did not outlive a restart of the simulator: what came from them is left out. */
  filesLost?: boolean
}

/**
 * All variables of a container, in order.
 * Rejects with an Error whose message the kubelet shows as CreateContainerConfigError.
 */
export async function containerEnv(pod: Pod, container: Container, context: EnvContext): Promise<{ name: string; value: string }[]> {
  const namespace = pod.metadata.namespace!
  const { objects } = context
  const env = new Map<string, string>()
  const fromServices = serviceEnv(context.services, namespace, pod.spec!.enableServiceLinks !== false)
  const configMaps = new Map<string, Promise<ConfigMap>>()
  const secrets = new Map<string, Promise<Secret>>()
  const configMap = (name: string): Promise<ConfigMap> => cached(configMaps, name, () => objects.configMap(namespace, name))
  const secret = (name: string): Promise<Secret> => cached(secrets, name, () => objects.secret(namespace, name))

  for (const from of container.envFrom ?? []) {
    const prefix = from.prefix ?? ''
    if (from.configMapRef) {
      const data = (await optionally(from.configMapRef.optional, configMap(from.configMapRef.name!)))?.data ?? {}
      for (const key of Object.keys(data).sort()) env.set(prefix + key, data[key]!)
    } else if (from.secretRef) {
      const data = (await optionally(from.secretRef.optional, secret(from.secretRef.name!)))?.data ?? {}
      for (const key of Object.keys(data).sort()) env.set(prefix + key, secretText(data[key]!))
    }
  }

  const lookup = (name: string): string | undefined => env.get(name) ?? fromServices.get(name)
  for (const { name, value, valueFrom } of container.env ?? []) {
    let result: string | undefined
    if (value) result = expand(value, lookup)
    else if (valueFrom?.fieldRef) result = fieldValue(valueFrom.fieldRef.fieldPath, pod, context.node, context.podIP)
    else if (valueFrom?.resourceFieldRef) result = resourceValue(valueFrom.resourceFieldRef, pod, container, context.node)
    else if (valueFrom?.configMapKeyRef) {
      const { name: object, key, optional } = valueFrom.configMapKeyRef
      const found = await optionally(optional, configMap(object!))
      result = found?.data?.[key]
      if (result === undefined) {
        if (optional) continue
        throw new Error(`couldn't find key ${key} in ConfigMap ${namespace}/${object}`)
      }
    } else if (valueFrom?.secretKeyRef) {
      const { name: object, key, optional } = valueFrom.secretKeyRef
      const found = (await optionally(optional, secret(object!)))?.data?.[key]
      if (found === undefined) {
        if (optional) continue
        throw new Error(`couldn't find key ${key} in Secret ${namespace}/${object}`)
      }
      result = secretText(found)
    } else if (valueFrom?.fileKeyRef) {
      if (context.filesLost) continue
      result = fileKeyValue(valueFrom.fileKeyRef, context.volumes)
      if (result === '') {
        if (valueFrom.fileKeyRef.optional) continue
        throw missingFileKey(valueFrom.fileKeyRef, pod)
      }
    }
    // A variable that is set again moves to the place of its last setting.
    env.delete(name)
    env.set(name, result ?? '')
  }
  for (const [name, value] of fromServices) if (!env.has(name)) env.set(name, value)
  return [...env].map(([name, value]) => ({ name, value }))
}

function cached<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let found = map.get(key)
  if (!found) map.set(key, (found = make()))
  return found
}
