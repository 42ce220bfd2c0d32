/** Resources of a pod as a whole. https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/ */
import { field, type FieldError } from '../../errors.js'
import type { SentContainer, SentPodSpec } from './pod-defaults.js'
import { addQuantities, compareQuantities, formatQuantity, tryParseQuantity, type Quantity } from './quantity.js'
import { isHugePages, isOvercommitAllowed, isPodLevel, validateRequirements, type SentRequirements } from './resources.js'
import { entries, isEmpty, items } from './sent.js'

type Amounts = Map<string, Quantity>

/**
 * Fills in what a pod asks for as a whole where it says a part of it: huge pages up to what its containers may have,
 * else what its containers ask for together, else what it may have. In place.
 */
export function setPodResourceDefaults(spec: SentPodSpec): void {
  const { resources } = spec
  if (!resources) return
  if (!isEmpty(resources.limits) || !isEmpty(resources.requests)) fill(resources, 'limits', aggregate(spec, 'limits'), isHugePages)
  if (isEmpty(resources.limits)) return
  fill(resources, 'requests', aggregate(spec, 'requests'), (name) => isPodLevel(name) && isOvercommitAllowed(name))
  const limits = entries(resources.limits).map(([name, text]) => [name, tryParseQuantity(text)] as const)
  fill(resources, 'requests', new Map(limits.filter((l): l is [string, Quantity] => l[1] !== undefined)), isPodLevel)
}

/** Adds what is missing in one list of a pod's resources. */
function fill(resources: SentRequirements, list: 'limits' | 'requests', amounts: Amounts, takes: (name: string) => boolean): void {
  for (const [name, amount] of amounts) {
    if (!takes(name) || (resources[list]?.[name] ?? undefined) !== undefined) continue
    resources[list] = { ...resources[list], [name]: formatQuantity(amount) }
  }
}

/** Checks the pod's own requests and limits against those of its containers. */
export function validatePodResources(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const { resources } = spec
  if (!resources) return
  if (spec.os?.name === 'windows') {
    errors.push(field.forbidden(path, 'may not be set for a windows pod'))
    return
  }
  if (resources.claims) errors.push(field.forbidden(`${path}.claims`, 'claims may not be set for Resources at pod-level'))
  const claims = new Set(items(spec.resourceClaims).map((c) => c.name ?? ''))
  validateRequirements(resources, path, errors, { podLevel: true, claims })
  const compare = (list: 'requests' | 'limits', together: Amounts): void => {
    for (const [name, amount] of together) {
      const own = tryParseQuantity(resources[list]?.[name])
      if (!own || compareQuantities(amount, own) <= 0) continue
      const text = `must be greater than or equal to aggregate container ${list} of ${formatQuantity(amount)}`
      errors.push(field.invalid(`${path}.${list}[${name}]`, formatQuantity(own), text))
    }
  }
  compare('requests', aggregate(spec, 'requests'))
  // Huge pages cannot be promised twice.
  compare('limits', new Map([...aggregate(spec, 'limits')].filter(([name]) => isHugePages(name))))
  items(spec.containers).forEach((c, i) => {
    for (const [name, text] of entries(c.resources?.limits)) {
      const own = tryParseQuantity(text)
      const most = tryParseQuantity(resources.limits?.[name])
      if (own && most && compareQuantities(own, most) > 0) {
        const at = `${path}.containers[${i}][${name}].limits`
        errors.push(field.invalid(at, formatQuantity(own), `must be less than or equal to pod limits of ${formatQuantity(most)}`))
      }
    }
  })
}

/** What containers ask for together at the worst moment: sidecars run besides all that start after them. */
function aggregate(spec: SentPodSpec, list: 'requests' | 'limits'): Amounts {
  const sum = new Map<string, Quantity>()
  const sidecars = new Map<string, Quantity>()
  const starting = new Map<string, Quantity>()
  for (const c of items<SentContainer>(spec.containers)) addAmounts(sum, amountsOf(c, list))
  for (const c of items<SentContainer>(spec.initContainers)) {
    const own = amountsOf(c, list)
    if (c.restartPolicy === 'Always') {
      addAmounts(sum, own)
      addAmounts(sidecars, own)
      raise(starting, sidecars)
    } else {
      const now = new Map(own)
      addAmounts(now, sidecars)
      raise(starting, now)
    }
  }
  raise(sum, starting)
  return sum
}

function amountsOf(c: SentContainer, list: 'requests' | 'limits'): Amounts {
  const amounts: Amounts = new Map()
  for (const [name, text] of entries(c.resources?.[list])) {
    const amount = tryParseQuantity(text)
    if (amount) amounts.set(name, amount)
  }
  return amounts
}

function addAmounts(to: Amounts, more: Amounts): void {
  for (const [name, amount] of more) {
    const before = to.get(name)
    to.set(name, before ? addQuantities(before, amount) : amount)
  }
}

function raise(to: Amounts, other: Amounts): void {
  for (const [name, amount] of other) {
    const before = to.get(name)
    if (!before || compareQuantities(amount, before) > 0) to.set(name, amount)
  }
}
