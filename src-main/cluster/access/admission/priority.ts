import type * as k8s from '@kubernetes/client-node'
import type { Pod, Wire } from '../../api/object.js'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.js'
import { isAbout, refusal } from './refuse.js'

type PriorityClass = Wire<k8s.V1PriorityClass>

/** The two classes that exist even before somebody has made them. */
const SYSTEM: Readonly<Record<string, number>> = { 'system-node-critical': 2000001000, 'system-cluster-critical': 2000000000 }

/** Priority: resolves a pod's priority class to its value and preemption policy, and keeps at most one default class. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  mutate(a) {
    if (!isAbout(a, '', 'Pod')) return
    const spec = (a.object as unknown as Pod | undefined)?.spec
    if (!spec) return
    if (a.operation === 'UPDATE') {
      const old = (a.oldObject as unknown as Pod).spec
      if (spec === old) return
      spec.priority ??= old?.priority as number
      spec.preemptionPolicy ??= old?.preemptionPolicy as string
      if (spec.priority === undefined) delete spec.priority
      if (spec.preemptionPolicy === undefined) delete spec.preemptionPolicy
      return
    }
    if (a.operation !== 'CREATE') return
    const { name, value, preemptionPolicy } = resolve(a, spec.priorityClassName)
    if (name) spec.priorityClassName = name
    if (spec.priority !== undefined && spec.priority !== value) {
      throw refusal(
        a,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      )
    }
    spec.priority = value
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
      throw refusal(
        a,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
      )
    }
    spec.preemptionPolicy = preemptionPolicy
  },
  validate(a) {
    if (!isAbout(a, 'scheduling.k8s.io', 'PriorityClass') || (a.operation !== 'CREATE' && a.operation !== 'UPDATE')) return
    if (!(a.object as unknown as PriorityClass).globalDefault) return
    const present = defaultClass(a)
    if (present && (a.operation === 'CREATE' || present.metadata?.name !== a.object!.metadata.name)) {
      throw refusal(a, `PriorityClass ${present.metadata?.name} is already marked as default. Only one default can exist`)
    }
  },
}

/** The default class: should there be several, the one with the lowest value. */
function defaultClass(a: AdmissionAttributes): PriorityClass | undefined {
  const defaults = (a.lookupAll('scheduling.k8s.io', 'priorityclasses') as unknown as PriorityClass[]).filter((c) => c.globalDefault)
  return defaults.reduce<PriorityClass | undefined>(
    (lowest, c) => (!lowest || (c.value ?? 0) < (lowest.value ?? 0) ? c : lowest),
    undefined,
  )
}

function resolve(a: AdmissionAttributes, wanted: string | undefined): { name: string; value: number; preemptionPolicy: string } {
  const found = wanted
    ? (a.lookup('scheduling.k8s.io', 'priorityclasses', '', wanted) as unknown as PriorityClass | undefined)
    : defaultClass(a)
  const name = wanted || found?.metadata?.name || ''
  const value = found?.value ?? SYSTEM[name]
  if (wanted && value === undefined) throw refusal(a, `no PriorityClass with name ${wanted} was found`)
  return { name, value: value ?? 0, preemptionPolicy: found?.preemptionPolicy ?? 'PreemptLowerPriority' }
}
