import { Cron } from 'croner'

/**
 * The next times of a CronJob's schedule after `from`, ms since the epoch; null when Kubernetes would not take the schedule or the time
 * zone. It has five fields or is one of `@hourly` and its like.
 */
export function nextRuns(schedule: string, timeZone: string | undefined, from: number, count: number): number[] | null {
  const every = /^@every (\d+)([mh])$/.exec(schedule.trim())
  const fields = every ? (every[2] === 'm' ? `*/${every[1]} * * * *` : `0 */${every[1]} * * *`) : schedule.trim()
  if (fields === '') return null
  try {
    return new Cron(fields, { timezone: timeZone || 'Etc/UTC', paused: true, mode: '5-part' })
      .nextRuns(count, new Date(from))
      .map((d) => d.getTime())
  } catch {
    return null
  }
}
