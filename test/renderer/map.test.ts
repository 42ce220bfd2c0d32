import { describe, expect, it } from 'vitest'
import type { RelatedObject, Relation } from '../../src-main/backend/rpc/contract.js'
import { isTroubled, partOf, partsOf } from '../../src-renderer/views/map/components.js'
import { layoutMap, nextCard } from '../../src-renderer/views/map/map-layout.js'
import { relationTree } from '../../src-renderer/views/map/relation-tree.js'

const kinds: Record<string, [kind: string, group: string]> = {
  ingresses: ['Ingress', 'networking.k8s.io'],
  services: ['Service', ''],
  horizontalpodautoscalers: ['HorizontalPodAutoscaler', 'autoscaling'],
  deployments: ['Deployment', 'apps'],
  replicasets: ['ReplicaSet', 'apps'],
  statefulsets: ['StatefulSet', 'apps'],
  databases: ['Database', 'db.example.com'],
  pods: ['Pod', ''],
  configmaps: ['ConfigMap', ''],
}
/** `services/web`, with a tone behind it where it has one: `services/web bad`. */
function object(text: string): RelatedObject {
  const [path = '', tone] = text.split(' ')
  const [resource = '', name = ''] = path.split('/')
  const [kind, group] = kinds[resource]!
  const ref = { group, version: 'v1', resource, namespace: 'shop', name }
  const info = { ...ref, kind, namespaced: true, verbs: [], shortNames: [], categories: [] }
  return { id: path, kind: info, ref, status: '', ...(tone ? { tone: tone as 'bad' } : {}) }
}
const relation = (text: string): Relation => {
  const [from = '', type = '', to = ''] = text.split(' ')
  return { from, to, type: type as Relation['type'] }
}
const graphOf = (objects: string[], relations: string[]) => ({ objects: objects.map(object), relations: relations.map(relation) })

const pods = ['pods/web-1-a ok', 'pods/web-1-b bad', 'pods/web-1-c ok']
const shop = graphOf(
  [
    'ingresses/front',
    'services/web',
    'horizontalpodautoscalers/web',
    'deployments/web',
    'replicasets/web-1',
    ...pods,
    'configmaps/web',
    'deployments/alone',
    'configmaps/x',
  ],
  [
    'ingresses/front routes services/web',
    'services/web selects deployments/web',
    'horizontalpodautoscalers/web scales deployments/web',
    'deployments/web owns replicasets/web-1',
    'deployments/web uses configmaps/web',
    ...['a', 'b', 'c'].map((x) => `replicasets/web-1 owns pods/web-1-${x}`),
  ],
)

describe('a map', () => {
  it('falls into parts that have nothing to do with each other; what stands alone is one part at the end', () => {
    const parts = partsOf(shop)
    expect(parts.map((p) => [p.name, p.objects.length, isTroubled(p)])).toEqual([
      ['front', 9, true],
      ['\uffff', 2, false],
    ])
    expect(partOf(shop, 'configmaps/x')?.objects.map((o) => o.id)).toEqual(['configmaps/x'])
    expect(partOf(shop, 'pods/none')).toBeUndefined()
  })

  it('has a column for the way in, Services, workloads, what they make, pods, and what those use', () => {
    const { cards, lines } = layoutMap([partsOf(shop)[0]!], 1400)
    const columns = Object.fromEntries(cards.map((c) => [c.id, c.column]))
    expect(columns).toEqual({
      'ingresses/front': 0,
      'services/web': 1,
      'horizontalpodautoscalers/web': 1,
      'deployments/web': 2,
      'replicasets/web-1': 3,
      'pods of replicasets/web-1': 4,
      'configmaps/web': 5,
    })
    expect(lines.map((l) => `${l.from} ${l.type} ${l.to}`)).toEqual([
      'ingresses/front routes services/web',
      'services/web selects deployments/web',
      'horizontalpodautoscalers/web scales deployments/web',
      'deployments/web owns replicasets/web-1',
      // Drawn from the pods, which are nearer.
      'pods of replicasets/web-1 uses configmaps/web',
      'replicasets/web-1 owns pods of replicasets/web-1',
    ])
  })

  it('has the pods of one owner in one box, those in trouble first, and counts those it has no line for', () => {
    const box = layoutMap([partsOf(shop)[0]!], 1400).cards.find((c) => c.id.startsWith('pods of'))!
    expect([box.objects.map((o) => o.ref.name), box.more]).toEqual([['web-1-b', 'web-1-a', 'web-1-c'], 0])
    const names = Array.from({ length: 40 }, (_, i) => `pods/db-${String(i).padStart(2, '0')}`)
    const many = graphOf(
      ['statefulsets/db', ...names],
      names.map((n) => `statefulsets/db owns ${n}`),
    )
    const [first] = layoutMap(partsOf(many), 1400).cards
    expect([first!.objects.length, first!.more, first!.height]).toEqual([5, 35, 132])
  })

  it('lets no two boxes lie on each other, gives columns without boxes no room, and is as wide as there is room', () => {
    for (const width of [700, 1400]) {
      const layout = layoutMap(partsOf(shop), width)
      for (const a of layout.cards)
        for (const b of layout.cards)
          if (a !== b && a.column === b.column) expect(a.y + a.height <= b.y || b.y + b.height <= a.y, `${a.id} ${b.id}`).toBe(true)
      expect(Math.max(...layout.cards.map((c) => c.y + c.height))).toBe(layout.height)
    }
    const bare = graphOf(['deployments/web', 'pods/x'], ['deployments/web owns pods/x'])
    expect(layoutMap(partsOf(bare), 1400).cards.map((c) => [c.column, c.x])).toEqual([
      [4, 272],
      [2, 0],
    ])
  })

  it('puts the owner of workloads, such as an operator’s resource, before them', () => {
    const graph = graphOf(
      ['databases/main', 'statefulsets/main', 'pods/main-0'],
      ['databases/main owns statefulsets/main', 'statefulsets/main owns pods/main-0'],
    )
    expect(Object.fromEntries(layoutMap(partsOf(graph), 1400).cards.map((c) => [c.id, c.column]))).toMatchObject({
      'databases/main': 2,
      'statefulsets/main': 3,
    })
  })

  it('has what an Ingress alone uses beside its Services, and what pods use too with the rest', () => {
    const graph = graphOf(
      ['ingresses/front', 'services/web', 'deployments/web', 'pods/web-a', 'configmaps/tls', 'configmaps/both'],
      [
        'ingresses/front routes services/web',
        'services/web selects deployments/web',
        'deployments/web owns pods/web-a',
        'ingresses/front uses configmaps/tls',
        'ingresses/front uses configmaps/both',
        'deployments/web uses configmaps/both',
      ],
    )
    expect(Object.fromEntries(layoutMap(partsOf(graph), 1400).cards.map((c) => [c.id, c.column]))).toMatchObject({
      'services/web': 1,
      'configmaps/tls': 1,
      'configmaps/both': 5,
    })
  })

  it('is walked with the arrow keys', () => {
    const layout = layoutMap(partsOf(shop), 1400)
    const { cards } = layout
    expect(nextCard(layout, 'deployments/web', 'ArrowRight')?.id).toBe('replicasets/web-1')
    expect(nextCard(layout, 'services/web', 'ArrowLeft')?.id).toBe('ingresses/front')
    expect(nextCard(layout, 'deployments/web', 'ArrowDown')?.id).toBe('deployments/alone')
    expect(nextCard(layout, 'ingresses/front', 'ArrowLeft')).toBeUndefined()
    const column = cards.filter((c) => c.column === 1).sort((a, b) => a.y - b.y)
    expect(nextCard(layout, column[0]!.id, 'ArrowDown')?.id).toBe(column[1]!.id)
  })
})

describe('what is related to an object', () => {
  const written = (id: string) =>
    relationTree(partOf(shop, id)!, id).map((l) => `${'  '.repeat(l.depth)}${l.via ?? ''} ${l.object.id}${l.again ? ' ↑' : ''}`)

  it('is all that leads to it, itself, and what its owners use; not the other pods', () => {
    expect(written('pods/web-1-b')).toEqual([
      ' ingresses/front',
      '  routes services/web',
      '    selects deployments/web',
      '      owns replicasets/web-1',
      '        owns pods/web-1-b',
      '      uses configmaps/web',
      ' horizontalpodautoscalers/web',
      '  scales deployments/web ↑',
    ])
  })

  it('of what is used is all that uses it', () => {
    expect(written('configmaps/web')).toEqual([
      ' ingresses/front',
      '  routes services/web',
      '    selects deployments/web',
      '      uses configmaps/web',
      ' horizontalpodautoscalers/web',
      '  scales deployments/web ↑',
    ])
  })

  it('is itself alone where nothing is', () => {
    expect(written('deployments/alone')).toEqual([' deployments/alone'])
  })
})
