import type * as k8s from '@kubernetes/client-node'
import { compareQuantities, formatQuantity, parseQuantity, quantityMilli, quantityValue } from '../../api/kinds/rules/quantity.js'
import type { Container, Pod, Wire } from '../../api/object.js'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.js'
import { podResources } from './pod-resources.js'
import type { Amounts } from './pod-resources.js'
import { aggregate, isAbout, refusal } from './refuse.js'

type LimitRange = Wire<k8s.V1LimitRange>
type LimitRangeItem = Wire<k8s.V1LimitRangeItem>

const ANNOTATION = 'kubernetes.io/limit-ranger'

/** LimitRanger: gives containers the requests and limits that a namespace's LimitRanges set, and refuses what is outside of them. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  operations: ['CREATE', 'UPDATE'],
  mutate(a) {
    if (a.operation !== 'CREATE' || !isAbout(a, '', 'Pod')) return
    const pod = a.object as unknown as Pod
    for (const range of rangesOf(a)) setDefaults(pod, range)
  },
  validate(a) {
    const isPod = (a.operation === 'CREATE' && isAbout(a, '', 'Pod')) || isResize(a)
    const isClaim = isAbout(a, '', 'PersistentVolumeClaim')
    // What is going away may still be written, for what has to be done before.
    if ((!isPod && !isClaim) || a.oldObject?.metadata.deletionTimestamp) return
    // The first LimitRange that is broken is told of, with all that is wrong by it.
    for (const range of rangesOf(a)) {
      const faults: string[] = []
      for (const item of range.spec?.limits ?? []) {
        if (isPod) checkPod(a.object as unknown as Pod, item, faults)
        else checkClaim(a.object as unknown as Wire<k8s.V1PersistentVolumeClaim>, item, faults)
      }
      if (faults.length > 0) throw refusal(a, aggregate(faults))
    }
  },
}

/** The resources of a pod that is there change through one subresource only. */
function isResize(a: AdmissionAttributes): boolean {
  return a.operation === 'UPDATE' && a.kind.kind === 'Pod' && a.kind.group === '' && a.subresource === 'resize'
}

function rangesOf(a: AdmissionAttributes): readonly LimitRange[] {
  return a.lookupAll('', 'limitranges', a.namespace) as unknown as LimitRange[]
}

/** Fills in what a container does not say itself, and notes it in an annotation. */
function setDefaults(pod: Pod, range: LimitRange): void {
  const limits: Amounts = {}
  const requests: Amounts = {}
  for (const item of range.spec?.limits ?? []) {
    if (item.type !== 'Container') continue
    // The client's model renames the field; on the wire it is `default`.
    Object.assign(limits, (item as { default?: Amounts }).default)
    Object.assign(requests, item.defaultRequest)
  }
  const notes: string[] = []
  const fill = (container: Container, prefix: string): void => {
    const set = (kind: 'limits' | 'requests', defaults: Amounts): string[] => {
      const missing = Object.keys(defaults).filter((name) => container.resources?.[kind]?.[name] === undefined)
      if (missing.length === 0) return []
      const amounts: Amounts = { ...container.resources?.[kind] }
      for (const name of missing) amounts[name] = defaults[name]!
      container.resources = { ...container.resources, [kind]: amounts }
      return missing.sort()
    }
    const setLimits = set('limits', limits)
    const setRequests = set('requests', requests)
    if (setRequests.length) notes.push(`${setRequests.join(', ')} request for ${prefix} ${container.name}`)
    if (setLimits.length) notes.push(`${setLimits.join(', ')} limit for ${prefix} ${container.name}`)
  }
  for (const container of pod.spec?.containers ?? []) fill(container, 'container')
  for (const container of pod.spec?.initContainers ?? []) fill(container, 'init container')
  if (notes.length) pod.metadata.annotations = { ...pod.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` }
}

function checkPod(pod: Pod, item: LimitRangeItem, faults: string[]): void {
  if (item.type === 'Container') {
    for (const container of [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]) {
      check(item, container.resources?.requests ?? {}, container.resources?.limits ?? {}, faults)
    }
  } else if (item.type === 'Pod') {
    check(item, podResources(pod, 'requests'), podResources(pod, 'limits'), faults)
  }
}

function check(item: LimitRangeItem, requests: Amounts, limits: Amounts, faults: string[]): void {
  for (const [name, text] of sortedEntries(item.min)) {
    const about = `minimum ${name} usage per ${item.type} is ${text}`
    if (requests[name] === undefined) faults.push(`${about}.  No request is specified`)
    else if (compare(requests[name], text) < 0) faults.push(`${about}, but request is ${shown(requests[name])}`)
    else if (limits[name] !== undefined && compare(limits[name], text) < 0) faults.push(`${about}, but limit is ${shown(limits[name])}`)
  }
  for (const [name, text] of sortedEntries(item.max)) {
    const about = `maximum ${name} usage per ${item.type} is ${text}`
    if (limits[name] === undefined) faults.push(`${about}.  No limit is specified`)
    else if (compare(limits[name], text) > 0) faults.push(`${about}, but limit is ${shown(limits[name])}`)
    else if (requests[name] !== undefined && compare(requests[name], text) > 0)
      faults.push(`${about}, but request is ${shown(requests[name])}`)
  }
  for (const [name, text] of sortedEntries(item.maxLimitRequestRatio)) {
    const about = `${name} max limit to request ratio per ${item.type} is ${text}`
    const request = amount(requests[name])
    const limit = amount(limits[name])
    if (request === 0) faults.push(`${about}, but no request is specified or request is 0`)
    else if (limit === 0) faults.push(`${about}, but no limit is specified or limit is 0`)
    else if (limit / request > quantityMilli(parseQuantity(text)) / 1000)
      faults.push(`${about}, but provided ratio is ${(limit / request).toFixed(6)}`)
  }
}

function checkClaim(claim: Wire<k8s.V1PersistentVolumeClaim>, item: LimitRangeItem, faults: string[]): void {
  if (item.type !== 'PersistentVolumeClaim') return
  const requests = claim.spec?.resources?.requests ?? {}
  for (const [name, text] of sortedEntries(item.min)) {
    const about = `minimum ${name} usage per ${item.type} is ${text}`
    if (requests[name] === undefined) faults.push(`${about}.  No request is specified`)
    else if (compare(requests[name], text) < 0) faults.push(`${about}, but request is ${shown(requests[name])}`)
  }
  for (const [name, text] of sortedEntries(item.max)) {
    const about = `maximum ${name} usage per ${item.type} is ${text}`
    if (requests[name] === undefined) faults.push(`${about}.  No request is specified`)
    else if (compare(requests[name], text) > 0) faults.push(`${about}, but request is ${shown(requests[name])}`)
  }
}

const sortedEntries = (amounts: Amounts | undefined): [string, string][] =>
  Object.entries(amounts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
const compare = (a: string, b: string): number => compareQuantities(parseQuantity(a), parseQuantity(b))
const shown = (text: string): string => formatQuantity(parseQuantity(text))

/** As the ratio is computed: in thousandths, or whole units when the amount is large. */
function amount(text: string | undefined): number {
  if (text === undefined) return 0
  const q = parseQuantity(text)
  return quantityValue(q) > 1e12 ? quantityValue(q) * 1000 : quantityMilli(q)
}
