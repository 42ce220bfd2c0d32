// The process object.
const EventEmitter = require('events')
const { Readable, Writable } = require('stream')
const { nextTick } = require('internal/ticks')
const { Buffer } = require('buffer')
const { host, about } = kernel

class Output extends Writable {
  constructor(fd) {
    super()
    this.fd = fd
    this.isTTY = about.tty ? true : undefined
    this.columns = about.tty ? 80 : undefined
  }
  write(data, encoding, done) {
    host.print(
      this.fd,
      Buffer.from(typeof data === 'string' ? data : data, typeof encoding === 'string' ? encoding : undefined).slice().buffer,
    )
    const callback = typeof encoding === 'function' ? encoding : done
    if (callback) nextTick(callback)
    return true
  }
  end(data) {
    if (data !== undefined) this.write(data)
    return this
  }
}

const process = new EventEmitter()
const watched = new Set()
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTERM', 'SIGCHLD', 'SIGCONT', 'SIGWINCH', 'SIGALRM']
process.on('newListener', (name) => {
  if (!SIGNALS.includes(name) || watched.has(name)) return
  watched.add(name)
  const number = about.signals[name.slice(3)]
  host.watchSignal(
    name.slice(3),
    kernel.open(() => process.emit(name, name, number)),
  )
})

let stdin
let exiting = false
const seconds = () => (host.now() - about.startedAt) / 1000
Object.assign(process, {
  title: 'node',
  version: `v${about.version}`,
  versions: { node: about.version, v8: '11.3.244.8-node', uv: '1.46.0', modules: '115' },
  release: { name: 'node', lts: 'Iron' },
  arch: 'x64',
  platform: 'linux',
  argv: about.argv,
  argv0: 'node',
  execPath: '/usr/local/bin/node',
  execArgv: [],
  env: { ...about.env },
  pid: about.pid,
  ppid: about.ppid,
  config: {},
  features: {},
  exitCode: undefined,
  stdout: new Output(1),
  stderr: new Output(2),
  nextTick,
  cwd: () => host.cwd(),
  chdir: (path) => host.chdir(String(path)),
  getuid: () => about.uid,
  geteuid: () => about.uid,
  getgid: () => about.gid,
  getegid: () => about.gid,
  umask: () => 0o22,
  uptime: seconds,
  memoryUsage: () => {
    const heap = host.heapBytes()
    return { rss: 39845888 + heap, heapTotal: 6537216 + heap, heapUsed: 5242880 + heap, external: 1048576, arrayBuffers: 10515 }
  },
  cpuUsage: () => ({ user: Math.round(host.cpuMs() * 1000), system: 0 }),
  resourceUsage: () => ({ userCPUTime: Math.round(host.cpuMs() * 1000), systemCPUTime: 0, maxRSS: 38912 }),
  hrtime: (since) => {
    const ms = host.now() - about.startedAt + 1000
    let [whole, nanos] = [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)]
    if (!since) return [whole, nanos]
    whole -= since[0]
    nanos -= since[1]
    return nanos < 0 ? [whole - 1, nanos + 1e9] : [whole, nanos]
  },
  kill: (pid, signal = 'SIGTERM') => {
    const name =
      typeof signal === 'number' ? Object.keys(about.signals).find((each) => about.signals[each] === signal) : signal.replace(/^SIG/, '')
    host.kill(Number(pid), name ?? '')
    return true
  },
  exit: (code) => {
    if (code !== undefined) process.exitCode = code
    process._exitWith(Number(process.exitCode ?? 0))
  },
  abort: () => host.exit(134),
  emitWarning: (warning) =>
    process.stderr.write(
      `(node:${about.pid}) ${warning.name ?? 'Warning'}: ${warning.message ?? warning}\n(Use \`node --trace-warnings ...\` to show where the warning was created)\n`,
    ),
  binding: () => {
    throw Object.assign(new Error('No such module'), { code: 'ERR_INVALID_MODULE' })
  },
  /** Ends now: tells `exit`, and never returns. */
  _exitWith: (code) => {
    if (!exiting) {
      exiting = true
      process.exitCode = code
      kernel.enter(() => process.emit('exit', code))
    }
    host.exit(Number(process.exitCode ?? code))
    for (;;);
  },
  /** Nothing is left to do: the exit code. */
  _finish: () => {
    if (exiting) return Number(process.exitCode ?? 0)
    kernel.enter(() => process.emit('beforeExit', Number(process.exitCode ?? 0)))
    if (host.busy()) return 0
    exiting = true
    kernel.enter(() => process.emit('exit', Number(process.exitCode ?? 0)))
    return Number(process.exitCode ?? 0)
  },
})
process.hrtime.bigint = () => BigInt(Math.round((host.now() - about.startedAt + 1000) * 1e6))
process.memoryUsage.rss = () => process.memoryUsage().rss
for (const name of ['_exitWith', '_finish', '_events']) Object.defineProperty(process, name, { enumerable: false, writable: true })
Object.defineProperty(process, 'stdin', {
  enumerable: true,
  get: () => {
    if (stdin) return stdin
    stdin = new Readable({
      read: () => {
        const id = kernel.open((kind, bytes) => {
          if (kind === 'data') return stdin.push(Buffer.from(bytes))
          kernel.close(id)
          stdin.push(null)
        })
        host.readInput(id)
      },
    })
    stdin.fd = 0
    stdin.isTTY = about.tty ? true : undefined
    return stdin
  },
})
module.exports = process
module.exports.process = process
Object.defineProperty(process, 'process', { enumerable: false })
