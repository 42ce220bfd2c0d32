/**
 * The library of the authorizer. What it decides on is only there where expressions have the variable `authorizer`.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library
 */
import { serviceAccountUser } from '../../../access/service-account-user.js'
import { dns1123Label, dns1123Subdomain } from '../../kinds/rules/names.js'
import { AuthorizerValue, DecisionValue, GroupCheckValue, PathCheckValue, ResourceCheckValue } from '../authorization.js'
import { EvaluationError, method, type Overload } from './overload.js'

const PACKAGE = 'kubernetes.authorization'
const AUTHORIZER = `${PACKAGE}.Authorizer`
const PATH = `${PACKAGE}.PathCheck`
const GROUP = `${PACKAGE}.GroupCheck`
const RESOURCE = `${PACKAGE}.ResourceCheck`
const DECISION = `${PACKAGE}.Decision`

function given(text: string, name: string): string {
  if (text.trim() === '') throw new EvaluationError(`${name} must not be empty`)
  return text
}

function asServiceAccount(authorizer: AuthorizerValue, namespace: string, name: string): AuthorizerValue {
  if (dns1123Subdomain(name).length > 0) throw new EvaluationError('Invalid service account name')
  if (dns1123Label(namespace).length > 0) throw new EvaluationError('Invalid service account namespace')
  return authorizer.of(serviceAccountUser(namespace, name))
}

/** A method that says one more thing of a resource. */
const saying = (name: 'subresource' | 'namespace' | 'name' | 'fieldSelector'): Overload =>
  method(name, `${RESOURCE}, string => ${RESOURCE}`, (check: ResourceCheckValue, text: string) => check.with({ [name]: text }))

/** Few checks may be made in one evaluation: an authorizer may have to ask far away. */
const COST_OF_CHECK = 350_000
const asking = (check: Overload): Overload => ({ ...check, cost: COST_OF_CHECK })

export const AUTHORIZATION: readonly Overload[] = [
  method('path', `${AUTHORIZER}, string => ${PATH}`, (a: AuthorizerValue, path: string) => new PathCheckValue(a, given(path, 'path'))),
  method('group', `${AUTHORIZER}, string => ${GROUP}`, (a: AuthorizerValue, group: string) => new GroupCheckValue(a, group)),
  method('serviceAccount', `${AUTHORIZER}, string, string => ${AUTHORIZER}`, asServiceAccount),
  method('resource', `${GROUP}, string => ${RESOURCE}`, ({ authorizer, group }: GroupCheckValue, resource: string) => {
    const access = { group, resource: given(resource, 'resource'), subresource: '', namespace: '', name: '' }
    return new ResourceCheckValue(authorizer, access)
  }),
  saying('subresource'),
  saying('namespace'),
  saying('name'),
  saying('fieldSelector'),
  // No authorizer here goes by labels.
  method('labelSelector', `${RESOURCE}, string => ${RESOURCE}`, (check: ResourceCheckValue) => check),
  asking(
    method('check', `${PATH}, string => ${DECISION}`, ({ authorizer, path }: PathCheckValue, verb: string) =>
      authorizer.decide({ verb, path }),
    ),
  ),
  asking(
    method('check', `${RESOURCE}, string => ${DECISION}`, ({ authorizer, access }: ResourceCheckValue, verb: string) =>
      authorizer.decide({ verb, ...access }),
    ),
  ),
  method('allowed', `${DECISION} => bool`, ({ decision }: DecisionValue) => decision.allowed),
  method('reason', `${DECISION} => string`, ({ decision }: DecisionValue) => decision.reason),
  // The authorizers here always come to a decision.
  method('errored', `${DECISION} => bool`, () => false),
  method('error', `${DECISION} => string`, () => ''),
]
