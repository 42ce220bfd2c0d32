/** References to a pod's own fields and to a container's resources (the downward API), in variables and in volumes. */
import { field, type FieldError } from '../../errors.js'
import { checkRequired } from './checks.js'
import { qualifiedName } from './names.js'
import { formatQuantity, tryParseQuantity } from './quantity.js'
import type { Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

/** What a variable may take from the pod. */
export const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** What a file may take from the pod. */
export const FILE_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

/** All paths that can be named, whoever asks. */
const KNOWN = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
])
const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const BYTE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

/** Checks a reference to a field of the pod. */
export function validateFieldRef(
  ref: Sent<k8s.V1ObjectFieldSelector>,
  allowed: readonly string[],
  path: string,
  errors: FieldError[],
): void {
  if (!checkRequired(ref.apiVersion, `${path}.apiVersion`, errors)) return
  if (!checkRequired(ref.fieldPath, `${path}.fieldPath`, errors)) return
  const fieldPath = ref.fieldPath!
  const subscript = /^(.*)\['(.*)'\]$/.exec(fieldPath)
  const whole = subscript ? subscript[1]! : fieldPath
  const conversion =
    ref.apiVersion !== 'v1'
      ? `unsupported pod version: ${ref.apiVersion}`
      : subscript && whole !== 'metadata.annotations' && whole !== 'metadata.labels'
        ? `field label does not support subscript: ${fieldPath}`
        : !KNOWN.has(whole)
          ? `field label not supported: ${fieldPath}`
          : ''
  if (conversion) {
    errors.push(field.invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${conversion}`))
    return
  }
  if (subscript) {
    const key = whole === 'metadata.annotations' ? subscript[2]!.toLowerCase() : subscript[2]!
    for (const m of qualifiedName(key)) errors.push(field.invalid(path, key, m))
  } else if (!allowed.includes(whole)) errors.push(field.notSupported(`${path}.fieldPath`, whole, allowed))
}

/** Checks a reference to a container's requests or limits. In a volume it must name the container. */
export function validateResourceRef(ref: Sent<k8s.V1ResourceFieldSelector>, inVolume: boolean, path: string, errors: FieldError[]): void {
  const resource = ref.resource ?? ''
  const hugePages = resource.startsWith('requests.hugepages-') || resource.startsWith('limits.hugepages-')
  if (inVolume && !ref.containerName) errors.push(field.required(`${path}.containerName`))
  else if (!resource) errors.push(field.required(`${path}.resource`))
  else if (!RESOURCES.includes(resource) && !hugePages) errors.push(field.notSupported(`${path}.resource`, resource, RESOURCES))

  const divisor = tryParseQuantity(ref.divisor)
  if (!divisor || divisor.nano === 0n) return
  const text = formatQuantity(divisor)
  const bytesOf = hugePages ? 'hugepages' : resource.endsWith('.memory') ? 'memory' : 'local ephemeral storage'
  if (resource.endsWith('.cpu')) {
    if (text !== '1m' && text !== '1')
      errors.push(field.invalid(`${path}.divisor`, resource, "only divisor's values 1m and 1 are supported with the cpu resource"))
  } else if ((RESOURCES.includes(resource) || hugePages) && !BYTE_DIVISORS.includes(text)) {
    const list = "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the"
    errors.push(field.invalid(`${path}.divisor`, resource, `${list} ${bytesOf} resource`))
  }
}
