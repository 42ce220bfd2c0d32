/**
 * The turns of admission: which plugins see a write, and in which order.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../access/admission/plugin.js'
import { hostNow } from '../host.js'
import type { AdmissionLatencies, AdmissionMetrics, AdmissionType } from './admission-metrics.js'

/** What one plugin does in one turn; no latencies are noted of what Kubernetes does not do in admission. */
interface Step {
  readonly run: (attributes: AdmissionAttributes) => void | Promise<void>
  readonly latencies: AdmissionLatencies | undefined
}

/** All that see one operation in one turn. */
interface Turn {
  readonly steps: readonly Step[]
  readonly latencies: AdmissionLatencies
}

/** The admission plugins of a server, in their order; each and all of them are measured. */
export class Admission {
  private readonly turns = { admit: new Map<AdmissionOperation, Turn>(), validate: new Map<AdmissionOperation, Turn>() }

  constructor(
    private readonly plugins: readonly AdmissionPlugin[],
    private readonly metrics: AdmissionMetrics,
  ) {}

  /** Lets admission change the object, in place. Rejects as the plugin does that refuses. */
  admit(attributes: AdmissionAttributes): Promise<void> {
    return take(this.turn('admit', attributes.operation), attributes)
  }

  /** Lets admission refuse the object as it is about to be stored. Rejects as the plugin does that refuses. */
  validate(attributes: AdmissionAttributes): Promise<void> {
    return take(this.turn('validate', attributes.operation), attributes)
  }

  private turn(type: AdmissionType, operation: AdmissionOperation): Turn {
    let turn = this.turns[type].get(operation)
    if (!turn) {
      const steps = this.plugins
        .filter((plugin) => plugin.operations.includes(operation))
        .flatMap((plugin): Step[] => {
          const run = (type === 'admit' ? plugin.mutate : plugin.validate)?.bind(plugin)
          return run ? [{ run, latencies: plugin.isOfRegistry ? undefined : this.metrics.ofPlugin(type, operation, plugin.name) }] : []
        })
      this.turns[type].set(operation, (turn = { steps, latencies: this.metrics.ofAll(type, operation) }))
    }
    return turn
  }
}

/** Shows a write to the steps of a turn, one after the other. */
async function take(turn: Turn, attributes: AdmissionAttributes): Promise<void> {
  const began = hostNow()
  let since = began
  for (const { run, latencies } of turn.steps) {
    try {
      const done = run(attributes)
      if (done) await done
    } catch (error) {
      const now = hostNow()
      latencies?.observe(true, now - since)
      turn.latencies.observe(true, now - began)
      throw error
    }
    const now = hostNow()
    latencies?.observe(false, now - since)
    since = now
  }
  turn.latencies.observe(false, since - began)
}
