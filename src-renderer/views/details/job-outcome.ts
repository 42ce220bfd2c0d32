import type { KubeObject } from '../../stores/object.js'

/** How a Job is, and how long it has run (ms), up to `now` while it has not ended. */
export function jobOutcome(
  job: KubeObject,
  now: number,
): { word: 'complete' | 'failed' | 'suspended' | 'running'; tone: 'ok' | 'bad' | 'off' | 'busy'; ms?: number } {
  const conditions: { type: string; status: string; lastTransitionTime?: string }[] = job.status?.conditions ?? []
  const is = (type: string) => conditions.find((c) => c.type === type && c.status === 'True')
  const failed = is('Failed')
  const ended = job.status?.completionTime ?? failed?.lastTransitionTime
  const started = job.status?.startTime
  const ms = started ? (ended ? Date.parse(ended) : now) - Date.parse(started) : undefined
  const time = ms === undefined ? {} : { ms }
  if (is('Complete')) return { word: 'complete', tone: 'ok', ...time }
  if (failed) return { word: 'failed', tone: 'bad', ...time }
  if (job.spec?.suspend) return { word: 'suspended', tone: 'off' }
  return { word: 'running', tone: 'busy', ...time }
}
