/** The rules of a Service. https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
import { field, type FieldError } from '../../errors.js'
import type { Service } from '../../object.js'
import { checkGiven, checkName, checkOneOf, checkRequired, internal } from './checks.js'
import { checkCIDR, checkIP, checkNonSpecialIP, parseIP } from './ip.js'
import { dns1123Label, dns1123Subdomain, qualifiedName } from './names.js'
import { checkPortNumber, checkPortNumberOrName, PROTOCOLS } from './ports.js'
import { validateLabelMap } from './selectors.js'
import { entries, isEmpty, items, strings } from './sent.js'
import { validateClusterIPs } from './service-families.js'
import { isExternallyAccessible, isHeadless, mayHaveNodePorts, needsHealthCheckPort } from './service-shape.js'

type Spec = NonNullable<Service['spec']>
type Port = NonNullable<Spec['ports']>[number]

const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges'
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints'
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode'
const ONE_DAY = 86400

/** Checks a Service that has its defaults and allocations. */
export function validateService(object: Service, errors: FieldError[]): void {
  const spec = object.spec ?? {}
  validateTopologyAnnotations(object.metadata?.annotations ?? {}, errors)
  if (isEmpty(spec.ports) && !isHeadless(spec) && spec.type !== 'ExternalName') errors.push(field.required('spec.ports'))
  validateType(spec, errors)
  const names = new Set<string>()
  const many = items(spec.ports).length > 1
  items(spec.ports).forEach((p, i) => validatePort(p, many, names, `spec.ports[${i}]`, errors))
  validateLabelMap(spec.selector, 'spec.selector', errors)
  validateAffinity(spec, errors)
  validateClusterIPs(spec, errors)
  strings(spec.externalIPs).forEach((ip, i) => {
    if (checkIP(ip, `spec.externalIPs[${i}]`, errors)) checkNonSpecialIP(ip, `spec.externalIPs[${i}]`, errors)
  })
  checkOneOf(spec.type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'], 'spec.type', errors)
  validateUniquePorts(spec, errors)
  validateLoadBalancer(object, spec, errors)
  validateTraffic(spec, errors)
}

/** The newer annotation and the older one must agree. */
function validateTopologyAnnotations(annotations: Readonly<Record<string, string>>, errors: FieldError[]): void {
  const mode = annotations[TOPOLOGY_MODE]
  const hints = annotations[TOPOLOGY_HINTS]
  if (mode === undefined || hints === undefined || mode === hints) return
  const text = `must match annotations[${TOPOLOGY_HINTS}] when both are specified`
  errors.push(field.invalid(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, text))
}

function validateType(spec: Spec, errors: FieldError[]): void {
  if (mayHaveNodePorts(spec) && isHeadless(spec))
    errors.push(field.invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`))
  if (spec.type !== 'ExternalName') return
  const refused = 'may not be set for ExternalName services'
  if (!isEmpty(spec.clusterIPs)) errors.push(field.forbidden('spec.clusterIPs', refused))
  if (!isEmpty(spec.ipFamilies)) errors.push(field.forbidden('spec.ipFamilies', refused))
  if (spec.ipFamilyPolicy) errors.push(field.forbidden('spec.ipFamilyPolicy', refused))
  // The name may end with a dot, to say that it is whole.
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  if (checkRequired(name, 'spec.externalName', errors)) checkName(dns1123Subdomain, name, 'spec.externalName', errors)
}

function validatePort(p: Port, nameRequired: boolean, names: Set<string>, path: string, errors: FieldError[]): void {
  if (p.name) {
    checkName(dns1123Label, p.name, `${path}.name`, errors)
    if (names.has(p.name)) errors.push(field.duplicate(`${path}.name`, p.name))
    names.add(p.name)
  } else if (nameRequired) errors.push(field.required(`${path}.name`))
  checkPortNumber(p.port ?? 0, `${path}.port`, errors)
  checkOneOf(p.protocol, PROTOCOLS, `${path}.protocol`, errors)
  checkPortNumberOrName(p.targetPort, `${path}.targetPort`, errors)
  if (typeof p.appProtocol === 'string') checkName(qualifiedName, p.appProtocol, `${path}.appProtocol`, errors)
}

function validateUniquePorts(spec: Spec, errors: FieldError[]): void {
  const nodePorts = new Set<string>()
  const ports = new Set<string>()
  const list = items(spec.ports)
  if (spec.type === 'ClusterIP')
    list.forEach((p, i) => {
      if (p.nodePort) errors.push(field.forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
    })
  list.forEach((p, i) => {
    if (!p.nodePort) return
    const key = `${p.protocol}/${p.nodePort}`
    if (nodePorts.has(key)) errors.push(field.duplicate(`spec.ports[${i}].nodePort`, p.nodePort))
    nodePorts.add(key)
  })
  list.forEach((p, i) => {
    const key = `${p.protocol}/${p.port}`
    if (ports.has(key)) {
      const shown = internal({ name: '', protocol: p.protocol, port: p.port, targetPort: 0, nodePort: 0 }, [
        'name',
        'protocol',
        'appProtocol',
        'port',
        'targetPort',
        'nodePort',
      ])
      errors.push(field.duplicate(`spec.ports[${i}]`, shown))
    }
    ports.add(key)
  })
}

function validateAffinity(spec: Spec, errors: FieldError[]): void {
  checkOneOf(spec.sessionAffinity, ['ClientIP', 'None'], 'spec.sessionAffinity', errors)
  const at = 'spec.sessionAffinityConfig'
  const config = spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP') {
    const when = 'when session affinity type is ClientIP'
    const seconds = config?.clientIP?.timeoutSeconds
    if (!config) errors.push(field.required(at, when))
    else if (!config.clientIP) errors.push(field.required(`${at}.clientIP`, when))
    else if (typeof seconds !== 'number') errors.push(field.required(`${at}.clientIP.timeoutSeconds`, when))
    else if (seconds <= 0 || seconds > ONE_DAY)
      errors.push(field.invalid(`${at}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${ONE_DAY}`))
  } else if (spec.sessionAffinity === 'None' && config) {
    errors.push(field.forbidden(at, 'must not be set when session affinity is None'))
  }
}

function validateLoadBalancer(object: Service, spec: Spec, errors: FieldError[]): void {
  const only = "may only be used when `type` is 'LoadBalancer'"
  const isLoadBalancer = spec.type === 'LoadBalancer'
  const annotation = entries(object.metadata?.annotations).find(([k]) => k === SOURCE_RANGES)?.[1]
  if (!isEmpty(spec.loadBalancerSourceRanges)) {
    const at = 'spec.LoadBalancerSourceRanges'
    if (!isLoadBalancer) errors.push(field.forbidden(at, only))
    strings(spec.loadBalancerSourceRanges).forEach((r, i) => checkCIDR(r.trim(), `${at}[${i}]`, errors))
  } else if (annotation !== undefined) {
    const at = `metadata.annotations[${SOURCE_RANGES}]`
    if (!isLoadBalancer) errors.push(field.forbidden(at, only))
    if (annotation.trim()) for (const r of annotation.split(',')) checkCIDR(r.trim(), at, errors)
  }
  const allocate = spec.allocateLoadBalancerNodePorts
  if (typeof allocate === 'boolean' && !isLoadBalancer) errors.push(field.forbidden('spec.allocateLoadBalancerNodePorts', only))
  if (typeof allocate !== 'boolean' && isLoadBalancer) errors.push(field.required('allocateLoadBalancerNodePorts'))
  validateLoadBalancerClass(spec, errors)
}

function validateLoadBalancerClass(spec: Spec, errors: FieldError[]): void {
  if (typeof spec.loadBalancerClass !== 'string') return
  if (spec.type === 'LoadBalancer') checkName(qualifiedName, spec.loadBalancerClass, 'spec.loadBalancerClass', errors)
  else errors.push(field.forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"))
}

function validateTraffic(spec: Spec, errors: FieldError[]): void {
  const external = 'spec.externalTrafficPolicy'
  if (isExternallyAccessible(spec)) checkOneOf(spec.externalTrafficPolicy, ['Cluster', 'Local'], external, errors)
  else if (spec.externalTrafficPolicy)
    errors.push(field.invalid(external, spec.externalTrafficPolicy, 'may only be set for externally-accessible services'))
  const health = 'spec.healthCheckNodePort'
  if (needsHealthCheckPort(spec)) {
    if (!spec.healthCheckNodePort) errors.push(field.required(health))
    else checkPortNumber(spec.healthCheckNodePort, health, errors)
  } else if (spec.healthCheckNodePort) {
    const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    errors.push(field.invalid(health, spec.healthCheckNodePort, text))
  }
  const types = ['ClusterIP', 'LoadBalancer', 'NodePort']
  if (typeof spec.internalTrafficPolicy !== 'string' && types.includes(spec.type ?? ''))
    errors.push(field.required('spec.internalTrafficPolicy'))
  checkGiven(spec.internalTrafficPolicy, ['Cluster', 'Local'], 'spec.internalTrafficPolicy', errors)
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
  checkGiven(spec.trafficDistribution, distributions, 'spec.trafficDistribution', errors)
}

/** Checks what an update may not change. */
export function validateServiceUpdate(object: Service, old: Service, errors: FieldError[]): void {
  const spec = object.spec ?? {}
  const before = old.spec ?? {}
  if (spec.type !== 'ExternalName' && before.type !== 'ExternalName') {
    const wasHeadless = isHeadless(before)
    if (!(wasHeadless && isHeadless(spec))) validateSameIPs(spec, before, errors)
    if (!wasHeadless && !isHeadless(spec)) validateSameFamilies(spec, before, errors)
  }
  if (spec.type === 'LoadBalancer' && before.type === 'LoadBalancer') {
    if ((spec.loadBalancerClass ?? null) !== (before.loadBalancerClass ?? null))
      errors.push(field.invalid('spec.loadBalancerClass', spec.loadBalancerClass ?? null, 'may not change once set'))
  }
  // Its form is looked at here, and again with the rest.
  validateLoadBalancerClass(spec, errors)
  if (needsHealthCheckPort(before) && needsHealthCheckPort(spec) && spec.healthCheckNodePort !== before.healthCheckNodePort)
    errors.push(field.forbidden('spec.healthCheckNodePort', 'field is immutable'))
}

function validateSameIPs(spec: Spec, before: Spec, errors: FieldError[]): void {
  const ips = strings(spec.clusterIPs)
  const old = strings(before.clusterIPs)
  if (ips.length === 0 && old.length > 0)
    errors.push(field.invalid('spec.clusterIPs[0]', spec.clusterIPs ?? null, 'primary clusterIP can not be unset'))
  old.forEach((ip, i) => {
    if (i < ips.length && ip !== ips[i]) errors.push(field.invalid(`spec.clusterIPs[${i}]`, ips, 'may not change once set'))
  })
  if (old.length > 1 && ips.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const text = "must be set to 'SingleStack' when releasing the secondary clusterIP"
    errors.push(field.invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, text))
  }
}

function validateSameFamilies(spec: Spec, before: Spec, errors: FieldError[]): void {
  const families = strings(spec.ipFamilies)
  const old = strings(before.ipFamilies)
  const at = 'spec.ipFamilies[0]'
  if (families.length === old.length) {
    old.forEach((f, i) => {
      if (f !== families[i]) errors.push(field.invalid(at, families, 'may not change once set'))
    })
    return
  }
  // The addresses are shown, not the families: so does the API server.
  if (families.length && old.length && families[0] !== old[0])
    errors.push(field.invalid(at, spec.clusterIPs ?? null, 'may not change once set'))
  if (families.length === 1 && old.length > 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const text = "must be set to 'SingleStack' when releasing the secondary ipFamily"
    errors.push(field.invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, text))
  }
}

/** Checks the addresses that a load balancer reports. */
export function validateLoadBalancerStatus(object: Service, errors: FieldError[]): void {
  const at = 'status.loadBalancer.ingress'
  const list = items(object.status?.loadBalancer?.ingress)
  if (object.spec?.type !== 'LoadBalancer' && list.length) {
    errors.push(field.forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'"))
    return
  }
  list.forEach((i, n) => {
    if (i.ip) {
      checkIP(i.ip, `${at}[${n}].ip`, errors)
      if (typeof i.ipMode !== 'string') errors.push(field.required(`${at}[${n}].ipMode`, 'must be specified when `ip` is set'))
      else checkGiven(i.ipMode, ['Proxy', 'VIP'], `${at}[${n}].ipMode`, errors)
    } else if (typeof i.ipMode === 'string') errors.push(field.forbidden(`${at}[${n}].ipMode`, 'may not be specified when `ip` is not set'))
    if (i.hostname) {
      checkName(dns1123Subdomain, i.hostname, `${at}[${n}].hostname`, errors)
      if (parseIP(i.hostname)) errors.push(field.invalid(`${at}[${n}].hostname`, i.hostname, 'must be a DNS name, not an IP address'))
    }
  })
}
