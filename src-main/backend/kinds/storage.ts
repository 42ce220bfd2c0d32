/** PersistentVolumeClaims, PersistentVolumes and StorageClasses. */
import { usageQuantity } from '../metrics/usage.js'
import type { Cell } from '../rpc/contract.js'
import { ageColumn, born, nameColumn, namespaceColumn, usedByColumn, usersCell, type Json, type ListKind } from './kind.js'

const shortModes: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}
const modes = (list: string[] = []): string => list.map((m) => shortModes[m] ?? m).join(',')
const modesColumn = { id: 'accessModes', title: 'Access modes', type: 'text', width: 100 } as const
const volumeModeColumn = { id: 'volumeMode', title: 'Volume mode', type: 'text', width: 100, wide: true } as const
const attributesClassColumn = { id: 'attributesClass', title: 'Attributes class', type: 'text', width: 120, wide: true } as const
const classColumn = { id: 'storageClass', title: 'Storage class', type: 'text', width: 110 } as const

const capacityCell = (quantity: string | undefined): Cell => (quantity ? { text: quantity, sort: usageQuantity(quantity) } : null)

const claimTones: Record<string, 'ok' | 'busy' | 'bad'> = { Bound: 'ok', Pending: 'busy', Lost: 'bad' }
const volumeTones: Record<string, 'ok' | 'off' | 'warn' | 'bad' | 'busy'> = {
  Bound: 'ok',
  Available: 'off',
  Released: 'warn',
  Failed: 'bad',
  Pending: 'busy',
}

export const persistentVolumeClaims: ListKind = {
  group: '',
  resource: 'persistentvolumeclaims',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'status', title: 'Status', type: 'status', width: 110 },
    { id: 'volume', title: 'Volume', type: 'text', width: 200, stays: 'brief' },
    { id: 'capacity', title: 'Capacity', type: 'text', width: 80, align: 'right', stays: 'long' },
    modesColumn,
    classColumn,
    usedByColumn,
    attributesClassColumn,
    volumeModeColumn,
    ageColumn,
  ],
  cells: (o) => {
    const phase = o.metadata?.deletionTimestamp ? 'Terminating' : (o.status?.phase ?? 'Pending')
    const resizing = (o.status?.conditions ?? []).find((c: Json) => /Resiz/.test(c.type) && c.status === 'True')
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      {
        text: phase,
        tone: resizing ? 'busy' : (claimTones[phase] ?? 'busy'),
        ...(resizing ? { title: [resizing.type, resizing.message].filter(Boolean).join(': ') } : {}),
      },
      o.spec?.volumeName ?? '',
      capacityCell(o.status?.capacity?.storage ?? o.spec?.resources?.requests?.storage),
      modes(o.status?.accessModes ?? o.spec?.accessModes),
      o.spec?.storageClassName ?? '',
      null,
      o.status?.currentVolumeAttributesClassName ?? o.spec?.volumeAttributesClassName ?? '',
      o.spec?.volumeMode ?? '',
      born(o),
    ]
  },
  pods: { of: 'persistentvolumeclaims', column: 'usedBy', cell: usersCell },
}

/** Where a volume's data is: the field of its spec that names a source. */
function source(spec: Json): string {
  if (spec?.csi) return spec.csi.driver
  const known = ['hostPath', 'local', 'nfs', 'iscsi', 'fc', 'rbd', 'cephfs', 'awsElasticBlockStore', 'gcePersistentDisk', 'azureDisk']
  const name = known.find((k) => spec?.[k])
  return name ? [name, spec[name].path].filter(Boolean).join(' ') : ''
}

export const persistentVolumes: ListKind = {
  group: '',
  resource: 'persistentvolumes',
  columns: [
    nameColumn,
    { id: 'capacity', title: 'Capacity', type: 'text', width: 80, align: 'right', stays: 'long' },
    modesColumn,
    { id: 'reclaimPolicy', title: 'Reclaim policy', type: 'text', width: 110 },
    { id: 'status', title: 'Status', type: 'status', width: 110 },
    { id: 'claim', title: 'Claim', type: 'text', width: 200, stays: 'long' },
    classColumn,
    { id: 'reason', title: 'Reason', type: 'text', width: 110 },
    { id: 'source', title: 'Source', type: 'text', width: 160 },
    attributesClassColumn,
    volumeModeColumn,
    ageColumn,
  ],
  cells: (o) => {
    const phase = o.metadata?.deletionTimestamp ? 'Terminating' : (o.status?.phase ?? '')
    const claim = o.spec?.claimRef
    return [
      o.metadata?.name ?? '',
      capacityCell(o.spec?.capacity?.storage),
      modes(o.spec?.accessModes),
      o.spec?.persistentVolumeReclaimPolicy ?? '',
      { text: phase, tone: volumeTones[phase] ?? 'busy', ...(o.status?.message ? { title: o.status.message } : {}) },
      claim ? `${claim.namespace}/${claim.name}` : '',
      o.spec?.storageClassName ?? '',
      o.status?.reason ?? '',
      source(o.spec),
      o.spec?.volumeAttributesClassName ?? '',
      o.spec?.volumeMode ?? '',
      born(o),
    ]
  },
}

export const storageClasses: ListKind = {
  group: 'storage.k8s.io',
  resource: 'storageclasses',
  columns: [
    nameColumn,
    { id: 'default', title: 'Default', type: 'status', width: 90 },
    { id: 'provisioner', title: 'Provisioner', type: 'text', width: 240, stays: 'long' },
    { id: 'reclaimPolicy', title: 'Reclaim policy', type: 'text', width: 110 },
    { id: 'bindingMode', title: 'Binding mode', type: 'text', width: 170 },
    { id: 'expansion', title: 'Expansion', type: 'text', width: 90 },
    ageColumn,
  ],
  cells: (o) => {
    const isDefault = o.metadata?.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true'
    return [
      o.metadata?.name ?? '',
      isDefault ? { text: 'Default', tone: 'ok' } : '',
      o.provisioner ?? '',
      o.reclaimPolicy ?? 'Delete',
      o.volumeBindingMode ?? 'Immediate',
      String(o.allowVolumeExpansion ?? false),
      born(o),
    ]
  },
}
