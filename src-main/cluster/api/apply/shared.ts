/**
 * One copy of each set of fields. Thousands of pods made from the same template own the same fields, and their sets
 * are most of what there is to an object: kept once they cost neither memory nor another freezing.
 */
import { jsonText } from '../../../exact-json.js'
import { deepFreeze } from '../../store/version.js'
import { LEAF, sorted } from './fields.js'
import type { Fields } from './fields.js'

/** How many different sets are remembered; beyond that the oldest is forgotten (and kept by what holds it). */
const MOST = 4096
/** Sets are shared down to the parts of spec and status: what is unlike in them is not the whole of them. */
const DEPTH = 2

const known = new Map<string, Fields>()

/** The set in the order in which it is written, frozen, and the same object for the same fields wherever it can be. */
export function sharedSet(set: Fields): Fields {
  // What is frozen was stored, and made by this before.
  return Object.isFrozen(set) ? set : deepFreeze(partsShared(sorted(set), DEPTH))
}

function partsShared(set: Fields, depth: number): Fields {
  if (Object.isFrozen(set)) return set
  if (depth === 0) return whole(set)
  const out: Record<string, Fields> = {}
  for (const element in set) out[element] = partsShared(set[element]!, depth - 1)
  return out
}

function whole(set: Fields): Fields {
  const text = jsonText(set)
  if (text === '{}') return LEAF
  const same = known.get(text)
  if (same) return same
  if (known.size >= MOST) known.delete(known.keys().next().value!)
  known.set(text, set)
  return set
}
