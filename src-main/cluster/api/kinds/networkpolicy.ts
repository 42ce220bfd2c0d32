import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkName, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { cidrWarnings } from './rules/ip-warnings.js'
import { blockContains, checkCIDR, parseCIDR } from './rules/ip.js'
import { portName } from './rules/names.js'
import { mutableItems } from './rules/pod-defaults.js'
import { checkPortNumber } from './rules/ports.js'
import { formatSelector, validateSelector } from './rules/selectors.js'
import { isEmpty, items, strings, type Sent } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

/** The model's `_from` is `from` on the wire. */
type IngressRule = Omit<Sent<k8s.V1NetworkPolicyIngressRule>, '_from'> & { from?: (Sent<k8s.V1NetworkPolicyPeer> | null)[] | null }
type EgressRule = Sent<k8s.V1NetworkPolicyEgressRule>
export type NetworkPolicy = Wire<k8s.V1NetworkPolicy> & { metadata: ObjectMeta }

const PROTOCOLS = ['TCP', 'UDP', 'SCTP']
const TYPES = ['Ingress', 'Egress']

/** https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/ */
export const networkPolicy: Kind<NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  namespaced: true,
  model: 'V1NetworkPolicy',
  metadataOnUpdate: 1,
  generational: true,

  setDefaults(object) {
    const spec = (object.spec ??= { podSelector: {} })
    spec.podSelector ??= {}
    for (const rule of [...mutableItems(spec.ingress), ...mutableItems(spec.egress)])
      for (const port of mutableItems(rule.ports)) port.protocol ??= 'TCP'
    if (isEmpty(spec.policyTypes)) spec.policyTypes = isEmpty(spec.egress) ? ['Ingress'] : ['Ingress', 'Egress']
  },
  validate: ({ spec }) => collect((errors) => validateSpec(spec, errors)),
  // The API server checks an update twice and tells both.
  validateUpdate: ({ spec }) => collect((errors) => validateSpec(spec, errors)),
  warnings: ({ spec }) => [
    ...items(spec?.ingress as IngressRule[] | undefined).flatMap((r, i) => blockWarnings(r.from, `spec.ingress[${i}].from`)),
    ...items<EgressRule>(spec?.egress).flatMap((r, i) => blockWarnings(r.to, `spec.egress[${i}].to`)),
  ],

  columns: [nameColumn(), column('Pod-Selector', '@spec.podSelector', (o) => formatSelector(o.spec?.podSelector)), ageColumn()],
}

function validateSpec(spec: NetworkPolicy['spec'], errors: FieldError[]): void {
  validateSelector(spec?.podSelector, 'spec.podSelector', errors)
  items(spec?.ingress as IngressRule[] | undefined).forEach((r, i) => {
    validatePorts(r.ports, `spec.ingress[${i}].ports`, errors)
    items(r.from).forEach((p, j) => validatePeer(p, `spec.ingress[${i}].from[${j}]`, errors))
  })
  items<EgressRule>(spec?.egress).forEach((r, i) => {
    validatePorts(r.ports, `spec.egress[${i}].ports`, errors)
    items(r.to).forEach((p, j) => validatePeer(p, `spec.egress[${i}].to[${j}]`, errors))
  })
  const types = strings(spec?.policyTypes)
  if (types.length > 2) errors.push(field.invalid('spec.policyTypes', types, 'may not specify more than two policyTypes'))
  else
    types.forEach((t, i) => {
      if (!TYPES.includes(t)) errors.push(field.notSupported(`spec.policyTypes[${i}]`, t, TYPES))
    })
}

function blockWarnings(peers: IngressRule['from'], path: string): string[] {
  return items(peers).flatMap(({ ipBlock }, i) => [
    ...cidrWarnings(ipBlock?.cidr, `${path}[${i}].ipBlock.cidr`),
    ...strings(ipBlock?.except).flatMap((e, j) => cidrWarnings(e, `${path}[${i}].ipBlock.except[${j}]`)),
  ])
}

function validatePorts(ports: IngressRule['ports'], path: string, errors: FieldError[]): void {
  items(ports).forEach((p, i) => {
    const at = `${path}[${i}]`
    if (typeof p.protocol === 'string' && !PROTOCOLS.includes(p.protocol))
      errors.push(field.notSupported(`${at}.protocol`, p.protocol, PROTOCOLS))
    const end = p.endPort
    if (typeof p.port === 'number') {
      checkPortNumber(p.port, `${at}.port`, errors)
      if (typeof end !== 'number') return
      if (end < p.port) errors.push(field.invalid(`${at}.endPort`, end, 'must be greater than or equal to `port`'))
      checkPortNumber(end, `${at}.endPort`, errors)
    } else if (typeof p.port === 'string') {
      if (typeof end === 'number') errors.push(field.invalid(`${at}.endPort`, end, 'may not be specified when `port` is non-numeric'))
      checkName(portName, p.port, `${at}.port`, errors)
    } else if (typeof end === 'number') {
      errors.push(field.invalid(`${at}.endPort`, end, 'may not be specified when `port` is not specified'))
    }
  })
}

function validatePeer(p: Sent<k8s.V1NetworkPolicyPeer>, path: string, errors: FieldError[]): void {
  validateSelector(p.podSelector, `${path}.podSelector`, errors)
  validateSelector(p.namespaceSelector, `${path}.namespaceSelector`, errors)
  if (p.ipBlock) validateBlock(p.ipBlock, `${path}.ipBlock`, errors)
  const bySelector = Boolean(p.podSelector ?? p.namespaceSelector)
  if (!bySelector && !p.ipBlock) errors.push(field.required(path, 'must specify a peer'))
  else if (bySelector && p.ipBlock) errors.push(field.forbidden(path, 'may not specify both ipBlock and another peer'))
}

function validateBlock(b: Sent<k8s.V1IPBlock>, path: string, errors: FieldError[]): void {
  if (!b.cidr) {
    errors.push(field.required(`${path}.cidr`))
    return
  }
  checkCIDR(b.cidr, `${path}.cidr`, errors)
  const whole = parseCIDR(b.cidr)
  if (!whole) return
  strings(b.except).forEach((e, i) => {
    const at = `${path}.except[${i}]`
    checkCIDR(e, at, errors)
    const part = parseCIDR(e)
    if (part && (!blockContains(whole, part.address) || whole.prefix >= part.prefix))
      errors.push(field.invalid(at, e, 'must be a strict subset of `cidr`'))
  })
}
