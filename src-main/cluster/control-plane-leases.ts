/**
 * The Leases of the control plane: by one the API server says that it is there, by the others the controller manager
 * and the scheduler say who of them leads. Kubernetes documentation, "Leases": "API server identity", "Leader election".
 */
import crypto from 'node:crypto'
import { isReason } from './api/errors.js'
import { resources, type Client } from './api/client.js'
import type { Lease } from './api/object.js'
import { rfc3339Micro, type Clock, type Idle } from './clock.js'
import { EventRecorder, referenceTo } from './controllers/events.js'
import type { Random } from './random.js'

const NAMESPACE = 'kube-system'
/** All are renewed this often, ms: within the time that the shortest of them holds for. */
const RENEWAL_MS = 10_000
const IDENTITY_SECONDS = 3600
const LEADER_SECONDS = 15

/** The name of the Lease of an API server: it tells servers apart, and stays the same for a host. */
export function identityOf(host: string): string {
  const digest = crypto.createHash('sha256').update(host).digest('hex').slice(0, 32)
  // 128 bits are 25 digits of 5 bits and one of 3, which two empty bits fill up.
  const digits = (BigInt(`0x${digest}`) << 2n).toString(32).padStart(26, '0')
  return `apiserver-${digits.replace(/./g, (digit) => 'abcdefghijklmnopqrstuvwxyz234567'[parseInt(digit, 32)]!)}`
}

export interface ControlPlaneLeases {
  client: Client
  clock: Clock
  random: Random
  /** The node of the control plane. */
  host: string
  log: (message: string, error: unknown) => void
}

/**
 * Takes the Leases at once, also from the holders of an earlier run, and renews them; gives a function that stops. A
 * jump of time renews them at its end only. Failures are told, and the next renewal tries again.
 */
export function holdControlPlaneLeases(options: ControlPlaneLeases): () => void {
  const { client, clock, random, host, log } = options
  const leases = client.resource<Lease>(resources.leases)
  const server = identityOf(host)

  const identity = held(server, `${server}_${random.uuid()}`, IDENTITY_SECONDS, {
    'apiserver.kubernetes.io/identity': 'kube-apiserver',
    'kubernetes.io/hostname': host,
  })
  const leader = (name: string, component = name): (() => Promise<void>) => {
    const holder = `${host}_${random.uuid()}`
    const recorder = new EventRecorder({ client, clock, component })
    return held(name, holder, LEADER_SECONDS, undefined, (lease) => {
      recorder.event(referenceTo('coordination.k8s.io/v1', 'Lease', lease), 'Normal', 'LeaderElection', `${holder} became leader`)
    })
  }
  const all = [identity, leader('kube-controller-manager'), leader('kube-scheduler', 'default-scheduler')]

  /** Renews one of them. What is acquired, when it is one of a leader, is told once. */
  function held(
    name: string,
    holderIdentity: string,
    leaseDurationSeconds: number,
    labels?: Record<string, string>,
    onAcquired?: (lease: Lease) => void,
  ): () => Promise<void> {
    let known: Lease | undefined
    return async () => {
      const renewTime = rfc3339Micro(clock.now())
      const spec = { holderIdentity, leaseDurationSeconds, renewTime }
      try {
        known ??= await leases.get(NAMESPACE, name).catch((error: unknown) => {
          if (!isReason(error, 'NotFound')) throw error
          return undefined
        })
        const before = known?.spec
        const mine = before?.holderIdentity === holderIdentity
        const leading = onAcquired && {
          acquireTime: mine ? before.acquireTime : renewTime,
          leaseTransitions: (before?.leaseTransitions ?? 0) + (before && !mine ? 1 : 0),
        }
        const metadata = known?.metadata ?? { name, namespace: NAMESPACE, ...(labels ? { labels } : {}) }
        const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { ...spec, ...leading } } as unknown as Lease
        known = known ? await leases.update(lease) : await leases.create(NAMESPACE, lease)
        if (!mine) onAcquired?.(known)
      } catch (error) {
        // Somebody else wrote or removed it.
        known = undefined
        if (!isReason(error, 'Conflict', 'NotFound', 'AlreadyExists')) log(`Lease ${NAMESPACE}/${name}`, error)
      }
    }
  }

  let busy = false
  const renew = (): Idle | undefined => {
    const { jumpsTo } = clock
    if (jumpsTo !== undefined && clock.now() + RENEWAL_MS <= jumpsTo) return { idleUntil: jumpsTo - RENEWAL_MS }
    if (busy) return undefined
    busy = true
    void clock.track(Promise.all(all.map((one) => one()))).finally(() => (busy = false))
    return undefined
  }
  renew()
  const timer = clock.every(RENEWAL_MS, renew)
  return () => timer.cancel()
}
