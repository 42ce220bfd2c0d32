// internal/listening: what servers of http and net share: where they listen, and how they say that they cannot.
const EventEmitter = require('events')
const { nextTick } = require('internal/ticks')
const { listenError } = require('internal/network-errors')

class ListeningServer extends EventEmitter {
  constructor(event, options, handler) {
    super()
    this.listening = false
    if (typeof options === 'function') handler = options
    if (handler) this.on(event, handler)
  }
  // `args` are those of listen(); `follow` hears what happens at the port; `open(id, port, host)` opens it.
  _listen(args, follow, open) {
    const done = args.find((each) => typeof each === 'function')
    const first =
      typeof args[0] === 'object' && args[0] !== null ? args[0] : { port: args[0], host: typeof args[1] === 'string' ? args[1] : undefined }
    this._id = kernel.open(follow)
    try {
      this._address = JSON.parse(open(this._id, Number(first.port ?? 0), first.host ?? ''))
    } catch (error) {
      kernel.close(this._id)
      nextTick(() => this.emit('error', listenError(error, first.host ?? '::', Number(first.port))))
      return this
    }
    this.listening = true
    if (done) this.once('listening', done)
    nextTick(() => this.emit('listening'))
    return this
  }
  address() {
    return this.listening ? this._address : null
  }
  ref() {
    return this
  }
  unref() {
    return this
  }
}
module.exports = { ListeningServer }
