/**
 * As whom a request acts: its Impersonate- headers. Whoever may `impersonate` a user may do all that the user may; whoever
 * may only impersonate in one of the constrained modes needs the right to each action besides. Follows "User
 * impersonation" of the Kubernetes documentation.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { UserInfo } from '../api/client.js'
import { badRequest, printed, type StatusError } from '../api/errors.js'
import { ANONYMOUS, AUTHENTICATED, NOT_AUTHENTICATED } from './authenticate.js'
import { serviceAccountOf, serviceAccountUser } from './service-account-user.js'
import { isResourceAccess, refusal, type Authorizer, type PathAccess, type ResourceAccess } from './authorizer.js'

const AUTHENTICATION = 'authentication.k8s.io'
const NODE = 'system:node:'

/** Whom a request wants to act as. */
interface Wanted {
  readonly username: string
  readonly groups: readonly string[]
  readonly uid: string | undefined
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** The values of a header sent several times, which Node joins with `, `; a value may well hold a comma, as LDAP names do. */
const list = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : value.split(', ')

/** A user without a name as Go prints the value, `%#v`: the API server tells what was asked for in that form. */
function printedUser(uid: string, groups: readonly string[], extra: Readonly<Record<string, string[]>>): string {
  const strings = (values: readonly string[]): string =>
    `[]string${values.length > 0 ? `{${values.map((v) => printed(v)).join(', ')}}` : '(nil)'}`
  const keys = Object.keys(extra).sort()
  const pairs = keys.map((key) => `${printed(key)}:${strings(extra[key]!)}`).join(', ')
  const extras = `map[string][]string${keys.length > 0 ? `{${pairs}}` : '(nil)'}`
  return `&user.DefaultInfo{Name:"", UID:${printed(uid)}, Groups:${strings(groups)}, Extra:${extras}}`
}

/** What a request wants; undefined when it acts as whoever sent it. Throws 400 without a name. */
function wantedOf(headers: IncomingHttpHeaders): Wanted | undefined {
  const username = headers['impersonate-user'] as string | undefined
  const groups = list(headers['impersonate-group'])
  const uid = headers['impersonate-uid'] as string | undefined
  const extra: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('impersonate-extra-')) extra[decodeURIComponent(name.slice('impersonate-extra-'.length))] = list(value)
  }
  if (username) return { username, groups, uid, extra }
  if (groups.length === 0 && uid === undefined && Object.keys(extra).length === 0) return undefined
  throw badRequest(`requested ${printedUser(uid ?? '', groups, extra)} without impersonating a user name`)
}

type Identity = Pick<ResourceAccess, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>

const identity = (group: string, resource: string, name: string, namespace = '', subresource = ''): Identity => ({
  group,
  resource,
  subresource,
  namespace,
  name,
})

/** What has to be allowed to act as somebody, part by part. @param core the group of users, groups and service accounts */
function identitiesOf({ username, groups, uid, extra }: Wanted, core: string): Identity[] {
  const account = serviceAccountOf(username)
  return [
    account ? identity(core, 'serviceaccounts', account.name, account.namespace) : identity(core, 'users', username),
    ...groups.map((name) => identity(core, 'groups', name)),
    ...(uid === undefined ? [] : [identity(AUTHENTICATION, 'uids', uid)]),
    ...Object.entries(extra).flatMap(([key, values]) => values.map((v) => identity(AUTHENTICATION, 'userextras', v, '', key))),
  ]
}

/** A way to be allowed to act as somebody. */
interface Mode {
  readonly name: string
  readonly identities: readonly Identity[]
}

/** The constrained mode that is for whoever is wanted; undefined for an account or a node with groups, UID or extras. */
function constrainedMode(wanted: Wanted): Mode | undefined {
  const { username, groups, uid, extra } = wanted
  const isNode = username.startsWith(NODE)
  if (!isNode && !serviceAccountOf(username)) return { name: 'user-info', identities: identitiesOf(wanted, AUTHENTICATION) }
  if (groups.length > 0 || uid !== undefined || Object.keys(extra).length > 0) return undefined
  if (isNode) return { name: 'arbitrary-node', identities: [identity(AUTHENTICATION, 'nodes', username.slice(NODE.length))] }
  return { name: 'serviceaccount', identities: identitiesOf(wanted, AUTHENTICATION) }
}

/**
 * The user that a request acts as, by its Impersonate- headers. Throws 403 when it may not, 400 without a name.
 * @param access what the request does
 */
export function impersonate(
  headers: IncomingHttpHeaders,
  user: UserInfo,
  authorizer: Authorizer,
  access: ResourceAccess | PathAccess,
): UserInfo {
  const wanted = wantedOf(headers)
  if (!wanted) return user
  const refused = (what: ResourceAccess | PathAccess): StatusError | undefined => {
    const { allowed, reason } = isResourceAccess(what) ? authorizer.authorize(user, what) : authorizer.authorizePath(user, what)
    return allowed ? undefined : refusal(user, what, reason)
  }
  const firstRefusal = (verb: string, identities: readonly Identity[]): StatusError | undefined => {
    for (const one of identities) {
      const error = refused({ verb, version: 'v1', ...one })
      if (error) return error
    }
    return undefined
  }
  const mode = constrainedMode(wanted)
  const constrained =
    mode &&
    (refused({ ...access, verb: `impersonate-on:${mode.name}:${access.verb}` }) ??
      firstRefusal(`impersonate:${mode.name}`, mode.identities))
  const isNode = mode?.name === 'arbitrary-node'
  if (mode && !constrained) return acting(wanted, isNode)
  const unconstrained = firstRefusal('impersonate', identitiesOf(wanted, ''))
  if (unconstrained) throw constrained ?? unconstrained
  return acting(wanted, false)
}

/** The user as whom somebody acts, with the groups that come with the name. */
function acting({ username, groups, uid, extra }: Wanted, isNode: boolean): UserInfo {
  const account = serviceAccountOf(username)
  const as = [...groups]
  if (isNode) as.push('system:nodes')
  if (account && groups.length === 0) as.push(...serviceAccountUser(account.namespace, account.name).groups)
  const anonymous = username === ANONYMOUS.username
  const said = anonymous ? [NOT_AUTHENTICATED] : [AUTHENTICATED, NOT_AUTHENTICATED]
  if (!said.some((g) => as.includes(g))) as.push(said[0]!)
  return { username, groups: as, ...(uid !== undefined ? { uid } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) } as UserInfo
}
