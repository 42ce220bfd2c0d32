// EventEmitter.
const { inspect } = require('util')

class EventEmitter {
  _list(name) {
    this._events ??= Object.create(null)
    return (this._events[name] ??= [])
  }
  on(name, fn) {
    return this._add(name, fn, 'push')
  }
  prependListener(name, fn) {
    return this._add(name, fn, 'unshift')
  }
  once(name, fn) {
    const wrapped = (...args) => {
      this.off(name, wrapped)
      return fn.apply(this, args)
    }
    wrapped.listener = fn
    return this.on(name, wrapped)
  }
  _add(name, fn, how) {
    if (typeof fn !== 'function')
      throw Object.assign(new TypeError(`The "listener" argument must be of type function. Received ${inspect(fn)}`), {
        code: 'ERR_INVALID_ARG_TYPE',
      })
    if (this._events?.newListener?.length) this.emit('newListener', name, fn.listener ?? fn)
    this._list(name)[how](fn)
    return this
  }
  off(name, fn) {
    const list = this._list(name)
    const at = list.findLastIndex((each) => each === fn || each.listener === fn)
    if (at >= 0) this._events[name] = list.filter((_, i) => i !== at)
    return this
  }
  removeAllListeners(name) {
    if (name === undefined) this._events = Object.create(null)
    else if (this._events) delete this._events[name]
    return this
  }
  emit(name, ...args) {
    const list = this._events?.[name]
    if (!list?.length) {
      if (name !== 'error') return false
      if (args[0] instanceof Error) throw args[0]
      throw Object.assign(new Error(`Unhandled error. (${inspect(args[0])})`), { code: 'ERR_UNHANDLED_ERROR' })
    }
    const present = list.slice()
    for (const fn of present) kernel.watch(fn.apply(this, args))
    return true
  }
  listenerCount(name) {
    return this._events?.[name]?.length ?? 0
  }
  listeners(name) {
    return (this._events?.[name] ?? []).map((fn) => fn.listener ?? fn)
  }
  eventNames() {
    return Reflect.ownKeys(this._events ?? {}).filter((name) => this._events[name].length)
  }
  setMaxListeners() {
    return this
  }
  getMaxListeners() {
    return 10
  }
}
EventEmitter.prototype.addListener = EventEmitter.prototype.on
EventEmitter.prototype.removeListener = EventEmitter.prototype.off

// Also callable without `new`, as in `EventEmitter.call(this)` of older code.
function Emitter() {
  return this
}
Emitter.prototype = EventEmitter.prototype
Object.defineProperty(Emitter, 'name', { value: 'EventEmitter' })
Object.defineProperty(Emitter.prototype, 'constructor', { value: Emitter, writable: true, configurable: true })
Emitter.EventEmitter = Emitter
Emitter.defaultMaxListeners = 10
Emitter.once = (emitter, name) =>
  new Promise((resolve, reject) => {
    emitter.once(name, (...args) => resolve(args))
    if (name !== 'error') emitter.once('error', reject)
  })
for (const name of Object.getOwnPropertyNames(EventEmitter.prototype))
  Object.defineProperty(EventEmitter.prototype, name, { enumerable: false })
module.exports = Emitter
