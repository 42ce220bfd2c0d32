/** May the user do this? Asked with SelfSubjectAccessReview; answers are kept for a minute. */
import { toRpcError } from '../errors.js'
import type { Calls } from '../rpc/contract.js'
import type { Session } from './session.js'

const KEEP = 60_000

export class AccessReviews {
  private readonly answers = new Map<string, { at: number; answer: Promise<ReturnType<Calls['access.check']>> }>()

  check(session: Session, p: Parameters<Calls['access.check']>[0]): Promise<ReturnType<Calls['access.check']>> {
    const { verb, ref } = p
    const key = JSON.stringify([session.context, verb, ref])
    const kept = this.answers.get(key)
    if (kept && Date.now() - kept.at < KEEP) return kept.answer
    const answer = ask(session, verb, ref)
    this.answers.set(key, { at: Date.now(), answer })
    if (this.answers.size > 2000) this.answers.delete(this.answers.keys().next().value!)
    return answer
  }
}

async function ask(
  session: Session,
  verb: string,
  ref: Parameters<Calls['access.check']>[0]['ref'],
): Promise<ReturnType<Calls['access.check']>> {
  try {
    const api = await session.api()
    const { group, version, resource, namespace, name, subresource } = ref
    const review = await api.json<{ status?: { allowed?: boolean; reason?: string } }>(
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      {
        method: 'POST',
        body: JSON.stringify({
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { verb, group, version, resource, namespace, name, subresource } },
        }),
      },
    )
    return { allowed: review.status?.allowed ?? false, ...(review.status?.reason ? { reason: review.status.reason } : {}) }
  } catch (error) {
    // A server that cannot be asked is not a refusal: the action itself will tell.
    return { allowed: true, reason: toRpcError(error).message }
  }
}
