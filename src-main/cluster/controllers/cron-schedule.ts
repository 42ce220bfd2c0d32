/** The times of a CronJob's schedule (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax). */
import { Cron } from 'croner'

/** More missed times than this and something is wrong with the clock or the deadline. */
export const MANY_MISSED = 100
/** Schedules that are kept parsed. */
const MAX_KEPT = 256

/** A parsed schedule. All times are in ms since the epoch. */
export class CronSchedule {
  /** A time, and the one of the schedule that comes after it and after all times between the two. */
  private from = NaN
  private next = NaN

  constructor(private readonly cron: Cron) {}

  /** The first time of the schedule after `time`; undefined when there is none. */
  after(time: number): number | undefined {
    // A CronJob is looked at many times between two of its Jobs.
    if (time >= this.from && time < this.next) return this.next
    const next = this.cron.nextRun(new Date(time))?.getTime()
    if (next === undefined) return undefined
    this.from = time
    this.next = next
    return next
  }

  /** The last time of the schedule up to and including `time`; undefined when there is none. */
  upTo(time: number): number | undefined {
    return this.cron.previousRuns(1, new Date(time + 1))[0]?.getTime()
  }
}

const kept = new Map<string, CronSchedule>()

/** A schedule in five fields, in its time zone; UTC when it names none, as kube-controller-manager's own zone mostly is. Undefined when it cannot be parsed. */
export function scheduleOf(spec: { schedule: string; timeZone?: string }): CronSchedule | undefined {
  const zone = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(spec.schedule)
  const timezone = zone?.[1] ?? spec.timeZone ?? 'UTC'
  const fields = withoutInterval(zone?.[2] ?? spec.schedule)
  const key = `${timezone} ${fields}`
  let schedule = kept.get(key)
  if (schedule) return schedule
  try {
    // A time zone by name costs a look into the calendar at each step.
    const zoneOptions = timezone === 'UTC' ? { utcOffset: 0 } : { timezone }
    schedule = new CronSchedule(new Cron(fields, { ...zoneOptions, paused: true, mode: '5-part' }))
  } catch {
    return undefined
  }
  if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value!)
  kept.set(key, schedule)
  return schedule
}

/** `@every 5m` is known to the Go library that Kubernetes uses, and not to croner: whole minutes and hours are spelled out. */
function withoutInterval(schedule: string): string {
  const every = /^@every (\d+)([mh])$/.exec(schedule.trim())
  if (!every) return schedule
  return every[2] === 'm' ? `*/${every[1]} * * * *` : `0 */${every[1]} * * *`
}

/** The latest time of the schedule after `earliest` that has passed, and how many there were; no more are counted than {@link MANY_MISSED} and one. */
export function dueTimes(schedule: CronSchedule, earliest: number, now: number): { latest: number | undefined; missed: number } {
  let latest: number | undefined
  let missed = 0
  for (let t = schedule.after(earliest); t !== undefined && t <= now; t = schedule.after(t)) {
    latest = t
    missed++
    if (missed > MANY_MISSED) {
      // Only the last one matters: look back from now instead of walking through a year of minutes.
      latest = schedule.upTo(now) ?? latest
      break
    }
  }
  return { latest, missed }
}
