/** What clients are warned of in Services that are valid. */
import type { Service } from '../../object.js'
import { cidrWarnings, ipWarnings } from './ip-warnings.js'
import { strings } from './sent.js'

const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints'
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode'

/** Warnings for a Service that has its addresses. */
export function serviceWarnings({ metadata, spec: sent }: Service): string[] {
  const spec = sent ?? {}
  const texts: string[] = []
  if (metadata?.annotations?.[TOPOLOGY_HINTS] !== undefined)
    texts.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`)
  const externalIPs = strings(spec.externalIPs)
  const hasExternalIPs = externalIPs.length > 0
  const headless = spec.type === 'ClusterIP' && spec.clusterIP === 'None'
  if (spec.clusterIP && spec.clusterIP !== 'None')
    strings(spec.clusterIPs).forEach((ip, i) => texts.push(...ipWarnings(ip, `spec.clusterIPs[${i}]`)))
  if (headless) {
    if (spec.loadBalancerIP) texts.push('spec.loadBalancerIP is ignored for headless services')
    if (hasExternalIPs) texts.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== 'None') texts.push('spec.SessionAffinity is ignored for headless services')
  }
  externalIPs.forEach((ip, i) => texts.push(...ipWarnings(ip, `spec.externalIPs[${i}]`)))
  const isName = spec.type === 'ExternalName'
  if (hasExternalIPs && !headless && !isName) texts.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  texts.push(...ipWarnings(spec.loadBalancerIP, 'spec.loadBalancerIP'))
  strings(spec.loadBalancerSourceRanges).forEach((c, i) => texts.push(...cidrWarnings(c, `spec.loadBalancerSourceRanges[${i}]`)))
  if (isName && hasExternalIPs) texts.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (!isName && spec.externalName) texts.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (spec.trafficDistribution === 'PreferClose') texts.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  return texts
}
