/** What is amiss with what pods are made from: a workload's template, or a pod that nobody keeps. */
import { readImage } from '../images/reference.js'
import type { Json } from '../kinds/kind.js'
import type { CheckRule, KindInfo } from '../rpc/contract.js'
import { resourceKey } from '../session/paths.js'

interface TemplateFinding {
  rule: CheckRule
  values: Record<string, string>
}

/** Kinds whose pods run for as long as they are wanted: a Service leads to them. */
const LASTING = new Set(['deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'replicasets.apps', 'replicationcontrollers'])

/** @param isServed whether a Service selects pods with these labels beside an object */
export function templateFindings(kind: KindInfo, object: Json, isServed: (object: Json, labels: Json) => boolean): TemplateFinding[] {
  const template = object.spec?.jobTemplate?.spec?.template ?? object.spec?.template ?? (resourceKey(kind) === 'pods' ? object : undefined)
  const spec: Json = template?.spec
  if (!spec?.containers) return []
  const all: Json[] = [...(spec.initContainers ?? []), ...spec.containers]
  const lasting: Json[] = [...(spec.initContainers ?? []).filter((c: Json) => c.restartPolicy === 'Always'), ...spec.containers]
  const findings: TemplateFinding[] = []
  /** One finding for all containers that a rule is about. */
  const of = (rule: CheckRule, containers: Json[]): void => {
    if (containers.length) findings.push({ rule, values: { containers: containers.map((c) => c.name).join(', ') } })
  }
  for (const c of all) {
    const image = readImage(String(c.image ?? ''))
    if (image && !String(c.image).includes('@') && (image.tag === '' || image.tag === 'latest'))
      findings.push({ rule: 'imageLatest', values: { containers: c.name, image: String(c.image) } })
  }
  of(
    'privileged',
    all.filter((c) => c.securityContext?.privileged === true),
  )
  const host = [
    ...['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field] === true),
    ...(spec.volumes ?? []).flatMap((v: Json) => (v.hostPath ? [`hostPath ${v.hostPath.path}`] : [])),
  ]
  if (host.length) findings.push({ rule: 'hostAccess', values: { what: host.join(', ') } })
  const asked = (c: Json, of: string): boolean => c.resources?.requests?.[of] !== undefined || c.resources?.limits?.[of] !== undefined
  // What is asked for the whole pod counts for each container.
  const wholePod = { resources: spec.resources }
  of(
    'noRequests',
    lasting.filter((c) => ['cpu', 'memory'].some((r) => !asked(c, r) && !asked(wholePod, r))),
  )
  of(
    'noMemoryLimit',
    lasting.filter((c) => c.resources?.limits?.memory === undefined && spec.resources?.limits?.memory === undefined),
  )
  if (LASTING.has(resourceKey(kind)) && isServed(object, template.metadata?.labels))
    of(
      'noReadinessProbe',
      spec.containers.filter((c: Json) => (c.ports ?? []).length > 0 && !c.readinessProbe),
    )
  return findings
}
