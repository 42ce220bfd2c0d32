/** What the API server says of admission policies and their bindings, all of it and in its order. */
import { describe, expect, it } from 'vitest'
import { created, inOrder, kindOf, ruleContext, type Loose } from './support.js'

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
const policy = (spec: Loose = {}, kind = 'ValidatingAdmissionPolicy', name = 'p'): Loose => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name },
  spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }], ...spec },
})
const binding = (spec: Loose): Loose => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: 'b' },
  spec: { policyName: 'p', validationActions: ['Deny'], ...spec },
})
/** Without what messages say of names in general. */
const faults = (sent: Loose): string[] =>
  inOrder(created(sent).errors).map((text) =>
    text.replace(/a (DNS-1035 label|lowercase RFC 1123 subdomain) must.*/, 'a $1 …').replace('spec.', ''),
  )

describe('a policy', () => {
  it('selects as little as it says, and fails when it fails', () => {
    const { object, errors } = created(policy())
    expect(errors).toEqual([])
    expect(object.spec).toEqual({
      failurePolicy: 'Fail',
      matchConstraints: {
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector: {},
        resourceRules: [{ ...rule, scope: '*' }],
      },
      validations: [{ expression: 'true' }],
    })
  })

  it('does something, to something', () => {
    const text = 'Required value: validations or auditAnnotations must contain at least one item'
    expect(faults(policy({ validations: [], matchConstraints: undefined }))).toEqual([
      'matchConstraints: Required value',
      `validations: ${text}`,
      `auditAnnotations: ${text}`,
    ])
    expect(faults(policy({ matchConstraints: {} }))).toEqual(['matchConstraints.resourceRules: Required value'])
    expect(faults(policy({ validations: undefined }, 'MutatingAdmissionPolicy'))).toEqual([
      'mutations: Required value: mutations must contain at least one item',
    ])
  })

  it.each<[more: Loose, want: string[]]>([
    [{ failurePolicy: 'x' }, ['failurePolicy: Unsupported value: "x": supported values: "Fail", "Ignore"']],
    [{ paramKind: {} }, ['paramKind.apiVersion: Required value', 'paramKind.kind: Required value']],
    [
      { paramKind: { apiVersion: 'a/b/c', kind: '1' } },
      [
        'paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        'paramKind.kind: Invalid value: "1": may have mixed case, but should otherwise match: a DNS-1035 label …',
      ],
    ],
    [
      { paramKind: { apiVersion: '!/', kind: 'K' } },
      [
        'paramKind.apiVersion: Invalid value: "!": a lowercase RFC 1123 subdomain …',
        'paramKind.apiVersion: Invalid value: "!/": version must be specified',
      ],
    ],
    [{ paramKind: { apiVersion: 'g/1', kind: 'K' } }, ['paramKind.apiVersion: Invalid value: "1": a DNS-1035 label …']],
    [
      {
        variables: [{ name: ' ' }, { name: '4ever', expression: '1' }, { name: 'return', expression: '1' }, { name: 'a', expression: '1' }],
      },
      [
        'variables[0].name: Required value: name is not specified',
        'variables[0].expression: Required value: expression is not specified',
        'variables[1].name: Invalid value: "4ever": name is not a valid CEL identifier',
        'variables[2].name: Invalid value: "return": name is not a valid CEL identifier',
      ],
    ],
    [
      { validations: [{ expression: ' ', messageExpression: ' ', message: ' ', reason: 'Unauthorized' }] },
      [
        'validations[0].expression: Required value: expression is not specified',
        'validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
        'validations[0].message: Invalid value: " ": message must be non-empty if specified',
        'validations[0].reason: Unsupported value: "Unauthorized": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      ],
    ],
    [
      { validations: [{ expression: 'true', message: 'a\rb' }] },
      ['validations[0].message: Invalid value: "a\\rb": message must not contain line breaks'],
    ],
    [{ validations: [{ expression: 'true ||\ntrue' }] }, []],
    [
      {
        auditAnnotations: [
          { key: 'k', valueExpression: ' ' },
          { key: 'k', valueExpression: `'${'x'.repeat(5120)}'` },
        ],
      },
      [
        'auditAnnotations[0].valueExpression: Required value: valueExpression is not specified',
        'auditAnnotations[1].valueExpression: Required value: must not exceed 5120 bytes in length',
        'auditAnnotations[1].key: Duplicate value: "k"',
      ],
    ],
    [
      { auditAnnotations: [{ key: '', valueExpression: `'x'` }] },
      [
        'auditAnnotations[0].key: Invalid value: "p/": name part must be non-empty',
        "auditAnnotations[0].key: Invalid value: \"p/\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      ],
    ],
  ])('is refused with %j', (more, want) => {
    expect(faults(policy(more))).toEqual(want)
  })

  const failed = (text: string, at: number, why: string): string =>
    `Invalid value: ${JSON.stringify(text)}: compilation failed: ERROR: <input>:1:${at}: ${why}\n | ${text}\n | ${'.'.repeat(at - 1)}^`
  const undeclared = (text: string, name: string): string =>
    failed(text, text.indexOf(name) + 1, `undeclared reference to '${name}' (in container '')`)
  const param = { paramKind: { apiVersion: 'rules.example.com/v1', kind: 'ReplicaLimit' } }
  const validations = (expression: string, rest: Loose = {}): Loose => ({ validations: [{ expression, ...rest }] })

  it.each<[more: Loose, want: string[]]>([
    [validations('object.spec.replicas <= 5 && request.userInfo.groups.exists(g, g == "x")'), []],
    [
      validations('object.spec.replicas <= params.maxReplicas'),
      [`validations[0].expression: ${undeclared('object.spec.replicas <= params.maxReplicas', 'params')}`],
    ],
    [
      {
        ...param,
        ...validations('object.spec.replicas <= params.maxReplicas', { messageExpression: '"at most " + string(params.maxReplicas)' }),
      },
      [],
    ],
    [
      validations('object.spec.paused'),
      ['validations[0].expression: Invalid value: "object.spec.paused": must evaluate to bool but got dyn'],
    ],
    [
      validations('object.x in [1, 2, '),
      [`validations[0].expression: ${failed('object.x in [1, 2, ', 20, "Syntax error: missing ']' at '<EOF>'")}`],
    ],
    [validations('request.user == ""'), [`validations[0].expression: ${failed('request.user == ""', 8, "undefined field 'user'")}`]],
    [
      validations('true', { messageExpression: 'timestamp("2026-01-01T00:00:00Z")' }),
      [
        'validations[0].messageExpression: Invalid value: "timestamp(\\"2026-01-01T00:00:00Z\\")": must evaluate to string but got google.protobuf.Timestamp',
      ],
    ],
    [validations('namespaceObject.metadata.labels["team"] == "a" && namespaceObject.metadata.UID != ""'), []],
    [
      {
        auditAnnotations: [
          { key: 'k', valueExpression: ' 1 ' },
          { key: 'n', valueExpression: 'null' },
          { key: 's', valueExpression: '"s"' },
        ],
      },
      ['auditAnnotations[0].valueExpression: Invalid value: " 1 ": must evaluate to one of [string null_type] but got int'],
    ],
    [
      {
        matchConditions: [
          { name: 'a', expression: ' request.name ' },
          { name: 'b', expression: 'variables.x' },
        ],
      },
      [
        'matchConditions[0].expression: Invalid value: "request.name": must evaluate to bool but got string',
        `matchConditions[1].expression: ${undeclared('variables.x', 'variables')}`,
      ],
    ],
    [
      {
        variables: [
          { name: 'a', expression: 'request.name' },
          { name: 'b', expression: 'variables.a.size()' },
        ],
        ...validations('variables.b > 3 && variables.c'),
      },
      [`validations[0].expression: ${failed('variables.b > 3 && variables.c', 29, "undefined field 'c'")}`],
    ],
    [
      {
        variables: [
          { name: 'a', expression: 'variables.b' },
          { name: 'b', expression: '1' },
        ],
      },
      [`variables[0].expression: ${undeclared('variables.b', 'variables')}`],
    ],
    [validations('authorizer.group("apps").resource("deployments").check("create").allowed()'), []],
    [
      validations('authorizer.requestResource.check("create")'),
      [
        'validations[0].expression: Invalid value: "authorizer.requestResource.check(\\"create\\")": must evaluate to bool but got kubernetes.authorization.Decision',
      ],
    ],
    [
      validations('true', { messageExpression: 'authorizer.path("/").check("get").reason()' }),
      [`validations[0].messageExpression: ${undeclared('authorizer.path("/").check("get").reason()', 'authorizer')}`],
    ],
    [
      validations('authorizer.group("").check("get").allowed()'),
      [
        `validations[0].expression: ${failed('authorizer.group("").check("get").allowed()', 27, "found no matching overload for 'check' applied to 'kubernetes.authorization.GroupCheck.(string)'")}`,
      ],
    ],
  ])('whose expressions are %j is judged by them', (more, want) => {
    expect(faults(policy(more))).toEqual(want)
  })

  it('has twenty annotations at most', () => {
    const auditAnnotations = Array.from({ length: 21 }, (_, i) => ({ key: `k${i}`, valueExpression: "'x'" }))
    const [first, ...others] = faults(policy({ auditAnnotations }))
    expect(first).toMatch(
      /^auditAnnotations: Invalid value: \[\{"Key":"k0","ValueExpression":"'x'"\},.*\]: must not have more than 20 auditAnnotations$/,
    )
    expect(others).toEqual([])
  })

  it('names resources, each once, before what is done with them', () => {
    const named = { ...rule, operations: [], resourceNames: ['a/b', 'c', 'c'] }
    expect(faults(policy({ matchConstraints: { resourceRules: [named], excludeResourceRules: [named] } }))).toEqual(
      ['resourceRules', 'excludeResourceRules'].flatMap((list) => [
        `matchConstraints.${list}[0].resourceNames[0]: Invalid value: "a/b": may not contain '/'`,
        `matchConstraints.${list}[0].resourceNames[2]: Duplicate value: "c"`,
        `matchConstraints.${list}[0].operations: Required value`,
      ]),
    )
  })
})

describe('a binding', () => {
  it.each<[more: Loose, want: string[]]>([
    [{ policyName: '' }, ['policyName: Required value']],
    [{ policyName: 'A' }, ['policyName: Invalid value: "A": a lowercase RFC 1123 subdomain …']],
    [{ validationActions: [] }, ['validationActions: Required value: at least one validation action is required']],
    [
      { validationActions: ['Deny', 'x', 'Deny'] },
      [
        'validationActions[1]: Unsupported value: "x": supported values: "Audit", "Deny", "Warn"',
        'validationActions[2]: Duplicate value: "Deny"',
      ],
    ],
    [
      { validationActions: ['Warn', 'Deny'] },
      [
        'validationActions: Invalid value: ["Warn","Deny"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ],
    ],
    [
      { paramRef: {} },
      ['paramRef: Required value: one of name or selector must be specified', 'paramRef.parameterNotFoundAction: Required value'],
    ],
    [
      { paramRef: { name: 'a/b', selector: {}, parameterNotFoundAction: 'Sometimes' } },
      [
        `paramRef.name: Invalid value: "a/b": may not contain '/'`,
        'paramRef.name: Forbidden: name and selector are mutually exclusive',
        'paramRef.selector: Forbidden: name and selector are mutually exclusive',
        'paramRef.parameterNotFoundAction: Unsupported value: "Sometimes": supported values: "Deny", "Allow"',
      ],
    ],
    [
      { matchResources: { matchPolicy: 'x', resourceRules: [] } },
      ['matchResources.matchPolicy: Unsupported value: "x": supported values: "Equivalent", "Exact"'],
    ],
  ])('is refused with %j', (more, want) => {
    expect(faults(binding(more))).toEqual(want)
  })
})

it('the status of a policy says where each of its warnings belongs', () => {
  const status = kindOf('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy').subresources!['status'] as Loose
  const typeChecking = { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression', warning: 'w' }, { fieldRef: ' ' }] }
  expect(inOrder(status.validateUpdate({ status: { typeChecking, conditions: [{ type: 'A' }] } }, {}, ruleContext()))).toEqual([
    'status.typeChecking.expressionWarnings[1].warning: Required value',
    'status.typeChecking.expressionWarnings[1].fieldRef: Required value',
    'status.conditions[0].status: Unsupported value: "": supported values: "False", "True", "Unknown"',
    'status.conditions[0].lastTransitionTime: Required value: must be set',
    'status.conditions[0].reason: Required value: must be set',
  ])
})

describe('a mutation', () => {
  const mutated = (patchType: string, expression: string, more: Loose = {}): string[] => {
    const patch = patchType === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration'
    const spec = { validations: undefined, mutations: [{ patchType, [patch]: { expression } }], ...more }
    return faults(policy(spec, 'MutatingAdmissionPolicy')).map((text) => text.replace(/^mutations\[0\]\.\w+\.expression: /, ''))
  }
  const failed = (source: string, at: number, why: string): string[] => [
    `Invalid value: ${JSON.stringify(source)}: compilation failed: ERROR: <input>:1:${at + 1}: ${why}\n | ${source}\n | ${'.'.repeat(at)}^`,
  ]

  it('applies an object, of whose fields nothing is known', () => {
    const source =
      'Object{metadata: Object.metadata{labels: {"a": params.b}}, spec: Object.spec{containers: [Object.spec.containers{name: variables.n}]}}'
    const more = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, variables: [{ name: 'n', expression: '"x"' }] }
    expect(mutated('ApplyConfiguration', source, more)).toEqual([])
    expect(mutated('ApplyConfiguration', 'has(object.x) ? Object{?spec: object.?spec} : Object{}')).toEqual([])
  })

  it('or gives operations of a JSON patch', () => {
    const source = 'object.x ? [JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b~c"), value: [1, 2]}] : []'
    expect(mutated('JSONPatch', source)).toEqual([])
  })

  it.each([
    ['ApplyConfiguration', '1', 'must evaluate to Object but got int'],
    ['ApplyConfiguration', 'object', 'must evaluate to Object but got dyn'],
    ['ApplyConfiguration', 'Object.spec{}', 'must evaluate to Object but got Object.spec'],
    ['JSONPatch', 'Object{}', 'must evaluate to list(JSONPatch) but got Object'],
    ['JSONPatch', 'JSONPatch{}', 'must evaluate to list(JSONPatch) but got JSONPatch'],
    ['JSONPatch', '[]', 'must evaluate to list(JSONPatch) but got list(dyn)'],
  ])('of type %s that gives %s is refused', (type, source, why) => {
    expect(mutated(type, source)).toEqual([`Invalid value: ${JSON.stringify(source)}: ${why}`])
  })

  it('makes nothing else, and only with fields that there are', () => {
    expect(mutated('ApplyConfiguration', 'Other{}')).toEqual(failed('Other{}', 5, "undeclared reference to 'Other' (in container '')"))
    expect(mutated('JSONPatch', '[JSONPatch{op: "add", bogus: 1}]')).toEqual(
      failed('[JSONPatch{op: "add", bogus: 1}]', 27, "undefined field 'bogus'"),
    )
    expect(mutated('JSONPatch', '[JSONPatch{op: 1}]')).toEqual(
      failed('[JSONPatch{op: 1}]', 13, "expected type of field 'op' is 'string' but provided type is 'int'"),
    )
    expect(mutated('ApplyConfiguration', 'Object{spec: foo}')).toEqual(
      failed('Object{spec: foo}', 13, "undeclared reference to 'foo' (in container '')"),
    )
  })

  it('has what expressions of other policies do not have', () => {
    expect(faults(policy({ validations: [{ expression: 'Object{} == object' }] }))).toEqual([
      `validations[0].expression: Invalid value: "Object{} == object": compilation failed: ERROR: <input>:1:7: undeclared reference to 'Object' (in container '')\n | Object{} == object\n | ......^`,
    ])
    expect(faults(policy({ validations: [{ expression: 'jsonpatch.escapeKey("a") == "b"' }] }))).toEqual([
      expect.stringContaining("undeclared reference to 'jsonpatch' (in container '')"),
    ])
  })
})
