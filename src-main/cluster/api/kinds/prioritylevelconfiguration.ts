import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import { mandatorySpec, PRIORITY_LEVELS } from '../flowcontrol/configuration.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkRange, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { validateFlowConditions } from './rules/flow-schema.js'
import { semanticEqual, type Sent } from './rules/sent.js'
import { serverForm } from './rules/server-form.js'
import { keepStatus, OWN_METADATA, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type PriorityLevelConfiguration = Wire<k8s.V1PriorityLevelConfiguration> & { metadata: ObjectMeta }
type Spec = Sent<k8s.V1PriorityLevelConfigurationSpec>
type Limited = Sent<k8s.V1LimitedPriorityLevelConfiguration>
type Queuing = Sent<k8s.V1QueuingConfiguration>

const MOST_QUEUES = 10_000_000
/** As many bits of a flow's hash are there to deal it a hand of queues. */
const HASH_BITS = 60
/** What v1beta3 said zero shares with; no object of v1 has it. */
const PRESERVE_ZERO = 'flowcontrol.k8s.io/preserve-zero-concurrency-shares'

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
      if (PRESERVE_ZERO in (metadata.annotations ?? {}))
        errors.push(field.forbidden('metadata.annotations', `annotation '${PRESERVE_ZERO}' is forbidden`))
      validateSpec(metadata.name, spec ?? {}, errors)
      const fixed = mandatorySpec(PRIORITY_LEVELS, metadata.name)
      if (!fixed) return
      // How much the exempt level may lend is the one thing that can be set.
      const loose = metadata.name === 'exempt'
      const [now, wanted] = loose ? [without(spec), without(fixed)] : [spec, fixed]
      if (semanticEqual(now, wanted)) return
      const which = loose ? `spec of 'exempt' except the 'spec.exempt' field` : `spec of '${metadata.name}'`
      errors.push(field.invalid('spec', serverForm('PriorityLevelConfigurationSpec', spec), `${which} must equal the fixed value`))
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
  subresources: {
    status: statusSubresource<PriorityLevelConfiguration>({
      keep: OWN_METADATA,
      validateUpdate: ({ status }) => collect((errors) => validateFlowConditions(status, errors)),
    }),
  },
}

const queuingOf = ({ spec }: PriorityLevelConfiguration): Queuing | null | undefined => spec?.limited?.limitResponse?.queuing

function without(spec: PriorityLevelConfiguration['spec']): object {
  return { ...spec, exempt: undefined }
}

function validateSpec(name: string | undefined, spec: Spec, errors: FieldError[]): void {
  const type = spec.type ?? ''
  if ((name === 'exempt') !== (type === 'Exempt'))
    errors.push(field.invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"))
  if (type === 'Exempt') {
    if (spec.limited) errors.push(field.forbidden('spec.limited', 'must be nil if the type is not Limited'))
    if (spec.exempt) {
      checkShares(spec.exempt, 'spec.exempt', errors)
      checkLendable(spec.exempt, 'spec.exempt', errors)
    }
  } else if (type === 'Limited') {
    if (spec.exempt) errors.push(field.forbidden('spec.exempt', 'must be nil if the type is Limited'))
    if (!spec.limited) errors.push(field.required('spec.limited', 'must not be empty when type is Limited'))
    else validateLimited(spec.limited, 'spec.limited', errors)
  } else errors.push(field.notSupported('spec.type', type, ['Exempt', 'Limited']))
}

type Shares = Pick<Limited, 'nominalConcurrencyShares' | 'lendablePercent'>

function checkShares({ nominalConcurrencyShares: shares }: Shares, path: string, errors: FieldError[]): void {
  if ((shares ?? 0) < 0) errors.push(field.invalid(`${path}.nominalConcurrencyShares`, shares, 'must be a non-negative integer'))
}

function checkLendable({ lendablePercent }: Shares, path: string, errors: FieldError[]): void {
  checkRange(lendablePercent ?? 0, 0, 100, `${path}.lendablePercent`, errors)
}

function validateLimited(limited: Limited, path: string, errors: FieldError[]): void {
  checkShares(limited, path, errors)
  validateResponse(limited.limitResponse ?? {}, `${path}.limitResponse`, errors)
  checkLendable(limited, path, errors)
  const most = limited.borrowingLimitPercent
  if ((most ?? 0) < 0) errors.push(field.invalid(`${path}.borrowingLimitPercent`, most, 'if specified, must be a non-negative integer'))
}

function validateResponse({ type, queuing }: Sent<k8s.V1LimitResponse>, path: string, errors: FieldError[]): void {
  // The messages call the type by the name of another one.
  if (type === 'Reject') {
    if (queuing) errors.push(field.forbidden(`${path}.queuing`, 'must be nil if limited.limitResponse.type is not Limited'))
  } else if (type === 'Queue') {
    if (!queuing) errors.push(field.required(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited'))
    else validateQueuing(queuing, `${path}.queuing`, errors)
  } else errors.push(field.notSupported(`${path}.type`, type ?? '', ['Queue', 'Reject']))
}

function validateQueuing(queuing: Queuing, path: string, errors: FieldError[]): void {
  const queues = queuing.queues ?? 0
  const hand = queuing.handSize ?? 0
  const refuse = (name: keyof Queuing, why: string): void => void errors.push(field.invalid(`${path}.${name}`, queuing[name] ?? 0, why))
  if ((queuing.queueLengthLimit ?? 0) <= 0) refuse('queueLengthLimit', 'must be positive')
  if (queues <= 0) refuse('queues', 'must be positive')
  else if (queues > MOST_QUEUES) refuse('queues', `must not be greater than ${MOST_QUEUES}`)
  if (hand <= 0) refuse('handSize', 'must be positive')
  else if (hand > queues) refuse('handSize', `should not be greater than queues (${queues})`)
  else if (Math.ceil(Math.log2(queues) * hand) > HASH_BITS)
    refuse('handSize', `required entropy bits of deckSize ${queues} and handSize ${hand} should not be greater than ${HASH_BITS}`)
}
