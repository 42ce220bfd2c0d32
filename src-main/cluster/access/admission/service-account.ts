import type * as k8s from '@kubernetes/client-node'
import type { Container, Pod, ServiceAccount, Wire } from '../../api/object.js'
import { deepFreeze } from '../../store/version.js'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.js'
import { isAbout, refusal } from './refuse.js'

const TOKEN_VOLUME_PREFIX = 'kube-api-access-'
const TOKEN_MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
/** A token lives an hour; the odd seconds tell such projections from those that a user made. */
const TOKEN_SECONDS = 3607
const MIRROR = 'kubernetes.io/config.mirror'

/** The same for all pods: frozen, and kept once. */
const TOKEN_PROJECTION: Wire<k8s.V1ProjectedVolumeSource> = deepFreeze({
  defaultMode: 0o644,
  sources: [
    { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
  ],
})

/** How often, and how far apart (ms), the namespace's `default` account is looked for: it is made soon after the namespace. */
const ATTEMPTS = 10
const RETRY_AFTER = 100

/**
 * ServiceAccount: gives a pod the namespace's `default` account when it names none, the account's image pull secrets,
 * and a projected volume with a token, the cluster's CA and the namespace, mounted in every container.
 */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  operations: ['CREATE', 'UPDATE'],
  mutate(a) {
    if (a.operation !== 'CREATE' || !isAbout(a, '', 'Pod')) return
    const pod = a.object as unknown as Pod
    if (pod.spec && pod.metadata.annotations?.[MIRROR] === undefined) return giveAccount(a, pod.spec)
  },
}

async function giveAccount(a: AdmissionAttributes, spec: NonNullable<Pod['spec']>): Promise<void> {
  const name = spec.serviceAccountName || spec.serviceAccount || 'default'
  spec.serviceAccountName = name
  spec.serviceAccount = name
  const account = await find(a, name)
  if (!account) {
    throw refusal(a, `error looking up service account ${a.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`)
  }
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(a, spec)
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
    spec.imagePullSecrets = account.imagePullSecrets.map((s) => ({ ...s }))
  }
}

async function find(a: AdmissionAttributes, name: string): Promise<ServiceAccount | undefined> {
  const attempts = name === 'default' ? ATTEMPTS : 1
  for (let n = 1; ; n++) {
    const account = a.lookup('', 'serviceaccounts', a.namespace, name)
    if (account || n === attempts) return account as unknown as ServiceAccount | undefined
    await a.clock.sleep(RETRY_AFTER)
  }
}

function mountToken(a: AdmissionAttributes, spec: NonNullable<Pod['spec']>): void {
  // Names are not checked yet: there may be none.
  const existing = spec.volumes?.find(({ name }: { name?: string }) => name?.startsWith(TOKEN_VOLUME_PREFIX))
  const volume = existing?.name ?? TOKEN_VOLUME_PREFIX + a.random.suffix(5)
  const mounted = (c: Container): boolean => (c.volumeMounts ?? []).some((m) => m.mountPath === TOKEN_MOUNT_PATH)
  let needed = false
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (mounted(container)) continue
    container.volumeMounts = [...(container.volumeMounts ?? []), { name: volume, readOnly: true, mountPath: TOKEN_MOUNT_PATH }]
    needed = true
  }
  if (needed && !existing) spec.volumes = [...(spec.volumes ?? []), { name: volume, projected: TOKEN_PROJECTION }]
}
