import type { Kind } from './kind.js'
import { customModel } from '../crd/model.js'
import { publishedSchema } from '../crd/published.js'
import type { SchemaNode } from '../crd/schema.js'
import type { ObjectMeta } from '../object.js'
import { column, nameColumn } from './rules/columns.js'
import { addQuantities, formatQuantity, parseQuantity } from './rules/quantity.js'

/** What is used of each resource: `cpu` in cores, `memory` in bytes. */
export interface Usage {
  cpu: string
  memory: string
}

export interface PodMetrics {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  /** The end of the window, RFC 3339. */
  timestamp: string
  /** As Go prints a duration. */
  window: string
  containers: { name: string; usage: Usage }[]
}

const names = { group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics' }

/** What a measure is of, and how long it lasted: the same in both kinds of the group. */
export const measureSchema = {
  timestamp: {
    type: 'string',
    format: 'date-time',
    description: 'The metrics were collected within the interval [timestamp - window, timestamp].',
  },
  window: { type: 'string', description: 'The length of the interval that the metrics were collected in.' },
} as const satisfies Record<string, SchemaNode>

export const usageSchema: SchemaNode = {
  type: 'object',
  description: 'How much of each resource is used; the memory usage is the memory working set.',
  additionalProperties: { type: 'string' },
}

const schema: SchemaNode = {
  type: 'object',
  description: 'PodMetrics sets resource usage metrics of a pod.',
  required: ['timestamp', 'window', 'containers'],
  properties: {
    ...measureSchema,
    containers: {
      type: 'array',
      description: 'Metrics of all containers, collected within the same time window.',
      items: {
        type: 'object',
        required: ['name', 'usage'],
        properties: { name: { type: 'string', description: 'Name of the container, as in the pod.' }, usage: usageSchema },
      },
    },
  },
}

/** https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/ ; what is measured has to be given as `objects`. */
export const podMetrics: Kind<PodMetrics> = {
  ...names,
  plural: 'pods',
  singular: '',
  namespaced: true,
  model: publishedSchema(customModel(names, schema), names, 'PodMetricsList', schema),
  verbs: ['get', 'list'],
  virtual: true,

  columns: [
    { ...nameColumn(), description: 'Name of the resource' },
    column('cpu', '', (o) => total(o, 'cpu'), { format: 'quantity' }),
    column('memory', '', (o) => total(o, 'memory'), { format: 'quantity' }),
    column('Window', '', (o) => o.window, { format: 'duration' }),
  ],
}

function total({ containers }: PodMetrics, resource: keyof Usage): string {
  const [first, ...rest] = containers.map((c) => parseQuantity(c.usage[resource]))
  return first ? formatQuantity(rest.reduce(addQuantities, first)) : '0'
}
