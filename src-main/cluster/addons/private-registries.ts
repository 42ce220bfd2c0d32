/**
 * Registries that a person has made private: the Secret `drydock-registries` in kube-system, of the type that
 * `kubectl create secret docker-registry` makes, lists them with the login that each of them wants.
 */
import { resources, type Informers } from '../api/client.js'
import type { Secret } from '../api/object.js'
import { registryLogins } from '../kubelet/pull-secrets.js'
import type { RegistryLogin } from '../runtime/cri.js'

const NAMESPACE = 'kube-system'
const NAME = 'drydock-registries'

export interface PrivateRegistriesOptions {
  informers: Informers
  /** Makes a registry private. */
  close(login: RegistryLogin): void
  /** Lets everybody pull from a registry again. */
  open(registry: string): void
}

/** Follows the Secret. Returns a function that stops. */
export function followPrivateRegistries({ informers, close, open }: PrivateRegistriesOptions): () => void {
  let closed: string[] = []
  const set = (secret: Secret | undefined): void => {
    for (const registry of closed) open(registry)
    const logins = secret ? registryLogins(secret) : []
    for (const login of logins) close(login)
    closed = logins.map((l) => l.registry)
  }
  const isIt = ({ metadata }: Secret): boolean => metadata.namespace === NAMESPACE && metadata.name === NAME
  return informers.for<Secret>(resources.secrets).on({
    add: (secret) => isIt(secret) && set(secret),
    update: (_old, secret) => isIt(secret) && set(secret),
    delete: (secret) => isIt(secret) && set(undefined),
  })
}
