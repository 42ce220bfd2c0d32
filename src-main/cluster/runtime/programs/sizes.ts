/** Sizes and durations as programs take and show them. */

/** A size such as `10`, `4k`, `1M`, in bytes; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const m = /^(\d+)(c|w|b|B|[kKmMgGtTpPeE]i?B?)?$/.exec(text)
  if (!m) return undefined
  const unit = m[2] ?? ''
  if (unit === 'w') return Number(m[1]) * 2
  if (unit === 'b') return Number(m[1]) * 512
  if (unit === '' || unit === 'c' || unit === 'B') return Number(m[1])
  const power = 'kmgtpe'.indexOf(unit[0]!.toLowerCase()) + 1
  return Number(m[1]) * (unit.endsWith('B') && !unit.includes('i') ? 1000 : 1024) ** power
}

/** `1.5K`, `12M`, as with -h. busybox rounds to the nearest and always shows a decimal, coreutils rounds up. */
export function humanSize(bytes: number, busybox = false): string {
  if (bytes < 1024) return String(bytes)
  let n = bytes
  let unit = -1
  while (n >= 1024 && unit < 5) {
    n /= 1024
    unit++
  }
  if (busybox) return `${n.toFixed(1)}${'KMGTPE'[unit]}`
  return `${n < 10 ? (Math.ceil(n * 10) / 10).toFixed(1) : Math.ceil(n)}${'KMGTPE'[unit]}`
}

const UNITS: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

/** A duration such as `1.5`, `10s`, `2m`, in ms; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const m = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text)
  return m ? Number(m[1]) * UNITS[m[2]!]! * 1000 : undefined
}
