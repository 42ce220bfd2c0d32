/**
 * What a whole pod asks for: the sum over its containers, with init containers that run before them counted by their
 * greatest and sidecars by their sum. Follows "Resource sharing within containers" of the Kubernetes documentation.
 * What the pod says of itself as a whole replaces the sum.
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
  for (const [name, text] of Object.entries(spec?.resources?.[kind] ?? {})) if (isOfWholePod(name)) sums.set(name, parseQuantity(text))
  // Overhead counts for limits only where there is a limit.
  for (const [name, text] of Object.entries(spec?.overhead ?? {})) if (kind === 'requests' || sums.has(name)) add(sums, { [name]: text })
  return Object.fromEntries([...sums].map(([name, q]) => [name, formatQuantity(q)]))
}

/** Whether a pod says of itself as a whole what it asks for or may use. */
export function hasPodLevelResources(pod: Pod): boolean {
  const { requests, limits } = pod.spec?.resources ?? {}
  return Object.keys({ ...requests, ...limits }).some(isOfWholePod)
}

/** Whether an amount of a resource may be given for a whole pod. */
function isOfWholePod(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
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
