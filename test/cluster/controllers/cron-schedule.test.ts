import { describe, expect, test } from 'vitest'
import { dueTime, scheduleOf } from '../../../src-main/cluster/controllers/cron-schedule.js'
import { rfc3339In } from '../../../src-main/cluster/controllers/timezone-offset.js'

const after = (schedule: string, timeZone: string, from: string): string => {
  const next = scheduleOf({ schedule, timeZone }).after(Date.parse(from))
  return next === undefined ? 'never' : rfc3339In(timeZone, next)
}

describe('the next time of a schedule', () => {
  const NEW_YORK = 'America/New_York'
  test.each([
    [
      'that the change to summer time leaves out is skipped',
      '0 2 * * *',
      NEW_YORK,
      '2012-03-11T00:00:00-05:00',
      '2012-03-12T02:00:00-04:00',
    ],
    ['of that one day comes a year later', '30 2 11 3 *', NEW_YORK, '2012-03-11T00:00:00-05:00', '2013-03-11T02:30:00-04:00'],
    ['of every hour goes over the gap', '0 * * * *', NEW_YORK, '2012-03-11T01:00:00-05:00', '2012-03-11T03:00:00-04:00'],
    ['that the change back repeats comes twice', '0 1 * * *', NEW_YORK, '2012-11-04T01:00:00-04:00', '2012-11-04T01:00:00-05:00'],
    ['and not three times', '0 1 * * *', NEW_YORK, '2012-11-04T01:00:00-05:00', '2012-11-05T01:00:00-05:00'],
    ['after the hour that is repeated comes once', '30 2 4 11 *', NEW_YORK, '2012-11-04T00:00:00-04:00', '2012-11-04T02:30:00-05:00'],
    ['of a day without a midnight', '0 9 10 * *', 'America/Sao_Paulo', '2018-10-17T06:00:00-03:00', '2018-11-10T09:00:00-02:00'],
    ['at a midnight that there is not', '0 0 4 11 *', 'America/Sao_Paulo', '2018-10-17T06:00:00-03:00', '2019-11-04T00:00:00-03:00'],
    ['on the 29th of February', '0 0 29 2 *', 'UTC', '2012-07-09T23:35:00Z', '2016-02-29T00:00:00Z'],
    ['on the 30th of February', '0 0 30 2 *', 'UTC', '2012-07-09T23:35:00Z', 'never'],
    ['on a day of the month or of the week', '0 0 1,15 * 0', 'UTC', '2012-07-15T00:00:00Z', '2012-07-22T00:00:00Z'],
    ['on a day of the week, when all days of the month will do', '0 0 ? * MON', 'UTC', '2012-07-15T00:00:00Z', '2012-07-16T00:00:00Z'],
    ['of a step that is counted from a number', '5/20 * * * *', 'UTC', '2012-07-09T14:26:00Z', '2012-07-09T14:45:00Z'],
    ['of a step within a range', '20-35/15 * * * *', 'UTC', '2012-07-09T14:59:00Z', '2012-07-09T15:20:00Z'],
    ['of a descriptor', '@weekly', 'UTC', '2012-07-09T14:59:00Z', '2012-07-15T00:00:00Z'],
    ['of an interval, from any second', '@every 1h30m', 'UTC', '2012-07-09T14:59:10Z', '2012-07-09T16:29:10Z'],
  ])('%s', (_, schedule, zone, from, expected) => {
    expect(after(schedule, zone, from)).toBe(expected)
  })
})

describe('the time that is due', () => {
  const due = (schedule: string, since: string, now: string): string => {
    const { latest, missed } = dueTime(scheduleOf({ schedule }), Date.parse(since), Date.parse(now))
    return `${latest === undefined ? 'none' : rfc3339In('UTC', latest)} ${missed}`
  }
  test.each([
    ['is none before the first', '0 * * * *', '2026-05-19T09:30:00Z', '2026-05-19T09:59:59Z', 'none none'],
    ['is the first at its very second', '0 * * * *', '2026-05-19T09:30:00Z', '2026-05-19T10:00:00Z', '2026-05-19T10:00:00Z none'],
    ['is the last of several', '0 * * * *', '2026-05-19T09:30:00Z', '2026-05-19T12:10:00Z', '2026-05-19T12:00:00Z few'],
    ['is the last of very many', '*/5 * * * *', '2026-05-01T09:30:00Z', '2026-05-19T12:11:00Z', '2026-05-19T12:10:00Z many'],
    ['is one of a hundred', '0 * * * *', '2026-05-19T09:30:00Z', '2026-05-23T13:30:00Z', '2026-05-23T13:00:00Z few'],
    ['is one of a hundred and one', '0 * * * *', '2026-05-19T09:30:00Z', '2026-05-23T14:30:00Z', '2026-05-23T14:00:00Z many'],
    ['is not found where the distances mislead', '30 6-16/4 * * 1-5', '2026-05-15T09:30:00Z', '2026-05-18T06:29:00Z', 'none few'],
    ['is guessed to be many by the first distance', '0 9,10 * * *', '2026-05-19T08:00:00Z', '2026-05-24T08:00:00Z', 'none many'],
    ['is counted from the last for an interval', '@every 1h', '2026-05-19T09:10:00Z', '2026-05-19T12:15:00Z', '2026-05-19T12:10:00Z few'],
  ])('%s', (_, schedule, since, now, expected) => {
    expect(due(schedule, since, now)).toBe(expected)
  })
})
