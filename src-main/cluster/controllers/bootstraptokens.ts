/**
 * Bootstrap tokens, as in a cluster of kubeadm's: the Secret of an expired one is deleted, and ConfigMap
 * `kube-public/cluster-info` is signed with each token that is for that, so that a node that joins can tell the cluster.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
 */
import { createHmac } from 'node:crypto'
import { BOOTSTRAP_TOKEN, tokenField, tokenLife } from '../access/bootstraptokens.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ConfigMap, Secret } from '../api/object.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'

const SECRET_NAME = /^bootstrap-token-([a-z0-9]{6})$/
const CLUSTER_INFO = 'kube-public/cluster-info'
const SIGNATURE = 'jws-kubeconfig-'

const isToken = (secret: Secret): boolean => secret.type === BOOTSTRAP_TOKEN && secret.metadata.namespace === 'kube-system'

/** Deletes the Secrets of tokens that have expired. */
export function startTokenCleaner(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Secret>(resources.secrets)
  const secrets = ctx.informers.for<Secret>(resources.secrets)
  const controller = new KeyedController(ctx, { name: 'token-cleaner', sync })
  const onSecret = (secret: Secret): void => {
    if (isToken(secret)) controller.queue.add(keyOf(secret))
  }
  controller.listen(secrets, { add: onSecret, update: (_old, secret) => onSecret(secret) })
  return controller.startAfter(secrets)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const secret = secrets.get(namespace, name)
    if (!secret || !isToken(secret)) return
    const left = tokenLife(secret, ctx.clock.now())
    if (left === Infinity) return
    if (left > 0) return controller.queue.addAfter(key, left)
    await client.delete(namespace, name, { preconditions: { uid: secret.metadata.uid! } }).catch((error: unknown) => {
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    })
  }
}

/** Signs `cluster-info` with each token that is for signing, and takes back the signatures of others. */
export function startBootstrapSigner(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<ConfigMap>(resources.configmaps)
  const secrets = ctx.informers.for<Secret>(resources.secrets)
  const maps = ctx.informers.for<ConfigMap>(resources.configmaps)
  const controller = new KeyedController(ctx, { name: 'bootstrap-signer', workers: 1, sync })
  const onSecret = (secret: Secret): void => {
    if (isToken(secret)) controller.queue.add(CLUSTER_INFO)
  }
  const onMap = (map: ConfigMap): void => {
    if (keyOf(map) === CLUSTER_INFO) controller.queue.add(CLUSTER_INFO)
  }
  controller.listen(secrets, { add: onSecret, update: (_old, secret) => onSecret(secret), delete: onSecret })
  controller.listen(maps, { add: onMap, update: (_old, map) => onMap(map) })
  return controller.startAfter(secrets, maps)

  async function sync(): Promise<void> {
    const map = maps.getByKey(CLUSTER_INFO)
    const content = map?.data?.kubeconfig
    if (!map || content === undefined) return
    const signed = signatures(content)
    const old = Object.entries(map.data!).filter(([field]) => field.startsWith(SIGNATURE))
    if (old.length === signed.size && old.every(([field, value]) => signed.get(field) === value)) return
    const rest = Object.entries(map.data!).filter(([field]) => !field.startsWith(SIGNATURE))
    await client.update({ ...map, data: Object.fromEntries([...rest, ...signed]) })
  }

  function signatures(content: string): Map<string, string> {
    const signed = new Map<string, string>()
    for (const secret of secrets.list()) {
      const id = isToken(secret) ? SECRET_NAME.exec(secret.metadata.name!)?.[1] : undefined
      if (!id || id !== tokenField(secret, 'token-id') || !tokenField(secret, 'token-secret')) continue
      if (tokenField(secret, 'usage-bootstrap-signing') !== 'true' || tokenLife(secret, ctx.clock.now()) <= 0) continue
      signed.set(`${SIGNATURE}${id}`, detachedSignature(content, id, tokenField(secret, 'token-secret')))
    }
    return signed
  }
}

/** A JSON Web Signature without what it signs (RFC 7515, appendix F). */
function detachedSignature(content: string, id: string, secret: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url')
  const payload = Buffer.from(content).toString('base64url')
  return `${header}..${createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')}`
}
