/** Selectors of nodes: in a pod's affinity, a volume's and a storage class's topology. */
import { field, type FieldError } from '../../errors.js'
import { checkName } from './checks.js'
import { dns1123Subdomain, labelValue, qualifiedName } from './names.js'
import { validateSetOperator } from './selectors.js'
import { isEmpty, items, strings, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

export type SentNodeSelectorTerm = Sent<k8s.V1NodeSelectorTerm>

/** Checks a node selector: at least one term. */
export function validateNodeSelector(selector: Sent<k8s.V1NodeSelector>, path: string, errors: FieldError[]): void {
  const at = `${path}.nodeSelectorTerms`
  if (isEmpty(selector.nodeSelectorTerms)) errors.push(field.required(at, 'must have at least one node selector term'))
  items(selector.nodeSelectorTerms).forEach((t, i) => validateNodeSelectorTerm(t, true, `${at}[${i}]`, errors))
}

/** Checks one term. Values of a mere preference may be anything. */
export function validateNodeSelectorTerm(term: SentNodeSelectorTerm, checkValues: boolean, path: string, errors: FieldError[]): void {
  items(term.matchExpressions).forEach((r, i) => validateExpression(r, checkValues, `${path}.matchExpressions[${i}]`, errors))
  items(term.matchFields).forEach((r, i) => {
    const at = `${path}.matchFields[${i}]`
    const values = strings(r.values)
    if (r.operator !== 'In' && r.operator !== 'NotIn')
      errors.push(field.invalid(`${at}.operator`, r.operator ?? '', 'not a valid selector operator'))
    else if (values.length !== 1) {
      const text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
      errors.push(field.required(`${at}.values`, text))
    }
    if (r.key !== 'metadata.name') errors.push(field.invalid(`${at}.key`, r.key ?? '', 'not a valid field selector key'))
    else values.forEach((v, j) => checkName(dns1123Subdomain, v, `${at}.values[${j}]`, errors))
  })
}

function validateExpression(r: Sent<k8s.V1NodeSelectorRequirement>, checkValues: boolean, path: string, errors: FieldError[]): void {
  const values = strings(r.values)
  if (r.operator === 'Gt' || r.operator === 'Lt') {
    if (values.length !== 1) errors.push(field.required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
  } else if (!validateSetOperator(r.operator, values, path, errors))
    errors.push(field.invalid(`${path}.operator`, r.operator ?? '', 'not a valid selector operator'))
  checkName(qualifiedName, r.key ?? '', `${path}.key`, errors)
  if (checkValues) values.forEach((v, i) => checkName(labelValue, v, `${path}.values[${i}]`, errors))
}
