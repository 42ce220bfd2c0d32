import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkName, collect } from './rules/checks.js'
import { createdAtColumn, nameColumn } from './rules/columns.js'
import { qualifiedName } from './rules/names.js'
import { compareQuantities, formatQuantity, tryParseQuantity, type Quantity } from './rules/quantity.js'
import { isOvercommitAllowed, roundResources, validateContainerResourceName, validateResourceName } from './rules/resources.js'
import { entries, isEmpty, items, type Sent, type SentMap } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

export type LimitRange = Wire<k8s.V1LimitRange> & { metadata: ObjectMeta }
/** The model's `_default` is `default` on the wire. */
type Item = Omit<Sent<k8s.V1LimitRangeItem>, '_default'> & { default?: SentMap }

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim']
const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

/** https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/limit-range-v1/ */
export const limitRange: Kind<LimitRange> = {
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  createOnUpdate: true,
  shortNames: ['limits'],
  namespaced: true,
  model: 'V1LimitRange',

  setDefaults(object) {
    // Go has no way to leave out this list, nor what it is in.
    const spec = (object.spec ??= {} as NonNullable<LimitRange['spec']>)
    spec.limits ??= null as unknown as typeof spec.limits
    for (const item of items<Item>(spec.limits)) {
      for (const list of LISTS) roundResources(item[list])
      // For containers a maximum is the default limit, and the default limit the default request; then the minimum.
      if (item.type !== 'Container') continue
      const limits = (item.default ??= {})
      const requests = (item.defaultRequest ??= {})
      for (const [name, amount] of entries(item.max)) limits[name] ??= amount
      for (const [name, amount] of entries(limits)) requests[name] ??= amount
      for (const [name, amount] of entries(item.min)) requests[name] ??= amount
    }
  },
  /** One without any name is called by a UUID. */
  prepareForCreate({ metadata }, { random }) {
    metadata.name ||= random.uuid()
  },
  validate: ({ spec }) =>
    collect((errors) => {
      const types = new Set<string>()
      items<Item>(spec?.limits).forEach((item, i) => {
        const at = `spec.limits[${i}]`
        const type = item.type ?? ''
        const malformed = qualifiedName(type).length > 0
        checkName(qualifiedName, type, `${at}.type`, errors)
        if (!malformed && !type.includes('/') && !TYPES.includes(type))
          errors.push(field.invalid(`${at}.type`, type, 'must be a standard limit type or fully qualified'))
        if (types.has(type)) errors.push(field.duplicate(`${at}.type`, type))
        types.add(type)
        validateItem(item, at, errors)
      })
    }),

  columns: [nameColumn(), createdAtColumn()],
}

function validateItem(item: Item, path: string, errors: FieldError[]): void {
  const names = new Set<string>()
  for (const list of LISTS) {
    if (list === 'maxLimitRequestRatio') validateClaimBounds(item, path, errors)
    const ofPod = item.type === 'Pod' && (list === 'default' || list === 'defaultRequest')
    if (ofPod) {
      if (!isEmpty(item[list])) errors.push(field.forbidden(`${path}.${list}`, "may not be specified when `type` is 'Pod'"))
      continue
    }
    for (const [name] of entries(item[list])) {
      const at = `${path}.${list}[${name}]`
      if (item.type === 'Pod' || item.type === 'Container') validateContainerResourceName(name, at, errors)
      else validateResourceName(name, at, errors)
      names.add(name)
    }
  }
  for (const name of names) validateAmounts(item, name, path, errors)
}

function validateClaimBounds(item: Item, path: string, errors: FieldError[]): void {
  if (item.type !== 'PersistentVolumeClaim' || item.min?.['storage'] !== undefined || item.max?.['storage'] !== undefined) return
  errors.push(field.required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'))
}

/** The amounts of one resource must be in order: minimum, default request, default limit, maximum. */
function validateAmounts(item: Item, name: string, path: string, errors: FieldError[]): void {
  const isPod = item.type === 'Pod'
  const of = (list: (typeof LISTS)[number]): Quantity | undefined => tryParseQuantity(item[list]?.[name])
  const min = of('min')
  const max = of('max')
  const limit = isPod ? undefined : of('default')
  const request = isPod ? undefined : of('defaultRequest')
  const ratio = of('maxLimitRequestRatio')
  const order = (
    low: Quantity | undefined,
    high: Quantity | undefined,
    list: string,
    shown: Quantity | undefined,
    say: (low: string, high: string) => string,
  ): void => {
    if (low && high && compareQuantities(low, high) > 0)
      errors.push(field.invalid(`${path}.${list}[${name}]`, formatQuantity(shown!), say(formatQuantity(low), formatQuantity(high))))
  }
  order(min, max, 'min', min, (a, b) => `min value ${a} is greater than max value ${b}`)
  order(min, request, 'defaultRequest', request, (a, b) => `min value ${a} is greater than default request value ${b}`)
  order(request, max, 'defaultRequest', request, (a, b) => `default request value ${a} is greater than max value ${b}`)
  order(request, limit, 'defaultRequest', request, (a, b) => `default request value ${a} is greater than default limit value ${b}`)
  order(min, limit, 'default', min, (a, b) => `min value ${a} is greater than default value ${b}`)
  order(limit, max, 'default', max, (a, b) => `default value ${a} is greater than max value ${b}`)
  if (ratio) validateRatio(ratio, min, max, `${path}.maxLimitRequestRatio[${name}]`, errors)
  if (limit && request && !isOvercommitAllowed(name) && compareQuantities(limit, request) !== 0) {
    const text = `default value ${formatQuantity(limit)} must equal to defaultRequest value ${formatQuantity(request)} in ${name}`
    errors.push(field.invalid(`${path}.defaultRequest[${name}]`, formatQuantity(request), text))
  }
}

function validateRatio(ratio: Quantity, min: Quantity | undefined, max: Quantity | undefined, path: string, errors: FieldError[]): void {
  const text = formatQuantity(ratio)
  if (ratio.nano < 1_000_000_000n) errors.push(field.invalid(path, text, `ratio ${text} is less than 1`))
  if (!min || !max) return
  const most = Number(max.nano) / Number(min.nano)
  if (Number(ratio.nano) / 1e9 > most) errors.push(field.invalid(path, text, `ratio ${text} is greater than max/min = ${most.toFixed(6)}`))
}
