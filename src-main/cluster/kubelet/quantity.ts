/**
 * Resource quantities (`500m`, `64Mi`, `1e3`) as numbers, for limits, admission and the downward API.
 * Follows the Kubernetes API reference, "Quantity".
 */

const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** The value of a quantity; 0 for none. Throws an Error for text that is no quantity. */
export function quantityValue(quantity: string | number | undefined): number {
  if (quantity === undefined) return 0
  if (typeof quantity === 'number') return quantity
  const m = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)(Ki|[MGTPE]i?|[numk])?$/.exec(quantity)
  const factor = m ? factors[m[2] ?? ''] : undefined
  if (!m || factor === undefined) throw new Error(`unable to parse quantity's suffix: ${quantity}`)
  return Number(m[1]) * factor
}

/** A CPU quantity in millicores, rounded up as Kubernetes does. */
export function millicores(quantity: string | number | undefined): number {
  return Math.ceil(quantityValue(quantity) * 1000 - 1e-6)
}

/** A memory quantity in bytes, rounded up. */
export function bytes(quantity: string | number | undefined): number {
  return Math.ceil(quantityValue(quantity) - 1e-6)
}
