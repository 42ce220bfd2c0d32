// setTimeout and its kin, on the machine's clock.
const { host } = kernel

class Timeout {
  constructor(fn, ms, args, repeat) {
    if (typeof fn !== 'function') {
      const error = new TypeError(
        `The "callback" argument must be of type function. Received ${fn === undefined ? 'undefined' : typeof fn}`,
      )
      throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
    }
    this._delay = !(ms >= 1 && ms <= 2147483647) ? 1 : Math.trunc(ms)
    this._repeat = repeat
    this._referenced = true
    this._id = kernel.open(() => {
      if (repeat) this._start()
      else kernel.close(this._id)
      return fn(...args)
    })
    this._start()
  }
  _start() {
    host.timerStart(this._id, this._delay, this._referenced)
  }
  ref() {
    this._referenced = true
    host.timerRef(this._id, true)
    return this
  }
  unref() {
    this._referenced = false
    host.timerRef(this._id, false)
    return this
  }
  hasRef() {
    return this._referenced
  }
  refresh() {
    host.timerStop(this._id)
    this._start()
    return this
  }
  close() {
    exports.clearTimeout(this)
    return this
  }
  [Symbol.toPrimitive]() {
    return this._id
  }
}

class Immediate {
  constructor(fn, args) {
    this._id = kernel.open(() => {
      kernel.close(this._id)
      return fn(...args)
    })
    host.immediate(this._id)
  }
}

exports.setTimeout = (fn, ms, ...args) => new Timeout(fn, ms, args, false)
exports.setInterval = (fn, ms, ...args) => new Timeout(fn, ms, args, true)
exports.setImmediate = (fn, ...args) => new Immediate(fn, args)
exports.clearTimeout = exports.clearInterval = (timer) => {
  const id = typeof timer === 'object' ? timer?._id : Number(timer)
  if (!id) return
  host.timerStop(id)
  kernel.close(id)
}
exports.clearImmediate = (immediate) => immediate && kernel.close(immediate._id)
exports.promises = {
  setTimeout: (ms, value) => new Promise((resolve) => exports.setTimeout(resolve, ms, value)),
  setImmediate: (value) => new Promise((resolve) => exports.setImmediate(resolve, value)),
}
