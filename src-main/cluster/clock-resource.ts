/**
 * The clock of a cluster follows the object `clocks.drydock.dev/cluster`: its speed, and how far it is moved ahead. The
 * object is written through the API like any other, by kubectl and by the window alike.
 */
import type { Client, Informers } from './api/client.js'
import { isReason } from './api/errors.js'
import { CLOCK_NAME, type ClockObject } from './api/kinds/clock.js'
import { rfc3339, type VirtualClock } from './clock.js'

const CLOCKS = { group: 'drydock.dev', version: 'v1', resource: 'clocks' }
/** A jump is made in steps, after each of which the object is looked at again: a jump can be called off. Cluster ms. */
const STEP_MS = 3_600_000

export interface ClockResourceOptions {
  /** One that may write the object. */
  client: Client
  informers: Informers
  clock: VirtualClock
  /** Called after the clock was set to another speed or has jumped. */
  onChange(): void
  /** Called after each step of a jump. */
  onStep?(): unknown
  log(message: string, error: unknown): void
}

/** The speed that a cluster is to have: of its clock object, which is made when it is missing. `speed` overrides it. */
export async function wantedSpeed(client: Client, speed: number | undefined): Promise<number> {
  const clocks = client.resource<ClockObject>(CLOCKS)
  try {
    const { spec } = await clocks.get('', CLOCK_NAME)
    if (speed === undefined || spec.speed === speed) return spec.speed
    await clocks.patch('', CLOCK_NAME, { spec: { speed } }, { type: 'merge' })
    return speed
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
  const wanted = speed ?? 1
  const object = { kind: 'Clock', apiVersion: 'drydock.dev/v1', metadata: { name: CLOCK_NAME }, spec: { speed: wanted } }
  await clocks.create('', object)
  return wanted
}

/** Makes the clock follow its object. Returns a function that stops. */
export function followClockResource(options: ClockResourceOptions): () => void {
  const { client, clock, informers, log } = options
  let wanted: ClockObject | undefined
  let jumping = false
  /** Where the jump under way began, RFC 3339. */
  let jumpFrom: string | undefined
  const stopping = new AbortController()

  const tell = (): void => {
    const { generation } = wanted!.metadata
    const status = { time: rfc3339(clock.now()), speed: clock.speed, observedGeneration: generation, jumpFrom: jumpFrom ?? null }
    client
      .resource<ClockObject>(CLOCKS)
      .patch('', CLOCK_NAME, { status }, { type: 'merge', subresource: 'status' })
      .catch((error: unknown) => log('writing the status of the clock failed', error))
    options.onChange()
  }
  const ahead = (): number => (wanted?.spec.jumpTo ? Date.parse(wanted.spec.jumpTo) - clock.now() : 0)

  const jump = async (): Promise<void> => {
    jumping = true
    try {
      while (!stopping.signal.aborted && ahead() > 0) {
        const left = ahead()
        await clock.advance(Math.min(left, STEP_MS), clock.now() + left)
        options.onStep?.()
      }
    } finally {
      jumping = false
    }
    jumpFrom = undefined
    if (!stopping.signal.aborted) tell()
  }
  const sync = (object: ClockObject): void => {
    const seen = wanted?.metadata.generation
    wanted = object
    if (object.metadata.generation === seen) return
    clock.setSpeed(object.spec.speed)
    // A cluster that was stopped on the way goes on with the jump that it was in.
    if (ahead() > 0) jumpFrom ??= object.status?.jumpFrom ?? rfc3339(clock.now())
    tell()
    if (ahead() > 0 && !jumping) void jump().catch((error: unknown) => log('moving the clock ahead failed', error))
  }
  const stop = informers.for<ClockObject>(CLOCKS).on({ add: sync, update: (_, object) => sync(object) })
  return () => {
    stopping.abort()
    stop()
  }
}
