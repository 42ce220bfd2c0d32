/**
 * ValidatingAdmissionPolicy: refuses, or warns of, what the expressions of bound policies do not hold for.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
import { StatusError } from '../../api/errors.js'
import type { Kind } from '../../api/kinds/kind.js'
import { strings } from '../../api/kinds/rules/sent.js'
import type { ValidatingAdmissionPolicy } from '../../api/kinds/validatingadmissionpolicy.js'
import type { ValidatingAdmissionPolicyBinding } from '../../api/kinds/validatingadmissionpolicybinding.js'
import { denialsOf, RequestValues, type Denial } from './policy-evaluation.js'
import { matchingVersion } from './policy-matching.js'
import { paramResource, ParamsFault, paramsOf } from './policy-params.js'
import { compilePolicy, type PolicyPrograms } from './policy-programs.js'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.js'
import { refusal } from './refuse.js'

/** Policies and webhooks are never judged by policies: nobody could take a wrong one away. */
const GROUP = 'admissionregistration.k8s.io'

const CODES: Readonly<Record<string, number>> = { Forbidden: 403, RequestEntityTooLarge: 413, Unauthorized: 401 }

export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  operations: ['CONNECT', 'CREATE', 'DELETE', 'UPDATE'],
  validate(a) {
    if (a.kind.group === GROUP) return
    const bindings = a.lookupAll(GROUP, 'validatingadmissionpolicybindings') as unknown as readonly ValidatingAdmissionPolicyBinding[]
    if (bindings.length === 0) return
    const requests = new Map<Kind, RequestValues>()
    const requestAs = (version: Kind): RequestValues => {
      const request = requests.get(version) ?? new RequestValues(a, version)
      requests.set(version, request)
      return request
    }
    const refusals = (a.lookupAll(GROUP, 'validatingadmissionpolicies') as unknown as readonly ValidatingAdmissionPolicy[]).flatMap(
      (policy) => {
        const own = bindings.filter(({ spec }) => spec?.policyName === policy.metadata.name)
        const version = own.length > 0 ? matchingVersion(policy.spec?.matchConstraints, a) : undefined
        return version ? judged(policy, own, a, requestAs(version)) : []
      },
    )
    if (refusals[0]) throw refusedWith(refusals[0], a)
  },
}

const compiled = new WeakMap<ValidatingAdmissionPolicy, PolicyPrograms | null>()

/** The programs of a stored policy; null when it cannot be evaluated: that does not lock everybody out. */
function programsOf(policy: ValidatingAdmissionPolicy): PolicyPrograms | null {
  let programs = compiled.get(policy)
  if (programs === undefined) compiled.set(policy, (programs = compilePolicy(policy.spec ?? {}) ?? null))
  return programs
}

/** What a policy refuses a request with; what it only warns of is told at once. */
function judged(
  policy: ValidatingAdmissionPolicy,
  bindings: readonly ValidatingAdmissionPolicyBinding[],
  a: AdmissionAttributes,
  request: RequestValues,
): Denial[] {
  const programs = programsOf(policy)
  if (!programs) return []
  const failsClosed = policy.spec?.failurePolicy !== 'Ignore'
  const named = `ValidatingAdmissionPolicy '${policy.metadata.name}'`
  const misconfigured = (who: string, what: string, error: unknown): Denial[] => {
    if (!(error instanceof ParamsFault)) throw error
    return failsClosed ? [{ message: `${who} denied request: failed to configure ${what}: ${error.message}`, reason: 'Invalid' }] : []
  }
  let resource: ReturnType<typeof paramResource>
  try {
    resource = paramResource(policy.spec?.paramKind, a)
  } catch (error) {
    return misconfigured(named, 'policy', error)
  }
  return bindings.flatMap((binding) => {
    if (!matchingVersion(binding.spec?.matchResources, a)) return []
    const names = `${named} with binding '${binding.metadata.name}'`
    const refuse = ({ message, reason }: Denial): Denial => ({ message: `${names} denied request: ${message}`, reason })
    try {
      const denials = paramsOf(resource, binding.spec?.paramRef, a).flatMap((params) => denialsOf(programs, request, params, failsClosed))
      const actions = strings(binding.spec?.validationActions)
      const warned = actions.includes('Warn') ? denials.filter(({ isCertain }) => !isCertain) : []
      for (const { message } of warned) a.warn(`Validation failed for ${names}: ${message}`)
      return denials.filter(({ isCertain }) => isCertain || actions.includes('Deny')).map(refuse)
    } catch (error) {
      return misconfigured(names, 'binding', error)
    }
  })
}

function refusedWith({ message, reason }: Denial, a: AdmissionAttributes): StatusError {
  const { status } = refusal(a, message)
  return new StatusError(CODES[reason] ?? 422, reason, status.message!, { ...status.details, causes: [{ message }] })
}
