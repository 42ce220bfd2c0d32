import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkGiven, checkImmutable, checkName, checkSupported, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { qualifiedName } from './rules/names.js'
import { deprecatedNodeLabel } from './rules/node-labels.js'
import { isEmpty, items, semanticEqual, strings } from './rules/sent.js'
import { validateParameters, validateProvisioner } from './rules/storage-class.js'
import type * as k8s from '@kubernetes/client-node'

export type StorageClass = Wire<k8s.V1StorageClass> & { metadata: ObjectMeta }

const DEFAULT_ANNOTATIONS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/storage-class-v1/ */
export const storageClass: Kind<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  model: 'V1StorageClass',
  metadataOnUpdate: 1,

  setDefaults(object) {
    object.reclaimPolicy ??= 'Delete'
    object.volumeBindingMode ??= 'Immediate'
  },
  validate: (object) =>
    collect((errors) => {
      validateProvisioner(object.provisioner, 'provisioner', errors)
      validateParameters(object.parameters, 'parameters', errors)
      checkSupported(object.reclaimPolicy, ['Delete', 'Retain'], 'reclaimPolicy', errors)
      checkGiven(object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'], 'volumeBindingMode', errors)
      validateTopologies(object, errors)
    }),
  validateUpdate: (object, old) =>
    collect((errors) => {
      if (!semanticEqual(object.parameters, old.parameters))
        errors.push(field.forbidden('parameters', 'updates to parameters are forbidden.'))
      if (object.provisioner !== old.provisioner) errors.push(field.forbidden('provisioner', 'updates to provisioner are forbidden.'))
      if (object.reclaimPolicy !== old.reclaimPolicy)
        errors.push(field.forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.'))
      checkImmutable(object.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode', errors)
    }),
  warnings: topologyWarnings,

  columns: [
    nameColumn((o) => (isDefault(o) ? `${o.metadata.name} (default)` : (o.metadata?.name ?? ''))),
    column('Provisioner', '@provisioner', (o) => o.provisioner ?? ''),
    column('ReclaimPolicy', '@reclaimPolicy', (o) => o.reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', '@volumeBindingMode', (o) => o.volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', '@allowVolumeExpansion', (o) => o.allowVolumeExpansion ?? false),
    ageColumn(),
  ],
}

const isDefault = (o: StorageClass): boolean => DEFAULT_ANNOTATIONS.some((a) => o.metadata?.annotations?.[a] === 'true')

function topologyWarnings({ allowedTopologies }: StorageClass): string[] {
  return items(allowedTopologies).flatMap((term, i) =>
    items(term.matchLabelExpressions).flatMap((r, j) => {
      const text = deprecatedNodeLabel(r.key)
      return text ? [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${text}`] : []
    }),
  )
}

function validateTopologies({ allowedTopologies }: StorageClass, errors: FieldError[]): void {
  const terms: string[] = []
  const list = items(allowedTopologies)
  list.forEach((term, i) => {
    const keys = new Set<string>()
    items(term.matchLabelExpressions).forEach((r, j) => {
      const at = `allowedTopologies[${i}].matchLabelExpressions[${j}]`
      const values = strings(r.values)
      if (isEmpty(values)) errors.push(field.required(`${at}.values`))
      values.forEach((v, n) => {
        if (values.indexOf(v) < n) errors.push(field.duplicate(`${at}.values[${n}]`, v))
      })
      checkName(qualifiedName, r.key ?? '', `${at}.key`, errors)
      if (keys.has(r.key ?? '')) errors.push(field.duplicate(`${at}.key`, r.key ?? ''))
      keys.add(r.key ?? '')
    })
    const same = JSON.stringify(
      items(term.matchLabelExpressions)
        .map((r) => [r.key, strings(r.values).sort()])
        .sort(),
    )
    // The API server compares a term with each before it, and with as many empty ones as there are terms.
    const equal = terms.filter((other) => other === same).length + (keys.size === 0 ? list.length : 0)
    for (let n = 0; n < equal; n++) errors.push(field.duplicate(`allowedTopologies[${i}].matchLabelExpressions`, ''))
    terms.push(same)
  })
}
