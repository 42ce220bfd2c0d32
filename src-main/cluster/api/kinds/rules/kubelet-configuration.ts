/**
 * The kubelet of a Machine: the fields of KubeletConfiguration that make a difference to a simulated machine, and what the
 * kubelet would refuse to start with (https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/).
 */
import { parseGoDuration } from '../../../go-duration.js'
import { shareOf, SIGNALS } from '../../../kubelet/eviction-thresholds.js'
import type { KubeletConfiguration } from '../../../kubelet/kubelet-configuration.js'
import type { SchemaNode } from '../../crd/schema.js'
import { field, type FieldError } from '../../errors.js'
import { parseQuantity, QuantityError } from './quantity.js'

const bySignal = (description: string): SchemaNode => ({ type: 'object', additionalProperties: { type: 'string' }, description })
const reserved = (whom: string): SchemaNode => ({
  type: 'object',
  additionalProperties: { type: 'string' },
  description: `Quantities of cpu, memory and ephemeral-storage that are kept for daemons of ${whom}, and are not allocatable.`,
})
const duration = (description: string): SchemaNode => ({ type: 'string', description })
const whole = (description: string): SchemaNode => ({ type: 'integer', format: 'int32', description })

export const kubeletConfigurationSchema: SchemaNode = {
  type: 'object',
  description:
    'Fields of KubeletConfiguration (kubelet.config.k8s.io/v1beta1) in which the kubelet differs from the defaults. A change is seen from the next start of the machine on.',
  properties: {
    kubeReserved: reserved('Kubernetes'),
    systemReserved: reserved('the system'),
    evictionHard: bySignal('Thresholds by signal below which pods are evicted at once, such as memory.available: 300Mi.'),
    evictionSoft: bySignal('Thresholds by signal below which pods are evicted after a grace period.'),
    evictionSoftGracePeriod: bySignal('Grace periods of the soft thresholds, such as memory.available: 1m30s.'),
    evictionMinimumReclaim: bySignal('How much more than its threshold is to be free, by signal.'),
    evictionMaxPodGracePeriod: whole('The most seconds that a pod gets to end when it is evicted for a soft threshold.'),
    evictionPressureTransitionPeriod: duration('How long nothing is to be short until a node is no longer under pressure.'),
    mergeDefaultEvictionSettings: { type: 'boolean', description: 'Whether hard thresholds that are not given are the defaults.' },
    shutdownGracePeriod: duration('How long a shutdown waits for the pods to end.'),
    shutdownGracePeriodCriticalPods: duration('How much of shutdownGracePeriod is for critical pods.'),
    shutdownGracePeriodByPodPriority: {
      type: 'array',
      description: 'How long a shutdown waits for pods by their priority, instead of shutdownGracePeriod.',
      items: {
        type: 'object',
        required: ['priority', 'shutdownGracePeriodSeconds'],
        properties: {
          priority: whole('The priority from which on pods are meant.'),
          shutdownGracePeriodSeconds: { type: 'integer', format: 'int64', description: 'How long they are waited for.' },
        },
      },
    },
  },
}

const THRESHOLDS = ['evictionHard', 'evictionSoft', 'evictionMinimumReclaim'] as const
const RESERVED = ['kubeReserved', 'systemReserved'] as const
const RESERVABLE = ['cpu', 'ephemeral-storage', 'memory', 'pid']
const DURATIONS = ['evictionPressureTransitionPeriod', 'shutdownGracePeriod', 'shutdownGracePeriodCriticalPods'] as const

/** Checks the configuration of a kubelet. */
export function validateKubeletConfiguration(configuration: KubeletConfiguration | undefined, path: string, errors: FieldError[]): void {
  if (!configuration) return
  for (const name of RESERVED)
    for (const [resource, value] of Object.entries(configuration[name] ?? {})) {
      const at = `${path}.${name}[${resource}]`
      if (!RESERVABLE.includes(resource)) errors.push(field.notSupported(at, resource, RESERVABLE))
      const wrong = wrongQuantity(value, `resource quantity for "${resource}" cannot be negative: ${value}`)
      if (wrong) errors.push(field.invalid(at, value, wrong))
    }
  for (const name of THRESHOLDS)
    for (const [signal, value] of Object.entries(configuration[name] ?? {})) {
      const at = `${path}.${name}[${signal}]`
      const wrong = wrongSignal(signal) ?? wrongThreshold(signal, value)
      if (wrong) errors.push(field.invalid(at, value, wrong))
    }
  for (const [signal, value] of Object.entries(configuration.evictionSoftGracePeriod ?? {})) {
    const wrong = wrongSignal(signal) ?? wrongDuration(value)
    if (wrong) errors.push(field.invalid(`${path}.evictionSoftGracePeriod[${signal}]`, value, wrong))
  }
  for (const signal of Object.keys(configuration.evictionSoft ?? {}))
    if (configuration.evictionSoftGracePeriod?.[signal] === undefined)
      errors.push(
        field.required(
          `${path}.evictionSoftGracePeriod[${signal}]`,
          `grace period must be specified for the soft eviction threshold ${signal}`,
        ),
      )
  for (const name of DURATIONS) {
    const value = configuration[name]
    const wrong = value === undefined ? undefined : wrongDuration(value)
    if (wrong) errors.push(field.invalid(`${path}.${name}`, value, wrong))
  }
  if ((configuration.evictionMaxPodGracePeriod ?? 0) < 0)
    errors.push(
      field.invalid(`${path}.evictionMaxPodGracePeriod`, configuration.evictionMaxPodGracePeriod, 'must be greater than or equal to 0'),
    )
  validateShutdown(configuration, path, errors)
}

function validateShutdown(configuration: KubeletConfiguration, path: string, errors: FieldError[]): void {
  const { shutdownGracePeriod: all = '0s', shutdownGracePeriodCriticalPods: critical = '0s' } = configuration
  const ms = (value: string): number => parseGoDuration(value) ?? 0
  if (ms(critical) > ms(all))
    errors.push(field.invalid(`${path}.shutdownGracePeriodCriticalPods`, critical, `must be <= shutdownGracePeriod ${all}`))
  for (const name of ['shutdownGracePeriod', 'shutdownGracePeriodCriticalPods'] as const) {
    const value = configuration[name] ?? '0s'
    if (ms(value) > 0 && ms(value) < 1000) errors.push(field.invalid(`${path}.${name}`, value, 'must be either zero or otherwise >= 1 sec'))
  }
  if (configuration.shutdownGracePeriodByPodPriority?.length && (ms(all) > 0 || ms(critical) > 0))
    errors.push(
      field.forbidden(
        `${path}.shutdownGracePeriodByPodPriority`,
        'cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time',
      ),
    )
}

function wrongSignal(signal: string): string | undefined {
  return signal in SIGNALS ? undefined : `unsupported eviction signal ${signal}`
}

function wrongThreshold(signal: string, value: string): string | undefined {
  if (value.endsWith('%')) {
    const share = shareOf(value)
    if (Number.isNaN(share)) return `parsing "${value}": invalid syntax`
    if (share < 0) return `eviction percentage threshold ${signal} must be >= 0%: ${value}`
    return share > 1 ? `eviction percentage threshold ${signal} must be <= 100%: ${value}` : undefined
  }
  return wrongQuantity(value, `eviction threshold ${signal} must be positive: ${value}`)
}

/** @param negative what to say of one below zero */
function wrongQuantity(value: string, negative: string): string | undefined {
  try {
    return parseQuantity(value).nano < 0n ? negative : undefined
  } catch (error) {
    if (error instanceof QuantityError) return error.message
    throw error
  }
}

function wrongDuration(value: string): string | undefined {
  return parseGoDuration(value) === undefined ? `time: invalid duration "${value}"` : undefined
}
