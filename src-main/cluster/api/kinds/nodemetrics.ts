import type { Kind } from './kind.js'
import { customModel } from '../crd/model.js'
import { publishedSchema } from '../crd/published.js'
import type { SchemaNode } from '../crd/schema.js'
import type { ObjectMeta } from '../object.js'
import { measureSchema, usageSchema, type Usage } from './podmetrics.js'
import { column, nameColumn } from './rules/columns.js'

export interface NodeMetrics {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  /** The end of the window, RFC 3339. */
  timestamp: string
  /** As Go prints a duration. */
  window: string
  usage: Usage
}

const names = { group: 'metrics.k8s.io', version: 'v1beta1', kind: 'NodeMetrics' }

const schema: SchemaNode = {
  type: 'object',
  description: 'NodeMetrics sets resource usage metrics of a node.',
  required: ['timestamp', 'window', 'usage'],
  properties: { ...measureSchema, usage: usageSchema },
}

/** https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/ ; what is measured has to be given as `objects`. */
export const nodeMetrics: Kind<NodeMetrics> = {
  ...names,
  plural: 'nodes',
  singular: '',
  namespaced: false,
  model: publishedSchema(customModel(names, schema), names, 'NodeMetricsList', schema),
  verbs: ['get', 'list'],
  virtual: true,

  columns: [
    { ...nameColumn(), description: 'Name of the resource' },
    column('cpu', '', (o) => o.usage.cpu, { format: 'quantity' }),
    column('memory', '', (o) => o.usage.memory, { format: 'quantity' }),
    column('Window', '', (o) => o.window, { format: 'duration' }),
  ],
}
