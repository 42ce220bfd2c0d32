// child_process: programs of the container.
const EventEmitter = require('events')
const { Readable, Writable } = require('stream')
const { Buffer } = require('buffer')
const { host, about } = kernel

const ERRNO = { ENOENT: -2, E2BIG: -7, EAGAIN: -11, EACCES: -13, ENOTDIR: -20, EINVAL: -22, ETIMEDOUT: -110, ENOBUFS: -105 }

function failed(call, { code }, file, args) {
  const syscall = `${call} ${file}`
  return Object.assign(new Error(`${syscall} ${code}`), { errno: ERRNO[code] ?? -1, code, syscall, path: file, spawnargs: args })
}

function wrongType(name, expected, value) {
  const received = value === undefined || value === null ? value : `type ${typeof value} (${require('util').inspect(value)})`
  return Object.assign(new TypeError(`The "${name}" argument must be of type ${expected}. Received ${received}`), {
    code: 'ERR_INVALID_ARG_TYPE',
  })
}

/** What 0, 1 and 2 are to be, of the `stdio` option. */
function channels(stdio, otherwise = 'pipe') {
  const each = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio]
  return [0, 1, 2].map((n) => {
    const wanted = each[n] ?? otherwise
    if (wanted === 'inherit') return n
    if (typeof wanted === 'number' || wanted === 'ignore') return wanted
    if (typeof wanted === 'object') return wanted.fd ?? n
    return 'pipe'
  })
}

const signalName = (signal) =>
  (typeof signal === 'number' ? Object.keys(about.signals).find((name) => about.signals[name] === signal) : String(signal)).replace(
    /^SIG/,
    '',
  )

/** A call in one form: file, arguments, options, and the command that the machine is to start. */
function normalize(file, args, options) {
  if (typeof file !== 'string') throw wrongType('file', 'string', file)
  if (!Array.isArray(args)) [args, options] = [[], args ?? options]
  options = { ...options }
  args = args.map(String)
  let argv = [file, ...args]
  if (options.shell) argv = [typeof options.shell === 'string' ? options.shell : '/bin/sh', '-c', argv.join(' ')]
  const env = Object.fromEntries(
    Object.entries(options.env ?? process.env)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  )
  const cwd = options.cwd === undefined ? process.cwd() : options.cwd instanceof URL ? options.cwd.pathname : String(options.cwd)
  const { timeout = 0, maxBuffer, detached = false } = options
  const killSignal = signalName(options.killSignal ?? 'SIGTERM')
  const stdio = channels(options.stdio)
  const limit = maxBuffer === Infinity ? Number.MAX_SAFE_INTEGER : maxBuffer
  return {
    file: argv[0],
    args: argv.slice(1),
    options,
    command: { argv, env, cwd, stdio, detached, timeout, killSignal, maxBuffer: limit },
  }
}

class ChildProcess extends EventEmitter {
  exitCode = null
  signalCode = null
  killed = false
  connected = false
}

function spawn(...call) {
  const { file, args, options, command } = normalize(...call)
  const child = Object.assign(new ChildProcess(), { spawnfile: file, spawnargs: command.argv })
  const output = (n) => (command.stdio[n] === 'pipe' ? new Readable() : null)
  child.stdout = output(1)
  child.stderr = output(2)
  let timer
  const id = kernel.open((kind, data) => {
    if (kind === 'stdout' || kind === 'stderr') return child[kind]?.push(data === null ? null : Buffer.from(data))
    if (kind === 'exit') {
      clearTimeout(timer)
      ;[child.exitCode, child.signalCode] = [data.code, data.signal]
      return child.emit('exit', data.code, data.signal)
    }
    kernel.close(id)
    setImmediate(() => child.emit('close', data.code, data.signal))
  })
  const writer = {
    write: (bytes, _encoding, done) => {
      host.childWrite(id, Buffer.from(bytes).slice().buffer)
      done()
    },
    final: (done) => {
      host.childWrite(id)
      done()
    },
  }
  child.stdin = command.stdio[0] === 'pipe' ? new Writable(writer) : null
  child.stdio = [child.stdin, child.stdout, child.stderr]
  child.kill = (signal = 'SIGTERM') => {
    const sent = host.childKill(id, signalName(signal))
    child.killed ||= sent
    return sent
  }
  child.ref = child.unref = child.disconnect = () => child
  try {
    child.pid = host.spawn(id, JSON.stringify(command))
  } catch (error) {
    kernel.close(id)
    process.nextTick(() => {
      child.stdout?.push(null)
      child.stderr?.push(null)
      child.exitCode = ERRNO[error.code] ?? -1
      child.emit('error', failed('spawn', error, file, args))
      setImmediate(() => child.emit('close', child.exitCode, null))
    })
    return child
  }
  if (command.timeout > 0) timer = setTimeout(() => child.kill(options.killSignal), command.timeout)
  options.signal?.addEventListener('abort', () => child.kill(options.killSignal))
  process.nextTick(() => child.emit('spawn'))
  return child
}

const decoded = (bytes, encoding) => (encoding && encoding !== 'buffer' ? bytes.toString(encoding) : bytes)

function execFile(file, args, options, done) {
  if (typeof args === 'function') [args, options, done] = [[], {}, args]
  else if (!Array.isArray(args)) [args, options, done] = [[], args, options]
  else if (typeof options === 'function') [options, done] = [{}, options]
  const { encoding = 'utf8', maxBuffer = 1024 * 1024, _command, ...rest } = options ?? {}
  const child = spawn(file, args ?? [], { ...rest, stdio: 'pipe' })
  let [failure, over] = [null, false]
  const gather = (stream, name) => {
    const parts = []
    let size = 0
    stream.on('data', (chunk) => {
      if (over) return
      parts.push(chunk.subarray(0, maxBuffer - size))
      size += chunk.length
      if (size <= maxBuffer) return
      over = true
      failure = Object.assign(new RangeError(`${name} maxBuffer length exceeded`), { code: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER' })
      child.kill(rest.killSignal)
    })
    return () => decoded(Buffer.concat(parts), encoding)
  }
  const [out, err] = [gather(child.stdout, 'stdout'), gather(child.stderr, 'stderr')]
  const cmd = _command ?? [file, ...(args ?? [])].join(' ')
  const finish = (error) => done?.(error, out(), err())
  child.on('error', (error) => (failure = Object.assign(error, { cmd })))
  child.on('close', (code, signal) => {
    if (failure || (code === 0 && !signal)) return finish(failure)
    finish(Object.assign(new Error(`Command failed: ${cmd}\n${err()}`), { code, killed: child.killed, signal, cmd }))
  })
  return child
}

function exec(command, options, done) {
  if (typeof command !== 'string') throw wrongType('command', 'string', command)
  if (typeof options === 'function') [options, done] = [{}, options]
  return execFile(shellOf(options), ['-c', command], { ...options, shell: false, _command: command }, done)
}
const shellOf = (options) => (typeof options?.shell === 'string' ? options.shell : '/bin/sh')

const custom =
  (fn) =>
  (...args) => {
    let child
    const promise = new Promise((resolve, reject) => {
      child = fn(...args, (error, stdout, stderr) =>
        error ? reject(Object.assign(error, { stdout, stderr })) : resolve({ stdout, stderr }),
      )
    })
    promise.child = child
    return promise
  }
exec[Symbol.for('nodejs.util.promisify.custom')] = custom(exec)
execFile[Symbol.for('nodejs.util.promisify.custom')] = custom(execFile)

function spawnSync(...call) {
  const { file, args, options, command } = normalize(...call)
  const input = options.input === undefined || options.input === null ? undefined : Buffer.from(options.input).slice().buffer
  const answer = host.spawnSync(JSON.stringify(command), input)
  // The machine breaks the turn off here, and runs it again once it has an answer.
  if (answer === undefined) for (;;);
  if (answer.failed) {
    const error = failed('spawnSync', answer.failed, file, args)
    return { error, status: null, signal: null, output: null, pid: 0, stdout: null, stderr: null }
  }
  const { pid, status, signal, cause } = answer
  const [stdout, stderr] = [answer.stdout, answer.stderr].map((each) => each && decoded(Buffer.from(each), options.encoding))
  const result = { status, signal, output: [null, stdout, stderr], pid, stdout, stderr }
  return cause ? { error: failed('spawnSync', { code: cause }, file, args), ...result } : result
}

/** The output of a program; throws when it failed. What it says on standard error is shown, unless that goes elsewhere. */
function outputOf(result, options, cmd) {
  if (options?.stdio === undefined && result.stderr?.length > 0) process.stderr.write(result.stderr)
  if (!result.error && result.status === 0) return result.stdout
  if (result.error) throw Object.assign(result.error, result)
  const said = result.stderr?.length > 0 ? `\n${result.stderr.toString()}` : ''
  throw Object.assign(new Error(`Command failed: ${cmd}${said}`), result)
}

function execFileSync(file, args, options) {
  if (!Array.isArray(args)) [args, options] = [[], args]
  return outputOf(spawnSync(file, args, options), options, [file, ...args].join(' '))
}

function execSync(command, options) {
  if (typeof command !== 'string') throw wrongType('command', 'string', command)
  return outputOf(spawnSync(shellOf(options), ['-c', command], { ...options, shell: false }), options, command)
}

/** Another script in a process of its own; there is no channel to talk to it. */
function fork(script, args = [], options = {}) {
  if (!Array.isArray(args)) [args, options] = [[], args]
  return spawn(process.execPath, [script, ...args], { stdio: options.silent ? 'pipe' : 'inherit', ...options })
}

module.exports = { ChildProcess, spawn, exec, execFile, fork, spawnSync, execSync, execFileSync }
