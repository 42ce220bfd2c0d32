/** Conditions as cells tell them: the first that is not as it should be, by its reason; else how all is well. */
import type { Cell } from '../rpc/contract.js'
import type { Json } from './kind.js'

/**
 * @param conditions of the object, or of several of its parts
 * @param wanted the types that are to be true, the most telling first: those after it may be left out
 * @param well what is said when they are
 */
export function conditionCell(conditions: readonly Json[], wanted: readonly string[], well: string): Cell {
  for (const type of wanted) {
    const wrong = conditions.find((c) => c.type === type && c.status === 'False')
    if (wrong)
      return { text: wrong.reason || `Not ${type}`, tone: 'bad', title: [`${type}=False`, wrong.message].filter(Boolean).join(': ') }
  }
  const unsure = conditions.find((c) => wanted.includes(c.type) && c.status === 'Unknown')
  if (!unsure && conditions.some((c) => c.type === wanted[0] && c.status === 'True')) return { text: well, tone: 'ok' }
  return { text: unsure?.reason || 'Pending', tone: 'busy', ...(unsure?.message ? { title: unsure.message } : {}) }
}
