import { rowOf } from '../../src-main/backend/kinds/kind.js'
import { isWorkloads, listedWorkloads, workloadColumns } from '../../src-main/backend/kinds/workload-list.js'
import type { Cell, ColumnInfo, KindInfo, ListParams, Row } from '../../src-main/backend/rpc/contract.js'
import type { FakeObject } from './fake-maker.js'
import { keyOf } from './fake-requests.js'

interface Projection {
  columns: ColumnInfo[]
  cells(o: FakeObject): Cell[]
}

const age: ColumnInfo = { id: 'age', title: 'Age', type: 'age', width: 72 }
const born = (o: FakeObject) => Date.parse(o.metadata.creationTimestamp)
const text = (id: string, title: string, width = 120, wide = false): ColumnInfo => ({
  id,
  title,
  type: 'text',
  width,
  ...(wide ? { wide } : {}),
})
const number = (id: string, title: string): ColumnInfo => ({ id, title, type: 'number', width: 84, align: 'right' })
const ratio = (a: number, b: number): Cell => ({ text: `${a}/${b}`, sort: b ? a / b : 0, tone: a === b ? 'ok' : 'warn' })

function podStatus(o: FakeObject): Cell {
  if (o.metadata.deletionTimestamp) return { text: 'Terminating', tone: 'off' }
  for (const c of o.status?.containerStatuses ?? []) {
    if (c.state.waiting?.reason)
      return {
        text: c.state.waiting.reason,
        tone: c.state.waiting.reason === 'ContainerCreating' ? 'busy' : 'bad',
        title: c.state.waiting.message,
      }
    if (c.state.terminated?.reason) return { text: c.state.terminated.reason, tone: c.state.terminated.exitCode ? 'bad' : 'off' }
  }
  const phase = o.status?.phase ?? 'Unknown'
  const ready = (o.status?.containerStatuses ?? []).every((c: { ready: boolean }) => c.ready)
  return { text: phase, tone: phase === 'Running' ? (ready ? 'ok' : 'warn') : phase === 'Pending' ? 'busy' : 'off' }
}

function bricks(o: FakeObject): Cell {
  const list = (o.status?.containerStatuses ?? []) as {
    name: string
    ready: boolean
    state: Record<string, { exitCode?: number; reason?: string }>
  }[]
  const line = (c: (typeof list)[number]) => {
    const waiting = c.state.waiting?.reason
    if (c.state.running) return `${c.name}\trunning\t${c.ready ? 'ok' : 'warn'}`
    if (c.state.terminated) return `${c.name}\t${c.state.terminated.reason ?? 'terminated'}\t${c.state.terminated.exitCode ? 'bad' : 'off'}`
    return `${c.name}\t${waiting ?? 'waiting'}\t${/BackOff|Err/.test(waiting ?? '') ? 'bad' : 'busy'}`
  }
  return { text: list.map(line).join('\n'), sort: list.length }
}

const projections: Record<string, Projection> = {
  pods: {
    columns: [
      { id: 'containers', title: 'Containers', type: 'bricks', width: 92 },
      { id: 'ready', title: 'Ready', type: 'text', width: 64 },
      { id: 'status', title: 'Status', type: 'status', width: 150 },
      number('restarts', 'Restarts'),
      text('ip', 'IP', 110, true),
      text('node', 'Node', 160),
      text('owner', 'Controlled by', 200),
      text('qos', 'QoS', 90, true),
      text('serviceAccount', 'Service account', 120, true),
      age,
    ],
    cells: (o) => {
      const list = o.status?.containerStatuses ?? []
      const owner = o.metadata.ownerReferences?.[0]
      return [
        bricks(o),
        { text: `${list.filter((c: { ready: boolean }) => c.ready).length}/${o.spec.containers.length}`, sort: list.length },
        podStatus(o),
        list.reduce((n: number, c: { restartCount: number }) => n + c.restartCount, 0),
        o.status?.podIP ?? null,
        o.spec.nodeName ?? null,
        owner ? `${owner.kind}/${owner.name}` : '',
        o.status?.qosClass ?? null,
        o.spec.serviceAccountName,
        born(o),
      ]
    },
  },
  'deployments.apps': {
    columns: [
      { id: 'ready', title: 'Ready', type: 'status', width: 84 },
      number('upToDate', 'Up-to-date'),
      number('available', 'Available'),
      text('images', 'Images', 240),
      text('selector', 'Selector', 160, true),
      age,
    ],
    cells: (o) => [
      ratio(o.status?.readyReplicas ?? 0, o.spec.replicas),
      o.status?.updatedReplicas ?? 0,
      o.status?.availableReplicas ?? 0,
      o.spec.template.spec.containers.map((c: { image: string }) => c.image).join(', '),
      Object.entries(o.spec.selector.matchLabels ?? {})
        .map(([k, v]) => `${k}=${String(v)}`)
        .join(','),
      born(o),
    ],
  },
  services: {
    columns: [
      text('type', 'Type', 110),
      text('clusterIP', 'Cluster IP', 120),
      text('externalIP', 'External IP', 130),
      text('ports', 'Ports', 160),
      text('selector', 'Selector', 160),
      age,
    ],
    cells: (o) => [
      o.spec.type,
      o.spec.clusterIP,
      o.status?.loadBalancer?.ingress?.[0]?.ip ?? null,
      o.spec.ports
        .map((p: { port: number; nodePort?: number; protocol: string }) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol}`)
        .join(', '),
      Object.entries(o.spec.selector ?? {})
        .map(([k, v]) => `${k}=${String(v)}`)
        .join(','),
      born(o),
    ],
  },
  configmaps: { columns: [text('keys', 'Keys', 320), age], cells: (o) => [Object.keys(o.data ?? {}).join(', '), born(o)] },
  secrets: {
    columns: [text('type', 'Type', 200), text('keys', 'Keys', 240), age],
    cells: (o) => [o.type, Object.keys(o.data ?? {}).join(', '), born(o)],
  },
  nodes: {
    columns: [
      { id: 'status', title: 'Status', type: 'status', width: 160 },
      text('roles', 'Roles', 130),
      text('version', 'Version', 100),
      text('internalIP', 'Internal IP', 130),
      text('osImage', 'OS image', 220, true),
      age,
    ],
    cells: (o) => [
      o.spec.unschedulable ? { text: 'Ready,SchedulingDisabled', tone: 'warn' } : { text: 'Ready', tone: 'ok' },
      o.metadata.labels && 'node-role.kubernetes.io/control-plane' in o.metadata.labels ? 'control-plane' : null,
      o.status.nodeInfo.kubeletVersion,
      o.status.addresses[0].address,
      o.status.nodeInfo.osImage,
      born(o),
    ],
  },
  namespaces: {
    columns: [{ id: 'status', title: 'Status', type: 'status', width: 120 }, age],
    cells: (o) => [{ text: o.status.phase, tone: 'ok' }, born(o)],
  },
}

const generic: Projection = { columns: [{ id: 'labels', title: 'Labels', type: 'labels', width: 260 }, age], cells: (o) => [null, born(o)] }

/** The columns of a list. */
export const columnsOf = (p: ListParams): ColumnInfo[] =>
  isWorkloads(p.resource) ? [...workloadColumns] : projectionOf(keyOf(p.resource)).columns

/** The rows that objects of a kind are in a list; none when it is a list of another kind. */
export function rowsOf(p: ListParams, key: string, objects: readonly FakeObject[], kinds: readonly KindInfo[]): Row[] {
  if (!isWorkloads(p.resource)) return keyOf(p.resource) === key ? objects.map(projectionOf(key).row) : []
  const workload = listedWorkloads(kinds).find((w) => w.key === key)
  if (!workload) return []
  return objects.filter((o) => p.controlled || !workload.controlled(o)).map((o) => ({ ...rowOf(workload.list, o), kind: key }))
}

/** The columns of a kind, and the row of an object. */
export function projectionOf(key: string): { columns: ColumnInfo[]; row(o: FakeObject): Row } {
  const p = projections[key] ?? generic
  const name: ColumnInfo = { id: 'name', title: 'Name', type: 'text', width: 260 }
  const namespace: ColumnInfo = { id: 'namespace', title: 'Namespace', type: 'text', width: 130 }
  return {
    columns: [name, namespace, ...p.columns],
    row: (o) => ({
      id: o.metadata.uid,
      name: o.metadata.name,
      namespace: o.metadata.namespace ?? '',
      cells: [o.metadata.name, o.metadata.namespace ?? '', ...p.cells(o)],
      ...(o.metadata.labels ? { labels: o.metadata.labels } : {}),
      ...(o.metadata.deletionTimestamp ? { deleting: true } : {}),
    }),
  }
}
