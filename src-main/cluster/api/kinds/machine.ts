import type { Kind } from './kind.js'
import { customModel } from '../crd/model.js'
import { publishedSchema } from '../crd/published.js'
import type { SchemaNode } from '../crd/schema.js'
import { validateValue } from '../crd/validate.js'
import { prune, setDefaults } from '../crd/values.js'
import { field, forbidden, type FieldError } from '../errors.js'
import type { KubeletConfiguration } from '../../kubelet/kubelet-configuration.js'
import type { ObjectMeta } from '../object.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { kubeletConfigurationSchema, validateKubeletConfiguration } from './rules/kubelet-configuration.js'
import { canonicalQuantity, parseQuantity, QuantityError } from './rules/quantity.js'
import { validateLabelMap } from './rules/selectors.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { validateTaints } from './rules/tolerations.js'

/** A taint that the kubelet gives its Node when it registers. */
export interface MachineTaint {
  key: string
  value?: string
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
}

/** A simulated machine, with a kubelet on it that keeps a Node of the same name. */
export interface MachineObject {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: {
    /** Whether its power is on. */
    running: boolean
    /** True for the machine that the control plane runs on. */
    controlPlane?: boolean
    /** Quantities as Kubernetes writes them; they are those of the Node from the machine's next start on. */
    cpu: string
    memory: string
    ephemeralStorage: string
    pods: string
    /** The zone that it stands in, `topology.kubernetes.io/zone` of its Node. */
    zone?: string
    /** Labels and taints that the kubelet registers its Node with. */
    labels?: Record<string, string>
    taints?: MachineTaint[]
    /** What its kubelet is told at its start, where that is not the default. */
    kubelet?: KubeletConfiguration
  }
  status?: {
    phase?: 'Running' | 'Stopped'
    /** InternalIP of its Node. */
    address?: string
    machineID?: string
    systemUUID?: string
    /** Another one with every start. */
    bootID?: string
    observedGeneration?: number
  }
}

/** Keeps a Machine until its power is off and its Node is gone. */
export const MACHINE_FINALIZER = 'drydock.dev/machine'

/** The label of a Node that tells its zone. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone'

const names = { group: 'drydock.dev', version: 'v1', kind: 'Machine' }

const quantity = (value: string, description: string): SchemaNode => ({
  'x-kubernetes-int-or-string': true,
  default: value,
  description: `${description} A change is seen from the next start of the machine on.`,
})

const schema: SchemaNode = {
  type: 'object',
  description: 'Machine is a simulated machine with a kubelet on it. Its Node has the same name.',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      description: 'What the machine is to be.',
      properties: {
        running: {
          type: 'boolean',
          default: true,
          description:
            'Whether the power is on. Without it the kubelet falls silent and the containers are gone; the Node stays and becomes NotReady. Going off, it waits for pods to end only if its kubelet has a shutdown grace period.',
        },
        controlPlane: { type: 'boolean', description: 'Whether the control plane runs on this machine. There is one such machine.' },
        cpu: quantity('4', 'CPU cores.'),
        memory: quantity('8139468Ki', 'Memory.'),
        ephemeralStorage: quantity('61202244Ki', 'Disk space for images, logs, writable layers and emptyDir volumes.'),
        pods: quantity('110', 'The most pods that it takes.'),
        zone: { type: 'string', description: 'The zone that the machine stands in: topology.kubernetes.io/zone of its Node.' },
        labels: {
          type: 'object',
          additionalProperties: { type: 'string' },
          description: 'Labels that the kubelet registers its Node with.',
        },
        taints: {
          type: 'array',
          description: 'Taints that the kubelet registers its Node with.',
          items: {
            type: 'object',
            required: ['key', 'effect'],
            properties: {
              key: { type: 'string', description: 'The key of the taint.' },
              value: { type: 'string', description: 'The value of the taint.' },
              effect: {
                type: 'string',
                enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
                description: 'What the taint does to pods that do not tolerate it.',
              },
            },
          },
        },
        kubelet: kubeletConfigurationSchema,
      },
    },
    status: {
      type: 'object',
      description: 'What the machine is.',
      properties: {
        phase: { type: 'string', description: 'Running or Stopped.' },
        address: { type: 'string', description: 'The address of the machine: InternalIP of its Node.' },
        machineID: { type: 'string', description: 'The machine ID that its Node reports.' },
        systemUUID: { type: 'string', description: 'The system UUID that its Node reports.' },
        bootID: { type: 'string', description: 'The ID of the last start.' },
        observedGeneration: { type: 'integer', format: 'int64', description: 'The generation of the spec that is in effect.' },
      },
    },
  },
}

/** Machines can be made, changed, switched off and on, and deleted while the cluster runs. */
export const machine: Kind<MachineObject> = {
  ...names,
  plural: 'machines',
  singular: 'machine',
  namespaced: false,
  model: publishedSchema(customModel(names, schema), names, 'MachineList', schema),
  generational: true,

  setDefaults(object) {
    prune(object, schema, true)
    object.spec ??= {} as MachineObject['spec']
    setDefaults(object, schema)
    for (const name of QUANTITIES) object.spec[name] = spelled(object.spec[name])
  },
  prepareForCreate(object) {
    delete object.status
    const finalizers = (object.metadata.finalizers ??= [])
    if (!finalizers.includes(MACHINE_FINALIZER)) finalizers.push(MACHINE_FINALIZER)
  },
  prepareForUpdate: keepStatus,
  prepareForDelete(object) {
    if (!object.spec.controlPlane) return
    throw forbidden({ group: 'drydock.dev', resource: 'machines' }, object.metadata.name!, 'the control plane runs on it')
  },
  validate: (object) => [...validateValue(object, schema), ...validateSpec(object)],
  validateCreate: ({ spec }, ctx) =>
    spec.controlPlane && ctx.lookupAll('drydock.dev', 'machines').some((m) => (m['spec'] as MachineObject['spec']).controlPlane)
      ? [field.forbidden('spec.controlPlane', 'a cluster has one control plane')]
      : [],
  validateUpdate: ({ spec }, old) =>
    (spec.controlPlane ?? false) === (old.spec.controlPlane ?? false)
      ? []
      : [field.invalid('spec.controlPlane', spec.controlPlane ?? false, 'field is immutable')],

  columns: [
    nameColumn(),
    column('Status', 'Running, Stopped, or on the way there.', state),
    column('CPU', 'CPU cores.', (o) => o.spec.cpu),
    column('Memory', 'Memory.', (o) => o.spec.memory),
    column('Pods', 'The most pods that it takes.', (o) => o.spec.pods),
    column('Address', 'The address of the machine.', (o) => o.status?.address || '<none>'),
    column('Zone', 'The zone that it stands in.', (o) => o.spec.zone || '<none>', { wide: true }),
    ageColumn(),
  ],
  subresources: { status: statusSubresource<MachineObject>() },
}

const QUANTITIES = ['cpu', 'memory', 'ephemeralStorage', 'pods'] as const

/** In the canonical form; what is no quantity stays, for the validation to name. */
function spelled(value: string | number): string {
  try {
    return canonicalQuantity(String(value))
  } catch (error) {
    if (error instanceof QuantityError) return String(value)
    throw error
  }
}

function state({ metadata, spec, status }: MachineObject): string {
  if (metadata.deletionTimestamp) return 'Terminating'
  if (spec.running) return status?.phase === 'Running' ? 'Running' : 'Starting'
  return status?.phase === 'Running' ? 'Stopping' : 'Stopped'
}

function validateSpec({ spec }: MachineObject): FieldError[] {
  const errors: FieldError[] = []
  for (const name of QUANTITIES) {
    try {
      if (parseQuantity(spec[name]).nano <= 0n) errors.push(field.invalid(`spec.${name}`, spec[name], 'must be greater than zero'))
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error
      errors.push(field.invalid(`spec.${name}`, spec[name], error.message))
    }
  }
  if (spec.controlPlane && !spec.running) errors.push(field.forbidden('spec.running', 'the control plane runs on this machine'))
  validateLabelMap({ ...spec.labels, ...(spec.zone ? { [ZONE_LABEL]: spec.zone } : {}) }, 'spec.labels', errors)
  validateTaints(spec.taints, 'spec.taints', errors)
  validateKubeletConfiguration(spec.kubelet, 'spec.kubelet', errors)
  return errors
}
