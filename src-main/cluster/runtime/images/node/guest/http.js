// http: servers and clients over the simulated network.
const EventEmitter = require('events')
const { Readable, Writable } = require('stream')
const { Buffer } = require('buffer')
const { nextTick } = require('internal/ticks')
const { ListeningServer } = require('internal/listening')
const { connectionError } = require('internal/network-errors')
const { host } = kernel

const STATUS_CODES = {
  100: 'Continue',
  101: 'Switching Protocols',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Payload Too Large',
  418: "I'm a Teapot",
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}
const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']
const bytes = (chunk, encoding) =>
  Buffer.from(chunk, typeof chunk === 'string' && typeof encoding === 'string' ? encoding : undefined).slice().buffer

class IncomingMessage extends Readable {
  constructor(head) {
    super()
    const { id, ...rest } = head
    Object.assign(this, rest)
    const socket = new EventEmitter()
    const { remoteAddress, remotePort, localAddress, localPort } = head
    Object.assign(socket, {
      remoteAddress,
      remotePort,
      localAddress,
      localPort,
      remoteFamily: 'IPv6',
      setTimeout: () => socket,
      setKeepAlive: () => socket,
      setNoDelay: () => socket,
      destroyed: false,
      destroy: (error) => {
        if (socket.destroyed) return socket
        socket.destroyed = true
        // Of a server's request the connection ends; an answer that comes in is read no more.
        if (head.statusCode === undefined) host.answerDestroy(id)
        super.destroy(head.statusCode === undefined ? undefined : error)
        nextTick(() => socket.emit('close', Boolean(error)))
        return socket
      },
      end: () => socket.destroy(),
    })
    this.socket = this.connection = socket
    this.complete = false
    this.aborted = false
  }
  destroy(error) {
    this.socket.destroy(error)
    return this
  }
  setTimeout() {
    return this
  }
}

/** What requests and answers going out share: headers. */
class OutgoingMessage extends Writable {
  constructor() {
    super()
    this.headersSent = false
    Object.defineProperty(this, '_headers', { value: new Map(), enumerable: false })
  }
  setHeader(name, value) {
    if (this.headersSent)
      throw Object.assign(new Error('Cannot set headers after they are sent to the client'), { code: 'ERR_HTTP_HEADERS_SENT' })
    this._headers.set(String(name).toLowerCase(), [name, Array.isArray(value) ? value.map(String) : String(value)])
    return this
  }
  getHeader(name) {
    return this._headers.get(name.toLowerCase())?.[1]
  }
  hasHeader(name) {
    return this._headers.has(name.toLowerCase())
  }
  removeHeader(name) {
    this._headers.delete(name.toLowerCase())
  }
  getHeaders() {
    return Object.fromEntries([...this._headers].map(([name, [, value]]) => [name, value]))
  }
  getHeaderNames() {
    return [...this._headers.keys()]
  }
  flushHeaders() {}
  setTimeout() {
    return this
  }
}

class ServerResponse extends OutgoingMessage {
  constructor(id, req) {
    super()
    this.statusCode = 200
    this.statusMessage = undefined
    this.req = req
    this.socket = this.connection = req.socket
    this.finished = false
    Object.defineProperty(this, '_id', { value: id, enumerable: false })
  }
  writeHead(status, message, headers) {
    if (typeof message !== 'string') [message, headers] = [undefined, message]
    if (this.headersSent)
      throw Object.assign(new Error('Cannot write headers after they are sent to the client'), { code: 'ERR_HTTP_HEADERS_SENT' })
    this.statusCode = status
    if (message) this.statusMessage = message
    if (Array.isArray(headers)) for (let i = 0; i < headers.length; i += 2) this.setHeader(headers[i], headers[i + 1])
    else for (const [name, value] of Object.entries(headers ?? {})) this.setHeader(name, value)
    this._send(true)
    return this
  }
  _send(explicit) {
    if (this.headersSent) return
    this.headersSent = true
    host.answerHead(
      this._id,
      Number(this.statusCode),
      this.statusMessage ?? STATUS_CODES[this.statusCode] ?? 'unknown',
      JSON.stringify([...this._headers.values()]),
      explicit,
    )
  }
  write(chunk, encoding, done) {
    if (this.finished) throw Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' })
    this._send(false)
    host.answerWrite(this._id, bytes(chunk, encoding))
    const callback = typeof encoding === 'function' ? encoding : done
    if (callback) nextTick(callback)
    return true
  }
  destroy(error) {
    this.socket.destroy(error)
    this.destroyed = true
    return this
  }
  end(chunk, encoding, done) {
    const callback = [chunk, encoding, done].find((each) => typeof each === 'function')
    if (this.finished) return this
    this._send(false)
    this.finished = this.writableEnded = true
    host.answerEnd(this._id, chunk !== undefined && chunk !== null && typeof chunk !== 'function' ? bytes(chunk, encoding) : undefined)
    nextTick(() => {
      this.emit('finish')
      callback?.()
    })
    return this
  }
}

class Server extends ListeningServer {
  constructor(options, handler) {
    super('request', options, handler)
    this.keepAliveTimeout = 5000
  }
  listen(...args) {
    const open = new Map()
    const follow = (kind, id, data) => {
      if (kind === 'request') {
        const req = new IncomingMessage(data)
        const res = new ServerResponse(id, req)
        open.set(id, { req, res })
        // Whoever does not answer a request has nobody else who does.
        return kernel.watch(this.emit('request', req, res))
      }
      const { req, res } = open.get(id) ?? {}
      if (kind === 'data') req?.push(Buffer.from(data))
      else if (kind === 'end' && req) {
        req.complete = true
        req.push(null)
      } else if (kind === 'close') {
        open.delete(id)
        res?.emit('close')
        if (req && !req.complete) req.emit('close')
      } else if (kind === 'closed') {
        kernel.close(this._id)
        this.emit('close')
      }
    }
    return this._listen(args, follow, (id, port, address) => host.httpListen(id, port, address))
  }
  close(done) {
    if (done) this.once('close', () => done())
    if (this.listening) {
      this.listening = false
      host.httpClose(this._id)
    } else nextTick(() => this.emit('close'))
    return this
  }
  closeAllConnections() {}
  closeIdleConnections() {}
  setTimeout() {
    return this
  }
}

class ClientRequest extends OutgoingMessage {
  constructor(options, done) {
    super()
    this.method = (options.method ?? 'GET').toUpperCase()
    this.path = options.path ?? '/'
    this.host = options.hostname ?? options.host ?? 'localhost'
    this.port = Number(options.port ?? options.defaultPort ?? 80)
    this._parts = []
    for (const [name, value] of Object.entries(options.headers ?? {})) this.setHeader(name, value)
    if (options.auth) this.setHeader('Authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`)
    if (done) this.once('response', done)
    if (options.timeout) this.setTimeout(options.timeout)
    options.signal?.addEventListener?.('abort', () => this.destroy(options.signal.reason))
  }
  setTimeout(ms, done) {
    if (done) this.once('timeout', done)
    this._timer = setTimeout(() => this.emit('timeout'), ms)
    return this
  }
  write(chunk, encoding) {
    this._parts.push(Buffer.from(bytes(chunk, encoding)))
    return true
  }
  end(chunk, encoding) {
    if (chunk !== undefined && typeof chunk !== 'function') this.write(chunk, encoding)
    this.writableEnded = this.headersSent = true
    let answer
    const over = () => {
      clearTimeout(this._timer)
      kernel.close(this._id)
    }
    this._id = kernel.open((kind, data) => {
      if (kind === 'response') {
        answer = new IncomingMessage(data)
        if (!this.emit('response', answer)) answer.resume()
      } else if (kind === 'data') answer.push(Buffer.from(data))
      else if (kind === 'end') {
        over()
        answer.complete = true
        answer.push(null)
        this.emit('close')
      } else {
        over()
        const error = connectionError(data, this.host, this.port)
        if (answer) answer.destroy(error)
        else this.emit('error', error)
        this.emit('close')
      }
    })
    const body = this._parts.length > 0 ? Buffer.concat(this._parts).slice().buffer : undefined
    host.httpRequest(
      this._id,
      JSON.stringify({ method: this.method, path: this.path, host: this.host, port: this.port, headers: [...this._headers.values()] }),
      body,
    )
    return this
  }
  abort() {
    this.destroy()
  }
  destroy(error) {
    clearTimeout(this._timer)
    if (this._id) {
      host.httpAbort(this._id)
      kernel.close(this._id)
    }
    const failure = error ?? Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    nextTick(() => {
      this.emit('error', failure)
      this.emit('close')
    })
    return this
  }
}

function request(target, options, done) {
  if (typeof options === 'function') [options, done] = [{}, options]
  const url = typeof target === 'string' ? new URL(target) : target
  const fromUrl =
    url instanceof URL
      ? {
          hostname: url.hostname.replace(/^\[|\]$/g, ''),
          port: url.port || undefined,
          path: url.pathname + url.search,
          protocol: url.protocol,
        }
      : url
  const all = { ...fromUrl, ...options }
  if (all.protocol && all.protocol !== 'http:')
    throw Object.assign(new TypeError(`Protocol "${all.protocol}" not supported. Expected "http:"`), { code: 'ERR_INVALID_PROTOCOL' })
  if (typeof all.host === 'string' && !all.hostname) all.hostname = all.host.replace(/:\d+$/, '')
  return new ClientRequest(all, done)
}

class Agent {
  constructor(options = {}) {
    this.options = options
  }
  destroy() {}
}

module.exports = {
  METHODS,
  STATUS_CODES,
  Agent,
  globalAgent: new Agent(),
  IncomingMessage,
  ServerResponse,
  Server,
  ClientRequest,
  createServer: (options, handler) => new Server(options, handler),
  request,
  get: (...args) => request(...args).end(),
}
