/**
 * Devices that are made ready after they were allocated and before their pod is bound: a driver tells with conditions in
 * `status.devices` of the claim when they are, or that they cannot be.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-binding-conditions
 */
import type { Informer } from '../../api/client.js'
import type { ResourceClaim } from '../../api/kinds/resourceclaim.js'
import type { Clock } from '../../clock.js'
import type { AllocatedDevice, Allocation } from './model.js'

/** How long a pod waits for its devices, ms. */
const BINDING_TIMEOUT = 600_000

const devicesWithConditions = ({ status }: ResourceClaim): AllocatedDevice[] =>
  (status?.allocation?.devices?.results ?? []).filter((device) => device.bindingConditions?.length)

function conditionsOf({ status }: ResourceClaim, { driver, pool, device, shareID }: AllocatedDevice) {
  const told = status?.devices?.find((d) => d.driver === driver && d.pool === pool && d.device === device && d.shareID === shareID)
  return (type: string) => told?.conditions?.find((c) => c.type === type && c.status === 'True')
}

/** Why the devices of a claim cannot be made ready; undefined as long as they may. */
function failureOf(claim: ResourceClaim): string | undefined {
  for (const device of devicesWithConditions(claim)) {
    const holds = conditionsOf(claim, device)
    const failed = device.bindingFailureConditions?.map(holds).find(Boolean)
    if (failed) return `claim ${claim.metadata.name} binding failed: reason=${failed.reason}, message=${JSON.stringify(failed.message)}`
  }
  return undefined
}

const isReady = (claim: ResourceClaim): boolean =>
  devicesWithConditions(claim).every((device) => device.bindingConditions!.every(conditionsOf(claim, device)))

/** Whether the devices of an allocated claim have not become ready, and will not. */
export function isBindingHopeless(claim: ResourceClaim, now: number): boolean {
  if (isReady(claim)) return false
  const since = Date.parse(claim.status!.allocation!.allocationTimestamp ?? '')
  return failureOf(claim) !== undefined || now - since >= BINDING_TIMEOUT
}

/** Whether something has to happen to the devices of an allocation before a pod that uses them is bound. */
export const hasBindingConditions = ({ devices }: Allocation): boolean =>
  devices?.results?.some((device) => device.bindingConditions?.length) ?? false

/**
 * Waits until the devices of claims are ready. Rejects when one cannot be made ready, a claim loses its devices, or ten
 * minutes have passed.
 * @param keys namespace and name of each claim
 */
export function untilReady(keys: readonly (readonly [string, string])[], claims: Informer<ResourceClaim>, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (why?: string): void => {
      timer.cancel()
      stop()
      if (why === undefined) resolve()
      else reject(new Error(why))
    }
    /** What was written a moment ago may not be known here yet. */
    const allocated = new Set<string>()
    const look = (): void => {
      let ready = 0
      for (const [namespace, name] of keys) {
        const claim = claims.get(namespace, name)
        if (claim?.status?.allocation) allocated.add(name)
        else if (allocated.has(name)) return end(`claim ${namespace}/${name} got deallocated in the meantime`)
        else continue
        const failure = failureOf(claim)
        if (failure) return end(failure)
        if (isReady(claim)) ready++
      }
      if (ready === keys.length) end()
    }
    const timer = clock.after(BINDING_TIMEOUT, () => end('device binding timeout'))
    const stop = claims.on({ update: look, delete: look })
    look()
  })
}
