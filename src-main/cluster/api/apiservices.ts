/**
 * Keeps one APIService for each group version that this server answers itself, as the aggregation layer of
 * kube-apiserver registers them, and tells of the others whether their Service is there.
 * https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
 */
import { rfc3339 } from '../clock.js'
import { copyJson } from './copy.js'
import { isReason } from './errors.js'
import { prefixOf } from './kindset.js'
import type { APIService } from './kinds/apiservice.js'
import type { CustomResourceDefinition } from './kinds/customresourcedefinition.js'
import type { KubeObject, Service } from './object.js'
import { serverCall } from './server-call.js'
import { create } from './verbs/create.js'
import { remove } from './verbs/delete.js'
import type { Machinery } from './verbs/machinery.js'
import { update } from './verbs/update.js'

const GROUP = 'apiregistration.k8s.io'
const MANAGED = 'kube-aggregator.kubernetes.io/automanaged'

/** The priorities of kube-apiserver's groups, and of versions that are not the usual 15. */
const GROUP_PRIORITIES: Readonly<Record<string, number>> = {
  '': 18000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'admissionregistration.k8s.io': 16700,
  'apiextensions.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
  'resource.k8s.io': 15900,
  'metrics.k8s.io': 100,
}
const VERSION_PRIORITIES: Readonly<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'metrics.k8s.io/v1beta1': 100,
}
/** Those of custom resources. */
const CUSTOM = { group: 1000, version: 100 }

/** Starts to follow what a server serves; what is there already is registered when `ready` resolves. */
export function keepApiServices(m: Machinery): { readonly ready: Promise<void>; stop(): void } {
  const kind = m.kinds.findResource(GROUP, 'apiservices')
  const definitions = m.kinds.findResource('apiextensions.k8s.io', 'customresourcedefinitions')
  if (!kind || !definitions) return { ready: Promise.resolve(), stop: () => undefined }
  const prefix = prefixOf(kind)
  let stopped = false

  const settle = (done: Promise<unknown>): Promise<unknown> =>
    m.clock.track(
      done.catch((error: unknown) => {
        // Somebody was faster, or the server is on its way out.
        if (!stopped && !isReason(error, 'AlreadyExists', 'NotFound', 'Conflict')) throw error
      }),
    )
  const custom = (): Set<string> =>
    new Set(
      m.store.list(prefixOf(definitions)).items.flatMap(({ object }) => {
        const { spec } = object as unknown as CustomResourceDefinition
        return spec.versions.filter((v) => v.served).map((v) => nameOf(spec.group, v.name))
      }),
    )
  /** Registers what is served and not yet listed, and takes away what was listed for a definition that has gone. */
  const sync = async (): Promise<void> => {
    const made = custom()
    const served = new Set<string>()
    const writes: Promise<unknown>[] = []
    for (const { name: group, versions } of m.kinds.groups()) {
      // It is not registered, but what registers.
      if (group === GROUP) continue
      for (const version of versions) {
        const name = nameOf(group, version)
        served.add(name)
        if (!m.store.get(prefix + name)) writes.push(settle(create(m, kind, serverCall(), localService(group, version, made.has(name)))))
      }
    }
    for (const { object } of m.store.list(prefix).items) {
      const { name, labels } = object.metadata
      if (labels?.[MANAGED] && !served.has(name!)) writes.push(settle(remove(m, kind, serverCall(), name!, {})))
    }
    await Promise.all(writes)
  }
  const tell = (service: APIService): void => {
    const condition = availability(m, service)
    const was = service.status?.conditions?.find((c) => c.type === 'Available')
    if (was?.status === condition.status && was.message === condition.message) return
    const lastTransitionTime = was?.status === condition.status ? was.lastTransitionTime : rfc3339(m.clock.now())
    const changed = copyJson({ ...service, status: { conditions: [{ ...condition, lastTransitionTime }] } }) as unknown as KubeObject
    void settle(update(m, kind, serverCall(), service.metadata.name!, changed, 'status'))
  }
  const tellAll = (): void => m.store.list(prefix).items.forEach(({ object }) => tell(object as unknown as APIService))

  const { revision } = m.store
  const stopKinds = m.kinds.onChange(() => void m.clock.track(sync()))
  const stopServices = m.store.watch('/registry/core/services/', revision, (events) => {
    if (events.some(({ type, previous }) => type === 'delete' || !previous)) tellAll()
  })
  const stopOwn = m.store.watch(prefix, revision, (events) => {
    let removed = false
    for (const { type, current } of events) {
      const service = current.object as unknown as APIService
      if (type !== 'delete') tell(service)
      // Those of custom resources come back while these are served; the others do when the server starts again.
      else removed ||= service.metadata.labels?.[MANAGED] === 'true'
    }
    if (removed) void m.clock.track(sync())
  })
  return {
    ready: sync().then(tellAll),
    stop() {
      stopped = true
      stopKinds()
      stopServices()
      stopOwn()
    },
  }
}

const nameOf = (group: string, version: string): string => `${version}.${group}`

function localService(group: string, version: string, isCustom: boolean): KubeObject {
  const groupPriorityMinimum = GROUP_PRIORITIES[group] ?? CUSTOM.group
  const versionPriority = VERSION_PRIORITIES[`${group}/${version}`] ?? (group in GROUP_PRIORITIES ? 15 : CUSTOM.version)
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'APIService',
    metadata: { name: nameOf(group, version), labels: { [MANAGED]: isCustom ? 'true' : 'onstart' } },
    spec: { ...(group ? { group } : {}), version, groupPriorityMinimum, versionPriority },
  } as KubeObject
}

/** Whether somebody answers for a group version, and in which words. */
function availability(m: Machinery, { spec }: APIService): { type: string; status: string; reason: string; message: string } {
  const said = (status: boolean, reason: string, message: string): ReturnType<typeof availability> => ({
    type: 'Available',
    status: status ? 'True' : 'False',
    reason,
    message,
  })
  const { service, group = '', version = '' } = spec ?? {}
  if (!service) return said(true, 'Local', 'Local APIServices are always available')
  const name = service.name ?? ''
  const namespace = service.namespace ?? ''
  const found = m.store.get(`/registry/core/services/${namespace}/${name}`)?.object as Service | undefined
  if (!found) return said(false, 'ServiceNotFound', `service/${name} in ${JSON.stringify(namespace)} is not present`)
  const port = service.port ?? 443
  if (!found.spec?.ports?.some((p) => p.port === port))
    return said(false, 'ServicePortError', `service/${name} in ${JSON.stringify(namespace)} is not listening on port ${port}`)
  if (m.kinds.versions(group).includes(version)) return said(true, 'Passed', 'all checks passed')
  const url = `https://${found.spec.clusterIP ?? ''}:${port}/apis/${group}/${version}`
  return said(
    false,
    'FailedDiscoveryCheck',
    `failing or missing response from ${url}: Get ${JSON.stringify(url)}: context deadline exceeded`,
  )
}
