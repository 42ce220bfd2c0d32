import type { Kind } from './kind.js'
import { customModel } from '../crd/model.js'
import { publishedSchema } from '../crd/published.js'
import type { SchemaNode } from '../crd/schema.js'
import type { ObjectMeta } from '../object.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'

/** What one plugin of the scheduler said of a node. */
export interface PluginVerdict {
  name: string
  /** What its filter said; absent when it only scores. */
  verdict?: 'Passed' | 'Rejected'
  /** Why it refused the node. */
  reasons?: readonly string[]
  /** 0..100, absent when it does not score or the node was refused. */
  score?: number
  /** By how much its score counts. */
  weight?: number
}

/** What became of one node. */
export interface NodeVerdict {
  name: string
  verdict: 'Chosen' | 'Feasible' | 'Rejected'
  /** The sum of score times weight. */
  score?: number
  plugins: PluginVerdict[]
}

/** Why a pod is where it is, or nowhere: the last attempt of the scheduler. It has the name of the pod. */
export interface SchedulingDecisionObject {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  outcome: 'Scheduled' | 'Unschedulable' | 'Error'
  nodeName?: string
  nominatedNodeName?: string
  /** The text of the event. */
  message: string
  attempt: number
  totalNodes: number
  evaluatedNodes: number
  feasibleNodes: number
  /** The chosen node, the others that fitted by score, then those refused; of many nodes only the first. */
  nodes: NodeVerdict[]
}

const names = { group: 'drydock.dev', version: 'v1', kind: 'SchedulingDecision' }

const text = (description: string, values?: string[]): SchemaNode => ({ type: 'string', description, ...(values ? { enum: values } : {}) })
const count = (description: string): SchemaNode => ({ type: 'integer', format: 'int32', description })

const schema: SchemaNode = {
  type: 'object',
  description: 'SchedulingDecision tells why a pod is on its node, or on none: what each plugin of the scheduler said in its last attempt.',
  properties: {
    outcome: text('What came of it.', ['Scheduled', 'Unschedulable', 'Error']),
    nodeName: text('The chosen node.'),
    nominatedNodeName: text('The node that pods of lower priority are removed from to make room.'),
    message: text('The text of the event.'),
    attempt: count('Which attempt it was, from 1.'),
    totalNodes: count('How many nodes there were.'),
    evaluatedNodes: count('How many of them were looked at.'),
    feasibleNodes: count('How many of those fitted.'),
    nodes: {
      type: 'array',
      description: 'The chosen node, the others that fitted by score, then those refused. Of many nodes only the first.',
      items: {
        type: 'object',
        required: ['name', 'verdict', 'plugins'],
        properties: {
          name: text('The name of the node.'),
          verdict: text('What became of it.', ['Chosen', 'Feasible', 'Rejected']),
          score: count('The sum of score times weight over the plugins.'),
          plugins: {
            type: 'array',
            description: 'What each plugin said, in their order: the first that refuses ends it.',
            items: {
              type: 'object',
              required: ['name'],
              properties: {
                name: text('The name of the plugin.'),
                verdict: text('What its filter said.', ['Passed', 'Rejected']),
                reasons: { type: 'array', items: { type: 'string' }, description: 'Why it refused the node.' },
                score: count('From 0 to 100.'),
                weight: count('By how much the score counts.'),
              },
            },
          },
        },
      },
    },
  },
}

/** It has to be given as `objects`. */
export const schedulingDecision: Kind<SchedulingDecisionObject> = {
  ...names,
  plural: 'schedulingdecisions',
  singular: 'schedulingdecision',
  namespaced: true,
  model: publishedSchema(customModel(names, schema), names, 'SchedulingDecisionList', schema),
  verbs: ['get', 'list'],
  virtual: true,

  columns: [
    nameColumn(),
    column('Outcome', 'What came of it.', (o) => o.outcome),
    column('Node', 'The chosen node.', (o) => o.nodeName ?? '<none>'),
    column('Score', 'What the plugins gave the chosen node.', (o) => {
      const score = o.nodes.find((n) => n.verdict === 'Chosen')?.score
      return score === undefined ? '<none>' : String(score)
    }),
    column('Feasible', 'How many of the nodes that were looked at fitted.', (o) => `${o.feasibleNodes}/${o.evaluatedNodes}`),
    column('Attempt', 'Which attempt it was.', (o) => o.attempt, { type: 'integer' }),
    ageColumn(),
    column('Message', 'The text of the event.', (o) => o.message, { wide: true }),
  ],
}
