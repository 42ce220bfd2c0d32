/**
 * The times of a CronJob's schedule (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax):
 * those whose wall-clock time in the schedule's zone has all five fields. A time that a change to summer time leaves out
 * does not come that day; one that a change back repeats comes twice.
 */
import { ZoneOffsets } from './timezone-offset.js'

/** More missed times than this and something is wrong with the clock or the deadline. */
const MANY_MISSED = 100
/** Schedules that are kept parsed. */
const MAX_KEPT = 256
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A schedule that names a day that no year has is given up after so many years. */
const YEARS = 5

/** Minutes, hours, days of the month, months, days of the week. */
const FIELDS = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { low: 0, high: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** A parsed schedule. All times are in ms since the epoch. */
export interface CronSchedule {
  /** The first time of the schedule after `time`; undefined when there is none. */
  after(time: number): number | undefined
}

/** `@every 1h30m`: so long after whatever was last, in whole seconds. */
class Interval implements CronSchedule {
  constructor(private readonly ms: number) {}

  after(time: number): number {
    return Math.floor(time / 1000) * 1000 + this.ms
  }
}

interface Fields {
  minutes: readonly number[]
  hours: readonly number[]
  days: ReadonlySet<number>
  months: ReadonlySet<number>
  weekdays: ReadonlySet<number>
  /** Days of the month and of the week must both fit when one of them is free, and either when none is. */
  bothDays: boolean
}

class Calendar implements CronSchedule {
  /** A time, and the one of the schedule that comes after it and after all times between the two. */
  private from = NaN
  private next = NaN

  constructor(
    private readonly fields: Fields,
    private readonly zone: ZoneOffsets,
  ) {}

  after(time: number): number | undefined {
    // A CronJob is looked at many times between two of its Jobs.
    if (time >= this.from && time < this.next) return this.next
    const next = this.search(time)
    if (next === undefined) return undefined
    this.from = time
    this.next = next
    return next
  }

  private search(time: number): number | undefined {
    // Walls are wall-clock times written as if they were in UTC. The day before: a change at midnight repeats its end.
    let day = Math.floor((time + this.zone.at(time)) / DAY) * DAY - DAY
    const end = day + (YEARS + 1) * 366 * DAY
    while (day < end) {
      const date = new Date(day)
      if (!this.fields.months.has(date.getUTCMonth() + 1)) {
        day = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
        continue
      }
      const found = this.hasDay(date) ? this.firstOn(day, time) : undefined
      if (found !== undefined) return found
      day += DAY
    }
    return undefined
  }

  private hasDay(date: Date): boolean {
    const { days, weekdays, bothDays } = this.fields
    const [month, week] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())]
    return bothDays ? month && week : month || week
  }

  /** The first time after `time` on the day whose wall-clock times begin at `day`. */
  private firstOn(day: number, time: number): number | undefined {
    const offsets = this.zone.around(day, day + DAY)
    let first: number | undefined
    for (const offset of offsets) {
      const at = this.firstWall(day, time + offset, (wall) => offsets.length === 1 || this.zone.at(wall - offset) === offset)
      if (at !== undefined && (first === undefined || at - offset < first)) first = at - offset
    }
    return first
  }

  private firstWall(day: number, after: number, exists: (wall: number) => boolean): number | undefined {
    for (const hour of this.fields.hours) {
      if (day + (hour + 1) * HOUR <= after) continue
      for (const minute of this.fields.minutes) {
        const wall = day + hour * HOUR + minute * MINUTE
        if (wall > after && exists(wall)) return wall
      }
    }
    return undefined
  }
}

const kept = new Map<string, CronSchedule>()

/** A schedule in five fields, in its time zone; UTC when it names none, as kube-controller-manager's own zone mostly is. It must be one that the API accepts. */
export function scheduleOf(spec: { schedule: string; timeZone?: string }): CronSchedule {
  const zone = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(spec.schedule)
  const timeZone = zone?.[1] ?? spec.timeZone ?? 'UTC'
  const text = (zone?.[2] ?? spec.schedule).trim()
  const key = `${timeZone} ${text}`
  let schedule = kept.get(key)
  if (schedule) return schedule
  const every = /^@every (.+)$/.exec(text)
  schedule = every ? new Interval(intervalMs(every[1]!)) : new Calendar(fieldsOf(DESCRIPTORS[text] ?? text), new ZoneOffsets(timeZone))
  if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value!)
  kept.set(key, schedule)
  return schedule
}

const UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: MINUTE, h: HOUR }

/** A Go duration in whole seconds, at least one. */
function intervalMs(text: string): number {
  let ms = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) ms += Number(amount) * UNITS[unit!]!
  return Math.max(1, Math.floor(ms / 1000)) * 1000
}

function fieldsOf(text: string): Fields {
  const parts = text.split(/\s+/)
  const [minutes, hours, days, months, weekdays] = FIELDS.map((bounds, i) => valuesOf(parts[i]!, bounds)) as [
    Values,
    Values,
    Values,
    Values,
    Values,
  ]
  return {
    minutes: [...minutes.values].sort((a, b) => a - b),
    hours: [...hours.values].sort((a, b) => a - b),
    days: days.values,
    months: months.values,
    weekdays: weekdays.values,
    bothDays: days.free || weekdays.free,
  }
}

interface Values {
  values: Set<number>
  /** Whether it is a star or a question mark, without a step. */
  free: boolean
}

function valuesOf(text: string, bounds: { low: number; high: number; names?: readonly string[] }): Values {
  const values = new Set<number>()
  let free = false
  const numberOf = (name: string): number => {
    const named = bounds.names?.indexOf(name.toLowerCase()) ?? -1
    return named < 0 ? Number(name) : named + bounds.low
  }
  for (const part of text.split(',').filter(Boolean)) {
    const [range = '', step = '1'] = part.split('/')
    const [from = '', to] = range.split('-')
    const all = from === '*' || from === '?'
    const low = all ? bounds.low : numberOf(from)
    // `5/15` goes on to the end.
    const high = all || (to === undefined && part.includes('/')) ? bounds.high : numberOf(to ?? from)
    for (let n = low; n <= high; n += Number(step)) values.add(n)
    if (all && Number(step) === 1) free = true
  }
  return { values, free }
}

/** The last time of a schedule that has passed, and how much there is to make up for. */
export interface DueTime {
  latest: number | undefined
  missed: 'none' | 'few' | 'many'
}

/**
 * The latest time of the schedule after `earliest` that has passed. How many there were is estimated by the distance of
 * the first two, as the CronJob controller does it: nobody walks through a year of minutes.
 *
 * @throws Error for a schedule whose times do not follow each other, such as the 31st of February
 */
export function dueTime(schedule: CronSchedule, earliest: number, now: number): DueTime {
  const first = schedule.after(earliest)
  const second = first === undefined ? undefined : schedule.after(first)
  if (first === undefined || second === undefined) throw new Error('time difference between two schedules is less than 1 second')
  if (now < first) return { latest: undefined, missed: 'none' }
  if (now < second) return { latest: first, missed: 'none' }
  const count = Math.floor((now - first) / (second - first)) + 1
  let latest: number | undefined
  for (let t = schedule.after(first + (count - 2) * (second - first)); t !== undefined && t <= now; t = schedule.after(t)) latest = t
  return { latest, missed: count > MANY_MISSED ? 'many' : 'few' }
}
