/** What is amiss in a cluster, what its pods and nodes use, and where something is. */
import { setMaxListeners } from 'node:events'
import { runChecks } from '../../checks/run.js'
import { BackendError, problem } from '../../errors.js'
import type { Json } from '../../kinds/kind.js'
import { coresText, memoryText } from '../../metrics/usage-cells.js'
import { sampleOf } from '../../metrics/usage.js'
import type { CheckRule, Finding, SearchedCluster, SearchHit } from '../../rpc/contract.js'
import type { StreamContext } from '../../rpc/serve.js'
import { streamSearch } from '../../search/search.js'
import { collectionPath, query } from '../../session/paths.js'
import { part, table } from '../text.js'
import { contextParameter, offsetParameter, type Tool } from '../tool.js'

/** What each rule of the checks means. */
const RULES: Record<CheckRule, string> = {
  podFailing: 'the pod fails',
  missingReference: 'what it refers to is not there',
  missingBackend: 'its backend is not there',
  missingTarget: 'what it scales is not there',
  serviceNoPods: 'its selector matches no pods',
  serviceNoneReady: 'none of its pods is ready',
  servicePort: 'its target port is named, and no pod has that name',
  claimPending: 'the claim is not bound',
  jobFailed: 'the job failed',
  scalerInactive: 'the autoscaler cannot scale',
  restarts: 'a container was restarted many times',
  budgetBlocks: 'the disruption budget allows no eviction',
  noReadinessProbe: 'a container behind a Service has no readiness probe',
  imageLatest: 'the image has no tag, or latest',
  privileged: 'a container is privileged',
  hostAccess: 'it reaches into the host',
  noRequests: 'a container requests no CPU or memory',
  noMemoryLimit: 'a container has no memory limit',
  nakedPod: 'no controller makes the pod again',
  unused: 'nothing uses it',
  vulnerable: 'the image has known vulnerabilities',
}

const findingRow = ({ severity, rule, kind, ref, values }: Finding): string[] => [
  severity,
  `${kind.kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}`,
  rule,
  [RULES[rule], ...Object.entries(values).map(([k, v]) => `${k}: ${v}`)].join('; '),
]

export const checks: Tool<{ context: string; namespaces?: string[]; severity?: Finding['severity']; offset?: number }> = {
  name: 'checks',
  title: 'Checks of a cluster',
  description:
    'What is broken (bad), risky (warn) or ill-advised (info) in a cluster, rule by rule: references that are missing, Services that lead nowhere, probes, requests, privileges, what nothing uses. The gravest first.',
  effect: 'reads',
  parameters: {
    context: contextParameter,
    namespaces: { type: 'array', items: { type: 'string' }, description: 'Only of these namespaces; of all when left out.' },
    severity: { type: 'string', enum: ['bad', 'warn', 'info'], description: 'Only what is as grave as this.' },
    offset: offsetParameter,
  },
  required: ['context'],
  run: ({ context, namespaces = [], severity, offset }, { clusters }) =>
    clusters.use(context, async (session) => {
      const { findings, looked, cut, forbidden } = await runChecks(session, namespaces)
      const shown = findings.filter((f) => !severity || f.severity === severity)
      const notes = [
        `${looked} objects were looked at, ${shown.length} findings.`,
        cut.length ? `Of these kinds there are more than were looked at: ${cut.join(', ')}.` : '',
        forbidden.length ? `These kinds may not be listed: ${forbidden.join(', ')}.` : '',
      ].filter(Boolean)
      const found = shown.length ? `\n${table(['SEVERITY', 'OBJECT', 'RULE', 'FINDING'], shown.map(findingRow))}` : ''
      return part(notes.join(' ') + found, offset)
    }),
}

export const usage: Tool<{
  context: string
  of: 'pods' | 'nodes'
  namespace?: string
  labelSelector?: string
  sortBy?: 'cpu' | 'memory'
  limit?: number
}> = {
  name: 'usage',
  title: 'CPU and memory in use',
  description: 'The CPU and memory that pods or nodes use now, those that use most first, as `kubectl top` tells it.',
  effect: 'reads',
  parameters: {
    context: contextParameter,
    of: { type: 'string', enum: ['pods', 'nodes'], description: 'What to measure.' },
    namespace: { type: 'string', description: 'Only pods of this namespace; of all namespaces when left out.' },
    labelSelector: { type: 'string', description: 'As kubectl takes it: app=web,tier!=cache' },
    sortBy: { type: 'string', enum: ['cpu', 'memory'], default: 'cpu', description: 'By what to sort.' },
    limit: { type: 'integer', minimum: 1, maximum: 500, default: 100, description: 'The most rows of the answer.' },
  },
  required: ['context', 'of'],
  run: (p, { clusters, signal }) =>
    clusters.use(p.context, async (session) => {
      const { of, labelSelector, limit = 100 } = p
      if (!(await session.kinds()).some((k) => k.group === 'metrics.k8s.io' && k.resource === of))
        throw new BackendError({ reason: 'NotFound', message: 'Metrics API not available: this cluster has no metrics.k8s.io.' })
      const path = collectionPath({ group: 'metrics.k8s.io', version: 'v1beta1', resource: of }, of === 'pods' ? p.namespace : undefined)
      const body = await (await session.api()).json<{ items?: Json[] }>(path + query({ labelSelector }), { signal })
      const samples = (body.items ?? []).map((m) => ({ metadata: m.metadata ?? {}, ...sampleOf(m) }))
      const by = p.sortBy === 'memory' ? 'memoryBytes' : 'cpuCores'
      samples.sort((a, b) => b[by] - a[by])
      if (!samples.length) return 'There are no samples yet.'
      const rows = samples
        .slice(0, limit)
        .map((s) => [...(of === 'pods' ? [s.metadata.namespace] : []), s.metadata.name, coresText(s.cpuCores), memoryText(s.memoryBytes)])
      const text = table([...(of === 'pods' ? ['NAMESPACE'] : []), 'NAME', 'CPU(cores)', 'MEMORY(bytes)'], rows)
      return samples.length > limit ? `${text}\n[${samples.length - limit} more use less: ask with a larger limit.]` : text
    }),
}

export const search: Tool<{ context: string; query: string; limit?: number }> = {
  name: 'search',
  title: 'Search a cluster',
  description:
    'Objects of all kinds by words, /regex/ and fields, "!" before one for the opposite: kind:pod ns:prod status:failed image:nginx label:app=web ip:10.0.0.7 host:example.com node:node-1 name:web annotation:x=y. The values of Secrets are not searched.',
  effect: 'reads',
  parameters: {
    context: contextParameter,
    query: { type: 'string', minLength: 1, description: 'What to search for.' },
    limit: { type: 'integer', minimum: 1, maximum: 500, default: 100, description: 'The most objects of the answer.' },
  },
  required: ['context', 'query'],
  run: ({ context, query: asked, limit = 100 }, { clusters, signal, progress }) =>
    clusters.use(context, async (session) => {
      const hits = new Map<string, SearchHit>()
      let cluster: SearchedCluster | undefined
      const cut = new Set<string>()
      const ended = new AbortController()
      setMaxListeners(0, ended.signal)
      signal.addEventListener('abort', () => ended.abort(), { once: true })
      const done = new Promise<number>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(problem('Timeout', 'cancelled')), { once: true })
        const stream: StreamContext<'search'> = {
          emit: (event) => {
            if (event.type === 'hits') for (const hit of event.hits) hits.set(hit.id, hit)
            else if (event.type === 'gone') for (const id of event.ids) hits.delete(id)
            else if (event.type === 'progress') progress(event.read, event.of, 'kinds read')
            else if (event.type === 'cluster') {
              cluster = event.cluster
              if (cluster.error) reject(new BackendError(cluster.error))
            } else if (event.type === 'cut') cut.add(event.kind)
            else if (event.type === 'problem') reject(new BackendError({ reason: 'Invalid', message: `${event.part}: ${event.message}` }))
            else if (event.type === 'done') resolve(event.looked)
          },
          end: (error) => (error ? reject(new BackendError(error)) : resolve(0)),
          signal: ended.signal,
          pending: 0,
          drained: () => Promise.resolve(),
          onInput: () => undefined,
        }
        streamSearch(() => session, { query: asked, clusters: [{ context }] }, stream).catch(reject)
      })
      try {
        const looked = await done
        const found = [...hits.values()]
        const rows = found
          .slice(0, limit)
          .map((h) => [
            h.kind,
            h.ref.namespace ?? '',
            h.ref.name,
            typeof h.status === 'object' ? (h.status?.text ?? '') : (h.status ?? ''),
            h.matches.map((m) => `${m.field}: ${m.text}`).join('; '),
          ])
        const notes = [
          `${looked} objects were looked at, ${found.length} found${found.length > limit ? `, ${limit} shown` : ''}.`,
          cut.size ? `Of these kinds not all were looked at: ${[...cut].join(', ')}.` : '',
          cluster?.refused.length ? `These kinds may not be listed: ${cluster.refused.join(', ')}.` : '',
        ].filter(Boolean)
        return part(notes.join(' ') + (rows.length ? `\n${table(['KIND', 'NAMESPACE', 'NAME', 'STATUS', 'MATCHES'], rows)}` : ''))
      } finally {
        ended.abort()
      }
    }),
}
