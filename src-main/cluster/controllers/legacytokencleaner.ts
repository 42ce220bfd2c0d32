/**
 * Marks Secrets with tokens that were made for ServiceAccounts and that nobody has used for a year as invalid, and
 * deletes them a year later.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token-cleaner
 */
import { INVALID_SINCE_LABEL, LAST_USED_LABEL } from '../access/legacytokens.js'
import { referencesOf } from '../access/pod-references.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ConfigMap, Secret, ServiceAccount } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { podInformer, timeOf } from './pods.js'

const DAY_MS = 24 * 3_600_000
const UNUSED_MS = 365 * DAY_MS
const TRACKING = 'kube-apiserver-legacy-service-account-token-tracking'
const TYPE = 'kubernetes.io/service-account-token'
const NAME = 'kubernetes.io/service-account.name'
const UID = 'kubernetes.io/service-account.uid'
const ALL = 'tokens'

const isDay = (text: string | undefined): text is string => /^\d{4}-\d\d-\d\d$/.test(text ?? '') && !Number.isNaN(Date.parse(text!))

export function startLegacyTokenCleaner(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Secret>(resources.secrets)
  const secrets = ctx.informers.for<Secret>(resources.secrets)
  const accounts = ctx.informers.for<ServiceAccount>(resources.serviceaccounts)
  const maps = ctx.informers.for<ConfigMap>(resources.configmaps)
  const pods = podInformer(ctx.informers)
  const controller = new KeyedController(ctx, { name: 'legacy-service-account-token-cleaner', workers: 1, sync })
  controller.queue.add(ALL)
  return controller.startAfter(secrets, accounts, maps, pods)

  async function sync(): Promise<void> {
    controller.queue.addAfter(ALL, DAY_MS)
    const now = ctx.clock.now()
    const since = maps.get('kube-system', TRACKING)?.data?.since
    // The day on which tracking began does not count.
    if (!isDay(since) || now < Date.parse(since) + DAY_MS + UNUSED_MS) return
    const limit = rfc3339(now - UNUSED_MS).slice(0, 10)
    for (const secret of secrets.list()) {
      if (secret.type !== TYPE || secret.metadata.deletionTimestamp || !isMadeForAccount(secret)) continue
      const lastUsed = secret.metadata.labels?.[LAST_USED_LABEL]
      if (timeOf(secret.metadata.creationTimestamp) >= now - UNUSED_MS) continue
      if (lastUsed !== undefined && (!isDay(lastUsed) || lastUsed >= limit)) continue
      if (!isInUse(secret)) await age(secret, now, limit)
    }
  }

  /** Whether its ServiceAccount lists a Secret: what people make themselves it does not. */
  function isMadeForAccount({ metadata }: Secret): boolean {
    const account = accounts.get(metadata.namespace!, metadata.annotations?.[NAME] ?? '')
    const uid = metadata.annotations?.[UID]
    if (!account || (uid && uid !== account.metadata.uid)) return false
    return !!account.secrets?.some(({ name }) => name === metadata.name)
  }

  function isInUse({ metadata: { namespace, name } }: Secret): boolean {
    for (const pod of pods.list()) {
      if (pod.metadata.namespace === namespace && referencesOf(pod, 'secrets').includes(name!)) return true
    }
    return false
  }

  async function age({ metadata }: Secret, now: number, limit: string): Promise<void> {
    const { namespace, name, uid, resourceVersion } = metadata
    const invalidSince = metadata.labels?.[INVALID_SINCE_LABEL]
    const change = !isDay(invalidSince)
      ? client.patch(
          namespace!,
          name!,
          { metadata: { uid, labels: { [INVALID_SINCE_LABEL]: rfc3339(now).slice(0, 10) } } },
          { type: 'merge' },
        )
      : invalidSince < limit
        ? client.delete(namespace!, name!, { preconditions: { resourceVersion: resourceVersion! } })
        : undefined
    await change?.catch((error: unknown) => {
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    })
  }
}
