// File descriptors of fs: places in files of the container's tree, from 3 on.
const { Buffer } = require('buffer')
const { systemError } = require('internal/errors')
const { host } = kernel

const FLAGS = {
  r: { read: true, mustExist: true },
  'r+': { read: true, write: true, mustExist: true },
  w: { write: true, empty: true },
  'w+': { read: true, write: true, empty: true },
  a: { write: true, append: true },
  'a+': { read: true, write: true, append: true },
}
const ALIASES = { rs: 'r', sr: 'r', 'rs+': 'r+', 'sr+': 'r+', as: 'a', sa: 'a', 'as+': 'a+', 'sa+': 'a+' }
const constants = { O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 0o100, O_EXCL: 0o200, O_TRUNC: 0o1000, O_APPEND: 0o2000 }

const open = new Map()
let next = 3

function modeOf(flags) {
  if (typeof flags === 'number') {
    const access = flags & 3
    return {
      read: access !== 1,
      write: access !== 0,
      mustExist: !(flags & constants.O_CREAT),
      exclusive: Boolean(flags & constants.O_EXCL),
      empty: Boolean(flags & constants.O_TRUNC),
      append: Boolean(flags & constants.O_APPEND),
    }
  }
  const plain = String(flags).replace('x', '')
  const mode = FLAGS[ALIASES[plain] ?? plain]
  if (!mode) {
    const error = new TypeError(`The argument 'flags' is invalid. Received '${flags}'`)
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' })
  }
  return { ...mode, exclusive: String(flags).includes('x') }
}

const MESSAGES = {
  EBADF: 'bad file descriptor',
  EEXIST: 'file already exists',
  EINVAL: 'invalid argument',
  EISDIR: 'illegal operation on a directory',
}

function fault(code, syscall, path) {
  return systemError({ code, message: MESSAGES[code] }, syscall, path)
}

function attempt(syscall, path, fn) {
  try {
    return fn()
  } catch (error) {
    throw systemError(error, syscall, path)
  }
}

function at(fd, syscall) {
  if (typeof fd !== 'number') {
    const error = new TypeError(
      `The "fd" argument must be of type number. Received ${fd === undefined ? 'undefined' : `type ${typeof fd}`}`,
    )
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
  }
  const found = open.get(fd)
  if (!found) throw fault('EBADF', syscall)
  return found
}

const contents = ({ path }, syscall) => Buffer.from(attempt(syscall, undefined, () => host.readFile(path)))
const store = ({ path }, bytes, append = false) =>
  attempt('write', undefined, () => host.writeFile(path, Buffer.from(bytes).slice().buffer, append))

function openSync(path, flags = 'r', mode = 0o666) {
  const wanted = modeOf(flags)
  const there = host.exists(path)
  if (there && wanted.exclusive) throw fault('EEXIST', 'open', path)
  const isDirectory = there && host.fileType(path) === 'directory'
  if (isDirectory && wanted.write) throw fault('EISDIR', 'open', path)
  attempt('open', path, () => {
    if (isDirectory) host.readdir(path)
    else if (wanted.mustExist || (there && wanted.read)) host.readFile(path)
    if (wanted.empty) host.writeFile(path, new ArrayBuffer(0), false)
    else if (wanted.write) host.writeFile(path, new ArrayBuffer(0), true)
    if (!there && wanted.write && mode !== 0o666) host.chmod(path, mode & ~0o022)
  })
  while (open.has(next)) next++
  const fd = next++
  open.set(fd, { ...wanted, path: host.realpath(path), position: 0 })
  return fd
}

function closeSync(fd) {
  at(fd, 'close')
  open.delete(fd)
  next = Math.min(next, fd)
}

/** The place of a buffer that is meant: `(buffer, offset, length, position)` or `(buffer, { offset, length, position })`. */
function placeOf(buffer, rest) {
  const [offset = 0, length, position] =
    typeof rest[0] === 'object' && rest[0] !== null ? [rest[0].offset, rest[0].length, rest[0].position] : rest
  return {
    offset: offset ?? 0,
    length: length ?? buffer.byteLength - (offset ?? 0),
    position: typeof position === 'bigint' ? Number(position) : position,
  }
}

function readSync(fd, buffer, ...rest) {
  const file = at(fd, 'read')
  if (!file.read) throw fault('EBADF', 'read')
  if (host.fileType(file.path) === 'directory') throw fault('EISDIR', 'read')
  const { offset, length, position } = placeOf(buffer, rest)
  const isOwn = typeof position !== 'number' || position < 0
  const from = isOwn ? file.position : position
  const part = contents(file, 'read').subarray(from, from + length)
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).set(part, offset)
  if (isOwn) file.position += part.length
  return part.length
}

function writeSync(fd, data, ...rest) {
  let [bytes, position] = [data, undefined]
  if (typeof data === 'string') {
    bytes = Buffer.from(data, typeof rest[1] === 'string' ? rest[1] : 'utf8')
    position = rest[0]
  } else {
    const place = placeOf(data, rest)
    bytes = Buffer.from(data.buffer, data.byteOffset + place.offset, place.length)
    position = place.position
  }
  if (fd === 1 || fd === 2) {
    process[fd === 1 ? 'stdout' : 'stderr'].write(bytes)
    return bytes.length
  }
  const file = at(fd, 'write')
  if (!file.write) throw fault('EBADF', 'write')
  if (file.append) {
    store(file, bytes, true)
    return bytes.length
  }
  const isOwn = typeof position !== 'number'
  const from = isOwn ? file.position : position
  const { size } = host.stat(file.path, true)
  if (from === size) store(file, bytes, true)
  else {
    const old = contents(file, 'write')
    const all = Buffer.alloc(Math.max(old.length, from + bytes.length))
    old.copy(all)
    bytes.copy(all, from)
    store(file, all)
  }
  if (isOwn) file.position = from + bytes.length
  return bytes.length
}

function ftruncateSync(fd, length = 0) {
  const file = at(fd, 'ftruncate')
  if (!file.write) throw fault('EINVAL', 'ftruncate')
  const all = Buffer.alloc(Math.max(0, length))
  contents(file, 'ftruncate').copy(all)
  store(file, all)
}

/** The path that a descriptor leads to, for what is asked of either. */
const pathOf = (fd, syscall) => at(fd, syscall).path

module.exports = { constants, openSync, closeSync, readSync, writeSync, ftruncateSync, pathOf }
