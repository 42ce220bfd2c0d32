/** Evaluates the expressions of an admission policy on a request. */
import { AuthorizerValue, ResourceCheckValue } from '../../api/cel/authorization.js'
import { Budget, CostExceeded } from '../../api/cel/evaluate.js'
import { EvaluationError } from '../../api/cel/functions/overload.js'
import { plainValue } from '../../api/cel/plain.js'
import type { Value } from '../../api/cel/values.js'
import type { Kind } from '../../api/kinds/kind.js'
import type { KubeObject } from '../../api/object.js'
import { isNamespace, namespaceOf } from './policy-matching.js'
import type { PolicyExpression, PolicyPrograms, PolicyRule } from './policy-programs.js'
import type { AdmissionAttributes, GroupVersionKind } from './plugin.js'
import { aggregate } from './refuse.js'

/** What one expression may cost, and all of a policy together. */
const PER_CALL_LIMIT = 1_000_000
const POLICY_BUDGET = 10_000_000
/** Bytes. */
const LONGEST_MESSAGE = 5 * 1024

/** What a policy has against a request. */
export interface Denial {
  readonly message: string
  readonly reason: string
  /** Set when it is refused whatever the binding says: an annotation of the audit has no value. */
  readonly isCertain?: boolean
}

/** An expression that gave no value, in the words of the API server. */
class Fault extends Error {}

/** All that was to be spent is spent: nothing more of the policy is looked at. */
class OutOfBudget extends Error {}
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run'

/** The variables of a request as one version of the resource shows it, made when a policy is first evaluated on it. */
export class RequestValues {
  private made: Readonly<Record<string, Value>> | undefined

  constructor(
    private readonly a: AdmissionAttributes,
    private readonly version: Kind,
  ) {}

  get values(): Readonly<Record<string, Value>> {
    const { a, version } = this
    return (this.made ??= {
      object: plainValue(shownIn(version, a.object, a)),
      oldObject: plainValue(shownIn(version, a.oldObject, a)),
      request: plainValue(requestOf(a, version)),
      namespaceObject: a.namespace && !isNamespace(a) ? plainValue(namespaceOf(a)) : null,
      ...authorizerOf(a),
    })
  }
}

/** Whether a request is about objects of the resource itself, which each version shows its own way. */
const isVersioned = (a: AdmissionAttributes): boolean => a.objectKind === a.requested

function shownIn({ storedAs }: Kind, object: KubeObject | undefined, a: AdmissionAttributes): KubeObject | undefined {
  return object && storedAs && isVersioned(a) ? storedAs.fromStored(object) : object
}

/** The authorizer, asked for who writes; and what it is asked of the very object. */
function authorizerOf(a: AdmissionAttributes): Readonly<Record<string, Value>> {
  const authorizer = new AuthorizerValue(a.user, a.decide)
  const { namespace, name, subresource } = a
  const access = { group: a.requested.group, resource: a.requested.plural, subresource, namespace, name }
  return { authorizer, 'authorizer.requestResource': new ResourceCheckValue(authorizer, access) }
}

/** The AdmissionRequest, without the fields that are variables of their own. */
function requestOf(a: AdmissionAttributes, version: Kind): object {
  const { username, uid, groups, extra } = a.user
  const gvk = ({ group, version, kind }: GroupVersionKind): object => ({ group, version, kind })
  const gvr = ({ group, version, plural }: Kind): object => ({ group, version, resource: plural })
  const subresource = (name: string): object => (a.subresource ? { [name]: a.subresource } : {})
  return {
    kind: gvk(isVersioned(a) ? version : a.objectKind),
    resource: gvr(version),
    ...subresource('subResource'),
    requestKind: gvk(a.objectKind),
    requestResource: gvr(a.requested),
    ...subresource('requestSubResource'),
    ...(a.name ? { name: a.name } : {}),
    ...(a.namespace ? { namespace: a.namespace } : {}),
    operation: a.operation,
    userInfo: { username, ...(uid ? { uid } : {}), ...(groups.length > 0 ? { groups } : {}), ...(extra ? { extra } : {}) },
    dryRun: a.dryRun,
    options: {},
  }
}

/** Variables that a policy names itself: each is evaluated when it is first asked for. */
class NamedValues extends Map<Value, Value> {
  private readonly known = new Map<string, Value | EvaluationError>()

  constructor(
    private readonly expressions: ReadonlyMap<string, PolicyExpression>,
    private readonly evaluate: (expression: PolicyExpression) => Value,
  ) {
    super()
  }

  override get(name: Value): Value | undefined {
    const expression = typeof name === 'string' ? this.expressions.get(name) : undefined
    if (!expression) return undefined
    let value = this.known.get(name as string)
    if (value === undefined) this.known.set(name as string, (value = this.evaluated(name as string, expression)))
    if (value instanceof EvaluationError) throw value
    return value
  }

  private evaluated(name: string, expression: PolicyExpression): Value | EvaluationError {
    try {
      return this.evaluate(expression)
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      return new EvaluationError(`composited variable "${name}" fails to evaluate: ${error.message}`)
    }
  }
}

/** One evaluation of a policy: on one request, with one object of parameters or none. */
class Evaluation {
  private left = POLICY_BUDGET
  private readonly variables: Readonly<Record<string, Value>>

  constructor(programs: PolicyPrograms, request: RequestValues, params: KubeObject | null) {
    const run = (expression: PolicyExpression): Value => this.spend(expression)
    this.variables = { ...request.values, params: plainValue(params), variables: new NamedValues(programs.variables, run) }
  }

  /** The value of an expression. Throws {@link Fault} or {@link OutOfBudget}. */
  valueOf(expression: PolicyExpression): Value {
    try {
      return this.spend(expression)
    } catch (error) {
      if (!(error instanceof EvaluationError) && !(error instanceof CostExceeded)) throw error
      throw new Fault(`expression '${expression.text}' resulted in error: ${error.message}`)
    }
  }

  private spend({ program }: PolicyExpression): Value {
    const budget = new Budget(PER_CALL_LIMIT)
    const value = program(this.variables, budget)
    this.left -= PER_CALL_LIMIT - budget.left
    if (this.left < 0) throw new OutOfBudget(OUT_OF_BUDGET)
    return value
  }

  /** Whether all conditions hold. One that does not settles it, whatever came of the others. */
  isAskedFor(conditions: readonly PolicyExpression[]): boolean {
    const faults: string[] = []
    for (const condition of conditions) {
      try {
        if (this.valueOf(condition) !== true) return false
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        faults.push(error.message)
      }
    }
    if (faults.length > 0) throw new Fault(aggregate(faults))
    return true
  }

  messageOf(rule: PolicyRule): string {
    return this.saidMessage(rule) || rule.fixedMessage || `failed expression: ${rule.text}`
  }

  /** What the messageExpression says, when it is a line that is not too long. */
  private saidMessage({ message }: PolicyRule): string {
    if (!message) return ''
    try {
      const value = this.valueOf(message)
      const said = typeof value === 'string' ? value.trim() : ''
      return said.includes('\n') || Buffer.byteLength(said) > LONGEST_MESSAGE ? '' : said
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      return ''
    }
  }
}

/**
 * What a policy has against a request.
 * @param failsClosed whether an expression that gives no value counts as a denial
 */
export function denialsOf(programs: PolicyPrograms, request: RequestValues, params: KubeObject | null, failsClosed: boolean): Denial[] {
  const onFault = (message: string): Denial[] => (failsClosed ? [{ message, reason: 'Invalid' }] : [])
  const evaluation = new Evaluation(programs, request, params)
  const each = <T extends PolicyExpression>(expressions: readonly T[], judge: (expression: T) => Denial[], isCertain = false): Denial[] =>
    expressions.flatMap((expression) => {
      try {
        return judge(expression)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        return onFault(error.message).map((denial) => (isCertain ? { ...denial, isCertain } : denial))
      }
    })
  try {
    if (!evaluation.isAskedFor(programs.conditions)) return []
    return [
      ...each(programs.rules, (rule) =>
        evaluation.valueOf(rule) === true ? [] : [{ message: evaluation.messageOf(rule), reason: rule.reason }],
      ),
      ...each(programs.annotations, (annotation) => (evaluation.valueOf(annotation), []), true),
    ]
  } catch (error) {
    if (!(error instanceof Fault) && !(error instanceof OutOfBudget)) throw error
    return onFault(error.message)
  }
}
