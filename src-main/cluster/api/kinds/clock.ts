import type { Kind, RuleContext } from './kind.js'
import { customModel } from '../crd/model.js'
import { publishedSchema } from '../crd/published.js'
import type { SchemaNode } from '../crd/schema.js'
import { validateValue } from '../crd/validate.js'
import { prune, setDefaults } from '../crd/values.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta } from '../object.js'
import { rfc3339 } from '../../clock.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'

/** The cluster's time. There is one object, named {@link CLOCK_NAME}. */
export interface ClockObject {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: {
    /** Cluster seconds per second; 0 pauses. */
    speed: number
    /** Never stored: a write turns it into `jumpTo`. */
    jumpSeconds?: number
    /** The clock is moved ahead to this time, RFC 3339; nothing happens when it is past. */
    jumpTo?: string
  }
  status?: {
    /** Cluster time, RFC 3339: that of the reading in get and list, in watches that of the last change. */
    time?: string
    /** The speed that the clock runs at. */
    speed?: number
    /** Where the jump under way began, RFC 3339; nothing while there is none. */
    jumpFrom?: string
    observedGeneration?: number
  }
}

export const CLOCK_NAME = 'cluster'
export const MAX_SPEED = 1_000_000
/** The longest way ahead: what is on it is lived through, minute by minute. */
export const MAX_JUMP_SECONDS = 366 * 24 * 3600

const names = { group: 'drydock.dev', version: 'v1', kind: 'Clock' }

const schema: SchemaNode = {
  type: 'object',
  description: 'Clock is the time of the cluster: how fast it goes, and how it is moved ahead.',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      description: 'How time is to go.',
      properties: {
        speed: {
          type: 'number',
          format: 'double',
          minimum: 0,
          maximum: MAX_SPEED,
          default: 1,
          description: 'Cluster seconds per second. 0 pauses the cluster.',
        },
        jumpSeconds: {
          type: 'integer',
          format: 'int64',
          minimum: 0,
          maximum: MAX_JUMP_SECONDS,
          description:
            'Moves time ahead by this many seconds, once: the write that carries it sets jumpTo instead, so it is never seen in an answer.',
        },
        jumpTo: {
          type: 'string',
          format: 'date-time',
          description:
            'Time is moved ahead to this moment, and everything on the way happens in its order. A moment that is past changes nothing.',
        },
      },
    },
    status: {
      type: 'object',
      description: 'How time goes.',
      properties: {
        time: {
          type: 'string',
          format: 'date-time',
          description: 'The time of the cluster when it was read; in a watch, at the last change.',
        },
        speed: { type: 'number', format: 'double', description: 'The speed that the clock runs at.' },
        jumpFrom: {
          type: 'string',
          format: 'date-time',
          description: 'Where time stood when it began to be moved ahead to jumpTo; only there until it has come to that moment.',
        },
        observedGeneration: { type: 'integer', format: 'int64', description: 'The generation of the spec that is in effect.' },
      },
    },
  },
}

/** The cluster's clock as an object. The cluster makes it; it cannot be made or deleted from outside. */
export const clock: Kind<ClockObject> = {
  ...names,
  plural: 'clocks',
  singular: 'clock',
  namespaced: false,
  model: publishedSchema(customModel(names, schema), names, 'ClockList', schema),
  verbs: ['get', 'list', 'watch', 'update', 'patch'],
  generational: true,

  setDefaults(object) {
    prune(object, schema, true)
    object.spec ??= { speed: 1 }
    setDefaults(object, schema)
  },
  prepareForCreate(object, ctx) {
    delete object.status
    takeJump(object, undefined, ctx)
  },
  prepareForUpdate(object, old, ctx) {
    keepStatus(object, old)
    takeJump(object, old, ctx)
  },
  validateName: (name) => (name === CLOCK_NAME ? [] : [`must be "${CLOCK_NAME}": a cluster has one clock`]),
  validate: (object, ctx) => [...validateValue(object, schema), ...validateJump(object, ctx)],
  show: (object, now) => ({ ...object, status: { ...object.status, time: rfc3339(now.now()) } }),

  columns: [
    nameColumn(),
    column('Speed', 'Cluster seconds per second; 0 when time stands still.', (o) => o.status?.speed ?? o.spec.speed, { type: 'number' }),
    column('Time', 'The time of the cluster.', (_, now) => rfc3339(now)),
    ageColumn(),
  ],
  subresources: { status: statusSubresource<ClockObject>() },
}

/** Turns `jumpSeconds` into `jumpTo`. Jumps add up: one that is asked for while another is under way begins at its end. */
function takeJump(object: ClockObject, old: ClockObject | undefined, ctx: RuleContext): void {
  const { jumpSeconds, jumpTo } = object.spec
  // What is out of range stays, for the validation to name.
  if (jumpSeconds === undefined || jumpSeconds < 0 || jumpSeconds > MAX_JUMP_SECONDS) return
  delete object.spec.jumpSeconds
  if (jumpSeconds === 0) return
  const from = Math.max(ctx.clock.now(), Date.parse(jumpTo ?? old?.spec.jumpTo ?? '') || 0)
  object.spec.jumpTo = rfc3339(Math.ceil(from / 1000) * 1000 + jumpSeconds * 1000)
}

function validateJump({ spec }: ClockObject, ctx: RuleContext): FieldError[] {
  const to = Date.parse(spec.jumpTo ?? '')
  if (!(to - ctx.clock.now() > (MAX_JUMP_SECONDS + 1) * 1000)) return []
  return [field.invalid('spec.jumpTo', spec.jumpTo, `must be at most ${MAX_JUMP_SECONDS} seconds ahead`)]
}
