// net: TCP over the simulated network.
const { Duplex } = require('stream')
const { Buffer } = require('buffer')
const { nextTick } = require('internal/ticks')
const { ListeningServer } = require('internal/listening')
const { connectionError } = require('internal/network-errors')
const { host } = kernel

class Socket extends Duplex {
  constructor() {
    super({
      write(bytes, _encoding, done) {
        host.socketWrite(this._id, Buffer.from(bytes).slice().buffer)
        nextTick(done)
      },
      final(done) {
        host.socketEnd(this._id)
        nextTick(done)
      },
    })
    Object.defineProperty(this, '_id', { value: 0, writable: true, enumerable: false })
    this.connecting = false
    this.destroyed = false
    this._begun = true
  }
  /** What happens to the connection, as the host tells it. */
  _follow(name, port) {
    return (kind, data) => {
      if (kind === 'connect') {
        this.connecting = false
        Object.assign(this, data)
        this.emit('connect')
        this.emit('ready')
      } else if (kind === 'data') this.push(Buffer.from(data))
      else if (kind === 'end') {
        this.push(null)
        if (!this.writableEnded) this.end()
      } else if (kind === 'error') this.emit('error', connectionError(data, name, port))
      else if (kind === 'close') {
        kernel.close(this._id)
        this.destroyed = true
        this.emit('close', false)
      }
    }
  }
  connect(...args) {
    const done = args.find((each) => typeof each === 'function')
    const { port, host: name = 'localhost' } =
      typeof args[0] === 'object' ? args[0] : { port: args[0], host: typeof args[1] === 'string' ? args[1] : undefined }
    this.connecting = true
    if (done) this.once('connect', done)
    this._id = kernel.open(this._follow(name, port))
    host.socketConnect(this._id, name, Number(port))
    return this
  }
  destroy(error) {
    if (this.destroyed) return this
    this.destroyed = true
    host.socketDestroy(this._id)
    kernel.close(this._id)
    nextTick(() => {
      if (error) this.emit('error', error)
      this.emit('close', Boolean(error))
    })
    return this
  }
  setTimeout(ms, done) {
    clearTimeout(this._timer)
    if (done) this.once('timeout', done)
    if (ms > 0) this._timer = setTimeout(() => this.emit('timeout'), ms).unref()
    return this
  }
  setNoDelay() {
    return this
  }
  setKeepAlive() {
    return this
  }
  address() {
    return { address: this.localAddress, port: this.localPort, family: 'IPv4' }
  }
  ref() {
    return this
  }
  unref() {
    return this
  }
}

class Server extends ListeningServer {
  constructor(options, handler) {
    super('connection', options, handler)
  }
  listen(...args) {
    const follow = (kind, data) => {
      if (kind === 'closed') {
        kernel.close(this._id)
        this.emit('close')
        return
      }
      const socket = new Socket()
      socket._id = kernel.open(socket._follow())
      Object.assign(socket, data)
      host.socketAccept(this._id, data.id, socket._id)
      delete socket.id
      this.emit('connection', socket)
    }
    return this._listen(args, follow, (id, port, address) => host.socketListen(id, port, address))
  }
  close(done) {
    if (done) this.once('close', () => done())
    if (this.listening) host.socketClose(this._id)
    this.listening = false
    return this
  }
}
const connect = (...args) => new Socket().connect(...args)
const isIPv4 = (text) => /^(\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every((part) => Number(part) < 256)
const isIPv6 = (text) => /^[\da-f:.]+$/i.test(text) && text.includes(':')
module.exports = {
  Socket,
  Server,
  connect,
  createConnection: connect,
  createServer: (options, handler) => new Server(options, handler),
  isIPv4,
  isIPv6,
  isIP: (text) => (isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0),
}
