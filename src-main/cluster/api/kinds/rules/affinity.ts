/** Where a pod wants to run: affinity to nodes and pods, and even spreading. */
import { field, type FieldError } from '../../errors.js'
import { checkGiven, checkName, POSITIVE } from './checks.js'
import { dns1123Label, qualifiedName } from './names.js'
import { validateNodeSelector, validateNodeSelectorTerm } from './node-affinity.js'
import { validateSelector, type SentSelector } from './selectors.js'
import { entries, items, strings, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

/** Checks a pod's affinity. */
export function validateAffinity(affinity: Sent<k8s.V1Affinity> | null | undefined, path: string, errors: FieldError[]): void {
  const node = affinity?.nodeAffinity
  if (node) {
    const at = `${path}.nodeAffinity`
    const required = node.requiredDuringSchedulingIgnoredDuringExecution
    if (required) validateNodeSelector(required, `${at}.requiredDuringSchedulingIgnoredDuringExecution`, errors)
    items(node.preferredDuringSchedulingIgnoredDuringExecution).forEach((p, i) => {
      const here = `${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`
      checkWeight(p.weight, here, errors)
      validateNodeSelectorTerm(p.preference ?? {}, false, `${here}.preference`, errors)
    })
  }
  for (const name of ['podAffinity', 'podAntiAffinity'] as const) {
    const pods = affinity?.[name]
    if (!pods) continue
    const at = `${path}.${name}`
    items(pods.requiredDuringSchedulingIgnoredDuringExecution).forEach((t, i) =>
      validateTerm(t, `${at}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`, errors),
    )
    items(pods.preferredDuringSchedulingIgnoredDuringExecution).forEach((w, i) => {
      const here = `${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`
      checkWeight(w.weight, here, errors)
      validateTerm(w.podAffinityTerm ?? {}, `${here}.podAffinityTerm`, errors)
    })
  }
}

function checkWeight(weight: number | null | undefined, path: string, errors: FieldError[]): void {
  const n = weight ?? 0
  if (n <= 0 || n > 100) errors.push(field.invalid(`${path}.weight`, n, 'must be in the range 1-100'))
}

function validateTerm(t: Sent<k8s.V1PodAffinityTerm>, path: string, errors: FieldError[]): void {
  validateSelector(t.labelSelector, `${path}.labelSelector`, errors)
  validateSelector(t.namespaceSelector, `${path}.namespaceSelector`, errors)
  for (const n of strings(t.namespaces)) checkName(dns1123Label, n, `${path}.namespace`, errors)
  const match = strings(t.matchLabelKeys)
  const mismatch = strings(t.mismatchLabelKeys)
  validateLabelKeys(match, t.labelSelector, `${path}.matchLabelKeys`, errors)
  validateLabelKeys(mismatch, t.labelSelector, `${path}.mismatchLabelKeys`, errors)
  validateKeysNotSelected(match, t.labelSelector, path, errors)
  match.forEach((k, i) => {
    if (mismatch.includes(k))
      errors.push(field.invalid(`${path}.matchLabelKeys[${i}]`, k, 'exists in both matchLabelKeys and mismatchLabelKeys'))
  })
  if (!t.topologyKey) errors.push(field.required(`${path}.topologyKey`, 'can not be empty'))
  checkName(qualifiedName, t.topologyKey ?? '', `${path}.topologyKey`, errors)
}

function validateLabelKeys(keys: string[], selector: SentSelector | null | undefined, path: string, errors: FieldError[]): void {
  if (keys.length === 0) return
  if (!selector) errors.push(field.forbidden(path, 'must not be specified when labelSelector is not set'))
  else keys.forEach((k, i) => checkName(qualifiedName, k, `${path}[${i}]`, errors))
}

const WHEN_UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway']
const NODE_POLICIES = ['Honor', 'Ignore']

/** Checks the topology spread constraints of a pod. */
export function validateTopologySpread(
  constraints: (Sent<k8s.V1TopologySpreadConstraint> | null)[] | null | undefined,
  path: string,
  errors: FieldError[],
): void {
  const list = items(constraints)
  list.forEach((c, i) => {
    const at = `${path}[${i}]`
    const when = c.whenUnsatisfiable ?? ''
    if ((c.maxSkew ?? 0) <= 0) errors.push(field.invalid(`${at}.maxSkew`, c.maxSkew ?? 0, POSITIVE))
    if (!c.topologyKey) errors.push(field.required(`${at}.topologyKey`, 'can not be empty'))
    if (!WHEN_UNSATISFIABLE.includes(when)) errors.push(field.notSupported(`${at}.whenUnsatisfiable`, when, WHEN_UNSATISFIABLE))
    const same = list.slice(i + 1).some((o) => o.topologyKey === c.topologyKey && (o.whenUnsatisfiable ?? '') === when)
    if (same) errors.push(field.duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${c.topologyKey ?? ''}, ${when}}`))
    if (typeof c.minDomains === 'number') {
      if (c.minDomains <= 0) errors.push(field.invalid(`${at}.minDomains`, c.minDomains, POSITIVE))
      if (when !== 'DoNotSchedule') {
        const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${when}`
        errors.push(field.invalid(`${at}.minDomains`, c.minDomains, text))
      }
    }
    checkGiven(c.nodeAffinityPolicy, NODE_POLICIES, `${at}.nodeAffinityPolicy`, errors)
    checkGiven(c.nodeTaintsPolicy, NODE_POLICIES, `${at}.nodeTaintsPolicy`, errors)
    const keys = strings(c.matchLabelKeys)
    validateLabelKeys(keys, c.labelSelector, `${at}.matchLabelKeys`, errors)
    validateKeysNotSelected(keys, c.labelSelector, at, errors)
    validateSelector(c.labelSelector, `${at}.labelSelector`, errors)
  })
}

/**
 * A key must not be selected by hand besides. By now the selector has what the keys stand for, as expressions: the second
 * time that a key is met is one too many. The index is told without the name of the list.
 */
function validateKeysNotSelected(keys: string[], selector: SentSelector | null | undefined, path: string, errors: FieldError[]): void {
  const selected = new Set(entries(selector?.matchLabels).map(([k]) => k))
  for (const r of items(selector?.matchExpressions)) {
    const key = r.key ?? ''
    const i = keys.lastIndexOf(key)
    if (i >= 0 && selected.has(key)) errors.push(field.invalid(`${path}[${i}]`, key, 'exists in both matchLabelKeys and labelSelector'))
    selected.add(key)
  }
}
