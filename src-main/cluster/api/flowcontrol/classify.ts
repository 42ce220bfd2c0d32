/**
 * Which FlowSchema a request belongs to, and so which priority level. Every answer tells both in its headers. Follows
 * "API Priority and Fairness" of the Kubernetes documentation: the schema of the lowest matching precedence counts.
 */
import type { Store } from '../../store/store.js'
import { serviceAccountOf } from '../../access/service-account-user.js'
import { isResourceAccess, type PathAccess, type ResourceAccess } from '../../access/authorizer.js'
import type { UserInfo } from '../client.js'
import type { FlowSchema } from '../kinds/flowschema.js'
import type { PriorityLevelConfiguration } from '../kinds/prioritylevelconfiguration.js'
import { FLOW_GROUP } from './keeper.js'

type Rule = NonNullable<NonNullable<FlowSchema['spec']>['rules']>[number]
type Subject = Rule['subjects'][number]

const ROOT = `/registry/${FLOW_GROUP}/`
/** Classifications kept before all are dropped. */
const LARGEST_CACHE = 10_000

/** Where a request belongs: the uids of the objects, and their names. */
export interface Flow {
  readonly schema: string
  readonly level: string
  readonly schemaName: string
  readonly levelName: string
  /** What tells apart the flows of the schema; undefined where it has one alone. */
  readonly distinguisher: string | undefined
}

/** The flows of a server's requests. What was found is kept until a schema or level changes. */
export class RequestFlows {
  private schemas: readonly { readonly schema: FlowSchema; readonly flow: Flow }[] | undefined
  private readonly found = new Map<string, Flow | undefined>()
  private readonly stop: () => void

  constructor(private readonly store: Store) {
    this.stop = store.watch(ROOT, store.revision, () => (this.schemas = undefined))
  }

  close(): void {
    this.stop()
  }

  /** The flow of a request; undefined while the cluster has no schema that it matches. */
  of(user: UserInfo, access: ResourceAccess | PathAccess): Flow | undefined {
    const schemas = this.current()
    const what = isResourceAccess(access)
      ? `${access.verb} ${access.group} ${access.resource}/${access.subresource} ${access.namespace}`
      : `${access.verb} ${access.path}`
    const key = `${user.username}\0${user.groups.join('\u0001')}\0${what}`
    let flow = this.found.get(key)
    if (flow || this.found.has(key)) return flow
    flow = schemas.find(({ schema }) => schema.spec?.rules?.some((rule) => matches(rule, user, access)))?.flow
    if (this.found.size >= LARGEST_CACHE) this.found.clear()
    this.found.set(key, flow)
    return flow
  }

  private current(): readonly { readonly schema: FlowSchema; readonly flow: Flow }[] {
    if (this.schemas) return this.schemas
    this.found.clear()
    const levels = new Map<string, string>()
    for (const { object } of this.store.list(`${ROOT}prioritylevelconfigurations/`).items) {
      const { name, uid } = (object as unknown as PriorityLevelConfiguration).metadata
      levels.set(name!, uid!)
    }
    const precedence = (s: FlowSchema): number => s.spec?.matchingPrecedence ?? 0
    return (this.schemas = this.store
      .list(`${ROOT}flowschemas/`)
      .items.map(({ object }) => object as unknown as FlowSchema)
      .sort((a, b) => precedence(a) - precedence(b) || (a.metadata.name! < b.metadata.name! ? -1 : 1))
      .flatMap((schema) => {
        // A schema whose level is missing matches nothing.
        const levelName = schema.spec?.priorityLevelConfiguration.name ?? ''
        const level = levels.get(levelName)
        if (level === undefined) return []
        const { name, uid } = schema.metadata
        const distinguisher = schema.spec?.distinguisherMethod?.type
        return [{ schema, flow: { schema: uid!, level, schemaName: name!, levelName, distinguisher } }]
      }))
  }
}

const has = (list: readonly string[] | undefined, value: string): boolean => list?.includes('*') === true || list?.includes(value) === true

function matches(rule: Rule, user: UserInfo, access: ResourceAccess | PathAccess): boolean {
  if (!rule.subjects.some((s) => isSubject(s, user))) return false
  if (!isResourceAccess(access)) {
    const urls = (list: readonly string[]): boolean =>
      list.some((url) => url === '*' || url === access.path || (url.endsWith('/*') && access.path.startsWith(url.slice(0, -1))))
    return rule.nonResourceRules?.some((r) => has(r.verbs, access.verb) && urls(r.nonResourceURLs)) === true
  }
  const { verb, group, namespace } = access
  const resource = access.subresource ? `${access.resource}/${access.subresource}` : access.resource
  return (
    rule.resourceRules?.some(
      (r) =>
        has(r.verbs, verb) &&
        has(r.apiGroups, group) &&
        has(r.resources, resource) &&
        (namespace ? has(r.namespaces, namespace) : r.clusterScope === true),
    ) === true
  )
}

function isSubject(subject: Subject, user: UserInfo): boolean {
  const is = (wanted: string | undefined, value: string): boolean => wanted === '*' || wanted === value
  switch (subject.kind) {
    case 'User':
      return is(subject.user?.name, user.username)
    case 'Group':
      return user.groups.some((g) => is(subject.group?.name, g))
    default: {
      const account = serviceAccountOf(user.username)
      const { name, namespace } = subject.serviceAccount ?? {}
      return account !== undefined && namespace === account.namespace && is(name, account.name)
    }
  }
}
