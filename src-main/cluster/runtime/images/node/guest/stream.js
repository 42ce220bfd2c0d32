// Streams: what http, net, fs and the standard streams are made of.
const EventEmitter = require('events')
const { nextTick } = require('internal/ticks')
const { Buffer } = require('buffer')

class Readable extends EventEmitter {
  constructor(options = {}) {
    super()
    const hide = { _chunks: [], _flowing: null, _ended: false, _closed: false, _encoding: undefined, _begun: false, _options: options }
    for (const [name, value] of Object.entries(hide)) Object.defineProperty(this, name, { value, writable: true, enumerable: false })
    if (options.read) this._read = options.read
  }
  static from(iterable) {
    const stream = new Readable()
    const pump = async () => {
      for await (const each of iterable) stream.push(each)
      stream.push(null)
    }
    kernel.watch(pump())
    return stream
  }
  get readable() {
    return !this._closed
  }
  get readableEnded() {
    return this._closed
  }
  push(chunk) {
    if (chunk === null) this._ended = true
    else this._chunks.push(chunk)
    this._schedule()
    return true
  }
  on(name, fn) {
    super.on(name, fn)
    if (name === 'data' && this._flowing !== false) this.resume()
    if (name === 'readable') {
      this._begin()
      this._schedule()
    }
    return this
  }
  setEncoding(encoding) {
    this._encoding = encoding
    return this
  }
  _convert(chunk) {
    return this._encoding && typeof chunk !== 'string' ? Buffer.from(chunk).toString(this._encoding) : chunk
  }
  _begin() {
    if (this._begun) return
    this._begun = true
    this._read?.()
  }
  resume() {
    this._flowing = true
    this._begin()
    this._schedule()
    return this
  }
  pause() {
    this._flowing = false
    return this
  }
  isPaused() {
    return this._flowing === false
  }
  read() {
    this._begin()
    const chunk =
      this._chunks.length > 0
        ? this._convert(typeof this._chunks[0] === 'string' ? this._chunks.join('') : Buffer.concat(this._chunks))
        : null
    this._chunks = []
    if (this._ended) this._schedule()
    return chunk
  }
  _schedule() {
    nextTick(() => {
      if (this.listenerCount('readable') > 0 && !this._closed && (this._chunks.length > 0 || this._ended)) this.emit('readable')
      else while (this._flowing && this._chunks.length > 0) this.emit('data', this._convert(this._chunks.shift()))
      if (this._ended && !this._closed && this._chunks.length === 0 && (this._flowing || this.listenerCount('readable') > 0)) {
        this._closed = true
        this.emit('end')
        this.emit('close')
      }
    })
  }
  pipe(target) {
    this.on('data', (chunk) => target.write(chunk))
    this.on('end', () => target !== process.stdout && target !== process.stderr && target.end())
    return target
  }
  destroy(error) {
    this._closed = true
    if (error) nextTick(() => this.emit('error', error))
    nextTick(() => this.emit('close'))
    return this
  }
  async *[Symbol.asyncIterator]() {
    const queue = []
    let wake
    let failure
    let done = false
    const poke = () => wake?.()
    this.on('data', (chunk) => (queue.push(chunk), poke()))
    this.once('end', () => ((done = true), poke()))
    this.once('error', (error) => ((failure = error), poke()))
    for (;;) {
      if (queue.length > 0) yield queue.shift()
      else if (failure) throw failure
      else if (done) return
      else await new Promise((resolve) => (wake = resolve))
    }
  }
}

class Writable extends EventEmitter {
  constructor(options = {}) {
    super()
    Object.defineProperty(this, '_options', { value: options, enumerable: false })
    Object.defineProperty(this, 'writableEnded', { value: false, writable: true, enumerable: false })
    if (options.write) this._write = options.write
  }
  get writable() {
    return !this.writableEnded
  }
  write(chunk, encoding, done) {
    const callback = typeof encoding === 'function' ? encoding : done
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8') : chunk
    this._write(bytes, 'buffer', (error) => {
      if (error) this.emit('error', error)
      callback?.(error)
    })
    return true
  }
  end(chunk, encoding, done) {
    const callback = [chunk, encoding, done].find((each) => typeof each === 'function')
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function')
      this.write(chunk, typeof encoding === 'string' ? encoding : undefined)
    this.writableEnded = true
    const finish = () => {
      this.emit('finish')
      callback?.()
      this.emit('close')
    }
    if (this._options.final) this._options.final.call(this, finish)
    else nextTick(finish)
    return this
  }
  cork() {}
  uncork() {}
  destroy(error) {
    if (error) nextTick(() => this.emit('error', error))
    nextTick(() => this.emit('close'))
    return this
  }
}

/** Both directions: reads as a Readable, and hands writes to `write` and `final`. */
class Duplex extends Readable {
  constructor(options = {}) {
    super(options)
    if (options.write) this._write = options.write
    this.writableEnded = false
  }
}
for (const name of ['write', 'end', 'cork', 'uncork'])
  Object.defineProperty(Duplex.prototype, name, { value: Writable.prototype[name], writable: true, configurable: true })

class Transform extends Duplex {
  constructor(options = {}) {
    super({
      ...options,
      write(chunk, encoding, done) {
        this._transform(chunk, encoding, (error, result) => {
          if (result !== undefined && result !== null) this.push(result)
          done(error)
        })
      },
      final(done) {
        const end = (error, result) => {
          if (result !== undefined && result !== null) this.push(result)
          this.push(null)
          done(error)
        }
        if (this._flush) this._flush(end)
        else end()
      },
    })
    if (options.transform) this._transform = options.transform
    if (options.flush) this._flush = options.flush
  }
}
class PassThrough extends Transform {
  _transform(chunk, _encoding, done) {
    done(null, chunk)
  }
}

function pipeline(...streams) {
  const done = typeof streams.at(-1) === 'function' ? streams.pop() : undefined
  for (const stream of streams) stream.on('error', (error) => done?.(error))
  streams.at(-1).on('finish', () => done?.())
  return streams.reduce((from, to) => from.pipe(to))
}

module.exports = Object.assign(function Stream() {}, { Readable, Writable, Duplex, Transform, PassThrough, pipeline })
module.exports.promises = { pipeline: (...all) => new Promise((ok, no) => pipeline(...all, (error) => (error ? no(error) : ok()))) }
