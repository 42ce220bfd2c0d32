/** PodDisruptionBudgets. */
import { ageColumn, born, nameColumn, namespaceColumn, type ListKind } from './kind.js'

const count = (id: string, title: string) => ({ id, title, type: 'number', width: 84, align: 'right' }) as const

export const podDisruptionBudgets: ListKind = {
  group: 'policy',
  resource: 'poddisruptionbudgets',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'minAvailable', title: 'Min available', type: 'text', width: 100, align: 'right', stays: 'long' },
    { id: 'maxUnavailable', title: 'Max unavailable', type: 'text', width: 116, align: 'right', stays: 'long' },
    { id: 'allowed', title: 'Allowed disruptions', type: 'status', width: 136 },
    count('current', 'Current'),
    count('desired', 'Desired'),
    count('expected', 'Expected'),
    ageColumn,
  ],
  cells: (o) => {
    const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0, expectedPods = 0 } = o.status ?? {}
    const none = disruptionsAllowed === 0 && expectedPods > 0
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      String(o.spec?.minAvailable ?? ''),
      String(o.spec?.maxUnavailable ?? ''),
      {
        text: String(disruptionsAllowed),
        sort: disruptionsAllowed,
        tone: currentHealthy < desiredHealthy ? 'bad' : none ? 'warn' : 'ok',
      },
      currentHealthy,
      desiredHealthy,
      expectedPods,
      born(o),
    ]
  },
}
