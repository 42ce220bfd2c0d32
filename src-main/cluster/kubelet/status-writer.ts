/**
 * Writes pod statuses to the API: one write of a pod at a time, always the latest status, only what differs. A status
 * that changes while a write is under way waits and is written once.
 */
import type { ResourceClient } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ObjectMeta, Pod, PodCondition, PodStatus } from '../api/object.js'
import type { Clock } from '../clock.js'
import { BY_KUBELET, DISRUPTION_TARGET, statedConditions } from './conditions.js'

/** After so long a kubelet looks again at the statuses that it could not write, ms. */
const RETRY_MS = 10_000

/** Whether nothing is said by a value: null, undefined, [], {} and objects of nothing but these mean the same here. */
function saysNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (typeof value !== 'object') return false
  if (Array.isArray(value)) return value.length === 0
  for (const key in value) if (!saysNothing((value as Record<string, unknown>)[key])) return false
  return true
}

/** Whether two values say the same, in whatever order their fields are and with or without what is empty. */
export function sameContent(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (saysNothing(a) || saysNothing(b)) return saysNothing(a) && saysNothing(b)
  if (typeof a !== 'object' || typeof b !== 'object' || Array.isArray(a) !== Array.isArray(b)) return false
  if (Array.isArray(a)) return a.length === (b as unknown[]).length && a.every((v, i) => sameContent(v, (b as unknown[])[i]))
  const x = a as Record<string, unknown>
  const y = b as Record<string, unknown>
  for (const key in x) if (!sameContent(x[key], y[key])) return false
  for (const key in y) if (!(key in x) && !saysNothing(y[key])) return false
  return true
}

/** A condition as a strategic merge patch: what is gone is told with null. */
function conditionPatch(to: PodCondition, from: PodCondition | undefined): Record<string, unknown> {
  const patch: Record<string, unknown> = { ...to }
  for (const key of ['reason', 'message'] as const) if (from?.[key] !== undefined && to[key] === undefined) patch[key] = null
  return patch
}

/** A list of addresses as a strategic merge patch: as they are merged by `ip`, those that are gone are told. */
function addressesPatch(to: readonly { ip?: string }[], from: readonly { ip?: string }[]): object[] {
  const gone = from.filter(({ ip }) => !to.some((address) => address.ip === ip))
  return [...to, ...gone.map(({ ip }) => ({ ip, $patch: 'delete' }))]
}

/**
 * The strategic merge patch (of the `status` subresource) from one status to another; undefined when nothing differs.
 * Only the kubelet's own conditions are touched.
 */
export function statusPatch(uid: string, from: PodStatus | undefined, to: PodStatus): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {}
  const old = (from ?? {}) as Record<string, unknown>
  for (const [key, value] of Object.entries(to)) {
    if (key === 'conditions') continue
    if (!sameContent(old[key], value)) patch[key] = value
  }
  for (const key of ['hostIPs', 'podIPs'] as const) if (patch[key]) patch[key] = addressesPatch(to[key] ?? [], from?.[key] ?? [])
  for (const key of ['reason', 'message', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const)
    if (old[key] !== undefined && to[key] === undefined) patch[key] = null
  const conditions: Record<string, unknown>[] = []
  for (const type of statedConditions) {
    const wanted = to.conditions?.find((c) => c.type === type)
    const had = from?.conditions?.find((c) => c.type === type)
    // Others say this too, and what they say stays.
    if (type === DISRUPTION_TARGET && wanted?.reason !== BY_KUBELET) continue
    if (wanted && !sameContent(had, wanted)) conditions.push(conditionPatch(wanted, had))
    else if (had && !wanted) conditions.push({ type, $patch: 'delete' })
  }
  if (conditions.length) {
    patch['$setElementOrder/conditions'] = (to.conditions ?? []).map((c) => ({ type: c.type }))
    patch.conditions = conditions
  }
  return Object.keys(patch).length ? { metadata: { uid }, status: patch } : undefined
}

function identityOf({ metadata: { namespace, name, uid } }: Pod): Pick<ObjectMeta, 'namespace' | 'name' | 'uid'> {
  return { namespace: namespace!, name: name!, uid: uid! }
}

/** The writer of one pod's status. */
export class StatusWriter {
  /** The status as it was last written or, before that, as the API had it. */
  written: PodStatus | undefined
  private desired: PodStatus | undefined
  /** What was set last. */
  private last: PodStatus | undefined
  /** The version of the pod that the last write made. */
  private revision = 0
  /** Which pod it is: the pod itself is not kept, that it was first seen as would stay in memory. */
  private identity: Pick<ObjectMeta, 'namespace' | 'name' | 'uid'>
  private writing: Promise<void> | undefined
  private stopped = false
  /** Why the last write was refused, once it has been told; '' after one that succeeded. */
  private refusal = ''

  /**
   * @param pod the pod as first seen
   * @param log told of a refusal once, however often it is repeated
   */
  constructor(
    private readonly pods: ResourceClient<Pod>,
    private readonly clock: Clock,
    pod: Pod,
    private readonly log: (message: string, error: unknown) => void,
  ) {
    this.identity = identityOf(pod)
    this.written = pod.status
  }

  /** The status as it will be once all writes are done. */
  get latest(): PodStatus | undefined {
    return this.desired ?? this.written
  }

  /** Sets the status to write. */
  set(status: PodStatus): void {
    this.desired = status
    this.last = status
    if (!this.writing) this.begin()
  }

  /** The pod changed in the API: what somebody else wrote over the kubelet's own is put right. */
  observe(pod: Pod): void {
    const { metadata, status } = pod
    if (metadata.uid !== this.identity.uid) return this.adopt(pod)
    if (this.writing || this.stopped || !this.last || Number(metadata.resourceVersion) <= this.revision) return
    if (!statusPatch(metadata.uid!, status, this.last)) return
    this.written = status
    this.set(this.last)
  }

  /** Another object stands for the pod from now on, and is told all that is known. */
  private adopt(pod: Pod): void {
    this.identity = identityOf(pod)
    this.written = pod.status
    this.revision = 0
    this.stopped = false
    if (this.last) this.set(this.last)
  }

  /** Resolves when the latest status is written, or never will be. */
  async flushed(): Promise<void> {
    while (this.writing) await this.writing
  }

  /** Writes no more. */
  stop(): void {
    this.stopped = true
  }

  private tell(error: Error): void {
    if (this.refusal === error.message) return
    this.refusal = error.message
    this.log(`writing the status of pod ${this.identity.namespace}/${this.identity.name} failed`, error)
  }

  private begin(): void {
    this.writing = Promise.resolve()
      .then(() => this.run())
      .then(() => {
        this.writing = undefined
        if (this.desired && !this.stopped) this.begin()
      })
  }

  private async run(): Promise<void> {
    const { namespace, name, uid } = this.identity
    while (this.desired && !this.stopped) {
      const status = this.desired
      const patch = statusPatch(uid!, this.written, status)
      if (patch) {
        try {
          const answer = await this.pods.patch(namespace!, name!, patch, { type: 'strategic', subresource: 'status' })
          this.revision = Number(answer.metadata.resourceVersion)
          this.refusal = ''
          // What the API holds is kept anyway: where it says the same there need be no second copy.
          const same = answer.status && !statusPatch(uid!, answer.status, status)
          this.written = same ? answer.status : status
          if (this.last === status) this.last = this.written
        } catch (error) {
          if (isReason(error, 'NotFound')) {
            this.stopped = true
            break
          }
          this.tell(error as Error)
          await this.clock.sleep(RETRY_MS)
          continue
        }
      }
      if (this.desired === status) this.desired = undefined
    }
  }
}
