/** A schedule as a sentence of the translations: `inspect.cron.KEY` with values. Days of the week are 0 (Sunday) to 6. */
export type CronWords =
  | { key: 'everyMinute' }
  | { key: 'everyMinutes' | 'everyHours'; n: number; minute: string }
  | { key: 'hourly'; minute: string }
  | { key: 'daily'; time: string }
  | { key: 'weekly'; time: string; days: number[] }
  | { key: 'monthly'; time: string; day: number }

const named: Record<string, string> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
}
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** The days of a field such as `1-5`, `MON,WED` or `0,6`; null when it is something else. */
function daysOf(field: string): number[] | null {
  const number = (word: string): number => {
    const at = DAYS.indexOf(word.toLowerCase())
    return at >= 0 ? at : /^[0-7]$/.test(word) ? Number(word) % 7 : Number.NaN
  }
  const days = field.split(',').flatMap((part) => {
    const [from = '', to] = part.split('-')
    const first = number(from)
    if (to === undefined) return [first]
    // `5-7` goes to Sunday.
    const last = to === '7' ? 7 : number(to)
    return last >= first ? Array.from({ length: last - first + 1 }, (_, i) => (first + i) % 7) : [Number.NaN]
  })
  return days.some(Number.isNaN) ? null : days
}

/** What the usual schedules mean; null for those that are better read as they are written. */
export function cronWords(schedule: string): CronWords | null {
  const fields = (named[schedule.trim()] ?? schedule.trim()).split(/\s+/)
  const [minute, hour, day, month, weekday] = fields
  if (fields.length !== 5 || !minute || !hour || !day || !weekday || month !== '*') return null
  const step = (field: string): number => Number(/^\*\/(\d+)$/.exec(field)?.[1] ?? Number.NaN)
  const all = day === '*' && weekday === '*'
  if (minute === '*' || step(minute) === 1) return all && hour === '*' ? { key: 'everyMinute' } : null
  if (!Number.isNaN(step(minute))) return all && hour === '*' ? { key: 'everyMinutes', n: step(minute), minute: '' } : null
  if (!/^\d{1,2}$/.test(minute)) return null
  const at = minute.padStart(2, '0')
  if (hour === '*' || step(hour) === 1) return all ? { key: 'hourly', minute: at } : null
  if (!Number.isNaN(step(hour))) return all ? { key: 'everyHours', n: step(hour), minute: at } : null
  if (!/^\d{1,2}$/.test(hour)) return null
  const time = `${hour.padStart(2, '0')}:${at}`
  if (all) return { key: 'daily', time }
  if (weekday === '*') return /^\d{1,2}$/.test(day) ? { key: 'monthly', time, day: Number(day) } : null
  const days = day === '*' ? daysOf(weekday) : null
  return days && { key: 'weekly', time, days }
}
