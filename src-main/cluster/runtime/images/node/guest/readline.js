// readline: lines of a stream, and questions with their answers.
const EventEmitter = require('events')
const { StringDecoder } = require('string_decoder')

class Interface extends EventEmitter {
  constructor(input, output) {
    super()
    const options = input && typeof input.on !== 'function' ? input : { input, output }
    this.input = options.input
    this.output = options.output
    this.terminal = Boolean(options.terminal ?? options.output?.isTTY)
    this.line = ''
    this.closed = false
    const hide = { _prompt: options.prompt ?? '> ', _rest: '', _asked: undefined, _decoder: new StringDecoder('utf8') }
    for (const [name, value] of Object.entries(hide)) Object.defineProperty(this, name, { value, writable: true, enumerable: false })
    this.input.on('data', (chunk) => this._take(typeof chunk === 'string' ? chunk : this._decoder.write(chunk)))
    this.input.on('end', () => {
      if (this._rest !== '') this._line(this._rest)
      this._rest = ''
      this.close()
    })
    this.input.resume?.()
  }
  _take(text) {
    const lines = (this._rest + text).split(/\r?\n/)
    this._rest = lines.pop()
    for (const line of lines) if (!this.closed) this._line(line)
  }
  _line(line) {
    const asked = this._asked
    this._asked = undefined
    if (asked) asked(line)
    else this.emit('line', line)
  }
  question(query, options, done = options) {
    this.output?.write(query)
    this._asked = done
  }
  setPrompt(prompt) {
    this._prompt = prompt
  }
  getPrompt() {
    return this._prompt
  }
  prompt() {
    this.output?.write(this._prompt)
  }
  write(data) {
    if (typeof data === 'string') this._take(data)
  }
  pause() {
    this.input.pause?.()
    this.emit('pause')
    return this
  }
  resume() {
    this.input.resume?.()
    this.emit('resume')
    return this
  }
  close() {
    if (this.closed) return
    this.closed = true
    this.input.pause?.()
    this.input.unref?.()
    this.emit('close')
  }
  [Symbol.asyncIterator]() {
    const [lines, waiting] = [[], []]
    let ended = false
    const give = (result) => (waiting.length > 0 ? waiting.shift()(result) : lines.push(result))
    this.on('line', (value) => give({ value, done: false }))
    this.on('close', () => {
      ended = true
      for (const each of waiting.splice(0)) each({ value: undefined, done: true })
    })
    return {
      next: () =>
        lines.length > 0
          ? Promise.resolve(lines.shift())
          : ended
            ? Promise.resolve({ value: undefined, done: true })
            : new Promise((resolve) => waiting.push(resolve)),
      return: () => {
        this.close()
        return Promise.resolve({ value: undefined, done: true })
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
}

const escape = (stream, text, done) => {
  stream.write(text)
  done?.()
  return true
}
exports.Interface = Interface
exports.createInterface = (input, output) => new Interface(input, output)
exports.clearLine = (stream, direction, done) => escape(stream, `\x1b[${direction < 0 ? 1 : direction > 0 ? 0 : 2}K`, done)
exports.clearScreenDown = (stream, done) => escape(stream, '\x1b[0J', done)
exports.cursorTo = (stream, x, y, done) => escape(stream, typeof y === 'number' ? `\x1b[${y + 1};${x + 1}H` : `\x1b[${x + 1}G`, done)
exports.moveCursor = (stream, dx, dy, done) =>
  escape(stream, `${dx ? `\x1b[${Math.abs(dx)}${dx < 0 ? 'D' : 'C'}` : ''}${dy ? `\x1b[${Math.abs(dy)}${dy < 0 ? 'A' : 'B'}` : ''}`, done)
exports.emitKeypressEvents = () => undefined

class PromisedInterface extends Interface {
  question(query) {
    return new Promise((resolve) => super.question(query, resolve))
  }
}
exports.promises = { Interface: PromisedInterface, createInterface: (input, output) => new PromisedInterface(input, output) }
