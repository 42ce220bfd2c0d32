/**
 * Fills Secrets of type `kubernetes.io/service-account-token` with a token, the root certificate and the namespace, and
 * deletes them with their ServiceAccount (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#token-controller).
 */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Secret, ServiceAccount } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'

export interface ServiceAccountTokenOptions {
  /** PEM of the certificate that signs the API server's. */
  rootCertificate: string
  /** Makes the token of a Secret. */
  issue(request: { namespace: string; name: string; uid: string; secretName: string }): string
}

const TYPE = 'kubernetes.io/service-account-token'
const NAME = 'kubernetes.io/service-account.name'
const UID = 'kubernetes.io/service-account.uid'

export function startServiceAccountTokenController(ctx: ControllerContext, options: ServiceAccountTokenOptions): Controller {
  const client = ctx.client.resource<Secret>(resources.secrets)
  const accountClient = ctx.client.resource<ServiceAccount>(resources.serviceaccounts)
  const secrets = ctx.informers.for<Secret>(resources.secrets)
  const accounts = ctx.informers.for<ServiceAccount>(resources.serviceaccounts)
  const controller = new KeyedController(ctx, { name: 'serviceaccount-token-controller', sync })
  const onSecret = (secret: Secret): void => {
    if (secret.type === TYPE) controller.queue.add(keyOf(secret))
  }
  const onAccount = (account: ServiceAccount): void => {
    for (const secret of secrets.list()) if (isOf(secret, account)) onSecret(secret)
  }
  controller.listen(secrets, {
    add: onSecret,
    update: (_old, secret) => onSecret(secret),
    delete: (secret) => void forget(secret).catch((error: unknown) => ctx.log('forgetting a deleted token failed', error)),
  })
  controller.listen(accounts, { add: onAccount, delete: onAccount })
  return controller.startAfter(secrets, accounts)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const secret = secrets.get(namespace, name)
    if (!secret || secret.metadata.deletionTimestamp !== undefined || secret.type !== TYPE) return
    const account = await liveAccountOf(secret)
    if (!account) {
      await client.delete(namespace, name, { preconditions: { uid: secret.metadata.uid! } }).catch(fineIfGone)
      return
    }
    const { uid } = account.metadata
    const data = secret.data ?? {}
    const encode = (text: string): string => Buffer.from(text).toString('base64')
    const wanted = {
      'ca.crt': encode(options.rootCertificate),
      namespace: data.namespace || encode(namespace),
      token: data.token || encode(options.issue({ namespace, name: account.metadata.name!, uid: uid!, secretName: name })),
    }
    const complete = Object.entries(wanted).every(([field, value]) => data[field] === value)
    if (complete && secret.metadata.annotations?.[UID] === uid) return
    const annotations = { ...secret.metadata.annotations, [NAME]: account.metadata.name!, [UID]: uid! }
    await client.update({ ...secret, metadata: { ...secret.metadata, annotations }, data: { ...data, ...wanted } }).catch(fineIfGone)
  }

  /** The account of a Secret. Asks the server before it says that there is none: the account may be newer than the cache. */
  async function liveAccountOf(secret: Secret): Promise<ServiceAccount | undefined> {
    const { namespace, annotations } = secret.metadata
    const name = annotations?.[NAME] ?? ''
    const cached = accounts.get(namespace!, name)
    if (cached && isOf(secret, cached)) return cached
    if (!name) return undefined
    const live = await accountClient.get(namespace!, name).catch((error: unknown) => {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    })
    return live && isOf(secret, live) ? live : undefined
  }

  /** Takes a Secret that went off its account's list. */
  async function forget(secret: Secret): Promise<void> {
    const { namespace, name, annotations } = secret.metadata
    const account = secret.type === TYPE ? accounts.get(namespace!, annotations?.[NAME] ?? '') : undefined
    const listed = account?.secrets ?? []
    const left = listed.filter((reference) => reference.name !== name)
    if (!account || left.length === listed.length) return
    await accountClient.update({ ...account, secrets: left }).catch((error: unknown) => {
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    })
  }
}

/** Whether a Secret is for a token of an account: by name and, once it is filled, by UID. */
function isOf(secret: Secret, account: ServiceAccount): boolean {
  const { namespace, annotations } = secret.metadata
  if (secret.type !== TYPE || namespace !== account.metadata.namespace || annotations?.[NAME] !== account.metadata.name) return false
  return !annotations?.[UID] || annotations[UID] === account.metadata.uid
}

function fineIfGone(error: unknown): void {
  if (!isReason(error, 'NotFound')) throw error
}
