import type { Kind } from './kind.js'
import { customModel } from '../crd/model.js'
import { publishedSchema } from '../crd/published.js'
import type { SchemaNode } from '../crd/schema.js'
import type { ObjectMeta } from '../object.js'
import { column, nameColumn } from './rules/columns.js'

/** What a pod or a node used in the last hours: three lists of the same length, oldest first. */
export interface UsageHistoryObject {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  /** The length of the time that each point is of. */
  intervalSeconds: number
  /** Ends of the intervals, seconds since the epoch. Intervals in which nothing was measured are left out. */
  times: number[]
  /** Average CPU use, billionths of a core. */
  cpuNanoCores: number[]
  /** Memory at the end, bytes. */
  memoryBytes: number[]
}

const int64 = (description: string): SchemaNode => ({ type: 'array', description, items: { type: 'integer', format: 'int64' } })

function kindOf(kind: string, plural: string, namespaced: boolean, what: string): Kind<UsageHistoryObject> {
  const names = { group: 'drydock.dev', version: 'v1', kind }
  const schema: SchemaNode = {
    type: 'object',
    description: `${kind} is what a ${what} used in the last hours: lists of the same length, oldest first.`,
    required: ['intervalSeconds', 'times', 'cpuNanoCores', 'memoryBytes'],
    properties: {
      intervalSeconds: { type: 'integer', format: 'int32', description: 'The length of the interval that each point is of.' },
      times: int64('The ends of the intervals, seconds since the epoch.'),
      cpuNanoCores: int64('The average CPU use in each interval, billionths of a core.'),
      memoryBytes: int64('The memory in use at the end of each interval, bytes.'),
    },
  }
  return {
    ...names,
    plural,
    singular: kind.toLowerCase(),
    namespaced,
    model: publishedSchema(customModel(names, schema), names, `${kind}List`, schema),
    verbs: ['get', 'list'],
    virtual: true,

    columns: [
      nameColumn(),
      column('Points', 'How many intervals were measured.', (o) => o.times.length, { type: 'integer' }),
      column('Interval', 'The length of an interval.', (o) => `${o.intervalSeconds}s`),
    ],
  }
}

/** The use of a pod over time; it has to be given as `objects`. */
export const podUsageHistory = kindOf('PodUsageHistory', 'podusagehistories', true, 'pod')

/** The use of a node over time; it has to be given as `objects`. */
export const nodeUsageHistory = kindOf('NodeUsageHistory', 'nodeusagehistories', false, 'node')
