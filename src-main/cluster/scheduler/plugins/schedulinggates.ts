/** Holds pods back until their scheduling gates are gone. */
import type { Plugin } from '../framework.js'
import { reject } from '../framework.js'

export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  holdsBack(pod) {
    const gates = pod.spec!.schedulingGates ?? []
    return gates.length ? reject(`waiting for scheduling gates: [${gates.map((g) => g.name).join(' ')}]`, true) : undefined
  },
}
