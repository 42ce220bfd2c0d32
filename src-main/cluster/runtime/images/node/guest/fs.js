// fs: the container's file tree.
const { Buffer } = require('buffer')
const { Readable, Writable } = require('stream')
const { systemError } = require('internal/errors')
const { nextTick } = require('internal/ticks')
const path = require('path')
const { host } = kernel

const text = (p) => (p instanceof URL ? decodeURIComponent(p.pathname) : String(p))
const encodingOf = (options) => (typeof options === 'string' ? options : options?.encoding)
const bytesOf = (data, encoding) => Buffer.from(data, typeof data === 'string' ? encoding : undefined).slice().buffer

/** Calls the machine; a failure is told as Node.js tells it. */
function call(syscall, p, fn, ...args) {
  try {
    return host[fn](text(p), ...args)
  } catch (error) {
    throw systemError(error, syscall, text(p))
  }
}

/** All of standard input. The machine breaks the turn off here, and runs it again once it has that. */
function standardInput() {
  const bytes = host.readStandardInput()
  if (bytes === undefined) for (;;);
  return bytes
}

class Stats {
  constructor(found) {
    Object.assign(this, found)
    for (const name of ['atime', 'mtime', 'ctime', 'birthtime']) this[name] = new Date(found.mtimeMs)
    Object.defineProperty(this, '_type', { value: found.type, enumerable: false })
    delete this.type
  }
  isFile() {
    return this._type === 'file'
  }
  isDirectory() {
    return this._type === 'directory'
  }
  isSymbolicLink() {
    return this._type === 'symlink'
  }
  isFIFO() {
    return this._type === 'fifo'
  }
  isSocket() {
    return false
  }
}

const sync = {
  readFile: (p, options) => {
    const bytes = Buffer.from(p === 0 || p === '/dev/stdin' ? standardInput() : call('open', p, 'readFile'))
    const encoding = encodingOf(options)
    return encoding ? bytes.toString(encoding) : bytes
  },
  writeFile: (p, data, options) => void call('open', p, 'writeFile', bytesOf(data, encodingOf(options)), options?.flag === 'a'),
  appendFile: (p, data, options) => void call('open', p, 'writeFile', bytesOf(data, encodingOf(options)), true),
  stat: (p, options) => {
    if (options?.throwIfNoEntry === false && !host.exists(text(p))) return undefined
    return new Stats(call('stat', p, 'stat', true))
  },
  lstat: (p) => new Stats(call('lstat', p, 'stat', false)),
  readdir: (p, options) => {
    const names = call('scandir', p, 'readdir').sort()
    if (!options?.withFileTypes) return names
    return names.map((name) => {
      const stats = sync.lstat(path.join(text(p), name))
      return Object.assign(stats, { name, parentPath: text(p), path: text(p) })
    })
  },
  mkdir: (p, options) => {
    const made = options?.recursive && !host.exists(text(p)) ? path.resolve(text(p)) : undefined
    call('mkdir', p, 'mkdir', Boolean(options?.recursive))
    return made
  },
  rm: (p, options) => {
    if (options?.force && !host.exists(text(p))) return
    call('rm', p, 'remove', Boolean(options?.recursive))
  },
  rmdir: (p) => void call('rmdir', p, 'remove', false),
  unlink: (p) => void call('unlink', p, 'remove', false),
  rename: (from, to) => void call('rename', from, 'rename', text(to)),
  copyFile: (from, to) => sync.writeFile(to, sync.readFile(from)),
  symlink: (target, p) => void call('symlink', p, 'symlink', text(target)),
  readlink: (p) => call('readlink', p, 'readlink'),
  realpath: (p) => call('realpath', p, 'realpath'),
  chmod: (p, mode) => void call('chmod', p, 'chmod', typeof mode === 'string' ? parseInt(mode, 8) : mode),
  access: (p) => void call('access', p, 'stat', true),
  mkdtemp: (prefix) => {
    const p = `${prefix}${Math.random().toString(36).slice(2, 8).padEnd(6, 'x')}`
    sync.mkdir(p)
    return p
  },
}
exports.constants = { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 }
exports.existsSync = (p) => host.exists(text(p))
exports.promises = { constants: exports.constants }
for (const [name, fn] of Object.entries(sync)) {
  exports[`${name}Sync`] = fn
  exports.promises[name] = async (...args) => fn(...args)
  exports[name] = (...args) => {
    const done = args.pop()
    let result
    try {
      result = [null, fn(...args)]
    } catch (error) {
      result = [error]
    }
    setImmediate(() => done(...result))
  }
}
exports.exists = (p, done) => setImmediate(() => done(exports.existsSync(p)))
exports.createReadStream = (p, options) => {
  const stream = new Readable({
    read: () =>
      nextTick(() => {
        try {
          stream.push(sync.readFile(p))
          stream.push(null)
        } catch (error) {
          stream.destroy(error)
        }
      }),
  })
  if (encodingOf(options)) stream.setEncoding(encodingOf(options))
  return stream
}
exports.createWriteStream = (p, options) => {
  if (!String(options?.flags ?? 'w').startsWith('a')) sync.writeFile(p, '')
  return new Writable({
    write: (bytes, _encoding, done) => {
      sync.appendFile(p, bytes)
      done()
    },
  })
}
/** Looks at the file again and again, as fs.watchFile does; fs.watch stands on it, too. */
exports.watchFile = (p, options, listener = options) => {
  let last = exports.existsSync(p) ? sync.stat(p) : { mtimeMs: 0 }
  const timer = setInterval(() => {
    const now = exports.existsSync(p) ? sync.stat(p) : { mtimeMs: 0 }
    if (now.mtimeMs !== last.mtimeMs || now.ino !== last.ino) listener(now, last)
    last = now
  }, options?.interval ?? 5007)
  return timer
}
exports.watch = (p, options, listener = options) => {
  const timer = exports.watchFile(p, { interval: 1000 }, () => listener?.('change', path.basename(text(p))))
  return { close: () => clearInterval(timer), on: () => undefined }
}
