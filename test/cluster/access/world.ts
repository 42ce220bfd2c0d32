/** A small world for the tests of admission: what is stored, and writes that pass all plugins. */
import { Admission } from '../../../src-main/cluster/api/admission.js'
import { AdmissionMetrics } from '../../../src-main/cluster/api/admission-metrics.js'
import { admissionPlugins } from '../../../src-main/cluster/access/admission/plugins.js'
import type { AdmissionAttributes, AdmissionOperation } from '../../../src-main/cluster/access/admission/plugin.js'
import { StatusError } from '../../../src-main/cluster/api/errors.js'
import type { Status } from '../../../src-main/cluster/api/errors.js'
import type { Kind } from '../../../src-main/cluster/api/kinds/kind.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { Random } from '../../../src-main/cluster/random.js'

const kind = (group: string, name: string, plural: string, namespaced = true): Kind => ({
  group,
  version: 'v1',
  kind: name,
  plural,
  singular: name.toLowerCase(),
  namespaced,
  model: `V1${name}`,
})
export const POD = kind('', 'Pod', 'pods')
export const CONFIG_MAP = kind('', 'ConfigMap', 'configmaps')
export const NAMESPACE = kind('', 'Namespace', 'namespaces', false)
export const CLAIM = kind('', 'PersistentVolumeClaim', 'persistentvolumeclaims')
export const NODE = kind('', 'Node', 'nodes', false)
export const SERVICE = kind('', 'Service', 'services')
export const DEPLOYMENT = kind('apps', 'Deployment', 'deployments')
export const LEASE = kind('coordination.k8s.io', 'Lease', 'leases')
export const DEVICES = kind('resource.k8s.io', 'ResourceClaim', 'resourceclaims')
export const INGRESS = kind('networking.k8s.io', 'Ingress', 'ingresses')
export const PRIORITY_CLASS = kind('scheduling.k8s.io', 'PriorityClass', 'priorityclasses', false)

/** Objects by `resource` or `resource/namespace`. */
export class World {
  readonly warnings: string[] = []
  readonly clock = new VirtualClock({ start: 0, speed: 0 })

  constructor(readonly stored: Record<string, KubeObject[]> = {}) {
    stored.namespaces ??= [object('ns', { status: { phase: 'Active' } })]
    stored['serviceaccounts/ns'] ??= [object('default')]
  }

  /** Lets a write pass all plugins; gives the object as it is stored. */
  async admit(
    of: Kind,
    operation: AdmissionOperation,
    sent: KubeObject | undefined,
    rest: Partial<AdmissionAttributes> = {},
  ): Promise<KubeObject> {
    const all = (resource: string, namespace?: string): KubeObject[] => this.stored[namespace ? `${resource}/${namespace}` : resource] ?? []
    const attributes: AdmissionAttributes = {
      kind: of,
      requested: of,
      versions: () => [of],
      objectKind: of,
      operation,
      object: sent && structuredClone(sent),
      oldObject: undefined,
      namespace: of.namespaced ? 'ns' : '',
      name: sent?.metadata.name ?? '',
      subresource: '',
      user: { username: 'u', groups: [] },
      dryRun: false,
      decide: () => ({ allowed: true, reason: '' }),
      clock: this.clock,
      random: new Random(1),
      lookup: (_group, resource, namespace, name) => all(resource, namespace).find((o) => o.metadata.name === name),
      lookupAll: (_group, resource, namespace) => all(resource, namespace),
      resourceOf: () => undefined,
      updateStored: async (_group, resource, namespace, name, change) => {
        change(all(resource, namespace).find((o) => o.metadata.name === name)!)
      },
      warn: (text) => void this.warnings.push(text),
      ...rest,
    }
    const admission = new Admission(admissionPlugins, new AdmissionMetrics())
    await admission.admit(attributes)
    await admission.validate(attributes)
    return attributes.object!
  }

  /** The Status with which a write is refused. */
  async refused(
    of: Kind,
    operation: AdmissionOperation,
    sent: KubeObject | undefined,
    rest: Partial<AdmissionAttributes> = {},
  ): Promise<Status> {
    try {
      await this.admit(of, operation, sent, rest)
    } catch (error) {
      if (error instanceof StatusError) return error.status
      throw error
    }
    throw new Error('it was admitted')
  }
}

/** An object of a name. */
export function object(name: string, rest: object = {}): KubeObject {
  const { metadata, ...fields } = rest as { metadata?: object }
  return { metadata: { name, ...metadata }, ...fields } as KubeObject
}

/** A pod of one container. */
export const pod = (spec: object = {}, container: object = {}): KubeObject =>
  object('p', { spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'nginx', ...container }], ...spec } })

/** The spec with which a pod is stored. */
export const specOf = async (world: World, sent: KubeObject): Promise<Record<string, unknown>> =>
  (await world.admit(POD, 'CREATE', sent)).spec as Record<string, unknown>
