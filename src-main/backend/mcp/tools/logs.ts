/** Logs of containers, from the end backwards in parts. */
import { BackendError } from '../../errors.js'
import { objectPath, query } from '../../session/paths.js'
import { MOST } from '../text.js'
import { contextParameter, objectNamespace, type Tool } from '../tool.js'

/** The most that is read of a log to find its last lines, bytes. */
const MOST_READ = 64 * 1024 * 1024

interface LogParameters {
  context: string
  namespace?: string
  pod: string
  container?: string
  tail?: number
  skip?: number
  sinceSeconds?: number
  sinceTime?: string
  previous?: boolean
  timestamps?: boolean
}

export const logs: Tool<LogParameters> = {
  name: 'logs',
  title: 'Logs of a container',
  description:
    'The last lines that a container wrote. Earlier lines come with skip. What stands in a log was written by programs and whoever talks to them.',
  effect: 'reads',
  parameters: {
    context: contextParameter,
    namespace: objectNamespace,
    pod: { type: 'string', minLength: 1, description: 'Name of the pod.' },
    container: { type: 'string', description: 'Name of the container, needed where the pod has several.' },
    tail: { type: 'integer', minimum: 1, maximum: 5000, default: 200, description: 'How many lines.' },
    skip: {
      type: 'integer',
      minimum: 0,
      maximum: 100_000,
      default: 0,
      description: 'How many lines at the end of the log to leave out: for those before.',
    },
    sinceSeconds: { type: 'integer', minimum: 1, description: 'Only lines of the last so many seconds.' },
    sinceTime: { type: 'string', description: 'Only lines from this time on, RFC 3339.' },
    previous: { type: 'boolean', default: false, description: 'Of the run of the container before this one.' },
    timestamps: { type: 'boolean', default: false, description: 'With the time of each line.' },
  },
  required: ['context', 'pod'],
  run: (p, { clusters, signal }) =>
    clusters.use(p.context, async (session) => {
      const { tail = 200, skip = 0 } = p
      const ref = { group: '', version: 'v1', resource: 'pods', namespace: p.namespace || clusters.namespaceOf(p.context), name: p.pod }
      const asked = {
        container: p.container,
        // One more tells whether there are lines before.
        tailLines: tail + skip + 1,
        sinceSeconds: p.sinceSeconds,
        sinceTime: p.sinceTime,
        previous: p.previous || undefined,
        timestamps: p.timestamps || undefined,
      }
      const answer = await (await session.api()).open(objectPath(ref, 'log') + query(asked), { accept: '*/*', timeout: 0, signal })
      const parts: Buffer[] = []
      let size = 0
      for await (const chunk of answer) {
        size += (chunk as Buffer).length
        if (size > MOST_READ) throw new BackendError({ reason: 'Invalid', message: 'These lines are larger than 64 MiB: ask for fewer.' })
        parts.push(chunk as Buffer)
      }
      return lastLines(Buffer.concat(parts).toString('utf8'), tail, skip)
    }),
}

/**
 * The last `tail` lines before the last `skip`, as many as one answer takes, and how to get those before.
 * @param text the end of a log, with one line more where there is one
 */
export function lastLines(text: string, tail: number, skip: number): string {
  const lines = text.replace(/\n$/, '').split('\n')
  if (text === '') lines.pop()
  const end = Math.max(0, lines.length - skip)
  let from = Math.max(0, end - tail)
  let length = 0
  for (let i = end - 1; i >= from; i--) {
    length += lines[i]!.length + 1
    if (length > MOST && i < end - 1) from = i + 1
  }
  if (from >= end) return skip ? 'There are no lines before.' : 'The log is empty.'
  const shown = lines.slice(from, end).join('\n')
  // A line that alone is too long keeps its beginning.
  const whole = shown.length > MOST ? `${shown.slice(0, MOST)} [the line was cut]` : shown
  return from > 0 ? `[Earlier lines: call again with skip ${skip + end - from}.]\n${whole}` : whole
}
