/** Finds the kind that a word means, as kubectl does. */
import { BackendError } from '../errors.js'
import type { KindInfo } from '../rpc/contract.js'
import type { Session } from '../session/session.js'

/** The first kind, in the order of discovery, that `word` names. Rejects with `NotFound` in kubectl's words. */
export async function kindNamed(session: Session, word: string): Promise<KindInfo> {
  const find = (kinds: readonly KindInfo[]): KindInfo | undefined => kinds.find((k) => isNamed(k, word.trim().toLowerCase()))
  const found = find(await session.kinds()) ?? find(await session.kinds(true))
  if (!found) throw new BackendError({ reason: 'NotFound', message: `the server doesn't have a resource type "${word}"` })
  return found
}

/** Whether a word names a kind: `deployments`, `deployment`, `deploy`, and each with `.apps` or `.v1.apps` after it. */
function isNamed(k: KindInfo, word: string): boolean {
  const names = [k.resource, k.kind, ...k.shortNames].map((n) => n.toLowerCase())
  if (names.includes(word)) return true
  const dot = word.indexOf('.')
  if (dot < 0 || !names.includes(word.slice(0, dot))) return false
  const rest = word.slice(dot + 1)
  return rest === k.group || rest === `${k.version}.${k.group}`
}

/** `deployments.apps`, `pods`. */
export const kindText = (k: Pick<KindInfo, 'resource' | 'group'>): string => (k.group ? `${k.resource}.${k.group}` : k.resource)
