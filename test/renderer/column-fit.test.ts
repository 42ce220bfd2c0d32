import { describe, expect, it } from 'vitest'
import { horizontalPodAutoscalers } from '../../src-main/backend/kinds/autoscalers.js'
import { clusterRoleBindings } from '../../src-main/backend/kinds/bindings.js'
import { podDisruptionBudgets } from '../../src-main/backend/kinds/disruption-budgets.js'
import { events } from '../../src-main/backend/kinds/events.js'
import { cronJobs, jobs } from '../../src-main/backend/kinds/jobs.js'
import { ingresses } from '../../src-main/backend/kinds/ingresses.js'
import type { ListKind } from '../../src-main/backend/kinds/kind.js'
import { pods as podKind } from '../../src-main/backend/kinds/pods.js'
import { persistentVolumeClaims } from '../../src-main/backend/kinds/storage.js'
import { deployments } from '../../src-main/backend/kinds/workloads.js'
import type { ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import { fitColumns } from '../../src-renderer/components/column-fit.js'
import type { PlacedColumn } from '../../src-renderer/components/table-row.js'
import { widestCells } from '../../src-renderer/components/widest-cells.js'
import { projectionOf } from './fake-columns.js'

const placed = (kind: ListKind): PlacedColumn[] => kind.columns.filter((c) => !c.wide).map((column, index) => ({ column, index }))
const pods = placed(podKind)
const heading = (c: ColumnInfo) => c.title
/** The columns of a kind that are shown in a list of a width. */
const shownOf = (kind: ListKind, width: number, content?: Record<string, number>) =>
  fitColumns(placed(kind), width, heading, content ? { content } : {}).shown.map((c) => c.column.id)
const ids = (width: number, sized: Record<string, number> = {}) => fitColumns(pods, width, heading, { sized }).shown.map((c) => c.column.id)

describe('columns', () => {
  it('are all shown where there is room', () => {
    const all = ['name', 'namespace', 'containers', 'ready', 'status', 'restarts', 'cpu', 'memory', 'ip', 'node', 'owner', 'age']
    expect(ids(1600)).toEqual(all)
  })

  it('give way from the least telling, and name, status and age stay', () => {
    expect(ids(1200)).toEqual(['name', 'namespace', 'containers', 'ready', 'status', 'restarts', 'cpu', 'memory', 'node', 'age'])
    expect(ids(1000)).toEqual(['name', 'namespace', 'containers', 'ready', 'status', 'restarts', 'cpu', 'memory', 'age'])
    expect(ids(615)).toEqual(['name', 'namespace', 'containers', 'status', 'age'])
    expect(ids(400)).toEqual(['name', 'status', 'age'])
    expect(ids(300)).toEqual(['name', 'status'])
  })

  it('of what bricks show go first, and times of the past before the namespace', () => {
    expect(shownOf(deployments, 760)).toEqual(['name', 'namespace', 'ready', 'pods', 'cpu', 'memory', 'age'])
    expect(shownOf(cronJobs, 640)).toEqual(['name', 'namespace', 'schedule', 'suspended', 'nextRun', 'age'])
  })

  it('that say least go before an amount does: the volume of a claim before its size, an address before its hosts is cut', () => {
    const content = { name: 120, namespace: 60, status: 90, volume: 300, capacity: 70, accessModes: 90, storageClass: 90, usedBy: 90 }
    expect(shownOf(persistentVolumeClaims, 620, content)).toEqual([
      'name',
      'namespace',
      'status',
      'capacity',
      'accessModes',
      'storageClass',
      'age',
    ])
    expect(shownOf(podDisruptionBudgets, 770)).toEqual(['name', 'namespace', 'minAvailable', 'maxUnavailable', 'allowed', 'age'])
    expect(shownOf(ingresses, 575, { name: 80, namespace: 80, hosts: 120, address: 110 })).toEqual([
      'name',
      'namespace',
      'hosts',
      'address',
      'age',
    ])
  })

  it('go before a name is cut beyond recognition, and before what says most is', () => {
    const long = { name: 420, role: 330, users: 190, groups: 120, serviceAccounts: 260 }
    expect(shownOf(clusterRoleBindings, 575, long)).toEqual(['name', 'role', 'age'])
    expect(fitColumns(placed(clusterRoleBindings), 745, heading, { content: long }).template).toContain(' minmax(335px, 335fr) ')
    // The names of pods that a Deployment makes.
    expect(shownOf(podKind, 585, { name: 206, namespace: 0, status: 150, containers: 96, restarts: 80 })).toEqual([
      'name',
      'namespace',
      'containers',
      'status',
      'age',
    ])
    const messages = { namespace: 80, type: 90, lastSeen: 84, reason: 200, object: 330, message: 900, source: 190, count: 64 }
    expect(shownOf(events, 1190, messages)).toEqual(['type', 'lastSeen', 'reason', 'object', 'message', 'count', 'namespace'])
    expect(shownOf(events, 1390, messages)).toContain('source')
    // In a small window none of it needs to be scrolled sideways.
    expect(fitColumns(placed(events), 740, heading, { content: messages }).minWidth).toBeLessThanOrEqual(740)
  })

  it('of an autoscaler keep what it measures longer than the numbers beside it', () => {
    const shown = (width: number) => shownOf(horizontalPodAutoscalers, width)
    expect(shown(760)).toEqual(['name', 'namespace', 'targets', 'min', 'max', 'replicas', 'age'])
    expect(shown(480)).toEqual(['name', 'namespace', 'targets', 'age'])
    expect(shown(420)).toEqual(['name', 'namespace', 'age'])
  })

  it('that stay are cut before the list scrolls sideways, the name first, and the age goes before names are beyond recognition', () => {
    const content = { name: 260, status: 150, duration: 70, age: 70 }
    const at = (kind: ListKind, width: number) => {
      const { shown, template, minWidth } = fitColumns(placed(kind), width, heading, { content })
      return [shown.map((c) => c.column.id).join(' '), template, minWidth]
    }
    const name = (px: number) => `32px minmax(${px}px, ${px}fr)`
    expect(at(podKind, 390)).toEqual(['name status age', `${name(138)} 150px 70px`, 390])
    expect(at(podKind, 358)).toEqual(['name status age', `${name(128)} 128px 70px`, 358])
    expect(at(podKind, 348)).toEqual(['name status', `${name(166)} 150px`, 342])
    expect(at(podKind, 320)).toEqual(['name status', `${name(138)} 150px`, 320])
    expect(at(podKind, 200)).toEqual(['name status age', `${name(104)} 104px 70px`, 310])
    expect(at(jobs, 358)[0]).toEqual('name status age')
  })

  it('that a person has sized keep their size and stay', () => {
    const fitted = fitColumns(pods, 615, heading, { sized: { owner: 333 } })
    expect(fitted.shown.map((c) => c.column.id)).toContain('owner')
    expect(fitted.template).toMatch(/ 333px\b/)
  })

  it('never need more than the list has before it scrolls sideways', () => {
    for (const width of [615, 720, 950, 1280, 1920]) expect(fitColumns(pods, width, heading).minWidth).toBeLessThanOrEqual(width)
  })

  it('of states keep room for the longest usual one where there is some, so that a state is read the moment it changes', () => {
    const nodes = projectionOf('nodes')
      .columns.filter((c) => !c.wide)
      .map((column, index) => ({ column, index }))
    const content = { name: 110, status: 80, roles: 110, version: 80, internalIP: 110 }
    const tracks = (width: number) => {
      const { shown, template } = fitColumns(nodes, width, heading, { content })
      return template.split(/ (?![^(]*\))/)[shown.findIndex((c) => c.column.id === 'status') + 1]
    }
    expect(tracks(1120)).toBe('160px')
    // Where there is none, it gives no other column's away.
    expect(tracks(290)).toBe('80px')
  })

  it('are as wide as what they hold, and so more of them fit', () => {
    const content = { name: 120, namespace: 80, status: 90, node: 100, owner: 160, containers: 96 }
    const shownAt = (known: object) => fitColumns(pods, 780, heading, known).shown.map((c) => c.column.id)
    expect(shownAt({})).toEqual(['name', 'namespace', 'containers', 'status', 'restarts', 'age'])
    expect(shownAt({ content })).toEqual(['name', 'namespace', 'containers', 'ready', 'status', 'restarts', 'cpu', 'memory', 'age'])
    expect(fitColumns(pods, 780, heading, { content }).template).toMatch(/^32px minmax\(120px, 120fr\) minmax\(80px, 80fr\) 96px /)
  })

  it('give way before a long name is cut, up to a quarter of the list', () => {
    const content = { name: 300, namespace: 80, status: 90, node: 100, owner: 160, containers: 96 }
    const { shown, template } = fitColumns(pods, 1080, heading, { content })
    expect(shown.map((c) => c.column.id)).toEqual([
      'name',
      'namespace',
      'containers',
      'ready',
      'status',
      'restarts',
      'cpu',
      'memory',
      'node',
      'age',
    ])
    expect(template).toContain('minmax(300px, 300fr)')
  })

  it('give a state that is cut what is left before a name, and no name takes all the room', () => {
    const content = { name: 2000, namespace: 80, status: 176, containers: 96 }
    const tracks = (width: number) => fitColumns(pods.slice(0, 5), width, heading, { content }).template
    expect(tracks(700)).toContain(' 176px')
    expect(tracks(700)).toContain(' minmax(256px, 256fr) ')
    expect(tracks(1400)).toContain(' minmax(630px, 630fr) ')
  })
})

describe('text that is cut', () => {
  it('is that of as few columns as possible: what lacks little is given it before a long name gets more', () => {
    const columns = [
      { column: { id: 'name', title: 'Name', type: 'text' as const, width: 260 }, index: -1 },
      { column: { id: 'node', title: 'Node', type: 'text' as const, width: 130 }, index: 0 },
    ]
    const { template } = fitColumns(columns, 32 + 220 + 100 + 30, heading, { content: { name: 400, node: 110 } })
    expect(template).toBe('32px minmax(240px, 240fr) minmax(110px, 110fr)')
  })
})

describe('the widest cells', () => {
  const columns: PlacedColumn[] = [
    { column: { id: 'name', title: 'Name', type: 'text' }, index: -1 },
    { column: { id: 'status', title: 'Status', type: 'status' }, index: 0 },
    { column: { id: 'restarts', title: 'Restarts', type: 'number', align: 'right' }, index: 1 },
    { column: { id: 'containers', title: 'C', type: 'bricks' }, index: 2 },
  ]
  const row = (name: string, status: string, warning = false): Row => ({
    id: name,
    name,
    namespace: 'shop',
    cells: [{ text: status, tone: 'bad' }, 3, { text: 'a\trunning\tok\nb\trunning\tok\nc\trunning\tok' }],
    ...(warning ? { warning: { reason: 'BackOff', message: 'Back-off', count: 1, last: 0 } } : {}),
  })
  const tenEach = (text: string) => text.length * 10

  it('count the marks of states and warnings, and leave out numbers, which count up', () => {
    const rows = [row('web', 'Running'), row('web-1', 'CrashLoopBackOff', true)]
    expect(widestCells(columns, rows, tenEach, heading)).toEqual({ name: 50 + 20 + 18, status: 160 + 16 + 18, containers: 3 * 13 + 18 })
  })

  it('are no narrower than their headings', () => {
    expect(widestCells(columns, [row('a', 'x')], tenEach, heading)).toMatchObject({ name: 40 + 16 + 18, status: 60 + 16 + 18 })
  })

  it('are not known without rows, or where nothing has a width', () => {
    expect(widestCells(columns, [], tenEach, heading)).toEqual({})
    expect(widestCells(columns, [row('a', 'x')], () => 0, heading)).toEqual({})
  })
})
