/** Times and sizes as configuration files write them (https://nginx.org/en/docs/syntax.html). */

const MILLISECONDS: Readonly<Record<string, number>> = {
  '': 1000,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
}
const BYTES: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** `60s`, `1h30m`, `75` in milliseconds; undefined when it is no time. */
export function milliseconds(text: string): number | undefined {
  if (!/^(\d+(ms|[smhdwMy])? ?)+$/.test(text)) return undefined
  let sum = 0
  for (const [, amount, unit = ''] of text.matchAll(/(\d+)(ms|[smhdwMy])?/g)) sum += Number(amount) * MILLISECONDS[unit]!
  return sum
}

/** `1m`, `512k`, `100` in bytes; undefined when it is no size. */
export function bytes(text: string): number | undefined {
  const match = /^(\d+)([kmg])?$/i.exec(text)
  return match ? Number(match[1]) * BYTES[match[2]?.toLowerCase() ?? '']! : undefined
}
