import { computed, shallowReactive, shallowRef } from 'vue'

/** The present of this machine, ms since the epoch, moved on once a second while the window is seen. */
export const now = shallowRef(Date.now())

setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 1000)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) now.value = Date.now()
})

/** What the clock of a cluster said: its time when it was read (`at`, by this machine's clock), ms; and how fast it runs. */
export interface ClockReading {
  at: number
  time: number
  /** Cluster seconds per second. */
  speed: number
}

/** The clock of the cluster in sight, where it has one of its own: an embedded cluster's may stand still, run faster or be ahead. */
export const clusterClock = shallowRef<ClockReading | null>(null)

/** A clock that is moved ahead: where that began, where it ends and what the clock said last, ms since the epoch. */
export interface ClockJump {
  from: number
  to: number
  time: number
}

/** The way ahead that the clock of the cluster in sight is on; null when it is on none. */
export const clusterJump = shallowRef<ClockJump | null>(null)

/** The present of the cluster in sight, ms since the epoch. The ages of its objects are counted by it. */
export const clusterNow = computed(() => {
  // What has just been read is later than the machine's last second.
  return presentOf(clusterClock.value, Math.max(now.value, clusterClock.value?.at ?? 0))
})

/** The clocks of other clusters in sight that have one of their own, by context. */
export const otherClocks = shallowReactive(new Map<string, ClockReading>())

/**
 * The time of a cluster, ms since the epoch.
 * @param context the cluster's, or nothing for the cluster in sight
 * @param machine the time of this machine that it is asked for, ms since the epoch
 */
export const clusterTime = (context: string | undefined, machine: number): number =>
  presentOf(context ? (otherClocks.get(context) ?? null) : clusterClock.value, machine)

/** The time of a clock, ms since the epoch, when the machine's is `machine`. */
function presentOf(c: ClockReading | null, machine: number): number {
  return c ? c.time + (machine - c.at) * c.speed : machine
}

/** A duration in ms the way kubectl prints it: `45s`, `3m12s`, `47m`, `5h12m`, `2d4h`, `17d`, `2y40d`. */
export function humanDuration(ms: number): string {
  const s = Math.floor(ms / 1000)
  if (s < 0) return '0s'
  if (s < 120) return `${s}s`
  const m = Math.floor(s / 60)
  if (m < 10) return s % 60 === 0 ? `${m}m` : `${m}m${s % 60}s`
  if (m < 180) return `${m}m`
  const h = Math.floor(m / 60)
  if (h < 8) return m % 60 === 0 ? `${h}h` : `${h}h${m % 60}m`
  if (h < 48) return `${h}h`
  const d = Math.floor(h / 24)
  if (h < 192) return h % 24 === 0 ? `${d}d` : `${d}d${h % 24}h`
  if (d < 365 * 2) return `${d}d`
  const y = Math.floor(d / 365)
  if (d < 365 * 8) return d % 365 === 0 ? `${y}y` : `${y}y${d % 365}d`
  return `${y}y`
}

/** A duration in ms as hours and minutes: `0:05`, `24:00`. */
export function hoursAndMinutes(ms: number): string {
  const m = Math.round(ms / 60_000)
  return `${Math.floor(m / 60)}:${String(m % 60).padStart(2, '0')}`
}

/** Local date and time to the second, sortable: `2026-11-21 09:17:04`. */
export function localTime(ms: number): string {
  const d = new Date(ms)
  const p = (n: number, w = 2) => String(n).padStart(w, '0')
  return `${d.getFullYear()}-${p(d.getMonth() + 1)}-${p(d.getDate())} ${p(d.getHours())}:${p(d.getMinutes())}:${p(d.getSeconds())}`
}

/** Date and time in UTC to the second: `2026-11-21 09:17:04Z`. */
export function utcTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`
}
