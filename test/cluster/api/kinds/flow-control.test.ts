/** What the API server says of flowcontrol.apiserver.k8s.io. */
import { describe, expect, it } from 'vitest'
import { FLOW_SCHEMAS, PRIORITY_LEVELS } from '../../../../src-main/cluster/api/flowcontrol/configuration.js'
import { created, inOrder, kindOf, ruleContext, type Loose } from './support.js'

const FLOW_CONTROL = 'flowcontrol.apiserver.k8s.io/v1'
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

const told = (kind: string, spec: Loose, metadata: Loose = { name: 'system-foo' }): string[] =>
  inOrder(created({ apiVersion: FLOW_CONTROL, kind, metadata, spec }).errors)

describe('a FlowSchema', () => {
  const noxu = { kind: 'User', user: { name: 'noxu' } }
  const all = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] }
  const withRule = (rule: Loose, rest: Loose = {}): Loose => ({
    matchingPrecedence: 50,
    priorityLevelConfiguration: { name: 'system-bar' },
    rules: [{ subjects: [noxu], ...rule }],
    ...rest,
  })
  const at = 'spec.rules[0]'

  it.each<[string, Loose, string[]]>([
    ['a rule about nothing', {}, [`${at}: Required value: at least one of resourceRules and nonResourceRules has to be non-empty`]],
    ['a rule about everything', { resourceRules: [all] }, []],
    ['a rule of both sorts', { resourceRules: [all], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/apis/*'] }] }, []],
    ['no subjects', { subjects: [], resourceRules: [all] }, [`${at}.subjects: Required value: subjects must contain at least one value`]],
    [
      'wildcards that are not alone',
      { resourceRules: [{ verbs: ['*', 'create'], apiGroups: ['*', 'tak'], resources: ['*', 'tok'], namespaces: ['foo', '*'] }] },
      [
        `${at}.resourceRules[0].verbs: Invalid value: ["*","create"]: if '*' is present, must not specify other verbs`,
        `${at}.resourceRules[0].apiGroups: Invalid value: ["*","tak"]: if '*' is present, must not specify other api groups`,
        `${at}.resourceRules[0].resources: Invalid value: ["*","tok"]: if '*' is present, must not specify other resources`,
        `${at}.resourceRules[0].namespaces: Invalid value: ["foo","*"]: if '*' is present, must not specify other namespaces`,
      ],
    ],
    [
      'nothing said of resources',
      { resourceRules: [{}] },
      [
        `${at}.resourceRules[0].verbs: Required value: verbs must contain at least one value`,
        `${at}.resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group`,
        `${at}.resourceRules[0].resources: Required value: resource rules must supply at least one resource`,
        `${at}.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace`,
      ],
    ],
    ['the scope of the cluster', { resourceRules: [{ ...all, namespaces: [], clusterScope: true }] }, []],
    [
      'a namespace that can be none',
      { resourceRules: [{ ...all, namespaces: ['-foo'] }] },
      [`${at}.resourceRules[0].namespaces[0]: Invalid value: "-foo": each member of this list must be '*' or a DNS-1123 label; ${LABEL}`],
    ],
    [
      'a verb that there is none of',
      { resourceRules: [{ ...all, verbs: ['connect'] }] },
      [
        `${at}.resourceRules[0].verbs: Unsupported value: ["connect"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"`,
      ],
    ],
    [
      'nothing said of other requests',
      { nonResourceRules: [{}] },
      [
        `${at}.nonResourceRules[0].verbs: Required value: verbs must contain at least one value`,
        `${at}.nonResourceRules[0].nonResourceURLs: Required value: nonResourceURLs must contain at least one value`,
      ],
    ],
    [
      'paths besides all paths',
      { nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*', '/readyz'] }] },
      [
        `${at}.nonResourceRules[0].nonResourceURLs: Invalid value: ["*","/readyz"]: if '*' is present, must not specify other non-resource URLs`,
      ],
    ],
  ])('with %s', (_about, rule, want) => {
    expect(told('FlowSchema', withRule(rule))).toEqual(want)
  })

  it.each([
    ['', 'must not be empty'],
    ['foo', 'must start with slash'],
    ['/', undefined],
    ['//', 'must not contain double slash'],
    ['/foo', undefined],
    ['/////', 'must not contain double slash'],
    ['/apis/', undefined],
    ['/healthz/*', undefined],
    ['/healthz/*/foo', 'wildcard can only do suffix matching'],
    ['/healthz/foo bar', 'must not contain white-space'],
    ['/health*', 'wildcard can only do suffix matching'],
    ['/*/*', 'wildcard can only do suffix matching'],
  ])('about the path %j', (path, why) => {
    const errors = told('FlowSchema', withRule({ nonResourceRules: [{ verbs: ['get'], nonResourceURLs: [path] }] }))
    expect(errors).toEqual(why ? [`${at}.nonResourceRules[0].nonResourceURLs[0]: Invalid value: ${JSON.stringify(path)}: ${why}`] : [])
  })

  const s = `${at}.subjects[0]`
  const fred = { user: { name: 'fred' }, group: { name: 'fred' }, serviceAccount: { namespace: 's', name: 'n' } }
  it.each<[Loose, string[]]>([
    [
      { kind: 'ServiceAccount', user: fred.user, group: fred.group },
      [
        `${s}.serviceAccount: Required value: serviceAccount is required when subject kind is 'ServiceAccount'`,
        `${s}.user: Forbidden: user is forbidden when subject kind is not 'User'`,
        `${s}.group: Forbidden: group is forbidden when subject kind is not 'Group'`,
      ],
    ],
    [
      { kind: 'User', group: fred.group, serviceAccount: fred.serviceAccount },
      [
        `${s}.user: Required value: user is required when subject kind is 'User'`,
        `${s}.serviceAccount: Forbidden: serviceAccount is forbidden when subject kind is not 'ServiceAccount'`,
        `${s}.group: Forbidden: group is forbidden when subject kind is not 'Group'`,
      ],
    ],
    [
      { kind: 'Group', user: fred.user, serviceAccount: fred.serviceAccount },
      [
        `${s}.group: Required value: group is required when subject kind is 'Group'`,
        `${s}.serviceAccount: Forbidden: serviceAccount is forbidden when subject kind is not 'ServiceAccount'`,
        `${s}.user: Forbidden: user is forbidden when subject kind is not 'User'`,
      ],
    ],
    [{ kind: 'Robot' }, [`${s}.kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"`]],
    [{ kind: 'User', user: {} }, [`${s}.user.name: Required value`]],
    [
      { kind: 'ServiceAccount', serviceAccount: {} },
      [
        `${s}.serviceAccount.name: Required value`,
        `${s}.serviceAccount.namespace: Required value: must specify namespace for service account`,
      ],
    ],
    [{ kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'kube-system' } }, []],
    [
      { kind: 'ServiceAccount', serviceAccount: { name: 'A', namespace: 'a.b' } },
      [
        `${s}.serviceAccount.name: Invalid value: "A": ${SUBDOMAIN}`,
        `${s}.serviceAccount.namespace: Invalid value: "a.b": must not contain dots`,
      ],
    ],
  ])('with the subject %j', (subject, want) => {
    expect(told('FlowSchema', withRule({ subjects: [subject], resourceRules: [all] }))).toEqual(want)
  })

  it.each<[Loose, string[]]>([
    [{ matchingPrecedence: 10001 }, ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000']],
    [{ matchingPrecedence: -1 }, ['spec.matchingPrecedence: Invalid value: -1: must be a positive value']],
    [
      { matchingPrecedence: 1 },
      ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
    ],
    [{ matchingPrecedence: undefined }, []],
    [
      { distinguisherMethod: { type: 'ByMood' } },
      ['spec.distinguisherMethod.type: Unsupported value: {"Type":"ByMood"}: supported values: "ByNamespace", "ByUser"'],
    ],
    [{ priorityLevelConfiguration: {} }, ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level']],
    [{ priorityLevelConfiguration: { name: '+' } }, [`spec.priorityLevelConfiguration.name: Invalid value: "+": ${SUBDOMAIN}`]],
  ])('with %j', (rest, want) => {
    expect(told('FlowSchema', withRule({ resourceRules: [all] }, rest))).toEqual(want)
  })

  it.each(['exempt', 'catch-all'])('named %s stays as it is made', (name) => {
    const { spec } = FLOW_SCHEMAS.find((o) => o.name === name)!
    expect(told('FlowSchema', spec, { name })).toEqual([])
    const other = { ...spec, rules: [{ ...spec.rules![0]!, nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/'] }] }] }
    const [text, ...more] = told('FlowSchema', other, { name })
    expect(more).toEqual([])
    expect(text).toMatch(/^spec: Invalid value: \{"PriorityLevelConfiguration":\{"Name":"/)
    expect(text).toMatch(new RegExp(`"NonResourceURLs":\\["/"\\]\\}\\]\\}\\]\\}: spec of '${name}' must equal the fixed value$`))
  })
})

describe('a PriorityLevelConfiguration', () => {
  const level = (spec: Loose, metadata?: Loose): string[] => told('PriorityLevelConfiguration', spec, metadata)
  const reject = { type: 'Reject' }
  const limited = (rest: Loose = {}): Loose => ({ type: 'Limited', limited: { limitResponse: reject, ...rest } })
  const queuing = (rest: Loose): Loose => limited({ limitResponse: { type: 'Queue', queuing: { queueLengthLimit: 100, ...rest } } })
  const response = 'spec.limited.limitResponse'
  const exempt = { name: 'exempt' }
  const shown = (type: string, limit: string, free: string): string => `{"Type":"${type}","Limited":${limit},"Exempt":${free}}`
  const shownLimited = (shares: number, lend: string): string =>
    `{"NominalConcurrencyShares":${shares},"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":${lend},"BorrowingLimitPercent":null}`

  it.each<[string, string[]]>([
    ['exempt', []],
    ['catch-all', []],
    ['global-default', []],
  ])('named %s is fine as the server makes it', (name, want) => {
    expect(level(PRIORITY_LEVELS.find((o) => o.name === name)!.spec, { name })).toEqual(want)
  })

  it.each<[string, Loose, Loose, string[]]>([
    [
      'the exempt one that is limited',
      limited({ nominalConcurrencyShares: 42 }),
      exempt,
      [
        `spec.type: Invalid value: "Limited": must be 'Exempt' if and only if \`name\` is 'exempt'`,
        `spec: Invalid value: ${shown('Limited', shownLimited(42, '0'), 'null')}: spec of 'exempt' except the 'spec.exempt' field must equal the fixed value`,
      ],
    ],
    [
      'the exempt one with bad shares',
      { type: 'Exempt', exempt: { nominalConcurrencyShares: -1, lendablePercent: 101 } },
      exempt,
      [
        'spec.exempt.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
        'spec.exempt.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
      ],
    ],
    ['the exempt one that lends', { type: 'Exempt', exempt: { nominalConcurrencyShares: 10, lendablePercent: 10 } }, exempt, []],
    [
      'the exempt one with limits besides',
      { type: 'Exempt', exempt: {}, limited: { nominalConcurrencyShares: 42, limitResponse: reject } },
      exempt,
      [
        'spec.limited: Forbidden: must be nil if the type is not Limited',
        `spec: Invalid value: ${shown('Exempt', shownLimited(42, '0'), '{"NominalConcurrencyShares":0,"LendablePercent":0}')}: spec of 'exempt' except the 'spec.exempt' field must equal the fixed value`,
      ],
    ],
    [
      'another one that is exempt',
      { type: 'Exempt' },
      { name: 'x' },
      [`spec.type: Invalid value: "Exempt": must be 'Exempt' if and only if \`name\` is 'exempt'`],
    ],
    [
      'a limited one with what only the exempt one has',
      { type: 'Limited', exempt: {} },
      { name: 'x' },
      [
        'spec.exempt: Forbidden: must be nil if the type is Limited',
        'spec.limited: Required value: must not be empty when type is Limited',
      ],
    ],
    ['another type', { type: 'Loose' }, { name: 'x' }, ['spec.type: Unsupported value: "Loose": supported values: "Exempt", "Limited"']],
    [
      'the backstop with other shares',
      limited({ nominalConcurrencyShares: 42 }),
      { name: 'catch-all' },
      [`spec: Invalid value: ${shown('Limited', shownLimited(42, '0'), 'null')}: spec of 'catch-all' must equal the fixed value`],
    ],
    [
      'the annotation of an older version',
      limited(),
      { name: 'x', annotations: { 'flowcontrol.k8s.io/preserve-zero-concurrency-shares': '' } },
      ["metadata.annotations: Forbidden: annotation 'flowcontrol.k8s.io/preserve-zero-concurrency-shares' is forbidden"],
    ],
  ])('%s', (_about, spec, metadata, want) => {
    expect(level(spec, metadata)).toEqual(want)
  })

  it.each<[Loose, string[]]>([
    [limited({ nominalConcurrencyShares: 0 }), []],
    [
      limited({ nominalConcurrencyShares: -1, lendablePercent: -1, borrowingLimitPercent: -1, limitResponse: {} }),
      [
        'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
        `${response}.type: Unsupported value: "": supported values: "Queue", "Reject"`,
        'spec.limited.lendablePercent: Invalid value: -1: must be between 0 and 100, inclusive',
        'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
      ],
    ],
    [limited({ lendablePercent: 100, borrowingLimitPercent: 0 }), []],
    [
      limited({ limitResponse: { type: 'Reject', queuing: { queues: 512, handSize: 4, queueLengthLimit: 100 } } }),
      [`${response}.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited`],
    ],
    [
      limited({ limitResponse: { type: 'Queue' } }),
      [`${response}.queuing: Required value: must not be empty if limited.limitResponse.type is Limited`],
    ],
    [queuing({ queues: 512, handSize: 4 }), []],
    [queuing({ queues: 10_000_000, handSize: 2 }), []],
    [
      queuing({ queues: 512, handSize: 8 }),
      [
        `${response}.queuing.handSize: Invalid value: 8: required entropy bits of deckSize 512 and handSize 8 should not be greater than 60`,
      ],
    ],
    [
      queuing({ queues: 128, handSize: 10 }),
      [
        `${response}.queuing.handSize: Invalid value: 10: required entropy bits of deckSize 128 and handSize 10 should not be greater than 60`,
      ],
    ],
    [
      queuing({ queues: 2147483647, handSize: 3 }),
      [
        `${response}.queuing.queues: Invalid value: 2147483647: must not be greater than 10000000`,
        `${response}.queuing.handSize: Invalid value: 3: required entropy bits of deckSize 2147483647 and handSize 3 should not be greater than 60`,
      ],
    ],
    [queuing({ queues: 7, handSize: 8 }), [`${response}.queuing.handSize: Invalid value: 8: should not be greater than queues (7)`]],
    [
      queuing({ queues: -1, handSize: -1, queueLengthLimit: -1 }),
      ['queueLengthLimit', 'queues', 'handSize'].map((name) => `${response}.queuing.${name}: Invalid value: -1: must be positive`),
    ],
  ])('with the spec %j', (spec, want) => {
    expect(level(spec)).toEqual(want)
  })
})

it.each(['FlowSchema', 'PriorityLevelConfiguration'])('the conditions of a %s have a type each, and no two the same', (kind) => {
  const status = kindOf(FLOW_CONTROL, kind).subresources!['status']
  if (status?.type !== 'object') throw new Error('no status')
  const conditions = [{ type: '1' }, { type: '1' }, {}]
  expect(inOrder(status.validateUpdate!({ status: { conditions } }, {}, ruleContext()))).toEqual([
    'status.conditions[1].type: Duplicate value: "1"',
    'status.conditions[2].type: Required value',
  ])
})
