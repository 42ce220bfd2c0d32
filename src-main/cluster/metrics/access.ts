/** Who may read metrics: what metrics-server installs with itself. */
import type { Client } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { KubeObject } from '../api/object.js'

const AGGREGATE = 'rbac.authorization.k8s.io/aggregate-to-'

/** Makes the role that lets everybody who may view, edit or administer also read metrics, unless it is there. */
export async function grantMetricsToViewers(client: Client): Promise<void> {
  const roles = client.resource<KubeObject>({ group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' })
  const labels = Object.fromEntries(['admin', 'edit', 'view'].map((role) => [AGGREGATE + role, 'true']))
  try {
    await roles.create('', {
      kind: 'ClusterRole',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name: 'system:aggregated-metrics-reader', labels: { 'k8s-app': 'metrics-server', ...labels } },
      rules: [
        { apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
        {
          apiGroups: ['drydock.dev'],
          resources: ['podusagehistories', 'nodeusagehistories', 'schedulingdecisions', 'images'],
          verbs: ['get', 'list'],
        },
      ],
    })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}
