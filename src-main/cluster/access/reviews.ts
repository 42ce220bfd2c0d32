/** The reviews: questions about who somebody is and what they may do, asked as objects that are never stored. */
import type { UserInfo } from '../api/client.js'
import type { ConnectHandler, ConnectRequest } from '../api/connect.js'
import { badRequest, invalid } from '../api/errors.js'
import type { KubeObject } from '../api/object.js'
import { ruleContext, type Machinery } from '../api/verbs/machinery.js'
import { rfc3339, type Clock } from '../clock.js'
import type { Authorizer, Decision, MissingRole, PolicyRule } from './authorizer.js'
import { joinedErrors } from './authorizer.js'
import { missingText } from './rbac.js'
import type { TokenChecker } from './bootstraptokens.js'

interface ResourceAttributes {
  namespace?: string
  verb?: string
  group?: string
  version?: string
  resource?: string
  subresource?: string
  name?: string
  fieldSelector?: { rawSelector?: string; requirements?: { key?: string; operator?: string; values?: string[] }[] }
}

interface AccessReview extends KubeObject {
  spec?: {
    resourceAttributes?: ResourceAttributes
    nonResourceAttributes?: { path?: string; verb?: string }
    user?: string
    groups?: string[]
    uid?: string
    extra?: Record<string, string[]>
  }
}

const GROUP = 'authorization.k8s.io'

function decide(authorizer: Authorizer, user: UserInfo, spec: NonNullable<AccessReview['spec']>): Decision {
  const r = spec.resourceAttributes
  if (r) {
    const { verb = '', group = '', resource = '', subresource = '', namespace = '', name = '' } = r
    return authorizer.authorize(user, { verb, group, resource, subresource, namespace, name, fieldSelector: selectorText(r) })
  }
  const { path = '', verb = '' } = spec.nonResourceAttributes ?? {}
  return authorizer.authorizePath(user, { verb, path })
}

/** The field selector of a review as a request has it; only what asks for one value can allow more. */
function selectorText({ fieldSelector }: ResourceAttributes): string {
  if (fieldSelector?.rawSelector) return fieldSelector.rawSelector
  return (fieldSelector?.requirements ?? [])
    .filter((r) => r.operator === 'In' && r.values?.length === 1)
    .map((r) => `${r.key ?? ''}=${r.values![0]!.replace(/[\\,=]/g, '\\$&')}`)
    .join(',')
}

function answer(review: AccessReview, decision: Decision): KubeObject {
  const status = { allowed: decision.allowed, ...(decision.reason ? { reason: decision.reason } : {}) }
  return { ...review, status }
}

/** What is asked. Throws a 422 that names no kind, as kube-apiserver does: it has forgotten it by then. */
function questionOf(m: Machinery, { kind, call, body }: ConnectRequest): NonNullable<AccessReview['spec']> {
  const errors = kind.validate?.(body!, ruleContext(m, kind, call)) ?? []
  if (errors.length > 0) throw invalid({ group: GROUP, kind: '' }, '', errors)
  return (body as AccessReview).spec!
}

/** SelfSubjectAccessReview: may I. */
export function selfSubjectAccessReview(m: Machinery, authorizer: Authorizer): ConnectHandler {
  return async (request) => answer(request.body as AccessReview, decide(authorizer, request.user, questionOf(m, request)))
}

/** SubjectAccessReview, and LocalSubjectAccessReview in one namespace: may somebody. */
export function subjectAccessReview(m: Machinery, authorizer: Authorizer): ConnectHandler {
  return async (request) => {
    const spec = questionOf(m, request)
    const user: UserInfo = {
      username: spec.user ?? '',
      groups: spec.groups ?? [],
      ...(spec.uid ? { uid: spec.uid } : {}),
      ...(spec.extra ? { extra: spec.extra } : {}),
    }
    return answer(request.body as AccessReview, decide(authorizer, user, spec))
  }
}

/** Whether the rules are all, and what went wrong on the way; a role that is not there leaves nothing out. */
function completeness(unresolved: string | undefined, missing: readonly MissingRole[]): object {
  const errors = [...(unresolved === undefined ? [] : [unresolved]), ...missing.map(missingText)]
  return { incomplete: unresolved !== undefined, ...(errors.length ? { evaluationError: joinedErrors(errors) } : {}) }
}

/** SelfSubjectRulesReview: all that I may do in a namespace. */
export function selfSubjectRulesReview(authorizer: Authorizer): ConnectHandler {
  return async ({ body, user }) => {
    const review = body as KubeObject & { spec?: { namespace?: string } }
    const namespace = review.spec?.namespace ?? ''
    if (!namespace) throw badRequest('no namespace on request')
    const { rules, missing } = authorizer.rulesFor(user, namespace)
    const resourceRules = rules
      .filter((r) => r.resources?.length)
      .map((r: PolicyRule) => ({
        verbs: r.verbs ?? [],
        apiGroups: r.apiGroups ?? [],
        resources: r.resources ?? [],
        ...(r.resourceNames?.length ? { resourceNames: r.resourceNames } : {}),
      }))
    const nonResourceRules = rules
      .filter((r) => r.nonResourceURLs?.length)
      .map((r) => ({ verbs: r.verbs ?? [], nonResourceURLs: r.nonResourceURLs ?? [] }))
    return {
      ...review,
      status: { resourceRules, nonResourceRules, ...completeness(authorizer.unresolved?.(user), missing) },
    }
  }
}

/** SelfSubjectReview: who am I. */
export function selfSubjectReview(clock: Clock): ConnectHandler {
  return async ({ body, user }) => ({
    ...body!,
    metadata: { creationTimestamp: rfc3339(clock.now()) },
    status: { userInfo: userInfo(user) },
  })
}

function userInfo(user: UserInfo): object {
  return {
    username: user.username,
    ...(user.uid ? { uid: user.uid } : {}),
    groups: user.groups,
    ...(user.extra ? { extra: user.extra } : {}),
  }
}

/** TokenReview: whose token is this. */
export function tokenReview(tokens: TokenChecker): ConnectHandler {
  return async ({ body }) => {
    const review = body as KubeObject & { spec?: { token?: string; audiences?: string[] } }
    const token = review.spec?.token
    if (!token) throw badRequest('token is required for TokenReview in authentication')
    const audiences = review.spec?.audiences?.length ? review.spec.audiences : [tokens.issuer]
    try {
      const checked = await tokens.check(token, audiences)
      const told = review.spec?.audiences?.length ? { audiences: checked.audiences } : { audiences }
      return { ...review, status: { authenticated: true, user: userInfo(checked.user), ...told } }
    } catch (error) {
      return { ...review, status: { user: {}, error: (error as Error).message } }
    }
  }
}
