/** Pods, with the status word that kubectl prints. */
import { podAllowance, podUsageCells, podUsageColumns } from '../metrics/usage-cells.js'
import type { Cell } from '../rpc/contract.js'
import { ageColumn, born, nameColumn, namespaceColumn, type Json, type ListKind } from './kind.js'

type Tone = 'ok' | 'warn' | 'bad' | 'busy' | 'off'

/** The STATUS, READY and RESTARTS of a pod, as `kubectl get pods` computes them. */
export function podSummary(pod: Json): { status: string; ready: number; total: number; restarts: number; lastRestart: number | null } {
  const spec = pod.spec ?? {}
  const status = pod.status ?? {}
  let reason: string = status.reason || status.phase || ''
  for (const c of status.conditions ?? []) if (c.type === 'PodScheduled' && c.reason === 'SchedulingGated') reason = 'SchedulingGated'
  const inits: Json[] = spec.initContainers ?? []
  const sidecars = new Set(inits.filter((c) => c.restartPolicy === 'Always').map((c) => c.name))
  let ready = 0
  let restarts = 0
  let lastRestart: number | null = null
  const noteRestart = (c: Json): void => {
    const at = c.lastState?.terminated?.finishedAt
    if (at) lastRestart = Math.max(lastRestart ?? 0, Date.parse(at))
  }
  let initializing = false
  const initStatuses: Json[] = status.initContainerStatuses ?? []
  for (const [i, c] of initStatuses.entries()) {
    restarts += c.restartCount ?? 0
    noteRestart(c)
    const sidecar = sidecars.has(c.name)
    if (sidecar && c.ready) ready++
    if (initializing) continue
    if (c.state?.terminated?.exitCode === 0) continue
    if (sidecar && c.started) continue
    const t = c.state?.terminated
    const waiting = c.state?.waiting?.reason
    if (t) reason = t.reason ? `Init:${t.reason}` : t.signal ? `Init:Signal:${t.signal}` : `Init:ExitCode:${t.exitCode}`
    else if (waiting && waiting !== 'PodInitializing') reason = `Init:${waiting}`
    else reason = `Init:${i}/${inits.length}`
    initializing = true
  }
  if (!initializing) {
    restarts = initStatuses.filter((c) => sidecars.has(c.name)).reduce((n: number, c) => n + (c.restartCount ?? 0), 0)
    let running = false
    for (const c of [...(status.containerStatuses ?? [])].reverse()) {
      restarts += c.restartCount ?? 0
      noteRestart(c)
      const t = c.state?.terminated
      if (c.state?.waiting?.reason) reason = c.state.waiting.reason
      else if (t?.reason) reason = t.reason
      else if (t) reason = t.signal ? `Signal:${t.signal}` : `ExitCode:${t.exitCode}`
      else if (c.ready && c.state?.running) {
        running = true
        ready++
      }
    }
    if (reason === 'Completed' && running)
      reason = (status.conditions ?? []).some((c: Json) => c.type === 'Ready' && c.status === 'True') ? 'Running' : 'NotReady'
  }
  if (pod.metadata?.deletionTimestamp) reason = status.reason === 'NodeLost' ? 'Unknown' : 'Terminating'
  return { status: reason, ready, total: (spec.containers ?? []).length + sidecars.size, restarts, lastRestart }
}

/** The colour of a status word. */
export function podTone(status: string, allReady: boolean): Tone {
  if (status === 'Running') return allReady ? 'ok' : 'warn'
  if (status === 'Succeeded' || status === 'Completed') return 'off'
  if (/^(Pending|ContainerCreating|PodInitializing|Terminating|SchedulingGated|NotReady)$|^Init:\d+\/\d+$/.test(status)) return 'busy'
  if (status === 'Unknown') return 'warn'
  return 'bad'
}

/** How many of the readiness gates are open, as `kubectl get pods -o wide` counts them; empty where there are none. */
function readinessGates(pod: Json): Cell {
  const gates: Json[] = pod.spec?.readinessGates ?? []
  const open = gates.filter((g) => (pod.status?.conditions ?? []).some((c: Json) => c.type === g.conditionType && c.status === 'True'))
  return gates.length ? `${open.length}/${gates.length}` : null
}

/** One brick per container: `name:state` with a tone, joined so that it crosses cheaply. */
function bricks(pod: Json): Cell {
  const tones: string[] = []
  const statuses: Json[] = pod.status?.containerStatuses ?? []
  for (const c of pod.spec?.containers ?? []) {
    const s = statuses.find((x) => x.name === c.name)
    const state = s?.state ?? {}
    const tone: Tone = state.running
      ? s.ready
        ? 'ok'
        : 'warn'
      : state.terminated
        ? state.terminated.exitCode === 0
          ? 'off'
          : 'bad'
        : /Err|BackOff|Invalid/.test(state.waiting?.reason ?? '')
          ? 'bad'
          : 'busy'
    const word = state.running ? 'running' : (state.terminated?.reason ?? state.waiting?.reason ?? 'waiting')
    tones.push(`${c.name}\t${word}\t${tone}`)
  }
  return { text: tones.join('\n'), sort: tones.length }
}

export const pods: ListKind = {
  group: '',
  resource: 'pods',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'containers', title: 'Containers', type: 'bricks', width: 96 },
    { id: 'ready', title: 'Ready', type: 'text', width: 60, align: 'right' },
    { id: 'status', title: 'Status', type: 'status', width: 150 },
    { id: 'restarts', title: 'Restarts', type: 'number', width: 80, align: 'right', stays: 'long' },
    { id: 'lastRestart', title: 'Last restart', type: 'age', width: 96, align: 'right', wide: true },
    ...podUsageColumns,
    { id: 'ip', title: 'IP', type: 'text', width: 110, stays: 'brief', whole: true },
    { id: 'node', title: 'Node', type: 'text', width: 130 },
    { id: 'owner', title: 'Controlled by', type: 'text', width: 200 },
    { id: 'qos', title: 'QoS', type: 'text', width: 90, wide: true },
    { id: 'serviceAccount', title: 'Service account', type: 'text', width: 120, wide: true },
    { id: 'nominatedNode', title: 'Nominated node', type: 'text', width: 130, wide: true },
    { id: 'readinessGates', title: 'Readiness gates', type: 'text', width: 110, wide: true },
    { id: 'images', title: 'Images', type: 'text', width: 220, wide: true },
    ageColumn,
  ],
  cells(pod) {
    const s = podSummary(pod)
    const owner = (pod.metadata?.ownerReferences ?? []).find((r: Json) => r.controller)
    return [
      pod.metadata?.name ?? '',
      pod.metadata?.namespace ?? '',
      bricks(pod),
      { text: `${s.ready}/${s.total}`, sort: s.total ? s.ready / s.total : 0 },
      { text: s.status, tone: podTone(s.status, s.ready === s.total), ...(pod.status?.message ? { title: pod.status.message } : {}) },
      s.restarts,
      s.lastRestart,
      ...podUsageColumns.map(() => null),
      pod.status?.podIP ?? '',
      pod.spec?.nodeName ?? '',
      owner ? `${owner.kind}/${owner.name}` : '',
      pod.status?.qosClass ?? '',
      pod.spec?.serviceAccountName ?? '',
      pod.status?.nominatedNodeName ?? '',
      readinessGates(pod),
      (pod.spec?.containers ?? []).map((c: Json) => c.image).join(', '),
      born(pod),
    ]
  },
  usage: {
    resource: 'pods',
    columns: podUsageColumns.map((c) => c.id),
    allowance: podAllowance,
    cells: podUsageCells,
  },
}
