/** Notes on a Secret when its token was last used, so that tokens nobody uses can be found. */
import type { Client } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { KubeObject } from '../api/object.js'
import { rfc3339, type Clock } from '../clock.js'
import { LAST_USED_LABEL } from './legacytokens.js'

/** Sets the day of now (UTC) on a Secret, once a day. */
export async function noteLegacyTokenUse(client: Client, clock: Clock, secret: KubeObject): Promise<void> {
  const today = rfc3339(clock.now()).slice(0, 10)
  const { name, namespace, uid, labels } = secret.metadata
  if (labels?.[LAST_USED_LABEL] === today) return
  const patch = { metadata: { uid, labels: { [LAST_USED_LABEL]: today } } }
  await client
    .resource(resources.secrets)
    .patch(namespace!, name!, patch, { type: 'merge', fieldManager: 'kube-apiserver' })
    .catch((error: unknown) => {
      // It went, or was made anew, in the meantime: the token is checked again with the next request.
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    })
}
