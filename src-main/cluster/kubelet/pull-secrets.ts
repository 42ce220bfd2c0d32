/**
 * What a pod's imagePullSecrets say to registries
 * (https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod).
 */
import { referenceTo } from '../controllers/events.js'
import type { Pod, Secret } from '../api/object.js'
import type { RegistryLogin } from '../runtime/cri.js'
import type { NodeKubelet } from './node-kubelet.js'

interface Entry {
  username?: string
  password?: string
  /** `username:password` in base64. */
  auth?: string
}

/** The logins in a Secret of type `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg`; none in any other. */
export function registryLogins(secret: Secret): RegistryLogin[] {
  const json = secret.data?.['.dockerconfigjson']
  const config = json ?? secret.data?.['.dockercfg']
  if (config === undefined) return []
  let entries: Record<string, Entry>
  try {
    const parsed = JSON.parse(Buffer.from(config, 'base64').toString('utf8')) as Record<string, Entry> & { auths?: Record<string, Entry> }
    entries = (json === undefined ? parsed : parsed.auths) ?? {}
  } catch {
    // The API server has checked that it is JSON; what is no configuration holds no login.
    return []
  }
  return Object.entries(entries).map(([registry, { username = '', password = '', auth }]) => {
    const decoded = auth === undefined ? '' : Buffer.from(auth, 'base64').toString('utf8')
    const colon = decoded.indexOf(':')
    return colon < 0
      ? { registry, username, password }
      : { registry, username: username || decoded.slice(0, colon), password: password || decoded.slice(colon + 1) }
  })
}

/** The logins of a pod's Secrets. Of those that are missing an event tells; pulling is tried all the same. */
export async function pullLogins({ objects, events }: NodeKubelet, pod: Pod): Promise<RegistryLogin[]> {
  const missing: string[] = []
  const logins: RegistryLogin[] = []
  for (const { name } of pod.spec!.imagePullSecrets ?? []) {
    if (!name) continue
    try {
      logins.push(...registryLogins(await objects.secret(pod.metadata.namespace!, name)))
    } catch {
      missing.push(name)
    }
  }
  if (missing.length > 0) {
    const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`
    events.event(referenceTo('v1', 'Pod', pod), 'Warning', 'FailedToRetrieveImagePullSecret', message)
  }
  return logins
}
