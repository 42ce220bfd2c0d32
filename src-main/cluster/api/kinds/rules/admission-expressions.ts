/**
 * CEL expressions of admission policies and webhooks: which variables they have and what they must give.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
 */
import { compile } from '../../cel/compile.js'
import type { Variables } from '../../cel/check.js'
import { AUTHORIZER, BOOL, DYN, INT, listOf, mapOf, RESOURCE_CHECK, STRING, TIMESTAMP, typeName, type Type } from '../../cel/types.js'
import { field, type FieldError } from '../../errors.js'

function structure(name: string, fields: Readonly<Record<string, Type>>): Type {
  return { kind: 'object', name, field: (n) => (Object.hasOwn(fields, n) ? fields[n] : undefined) }
}

const TEXTS = listOf(STRING)
const KIND = structure('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING })
const RESOURCE = structure('kubernetes.GroupVersionResource', { group: STRING, version: STRING, resource: STRING })

const REQUEST = structure('kubernetes.AdmissionRequest', {
  kind: KIND,
  resource: RESOURCE,
  subResource: STRING,
  requestKind: KIND,
  requestResource: RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: structure('kubernetes.UserInfo', { username: STRING, uid: STRING, groups: TEXTS, extra: mapOf(STRING, TEXTS) }),
  dryRun: BOOL,
  options: DYN,
})

const NAMESPACE = structure('kubernetes.Namespace', {
  metadata: structure('kubernetes.NamespaceMetadata', {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: mapOf(STRING, STRING),
    annotations: mapOf(STRING, STRING),
    UID: STRING,
    creationTimestamp: TIMESTAMP,
    deletionGracePeriodSeconds: INT,
    deletionTimestamp: TIMESTAMP,
    generation: INT,
    resourceVersion: STRING,
    finalizers: TEXTS,
  }),
  spec: structure('kubernetes.NamespaceSpec', { finalizers: TEXTS }),
  status: structure('kubernetes.NamespaceStatus', {
    conditions: listOf(
      structure('kubernetes.NamespaceCondition', {
        status: STRING,
        type: STRING,
        lastTransitionTime: TIMESTAMP,
        message: STRING,
        reason: STRING,
      }),
    ),
    phase: STRING,
  }),
})

/** What may be done is asked of these: the authorizer, and what is asked for already. */
const ASKED: Variables = { authorizer: AUTHORIZER, 'authorizer.requestResource': RESOURCE_CHECK }

/** What all such expressions may refer to. */
export const ADMISSION_VARIABLES: Variables = { object: DYN, oldObject: DYN, request: REQUEST, namespaceObject: NAMESPACE, ...ASKED }

/** What expressions that only say something may refer to: they may not ask the authorizer. */
export function variablesOfMessages(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !Object.hasOwn(ASKED, name)))
}

/** The same, and the parameters of a policy that has some. */
export const policyVariables = (hasParams: boolean): Variables =>
  hasParams ? { ...ADMISSION_VARIABLES, params: DYN } : ADMISSION_VARIABLES

/** The same, and what a policy has made variables of, by their names; a policy without any has no such thing. */
export function withComposed(variables: Variables, composed: ReadonlyMap<string, Type>): Variables {
  return composed.size === 0
    ? variables
    : { ...variables, variables: { kind: 'object', name: 'kubernetes.variables', field: (name) => told(composed.get(name)) } }
}

/** What is known of a variable by its expression: of objects and of the libraries' own types nothing is. */
function told(type: Type | undefined): Type | undefined {
  switch (type?.kind) {
    case 'list':
      return listOf(told(type.element)!)
    case 'map':
      return mapOf(told(type.key)!, told(type.value)!)
    default:
      return !type || KNOWN_OF_VARIABLES.has(type.kind) ? type : DYN
  }
}

const KNOWN_OF_VARIABLES: ReadonlySet<string> = new Set('bool bytes double duration int null string timestamp uint'.split(' '))

/** Kinds of types that expressions may give, as messages name them. */
export type Expected = readonly ('bool' | 'string' | 'null')[]

/**
 * Adds what is wrong with an expression; gives its type, or one that may be anything when that is not known.
 * @param expected the kinds of what it may give, or its type, which is one that only patches have; anything when it is not said
 * @param shown what messages show of it
 */
export function checkExpression(
  source: string,
  variables: Variables,
  expected: Expected | Type | undefined,
  path: string,
  errors: FieldError[],
  shown = source,
): Type {
  let found: Type = DYN
  const compiled = compile(
    source,
    variables,
    (type) => {
      found = type
      if (!expected) return undefined
      const names = 'kind' in expected ? [typeName(expected)] : expected.map((kind) => typeName({ kind }))
      if (names.includes(typeName(type))) return undefined
      const wanted = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`
      return `must evaluate to ${wanted} but got ${typeName(type)}`
    },
    { patches: expected !== undefined && 'kind' in expected },
  )
  if (!('failure' in compiled)) return found
  errors.push(field.invalid(path, shown, compiled.failure))
  return DYN
}
