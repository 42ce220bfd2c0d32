/**
 * What a whole pod asks for: the sum over its containers, with init containers that run before them counted by their
 * greatest and sidecars by their sum. Follows "Resource sharing within containers" of the Kubernetes documentation.
 */
import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from '../../api/kinds/rules/quantity.js'
import type { Quantity } from '../../api/kinds/rules/quantity.js'
import type { Container, Pod } from '../../api/object.js'

/** Amounts by resource name, as quantities' texts. */
export type Amounts = Record<string, string>

type Sums = Map<string, Quantity>

/** The requests or limits of a pod, with its overhead. */
export function podResources(pod: Pod, kind: 'requests' | 'limits'): Amounts {
  const spec = pod.spec
  const sums: Sums = new Map()
  for (const container of spec?.containers ?? []) add(sums, container.resources?.[kind])
  const before: Sums = new Map()
  const sidecars: Sums = new Map()
  for (const container of spec?.initContainers ?? []) {
    if (isSidecar(container)) {
      add(sums, container.resources?.[kind])
      add(sidecars, container.resources?.[kind])
      greatest(before, sidecars)
    } else {
      const own: Sums = new Map(sidecars)
      add(own, container.resources?.[kind])
      greatest(before, own)
    }
  }
  greatest(sums, before)
  // Overhead counts for limits only where there is a limit.
  for (const [name, text] of Object.entries(spec?.overhead ?? {})) if (kind === 'requests' || sums.has(name)) add(sums, { [name]: text })
  return Object.fromEntries([...sums].map(([name, q]) => [name, formatQuantity(q)]))
}

function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always'
}

function add(sums: Sums, amounts: Readonly<Amounts> | undefined): void {
  for (const [name, text] of Object.entries(amounts ?? {})) {
    const q = parseQuantity(text)
    const sum = sums.get(name)
    sums.set(name, sum ? addQuantities(sum, q) : q)
  }
}

function greatest(sums: Sums, others: Sums): void {
  for (const [name, q] of others) {
    const own = sums.get(name)
    if (!own || compareQuantities(own, q) < 0) sums.set(name, q)
  }
}
