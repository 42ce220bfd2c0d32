import { describe, expect, it } from 'vitest'
import { rowOf } from '../../src-main/backend/kinds/kind.js'
import { listKind } from '../../src-main/backend/kinds/registry.js'
import type { Cell } from '../../src-main/backend/rpc/contract.js'

/** The cells of an object of a kind, by column. */
function cells(group: string, resource: string, object: object): Record<string, Cell> {
  const kind = listKind({ group, resource })!
  const row = rowOf(kind, { metadata: { name: 'x', namespace: 'shop', uid: 'u' }, ...object })
  expect(row.cells).toHaveLength(kind.columns.length)
  return Object.fromEntries(kind.columns.map((c, i) => [c.id, row.cells[i]!]))
}
const RBAC = 'rbac.authorization.k8s.io'

describe('the list', () => {
  it('of ServiceAccounts tells their secrets, and whether pods get a token', () => {
    const account = { secrets: [{ name: 'a' }, { name: 'b' }], imagePullSecrets: [{ name: 'hub' }], automountServiceAccountToken: false }
    expect(cells('', 'serviceaccounts', account)).toMatchObject({ secrets: 'a, b', pullSecrets: 'hub', automount: 'false' })
    expect(cells('', 'serviceaccounts', {})).toMatchObject({ secrets: '', pullSecrets: '', automount: 'true' })
  })

  it('of Roles tells in words what they allow', () => {
    const rules = [
      { apiGroups: ['', 'apps'], resources: ['deployments'], verbs: ['get', 'list'] },
      { nonResourceURLs: ['/metrics'], verbs: ['get'] },
    ]
    expect(cells(RBAC, 'roles', { rules })).toMatchObject({ ruleCount: 2, rules: 'get, list deployments, deployments.apps; get /metrics' })
    const all = { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }], aggregationRule: {} }
    expect(cells(RBAC, 'clusterroles', all)).toMatchObject({ rules: '* *', aggregated: 'true' })
  })

  it('of pods counts the readiness gates that are open', () => {
    const spec = { readinessGates: [{ conditionType: 'example.com/a' }, { conditionType: 'example.com/b' }] }
    const status = { conditions: [{ type: 'example.com/a', status: 'True' }] }
    expect(cells('', 'pods', { spec, status }).readinessGates).toBe('1/2')
    expect(cells('', 'pods', {}).readinessGates).toBeNull()
  })

  it('of nodes tells disk, GPUs, instance type and zone', () => {
    const node = {
      metadata: { name: 'n', labels: { 'node.kubernetes.io/instance-type': 'm5.large', 'topology.kubernetes.io/zone': 'eu-1a' } },
      status: { capacity: { 'ephemeral-storage': '100Gi', 'nvidia.com/gpu': '4' }, allocatable: { 'nvidia.com/gpu': '3' } },
    }
    expect(cells('', 'nodes', node)).toMatchObject({
      disk: { text: '100.0Gi', sort: 100 * 2 ** 30 },
      gpu: 'nvidia.com/gpu 3/4',
      instanceType: 'm5.large',
      zone: 'eu-1a',
    })
  })

  it('of Deployments names their containers', () => {
    const spec = { template: { spec: { containers: [{ name: 'web' }, { name: 'proxy' }] } } }
    expect(cells('apps', 'deployments', { spec }).containers).toBe('web, proxy')
  })
})
