// fs: the container's file tree.
const { Buffer } = require('buffer')
const { Readable, Writable } = require('stream')
const { systemError } = require('internal/errors')
const { nextTick } = require('internal/ticks')
const path = require('path')
const descriptors = require('internal/descriptors')
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
Object.assign(sync, {
  open: (p, flags, mode) => descriptors.openSync(text(p), flags ?? undefined, mode ?? undefined),
  close: descriptors.closeSync,
  read: descriptors.readSync,
  write: descriptors.writeSync,
  ftruncate: descriptors.ftruncateSync,
  fstat: (fd) => sync.stat(descriptors.pathOf(fd, 'fstat')),
  fsync: (fd) => void descriptors.pathOf(fd, 'fsync'),
  fdatasync: (fd) => void descriptors.pathOf(fd, 'fdatasync'),
})
for (const name of ['readFile', 'writeFile', 'appendFile']) {
  const ofPath = sync[name]
  // 0 to 2 are the standard streams, which have a way of their own.
  sync[name] = (p, ...rest) => ofPath(typeof p === 'number' && p > 2 ? descriptors.pathOf(p, 'read') : p, ...rest)
}

/** An open file, as fs.promises.open gives it. */
class FileHandle {
  constructor(fd) {
    this.fd = fd
  }
  async read(buffer = Buffer.alloc(16384), ...rest) {
    const given = ArrayBuffer.isView(buffer) ? buffer : (buffer.buffer ?? Buffer.alloc(16384))
    const bytesRead = given === buffer ? sync.read(this.fd, given, ...rest) : sync.read(this.fd, given, buffer)
    return { bytesRead, buffer: given }
  }
  async write(data, ...rest) {
    return { bytesWritten: sync.write(this.fd, data, ...rest), buffer: data }
  }
  async readFile(options) {
    return sync.readFile(this.fd, options)
  }
  async writeFile(data, options) {
    sync.write(this.fd, typeof data === 'string' ? Buffer.from(data, encodingOf(options)) : data)
  }
  async appendFile(data, options) {
    return this.writeFile(data, options)
  }
  async stat() {
    return sync.fstat(this.fd)
  }
  async truncate(length) {
    sync.ftruncate(this.fd, length)
  }
  async sync() {
    sync.fsync(this.fd)
  }
  async datasync() {
    sync.fdatasync(this.fd)
  }
  async close() {
    if (this.fd < 0) return
    sync.close(this.fd)
    this.fd = -1
  }
}
exports.constants = { ...descriptors.constants, F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 }
exports.existsSync = (p) => host.exists(text(p))
/** What promises have as methods of a FileHandle. */
const OF_DESCRIPTORS = new Set(['open', 'close', 'read', 'write', 'ftruncate', 'fstat', 'fsync', 'fdatasync'])
exports.promises = { constants: exports.constants }
for (const [name, fn] of Object.entries(sync)) {
  exports[`${name}Sync`] = fn
  if (!OF_DESCRIPTORS.has(name)) exports.promises[name] = async (...args) => fn(...args)
  exports[name] = (...args) => {
    const done = args.pop()
    let result
    try {
      result = [null, fn(...args)]
    } catch (error) {
      result = [error]
    }
    if (name === 'read' || name === 'write') result.push(args[1])
    setImmediate(() => done(...result))
  }
}
exports.promises.open = async (p, flags, mode) => new FileHandle(sync.open(p, flags, mode))
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
