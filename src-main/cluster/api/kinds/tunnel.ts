import type { Kind } from './kind.js'
import { customModel } from '../crd/model.js'
import { publishedSchema } from '../crd/published.js'
import type { SchemaNode } from '../crd/schema.js'
import { validateValue } from '../crd/validate.js'
import { prune, setDefaults } from '../crd/values.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta } from '../object.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'

/** A port of this machine that leads into the cluster, for the person's own browser and tools. */
export interface Tunnel {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: {
    /** The Service of the same namespace that it leads to. */
    service?: string
    /** The Ingress of the same namespace; it leads to the controller that serves it. */
    ingress?: string
    /** A port that the nodes hear. */
    nodePort?: number
    /** The number or name of one port of the Service; all its TCP ports when left out. */
    port?: number | string
    /** The port on 127.0.0.1, for a tunnel of one port. */
    localPort?: number
  }
  status?: {
    observedGeneration?: number
    address?: string
    /** The address of the first port for a browser. */
    url?: string
    ports?: TunnelPort[]
    /** Connections that are open. */
    connections?: number
    /** Bytes that went into the cluster, and that came out of it, since it was opened. */
    bytesSent?: number
    bytesReceived?: number
    conditions?: TunnelCondition[]
  }
}

export interface TunnelPort {
  name?: string
  port: number
  localPort: number
  url: string
}

export interface TunnelCondition {
  type: string
  status: 'True' | 'False'
  reason: string
  message: string
  lastTransitionTime: string
  observedGeneration?: number
}

const names = { group: 'drydock.dev', version: 'v1', kind: 'Tunnel' }

const text = (description: string): SchemaNode => ({ type: 'string', description })
const portNumber = (description: string): SchemaNode => ({ type: 'integer', format: 'int32', minimum: 1, maximum: 65_535, description })
const count = (description: string): SchemaNode => ({ type: 'integer', format: 'int64', description })

const schema: SchemaNode = {
  type: 'object',
  description: 'Tunnel opens ports of this machine, on 127.0.0.1 only, that lead to a Service, an Ingress or a node port of the cluster.',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      description: 'What is opened, and where.',
      properties: {
        service: text('The Service of the same namespace that it leads to.'),
        ingress: text('The Ingress of the same namespace: it leads to the controller that serves it, on port 80, and 443 with TLS.'),
        nodePort: portNumber('A port that the nodes hear.'),
        port: {
          'x-kubernetes-int-or-string': true,
          description: 'The number or name of one port of the Service, or one of the Ingress. All of them when left out.',
        },
        localPort: portNumber('The port of 127.0.0.1. The same number if it is free, or another, when left out.'),
      },
    },
    status: {
      type: 'object',
      description: 'What is open.',
      properties: {
        observedGeneration: count('The generation of the spec that is in effect.'),
        address: text('The address of this machine that it listens on.'),
        url: text('The first port as a browser takes it.'),
        ports: {
          type: 'array',
          description: 'The ports that are open.',
          items: {
            type: 'object',
            required: ['port', 'localPort', 'url'],
            properties: {
              name: text("The name of the Service's port."),
              port: portNumber('The port in the cluster.'),
              localPort: portNumber('The port of this machine.'),
              url: text('Its address for a browser.'),
            },
          },
        },
        connections: count('Connections that are open.'),
        bytesSent: count('Bytes that went into the cluster since it was opened.'),
        bytesReceived: count('Bytes that came out of the cluster since it was opened.'),
        conditions: {
          type: 'array',
          description: 'Ready: whether it listens, and why not.',
          items: {
            type: 'object',
            required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
            properties: {
              type: text('Ready.'),
              status: text('True or False.'),
              reason: text('A word for programs.'),
              message: text('A sentence for people.'),
              lastTransitionTime: { type: 'string', format: 'date-time', description: 'When the status changed.' },
              observedGeneration: count('The generation that it was about.'),
            },
          },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
        },
      },
    },
  },
}

/** Ports of this machine that a person opened. Deleting a Tunnel closes them. */
export const tunnel: Kind<Tunnel> = {
  ...names,
  plural: 'tunnels',
  singular: 'tunnel',
  namespaced: true,
  model: publishedSchema(customModel(names, schema), names, 'TunnelList', schema),
  generational: true,

  setDefaults(object) {
    prune(object, schema, true)
    setDefaults(object, schema)
  },
  prepareForCreate(object) {
    delete object.status
  },
  prepareForUpdate: keepStatus,
  validate: (object) => [...validateValue(object, schema), ...validateTarget(object)],

  columns: [
    nameColumn(),
    column('Target', 'What it leads to.', (o) => targetOf(o)),
    column('URL', 'The first port as a browser takes it.', (o) => o.status?.url ?? ''),
    column('Ready', 'Whether it listens.', (o) => o.status?.conditions?.find((c) => c.type === 'Ready')?.status ?? ''),
    column('Reason', 'Why it does, or does not.', (o) => o.status?.conditions?.find((c) => c.type === 'Ready')?.reason ?? ''),
    column('Connections', 'Connections that are open.', (o) => o.status?.connections ?? 0, { type: 'integer', wide: true }),
    ageColumn(),
  ],
  subresources: { status: statusSubresource<Tunnel>() },
}

/** Such as `service/web` or `nodeport/30080`. */
function targetOf({ spec }: Tunnel): string {
  if (spec.service) return `service/${spec.service}`
  return spec.ingress ? `ingress/${spec.ingress}` : `nodeport/${spec.nodePort}`
}

function validateTarget({ spec }: Tunnel): FieldError[] {
  const given = (['service', 'ingress', 'nodePort'] as const).filter((name) => spec?.[name] !== undefined && spec[name] !== '')
  if (given.length === 0) return [field.required('spec', 'one of service, ingress or nodePort must be specified')]
  if (given.length > 1) return [field.forbidden(`spec.${given[1]}`, `may not be specified when \`${given[0]}\` is`)]
  if (given[0] === 'nodePort' && spec.port !== undefined) return [field.forbidden('spec.port', 'may not be specified when `nodePort` is')]
  return []
}
