/** Fills the rules of ClusterRoles that are put together from others (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles). */
import type * as k8s from '@kubernetes/client-node'
import type { ObjectMeta, Wire } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { matcherOf } from './selector.js'
import { canonical, sameValue } from './templatehash.js'

type ClusterRole = Wire<k8s.V1ClusterRole> & { metadata: ObjectMeta }

export const CLUSTER_ROLES = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' }

export function startClusterRoleAggregationController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<ClusterRole>(CLUSTER_ROLES)
  const roles = ctx.informers.for<ClusterRole>(CLUSTER_ROLES)
  const controller = new KeyedController(ctx, { name: 'clusterrole-aggregation-controller', sync })
  const all = (): void => {
    for (const role of roles.list()) if (role.aggregationRule) controller.queue.add(role.metadata.name!)
  }
  controller.listen(roles, { add: all, update: all, delete: all })
  return controller.startAfter(roles)

  async function sync(name: string): Promise<void> {
    const role = roles.get('', name)
    if (!role?.aggregationRule) return
    const rules: NonNullable<ClusterRole['rules']> = []
    const seen = new Set<string>()
    const others = [...roles.list()].filter((r) => r.metadata.name !== name)
    others.sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
    for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
      const selects = matcherOf(selector)
      for (const other of others) {
        if (!selects(other.metadata.labels)) continue
        for (const rule of other.rules ?? []) {
          const text = canonical(rule)
          if (!seen.has(text)) rules.push(rule)
          seen.add(text)
        }
      }
    }
    if (!sameValue(role.rules ?? [], rules)) await client.update({ ...role, rules })
  }
}
