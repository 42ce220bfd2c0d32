// The names that every script finds.
const { Buffer } = require('buffer')
const timers = require('timers')
const { nextTick } = require('internal/ticks')
const encoding = require('internal/encoding')
const { URL, URLSearchParams } = require('url')

const lazy = (name, module) =>
  Object.defineProperty(globalThis, name, { configurable: true, enumerable: false, get: () => require(module)[name] })

class TextEncoder {
  encode(text = '') {
    return new Uint8Array(encoding.utf8Bytes(String(text)))
  }
}
class TextDecoder {
  decode(bytes = new Uint8Array()) {
    return encoding.utf8Text(
      ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes),
    )
  }
}

/** Copies data, with Dates, Maps, Sets and cycles. */
function structuredClone(value, seen = new Map()) {
  if (typeof value === 'function') throw Object.assign(new Error(`${value} could not be cloned.`), { name: 'DataCloneError' })
  if (typeof value !== 'object' || value === null) return value
  if (seen.has(value)) return seen.get(value)
  const copy = (into, fill) => {
    seen.set(value, into)
    fill(into)
    return into
  }
  if (value instanceof Date) return new Date(value.getTime())
  if (value instanceof RegExp) return new RegExp(value.source, value.flags)
  if (ArrayBuffer.isView(value)) return value.slice()
  if (value instanceof Map)
    return copy(new Map(), (map) => value.forEach((v, k) => map.set(structuredClone(k, seen), structuredClone(v, seen))))
  if (value instanceof Set) return copy(new Set(), (set) => value.forEach((v) => set.add(structuredClone(v, seen))))
  return copy(Array.isArray(value) ? [] : {}, (into) => {
    for (const key of Object.keys(value)) into[key] = structuredClone(value[key], seen)
  })
}

lazy('fetch', 'internal/fetch')
lazy('process', 'internal/process')
lazy('console', 'internal/console')
const { promises, ...timerFunctions } = timers
void [promises, nextTick]
module.exports = {
  ...timerFunctions,
  global: globalThis,
  Buffer,
  URL,
  URLSearchParams,
  TextEncoder,
  TextDecoder,
  structuredClone,
  queueMicrotask: (fn) => void Promise.resolve().then(() => kernel.enter(fn)),
  atob: (text) => Buffer.from(text, 'base64').toString('latin1'),
  btoa: (text) => Buffer.from(text, 'latin1').toString('base64'),
  performance: { now: () => kernel.host.now() - kernel.about.startedAt, timeOrigin: kernel.about.startedAt },
}
