/** Resources of a pod as a whole. https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/ */
import { field, type FieldError } from '../../errors.js'
import type { SentPodSpec } from './pod-defaults.js'
import { addQuantities, compareQuantities, formatQuantity, tryParseQuantity, type Quantity } from './quantity.js'
import { validateRequirements } from './resources.js'
import { entries, isEmpty, items } from './sent.js'

/** Checks the pod's own requests and limits against those of its containers. */
export function validatePodResources(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const { resources } = spec
  if (!resources) return
  if (!isEmpty(resources.claims)) errors.push(field.forbidden(`${path}.claims`, 'claims cannot be set for Resources at pod-level'))
  validateRequirements({ requests: resources.requests, limits: resources.limits }, path, errors, { podLevel: true })

  const together = new Map<string, Quantity>()
  for (const c of items(spec.containers))
    for (const [name, text] of entries(c.resources?.requests)) {
      const amount = tryParseQuantity(text)
      const before = together.get(name)
      if (amount) together.set(name, before ? addQuantities(before, amount) : amount)
    }
  for (const [name, amount] of together) {
    const asked = tryParseQuantity(resources.requests?.[name]) ?? { nano: 0n, format: 'DecimalSI' as const }
    if (compareQuantities(amount, asked) > 0) {
      const text = `must be greater than or equal to aggregate container requests of ${formatQuantity(amount)}`
      errors.push(field.invalid(`${path}.requests[${name}]`, formatQuantity(asked), text))
    }
  }
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
