/** Lays what a client applies over an object, and takes away what it no longer applies. */
import { canonicalQuantity } from '../kinds/rules/quantity.js'
import type { Model, Property } from '../schema/schema.js'
import { LEAF } from './fields.js'
import type { Fields } from './fields.js'
import { elementOf, fieldOf, isEmpty, isMap, shapeOf } from './typed.js'
import type { Json } from './typed.js'

/** Lays a configuration over an object. Neither is changed. */
export function merge(live: Json, config: Json, model: Model): Json {
  return mergeFields(live, config, (name) => model.properties.get(name))
}

/** @param keepNulls whether null is a value: of a map it is the zero of its type */
function mergeFields(live: Json, config: Json, propertyOf: (name: string) => Property | undefined, keepNulls = false): Json {
  const out: Json = { ...live }
  for (const [name, value] of Object.entries(config)) {
    if (value === null && !keepNulls && !propertyOf(name)?.nullable) delete out[name]
    else out[name] = mergeValue(live[name], value, propertyOf(name))
  }
  return out
}

function mergeValue(live: unknown, config: unknown, property: Property | undefined): unknown {
  const shape = shapeOf(property)
  if (shape === 'fields' && isMap(config))
    return mergeFields(isMap(live) ? live : {}, config, (name) => fieldOf(property!, name), property!.type === 'map')
  if ((shape === 'keyed' || shape === 'set') && Array.isArray(config))
    return mergeLists(Array.isArray(live) ? live : [], config, property!, shape)
  if (property?.type === 'quantity' && live !== undefined && sameQuantity(live, config)) return live
  return config
}

/** `1000m` in a configuration is no change to a live `1`. */
function sameQuantity(live: unknown, config: unknown): boolean {
  try {
    return canonicalQuantity(live as string) === canonicalQuantity(config as string)
  } catch {
    return false
  }
}

/**
 * Elements that both have come in the order of the configuration. Those that only the object has stay before what they
 * stood before, as far as that goes; those that only the configuration has come where it has them. What is more than
 * once in the object and in the configuration is only what the configuration makes of it.
 */
function mergeLists(live: readonly unknown[], config: readonly unknown[], list: Property, shape: 'keyed' | 'set'): unknown[] {
  const liveKeys = live.map((e) => elementOf(e, list))
  const configKeys = config.map((e) => elementOf(e, list))
  const only = new Map<string, unknown>()
  liveKeys.forEach((key, i) => only.set(key, only.has(key) ? undefined : live[i]))
  const inConfig = new Set(configKeys)
  const shared = configKeys.filter((key) => only.has(key))
  const done = new Set<string>()
  const out: unknown[] = []
  let l = 0
  let c = 0
  const takeConfig = (): void => {
    const key = configKeys[c]!
    out.push(mergeValue(shape === 'set' ? undefined : only.get(key), config[c], list.items))
    done.add(key)
    if (shared[0] === key) shared.shift()
    c++
  }
  while (l < live.length || c < config.length) {
    const key = l < live.length ? liveKeys[l]! : undefined
    if (key === undefined) takeConfig()
    else if (!inConfig.has(key)) out.push(live[l++])
    else if (done.has(key)) {
      l++
      if (shared.length === 0 && c < config.length) takeConfig()
    } else if (key === configKeys[c]) {
      takeConfig()
      l++
    } else if (shared.length > 0 && shared[0] !== key) l++
    else takeConfig()
  }
  return out
}

/**
 * Takes away from an object what `gone` names and nobody owns any more.
 * @param gone what the applying manager owned before and does not apply any more
 * @param owned what anybody owns now
 */
export function prune(object: Json, gone: Fields, owned: Fields, model: Model): Json {
  return pruneFields(object, gone, owned, (name) => model.properties.get(name), true)
}

function pruneFields(
  object: Json,
  gone: Fields,
  owned: Fields,
  propertyOf: (name: string) => Property | undefined,
  /** Whether these are declared fields; the keys of a free map go only when they are named themselves. */
  declared: boolean,
): Json {
  let out: Json | undefined
  for (const element in gone) {
    const name = element.slice(2)
    if (!element.startsWith('f:') || !(name in object)) continue
    const child = gone[element]!
    const owners = owned[element]
    if (!owners) {
      const named = isEmpty(child) || '.' in child
      if (declared || named) {
        out ??= { ...object }
        delete out[name]
        continue
      }
    }
    const after = pruneValue(object[name], child, owners ?? LEAF, propertyOf(name))
    if (after !== object[name]) {
      out ??= { ...object }
      out[name] = after
    }
  }
  return out ?? object
}

function pruneValue(value: unknown, gone: Fields, owned: Fields, property: Property | undefined): unknown {
  const shape = shapeOf(property)
  if (shape === 'fields' && isMap(value)) {
    return pruneFields(value, gone, owned, (name) => fieldOf(property!, name), property!.type === 'object')
  }
  if ((shape !== 'keyed' && shape !== 'set') || !Array.isArray(value)) return value
  let changed = false
  const out: unknown[] = []
  for (const element of value) {
    const key = elementOf(element, property!)
    const child = gone[key]
    if (!child) {
      out.push(element)
      continue
    }
    if (!owned[key]) {
      changed = true
      continue
    }
    const after = shape === 'set' ? element : pruneValue(element, child, owned[key]!, property!.items)
    if (after !== element) changed = true
    out.push(after)
  }
  return changed ? out : value
}
