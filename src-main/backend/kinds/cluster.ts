/** What a cluster is made of: Namespaces and CustomResourceDefinitions. */
import { ageColumn, born, nameColumn, type Json, type ListKind } from './kind.js'

export const namespaces: ListKind = {
  group: '',
  resource: 'namespaces',
  columns: [
    nameColumn,
    { id: 'status', title: 'Status', type: 'status', width: 110 },
    { id: 'pods', title: 'Pods', type: 'number', width: 76, align: 'right', ofPods: true },
    { id: 'labels', title: 'Labels', type: 'text', width: 360 },
    ageColumn,
  ],
  cells: (o) => {
    const phase = o.status?.phase ?? ''
    const stuck = (o.status?.conditions ?? []).find((c: Json) => c.status === 'True')
    return [
      o.metadata?.name ?? '',
      { text: phase, tone: phase === 'Active' ? 'ok' : 'busy', ...(stuck ? { title: stuck.message } : {}) },
      null,
      Object.entries(o.metadata?.labels ?? {})
        .map(([k, v]) => `${k}=${v}`)
        .join(', '),
      born(o),
    ]
  },
  pods: { of: 'namespaces', column: 'pods', cell: (names) => names.length },
}

export const customResourceDefinitions: ListKind = {
  group: 'apiextensions.k8s.io',
  resource: 'customresourcedefinitions',
  columns: [
    nameColumn,
    { id: 'kind', title: 'Kind', type: 'text', width: 150 },
    { id: 'group', title: 'Group', type: 'text', width: 180 },
    { id: 'versions', title: 'Versions', type: 'text', width: 130 },
    { id: 'scope', title: 'Scope', type: 'text', width: 100 },
    { id: 'established', title: 'Established', type: 'status', width: 110 },
    { id: 'shortNames', title: 'Short names', type: 'text', width: 110, wide: true },
    { id: 'categories', title: 'Categories', type: 'text', width: 110, wide: true },
    ageColumn,
  ],
  cells: (o) => {
    const conditions: Json[] = o.status?.conditions ?? []
    const established = conditions.some((c) => c.type === 'Established' && c.status === 'True')
    const wrong = conditions.find(
      (c) => (c.type === 'NamesAccepted' && c.status === 'False') || (c.type === 'NonStructuralSchema' && c.status === 'True'),
    )
    return [
      o.metadata?.name ?? '',
      o.spec?.names?.kind ?? '',
      o.spec?.group ?? '',
      (o.spec?.versions ?? [])
        .filter((v: Json) => v.served)
        .map((v: Json) => v.name)
        .join(', '),
      o.spec?.scope ?? '',
      {
        text: established ? 'True' : 'False',
        tone: wrong ? 'bad' : established ? 'ok' : 'busy',
        ...(wrong ? { title: wrong.message } : {}),
      },
      (o.spec?.names?.shortNames ?? []).join(', '),
      (o.spec?.names?.categories ?? []).join(', '),
      born(o),
    ]
  },
}
