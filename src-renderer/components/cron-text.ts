import { i18n } from '../app/i18n/i18n.js'
import { listed } from '../app/i18n/listed.js'
import { cronWords } from '../views/details/cron-words.js'

/** What a schedule means, in words of the window's language; empty where its fields say no less. */
export function cronText(schedule: string): string {
  const found = cronWords(schedule)
  if (!found) return ''
  const day = new Intl.DateTimeFormat(i18n.global.locale.value, { weekday: 'short', timeZone: 'UTC' })
  // The fourth of January 1970 was a Sunday.
  const days = found.key === 'weekly' ? listed(found.days.map((d) => day.format(new Date(Date.UTC(1970, 0, 4 + d))))) : ''
  return i18n.global.t(`inspect.cron.${found.key}`, { ...found, days })
}
