/** May the user do this? Asked with SelfSubjectAccessReview; answers are kept for a minute. */
import { toRpcError } from '../errors.js'
import type { AccessAnswer, AccessQuestion } from '../rpc/contract.js'
import type { Session } from './session.js'

const KEEP = 60_000
/** Reviews under way at once for one list of questions. */
const AT_ONCE = 8

export class AccessReviews {
  private readonly answers = new Map<string, { at: number; answer: Promise<AccessAnswer> }>()

  check(session: Session, { verb, ref }: AccessQuestion): Promise<AccessAnswer> {
    const key = JSON.stringify([session.context, verb, ref])
    const kept = this.answers.get(key)
    if (kept && Date.now() - kept.at < KEEP) return kept.answer
    const answer = ask(session, verb, ref)
    this.answers.set(key, { at: Date.now(), answer })
    if (this.answers.size > 2000) this.answers.delete(this.answers.keys().next().value!)
    return answer
  }

  /** The answers to several questions, in their order; a few are asked at a time. */
  async checkAll(session: Session, questions: readonly AccessQuestion[]): Promise<AccessAnswer[]> {
    const answers: AccessAnswer[] = []
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < questions.length) {
        const i = next++
        answers[i] = await this.check(session, questions[i]!)
      }
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, questions.length) }, worker))
    return answers
  }

  /** Forgets what was answered for a context: its credentials or rights may be others now. */
  forget(context: string): void {
    for (const key of this.answers.keys()) if ((JSON.parse(key) as string[])[0] === context) this.answers.delete(key)
  }
}

async function ask(session: Session, verb: string, ref: AccessQuestion['ref']): Promise<AccessAnswer> {
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
