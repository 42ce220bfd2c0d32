/**
 * Resources by name and amount: what a container may ask for, what a quota may count, and how amounts are put in
 * canonical form. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */
import { field, type FieldError } from '../../errors.js'
import { checkName, NOT_NEGATIVE, withDetail } from './checks.js'
import { dns1123Label, qualifiedName } from './names.js'
import { compareQuantities, formatQuantity, isWhole, quantityValue, tryParseQuantity, type Quantity } from './quantity.js'
import { entries, isEmpty, items, type Sent, type SentMap } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

const HUGEPAGES = 'hugepages-'
const STANDARD_CONTAINER = ['cpu', 'memory', 'ephemeral-storage']
const QUOTA_OBJECTS = [
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
const QUOTA_COMPUTE = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
]
const STANDARD = [...QUOTA_OBJECTS, ...QUOTA_COMPUTE, 'storage']
const MILLI = 1_000_000n

export type SentRequirements = Sent<k8s.V1ResourceRequirements>

/** Rounds the amounts of a resource list up to thousandths, in place: finer ones are not kept. */
export function roundResources(list: SentMap): void {
  if (!list) return
  for (const [name, text] of Object.entries(list)) {
    const q = tryParseQuantity(text)
    if (!q) continue
    const excess = q.nano % MILLI
    if (excess !== 0n) list[name] = formatQuantity({ format: q.format, nano: q.nano - excess + (excess > 0n ? MILLI : 0n) })
  }
}

/** Whether a name is without a domain or in Kubernetes' own. */
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
export const isHugePages = (name: string): boolean => name.startsWith(HUGEPAGES)

/** Whether more may be promised of a resource than there is: not of huge pages and devices. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name)

/** Whether a name is one of a device or the like that a vendor defines. */
export function isExtendedResource(name: string): boolean {
  if (isNative(name) || name.startsWith('requests.')) return false
  return qualifiedName(`requests.${name}`).length === 0
}

function isStandardContainerResource(name: string): boolean {
  return STANDARD_CONTAINER.includes(name) || isHugePages(name)
}

/** Whether a quota may count a resource of this name without a domain. */
export function isStandardQuotaResource(name: string): boolean {
  return QUOTA_OBJECTS.includes(name) || QUOTA_COMPUTE.includes(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
}

/** Adds what is wrong with the name of any resource. */
export function validateResourceName(name: string, path: string, errors: FieldError[]): boolean {
  const messages = qualifiedName(name)
  for (const m of messages) errors.push(field.invalid(path, name, m))
  if (messages.length) return false
  if (!name.includes('/') && !STANDARD.includes(name) && !isHugePages(name) && !name.startsWith('requests.hugepages-')) {
    errors.push(field.invalid(path, name, 'must be a standard resource type or fully qualified'))
    return false
  }
  return true
}

/** Adds what is wrong with the name of a resource that a container asks for. */
export function validateContainerResourceName(name: string, path: string, errors: FieldError[]): void {
  validateResourceName(name, path, errors)
  if (!name.includes('/')) {
    if (!isStandardContainerResource(name)) errors.push(field.invalid(path, name, 'must be a standard resource for containers'))
  } else if (!isNative(name) && !isExtendedResource(name)) {
    errors.push(field.invalid(path, name, "doesn't follow extended resource name standard"))
  }
}

/** Adds what is wrong with an amount of a resource: negative, or a fraction of what comes in whole pieces. */
export function validateResourceAmount(name: string, amount: Quantity | undefined, path: string, errors: FieldError[]): void {
  if (!amount) return
  if (amount.nano < 0n) errors.push(field.invalid(path, formatQuantity(amount), NOT_NEGATIVE))
  if ((QUOTA_OBJECTS.includes(name) || isExtendedResource(name)) && !isWhole(amount))
    errors.push(field.invalid(path, formatQuantity(amount), 'must be an integer'))
}

/** An amount of storage must not be negative; it is told in whole units. */
export function checkBasicAmount(amount: Quantity, path: string, errors: FieldError[]): void {
  const whole = quantityValue(amount)
  if (whole < 0) errors.push(field.invalid(path, whole, 'must be a valid resource quantity'))
}

function hugePageProblem(name: string, amount: Quantity): string | undefined {
  const size = tryParseQuantity(name.slice(HUGEPAGES.length))
  if (!size || size.nano <= 0n || amount.nano % size.nano !== 0n)
    return `${formatQuantity(amount)} is not positive integer multiple of ${name}`
  return undefined
}

const POD_LEVEL = ['cpu', 'memory']

/** Whether a pod as a whole can ask for a resource. */
export const isPodLevel = (name: string): boolean => POD_LEVEL.includes(name) || isHugePages(name)

/** Checks requests and limits of a container, or of a whole pod. */
export function validateRequirements(
  requirements: SentRequirements | null | undefined,
  path: string,
  errors: FieldError[],
  options: { claims?: ReadonlySet<string>; podLevel?: boolean } = {},
): void {
  const checkResourceName = (name: string, p: string): void => {
    if (!options.podLevel) validateContainerResourceName(name, p, errors)
    else if (validateResourceName(name, p, errors) && !isPodLevel(name))
      errors.push(field.notSupported(p, name, ['cpu', HUGEPAGES, 'memory']))
  }
  let compute = false
  let hugePages = false
  const amountAt = (name: string, text: string | undefined, p: string): Quantity | undefined => {
    const amount = tryParseQuantity(text)
    checkResourceName(name, p)
    validateResourceAmount(name, amount, p, errors)
    return amount
  }
  const countPages = (name: string, amount: Quantity | undefined, p: string): void => {
    if (isHugePages(name)) {
      hugePages = true
      const problem = amount && hugePageProblem(name, amount)
      if (problem) errors.push(field.invalid(p, formatQuantity(amount), problem))
    }
    if (name === 'cpu' || name === 'memory') compute = true
  }
  for (const [name, text] of entries(requirements?.limits)) {
    const at = `${path}.limits[${name}]`
    countPages(name, amountAt(name, text, at), at)
  }
  for (const [name, text] of entries(requirements?.requests)) {
    const amount = amountAt(name, text, `${path}.requests[${name}]`)
    const limit = tryParseQuantity(requirements?.limits?.[name])
    if (amount && limit) {
      const order = compareQuantities(amount, limit)
      const of = `${name} limit of ${formatQuantity(limit)}`
      if (order !== 0 && !isOvercommitAllowed(name))
        errors.push(field.invalid(`${path}.requests`, formatQuantity(amount), `must be equal to ${of}`))
      else if (order > 0) errors.push(field.invalid(`${path}.requests`, formatQuantity(amount), `must be less than or equal to ${of}`))
    } else if (!limit && !isOvercommitAllowed(name)) {
      errors.push(field.required(`${path}.limits`, 'Limit must be set for non overcommitable resources'))
    }
    countPages(name, amount, `${path}.requests[${name}]`)
  }
  if (!compute && hugePages) errors.push(field.forbidden(path, 'HugePages require cpu or memory'))
  validateClaimNames(requirements, options.claims ?? new Set(), `${path}.claims`, errors)
}

function validateClaimNames(
  requirements: SentRequirements | null | undefined,
  podClaims: ReadonlySet<string>,
  path: string,
  errors: FieldError[],
): void {
  const seen = new Set<string>()
  items(requirements?.claims).forEach((claim, i) => {
    const name = claim.name ?? ''
    const at = `${path}[${i}]`
    if (!name) {
      errors.push(field.required(at))
      return
    }
    const key = claim.request ? `${name}/${claim.request}` : name
    if (claim.request && !seen.has(name)) checkName(dns1123Label, claim.request, `${at}.request`, errors)
    const overlaps = seen.has(name) || seen.has(key) || (!claim.request && [...seen].some((s) => s.startsWith(`${name}/`)))
    if (overlaps) errors.push(field.duplicate(at, seen.has(name) || !claim.request ? name : key))
    seen.add(key)
    if (!podClaims.has(name)) {
      const names = podClaims.size ? `: ${[...podClaims].sort().join(', ')}` : ' which is empty'
      errors.push(withDetail(field.notFound(at, name), `must be one of the names in pod.spec.resourceClaims${names}`))
    }
  })
}

/** Whether a list of resources asks for anything at all. */
export const asksForNothing = (r: SentRequirements | null | undefined): boolean => isEmpty(r?.requests) && isEmpty(r?.limits)
