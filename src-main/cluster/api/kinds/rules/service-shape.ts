/** What kinds of Services need which fields, and how fields follow when the kind of a Service changes. */
import type { Service } from '../../object.js'
import { isEmpty, items, semanticEqual } from './sent.js'

type Spec = NonNullable<Service['spec']>
type Port = NonNullable<Spec['ports']>[number]

export const isHeadless = (spec: Spec | undefined): boolean => spec?.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None'
export const needsClusterIP = (spec: Spec | undefined): boolean => spec?.type !== 'ExternalName'
export const mayHaveNodePorts = (spec: Spec | undefined): boolean => spec?.type === 'NodePort' || spec?.type === 'LoadBalancer'
/** Whether node ports are given out without being asked for. */
export const needsNodePorts = (spec: Spec | undefined): boolean =>
  spec?.type === 'NodePort' || (spec?.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
/** Whether traffic can come from outside the cluster. */
export const isExternallyAccessible = (spec: Spec | undefined): boolean =>
  mayHaveNodePorts(spec) || (spec?.type === 'ClusterIP' && !isEmpty(spec.externalIPs))
export const needsHealthCheckPort = (spec: Spec | undefined): boolean =>
  spec?.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'

/** Fills in the defaults of a Service, in place. */
export function setServiceDefaults(object: Service): void {
  const spec = (object.spec ??= {})
  spec.sessionAffinity ||= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP') {
    const config = (spec.sessionAffinityConfig ??= {})
    const clientIP = (config.clientIP ??= {})
    clientIP.timeoutSeconds ??= 10800
  }
  spec.type ||= 'ClusterIP'
  for (const p of spec.ports ?? []) {
    if (!p) continue
    p.protocol ||= 'TCP'
    if (p.targetPort === undefined || p.targetPort === null || p.targetPort === 0 || p.targetPort === '') p.targetPort = p.port
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster'
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster'
  // It is taken for the sake of those who once had it set by default, and never shown.
  else delete spec.internalTrafficPolicy
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true
  for (const i of object.status?.loadBalancer?.ingress ?? []) if (i?.ip) i.ipMode ??= 'VIP'
}

/** `clusterIP` is the first of `clusterIPs`: makes the one from the other on create. */
export function mirrorClusterIPs(spec: Spec): void {
  if (spec.clusterIP && isEmpty(spec.clusterIPs)) spec.clusterIPs = [spec.clusterIP]
  if (isEmpty(spec.clusterIPs)) delete spec.clusterIPs
}

/**
 * Before an update: what was allocated stays where the client left it out, what the new type of Service has no place
 * for goes, unless the client changed it, which validation then refuses.
 */
export function carryAllocations(spec: Spec, old: Spec): void {
  mirrorChangedClusterIPs(spec, old)
  if (needsClusterIP(spec) && needsClusterIP(old)) {
    if (!spec.clusterIP) spec.clusterIP = old.clusterIP
    if (isEmpty(spec.clusterIPs) && spec.clusterIP === old.clusterIP && old.clusterIPs) spec.clusterIPs = [...old.clusterIPs]
  }
  if (needsNodePorts(spec) && needsNodePorts(old)) carryNodePorts(items(spec.ports), items(old.ports))
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(old) && !spec.healthCheckNodePort && old.healthCheckNodePort)
    spec.healthCheckNodePort = old.healthCheckNodePort
  dropWhatTypeHasNot(spec, old)
}

/** A port goes by its name: what else of it has changed does not matter. */
function carryNodePorts(ports: Port[], old: Port[]): void {
  const kept = new Set(ports.map((p) => p.nodePort))
  for (const p of ports) {
    if (p.nodePort) continue
    const before = old.find((o) => (o.name ?? '') === (p.name ?? ''))?.nodePort
    if (before && !kept.has(before)) p.nodePort = before
  }
}

function mirrorChangedClusterIPs(spec: Spec, old: Spec): void {
  const sameList = semanticEqual(spec.clusterIPs, old.clusterIPs)
  if ((spec.clusterIP ?? '') !== (old.clusterIP ?? '')) {
    // Only the one was changed: the other follows.
    if (!sameList && !isEmpty(spec.clusterIPs)) return
    if (spec.clusterIP) {
      spec.clusterIPs = [spec.clusterIP]
      return
    }
    delete spec.clusterIP
    delete spec.clusterIPs
  } else if (!isEmpty(old.clusterIPs) && isEmpty(spec.clusterIPs)) {
    delete spec.clusterIP
    delete spec.clusterIPs
  } else if (!sameList && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0]
}

function dropWhatTypeHasNot(spec: Spec, old: Spec): void {
  if (needsClusterIP(old) && !needsClusterIP(spec)) {
    if (semanticEqual(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    if (semanticEqual(spec.ipFamilies, old.ipFamilies)) delete spec.ipFamilies
    if (spec.ipFamilyPolicy === old.ipFamilyPolicy) delete spec.ipFamilyPolicy
    if (spec.internalTrafficPolicy === old.internalTrafficPolicy) delete spec.internalTrafficPolicy
  }
  if (mayHaveNodePorts(old) && !mayHaveNodePorts(spec)) {
    const before = new Set(items(old.ports).map((p) => `${p.protocol}/${p.nodePort}`))
    const unchanged = items(spec.ports).every((p) => !p.nodePort || before.has(`${p.protocol}/${p.nodePort}`))
    if (unchanged) for (const p of items(spec.ports)) delete p.nodePort
  }
  const drop = (name: 'healthCheckNodePort' | 'allocateLoadBalancerNodePorts' | 'loadBalancerClass' | 'externalTrafficPolicy'): void => {
    if (spec[name] === old[name]) delete spec[name]
  }
  if (needsHealthCheckPort(old) && !needsHealthCheckPort(spec)) drop('healthCheckNodePort')
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    drop('allocateLoadBalancerNodePorts')
    drop('loadBalancerClass')
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(spec)) drop('externalTrafficPolicy')
}
