/** ConfigMaps and Secrets. Values never leave the server for a list: only the names of the keys are shown. */
import { ageColumn, born, nameColumn, namespaceColumn, usedByColumn, usersCell, type ListKind } from './kind.js'

const keysColumn = { id: 'keys', title: 'Keys', type: 'text', width: 320 } as const
/** All pods are read for it: only when a person asks for it. */
const usersColumn = { ...usedByColumn, wide: true } as const
const countColumn = { id: 'data', title: 'Data', type: 'number', width: 64, align: 'right' } as const

export const configMaps: ListKind = {
  group: '',
  resource: 'configmaps',
  columns: [nameColumn, namespaceColumn, countColumn, keysColumn, usersColumn, ageColumn],
  cells: (o) => {
    const keys = [...Object.keys(o.data ?? {}), ...Object.keys(o.binaryData ?? {})].sort()
    return [o.metadata?.name ?? '', o.metadata?.namespace ?? '', keys.length, keys.join(', '), null, born(o)]
  },
  pods: { of: 'configmaps', column: 'usedBy', cell: usersCell },
}

export const secrets: ListKind = {
  group: '',
  resource: 'secrets',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'type', title: 'Type', type: 'text', width: 240 },
    countColumn,
    keysColumn,
    usersColumn,
    ageColumn,
  ],
  cells: (o) => {
    const keys = Object.keys(o.data ?? {}).sort()
    return [o.metadata?.name ?? '', o.metadata?.namespace ?? '', o.type ?? '', keys.length, keys.join(', '), null, born(o)]
  },
  pods: { of: 'secrets', column: 'usedBy', cell: usersCell },
}
