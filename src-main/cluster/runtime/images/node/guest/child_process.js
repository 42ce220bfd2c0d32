// child_process: programs of the container.
const EventEmitter = require('events')
const { Readable, Writable } = require('stream')
const { Buffer } = require('buffer')
const { host } = kernel

function spawn(file, args = [], options = {}) {
  if (!Array.isArray(args)) [args, options] = [[], args]
  const child = new EventEmitter()
  const inherit = options.stdio === 'inherit'
  const argv = options.shell ? ['/bin/sh', '-c', [file, ...args].join(' ')] : [file, ...args]
  Object.assign(child, { exitCode: null, signalCode: null, killed: false, spawnargs: argv, spawnfile: argv[0] })
  child.stdout = inherit ? null : new Readable()
  child.stderr = inherit ? null : new Readable()
  const id = kernel.open((kind, data) => {
    if (kind === 'stdout' || kind === 'stderr') return child[kind]?.push(data === null ? null : Buffer.from(data))
    kernel.close(id)
    if (kind === 'error') {
      const { code } = data
      return child.emit(
        'error',
        Object.assign(new Error(`spawn ${file} ${code}`), {
          errno: code === 'ENOENT' ? -2 : -13,
          code,
          syscall: `spawn ${file}`,
          path: file,
          spawnargs: args,
        }),
      )
    }
    const signal = data > 128 ? Object.entries(kernel.about.signals).find(([, n]) => n === data - 128)?.[0] : undefined
    child.exitCode = signal ? null : data
    child.signalCode = signal ? `SIG${signal}` : null
    child.emit('exit', child.exitCode, child.signalCode)
    setImmediate(() => child.emit('close', child.exitCode, child.signalCode))
  })
  child.stdin = new Writable({
    write: (bytes, _encoding, done) => {
      host.childWrite(id, Buffer.from(bytes).slice().buffer)
      done()
    },
    final: (done) => {
      host.childWrite(id)
      done()
    },
  })
  child.kill = (signal = 'SIGTERM') => {
    child.killed = host.childKill(id, String(signal).replace(/^SIG/, ''))
    return child.killed
  }
  child.ref = child.unref = () => child
  host.spawn(id, JSON.stringify({ argv, env: options.env ?? process.env, cwd: options.cwd ?? process.cwd(), inherit }))
  return child
}

function execFile(file, args, options, done) {
  if (typeof args === 'function') [args, options, done] = [[], {}, args]
  else if (!Array.isArray(args)) [args, options, done] = [[], args, options]
  else if (typeof options === 'function') [options, done] = [{}, options]
  const child = spawn(file, args ?? [], options ?? {})
  const [out, err] = [[], []]
  child.stdout.on('data', (chunk) => out.push(chunk))
  child.stderr.on('data', (chunk) => err.push(chunk))
  const finish = (error) => done?.(error, Buffer.concat(out).toString(), Buffer.concat(err).toString())
  child.on('error', finish)
  child.on('close', (code, signal) => {
    if (code === 0) return finish(null)
    const cmd = options?._command ?? [file, ...(args ?? [])].join(' ')
    finish(Object.assign(new Error(`Command failed: ${cmd}\n${Buffer.concat(err)}`), { code, killed: child.killed, signal, cmd }))
  })
  return child
}
const exec = (command, options, done) => {
  if (typeof options === 'function') [options, done] = [{}, options]
  return execFile('/bin/sh', ['-c', command], { ...options, _command: command }, done)
}
const custom =
  (fn) =>
  (...args) =>
    new Promise((resolve, reject) =>
      fn(...args, (error, stdout, stderr) => (error ? reject(Object.assign(error, { stdout, stderr })) : resolve({ stdout, stderr }))),
    )
exec[Symbol.for('nodejs.util.promisify.custom')] = custom(exec)
execFile[Symbol.for('nodejs.util.promisify.custom')] = custom(execFile)
const unavailable = (name) => () => {
  throw Object.assign(new Error(`${name} is not available in the embedded cluster; use the asynchronous form`), { code: 'ENOSYS' })
}
module.exports = {
  spawn,
  exec,
  execFile,
  execSync: unavailable('execSync'),
  spawnSync: unavailable('spawnSync'),
  execFileSync: unavailable('execFileSync'),
}
