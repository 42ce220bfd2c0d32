import type * as k8s from '@kubernetes/client-node'
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, subtractQuantities } from '../../api/kinds/rules/quantity.js'
import type { KubeObject, Wire } from '../../api/object.js'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.js'
import type { Amounts } from './pod-resources.js'
import { constraintsOf, scopeMatches, usageOf } from './quota-usage.js'
import { refusal } from './refuse.js'

type ResourceQuota = Wire<k8s.V1ResourceQuota>

/**
 * ResourceQuota: what a write would use of a namespace's quotas is checked against their limits and added to
 * `status.used`. A limit counts once the quota controller has written it to `status.hard`.
 */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  operations: ['CREATE', 'UPDATE'],
  validate(a) {
    const isResize = a.subresource === 'resize' && a.kind.group === '' && a.kind.kind === 'Pod'
    if (!a.namespace || (a.subresource !== '' && !isResize)) return
    const quotas = a.lookupAll('', 'resourcequotas', a.namespace) as unknown as ResourceQuota[]
    // Most writes are to namespaces without any, and need not wait.
    if (quotas.length > 0) return chargeAll(a, quotas)
  },
}

async function chargeAll(a: AdmissionAttributes, quotas: readonly ResourceQuota[]): Promise<void> {
  const delta = deltaOf(a)
  if (Object.keys(delta).length === 0) return
  const charged: { quota: ResourceQuota; added: Amounts }[] = []
  for (const quota of [...quotas].sort((x, y) => (x.metadata!.name! < y.metadata!.name! ? -1 : 1))) {
    if (!scopeMatches(quota, a)) continue
    const hard = quota.status?.hard ?? {}
    const missing = a.operation === 'CREATE' ? constraintsOf(a, Object.keys(hard)) : ''
    if (missing) throw refusal(a, `failed quota: ${quota.metadata!.name}: ${missing}`)
    const added = pick(delta, hard)
    if (Object.keys(added).length === 0) continue
    check(a, quota, added)
    charged.push({ quota, added })
  }
  for (const { quota, added } of charged) {
    await a.updateStored('', 'resourcequotas', a.namespace, quota.metadata!.name!, (stored) => {
      // Somebody else may have used it up meanwhile.
      check(a, stored as unknown as ResourceQuota, added)
      charge(stored, added)
    })
  }
}

/** What a write adds to the usage; what gets less is left to the quota controller, and what stays is charged to nobody. */
function deltaOf(a: AdmissionAttributes): Amounts {
  const after = usageOf(a.kind, a.object!, a.operation, a.subresource)
  const before = a.operation === 'CREATE' || !a.oldObject ? {} : usageOf(a.kind, a.oldObject, a.operation, a.subresource)
  const delta: Amounts = {}
  for (const [name, text] of Object.entries(after)) {
    const more = subtractQuantities(parseQuantity(text), parseQuantity(before[name] ?? '0'))
    if (more.nano > 0n) delta[name] = formatQuantity(more)
  }
  return delta
}

function pick(amounts: Amounts, names: Readonly<Record<string, unknown>>): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => name in names))
}

function check(a: AdmissionAttributes, quota: ResourceQuota, added: Amounts): void {
  const hard = quota.status?.hard ?? {}
  const used = quota.status?.used ?? {}
  const unknown = Object.keys(added).filter((name) => used[name] === undefined)
  if (unknown.length > 0) {
    throw refusal(a, `status unknown for quota: ${quota.metadata!.name}, resources: ${unknown.sort().join(',')}`)
  }
  const exceeded = Object.keys(added)
    .filter(
      (name) =>
        hard[name] !== undefined &&
        compareQuantities(addQuantities(parseQuantity(used[name]!), parseQuantity(added[name]!)), parseQuantity(hard[name]!)) > 0,
    )
    .sort()
  if (exceeded.length === 0) return
  const shown = (amounts: Readonly<Amounts>): string =>
    exceeded.map((name) => `${name}=${formatQuantity(parseQuantity(amounts[name]!))}`).join(',')
  throw refusal(a, `exceeded quota: ${quota.metadata!.name}, requested: ${shown(added)}, used: ${shown(used)}, limited: ${shown(hard)}`)
}

function charge(stored: KubeObject, added: Amounts): void {
  const quota = stored as unknown as ResourceQuota
  const used = { ...quota.status?.used }
  for (const [name, text] of Object.entries(added))
    used[name] = formatQuantity(addQuantities(parseQuantity(used[name] ?? '0'), parseQuantity(text)))
  quota.status = { ...quota.status, used }
}
