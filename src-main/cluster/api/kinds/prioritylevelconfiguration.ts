import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkNotNegative, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import type { Sent } from './rules/sent.js'
import { keepStatus, OWN_METADATA, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type PriorityLevelConfiguration = Wire<k8s.V1PriorityLevelConfiguration> & { metadata: ObjectMeta }
type Limited = Sent<k8s.V1LimitedPriorityLevelConfiguration>
type Queuing = Sent<k8s.V1QueuingConfiguration>

const MOST_QUEUES = 10_000_000

/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ */
export const priorityLevelConfiguration: Kind<PriorityLevelConfiguration> = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  singular: 'prioritylevelconfiguration',
  namespaced: false,
  model: 'V1PriorityLevelConfiguration',
  generational: true,

  setDefaults({ spec }) {
    if (spec?.exempt) {
      spec.exempt.nominalConcurrencyShares ??= 0
      spec.exempt.lendablePercent ??= 0
    }
    if (!spec?.limited) return
    spec.limited.nominalConcurrencyShares ??= 30
    spec.limited.lendablePercent ??= 0
    const queuing = spec.limited.limitResponse?.queuing
    if (!queuing) return
    queuing.queues ||= 64
    queuing.handSize ||= 8
    queuing.queueLengthLimit ||= 50
  },
  prepareForCreate: (object) => void (object.status = {}),
  prepareForUpdate: keepStatus,
  validate: ({ metadata, spec }) =>
    collect((errors) => {
      const type = spec?.type ?? ''
      if (type === 'Exempt') {
        if (spec?.limited) errors.push(field.forbidden('spec.limited', 'must be nil if the type is not Limited'))
        if (metadata.name !== 'exempt') errors.push(field.invalid('spec.type', type, "must be 'Limited' if `name` is not 'exempt'"))
      } else if (type === 'Limited') {
        if (spec?.exempt) errors.push(field.forbidden('spec.exempt', 'must be nil if the type is Limited'))
        if (!spec?.limited) errors.push(field.required('spec.limited', 'must not be empty when type is Limited'))
        else validateLimited(spec.limited, 'spec.limited', errors)
      } else errors.push(field.notSupported('spec.type', type, ['Exempt', 'Limited']))
    }),

  columns: [
    nameColumn(),
    column('Type', '@spec.type', (o) => o.spec?.type ?? ''),
    column(
      'NominalConcurrencyShares',
      '@spec.limited.nominalConcurrencyShares',
      (o) => o.spec?.limited?.nominalConcurrencyShares ?? '<none>',
    ),
    column('Queues', '@spec.limited.limitResponse.queuing.queues', (o) => queuingOf(o)?.queues ?? '<none>'),
    column('HandSize', '@spec.limited.limitResponse.queuing.handSize', (o) => queuingOf(o)?.handSize ?? '<none>'),
    column('QueueLengthLimit', '@spec.limited.limitResponse.queuing.queueLengthLimit', (o) => queuingOf(o)?.queueLengthLimit ?? '<none>'),
    ageColumn(),
  ],
  subresources: { status: statusSubresource<PriorityLevelConfiguration>({ keep: OWN_METADATA }) },
}

const queuingOf = ({ spec }: PriorityLevelConfiguration): Queuing | null | undefined => spec?.limited?.limitResponse?.queuing

function validateLimited(limited: Limited, path: string, errors: FieldError[]): void {
  checkNotNegative(limited.nominalConcurrencyShares, `${path}.nominalConcurrencyShares`, errors)
  const lendable = limited.lendablePercent ?? 0
  if (lendable < 0 || lendable > 100)
    errors.push(field.invalid(`${path}.lendablePercent`, lendable, 'must be between 0 and 100, inclusive'))
  if ((limited.borrowingLimitPercent ?? 0) < 0)
    errors.push(
      field.invalid(`${path}.borrowingLimitPercent`, limited.borrowingLimitPercent, 'if specified, must be a non-negative integer'),
    )
  const response = limited.limitResponse ?? {}
  const at = `${path}.limitResponse`
  if (response.type === 'Reject') {
    if (response.queuing) errors.push(field.forbidden(`${at}.queuing`, 'must be nil if limited.limitResponse.type is not Limited'))
  } else if (response.type === 'Queue') {
    if (!response.queuing) errors.push(field.required(`${at}.queuing`, 'must not be empty if limited.limitResponse.type is Limited'))
    else validateQueuing(response.queuing, `${at}.queuing`, errors)
  } else errors.push(field.notSupported(`${at}.type`, response.type ?? '', ['Queue', 'Reject']))
}

function validateQueuing({ queueLengthLimit = 0, queues = 0, handSize = 0 }: Queuing, path: string, errors: FieldError[]): void {
  const positive = (value: number | null, name: string): void => {
    if ((value ?? 0) <= 0) errors.push(field.invalid(`${path}.${name}`, value ?? 0, 'must be positive'))
  }
  positive(queueLengthLimit, 'queueLengthLimit')
  positive(queues, 'queues')
  if ((queues ?? 0) > MOST_QUEUES) errors.push(field.invalid(`${path}.queues`, queues, `must not be greater than ${MOST_QUEUES}`))
  positive(handSize, 'handSize')
  if ((handSize ?? 0) > (queues ?? 0))
    errors.push(field.invalid(`${path}.handSize`, handSize, `should not be greater than queues (${queues})`))
}
