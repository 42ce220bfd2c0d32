/** Runs one script: an engine, an event loop and the calls of the machine, put together. */
import { signalNumbers, SystemError, type Process } from '../../process.js'
import { taskOf } from '../../task.js'
import { Engine, EngineCrashed, type EntryPoint, type Value } from './engine.js'
import { EventLoop } from './event-loop.js'
import { childCalls, waitingChildCalls } from './child-calls.js'
import { cryptoCalls } from './crypto-calls.js'
import { fileCalls, waitingFileCalls } from './file-calls.js'
import { builtinSources, prelude } from './guest-sources.js'
import { httpCalls, socketCalls } from './network-calls.js'
import { processCalls } from './process-calls.js'
import { Repl, type Prompt } from './repl.js'
import type { Script } from './script.js'
import { zlibCalls } from './zlib-calls.js'

/** What a script may allocate at most, in bytes, whatever the limit of its container. */
const HEAP_LIMIT = 128 * 1024 * 1024

/** What to run: a file, the text of `-e` or `-p`, an ES module of `--input-type=module`, standard input, or the prompt. */
export interface Start {
  kind: 'file' | 'eval' | 'print' | 'module' | 'stdin' | 'repl'
  /** The path for a file, the text otherwise. */
  text: string
  /** process.argv after the interpreter. */
  args: readonly string[]
}

/** @param version of Node.js, without `v`. Resolves with the exit code. */
export async function runScript(process: Process, version: string, start: Start): Promise<number> {
  const task = taskOf(process)
  const { cgroup } = task.namespaces
  const engine = await process.clock.track(Engine.create(Math.min(HEAP_LIMIT, cgroup.memoryLimit ?? HEAP_LIMIT)))
  // Whoever reads what it writes may go away; that is told by an error.
  process.onSignal('PIPE', 'ignore')

  const about: Value = {
    version,
    builtins: Object.keys(builtinSources),
    argv: ['/usr/local/bin/node', ...start.args],
    env: { ...process.env },
    pid: process.pid,
    ppid: process.ppid,
    uid: process.uid,
    gid: process.gid,
    hostname: process.hostname,
    ip: process.net.ip,
    startedAt: process.clock.now(),
    signals: { ...signalNumbers },
    tty: process.fd(1)?.kind === 'tty',
    cpus: 2,
    totalMemory: cgroup.memoryLimit ?? 4 * 1024 ** 3,
    kernelRelease: kernelRelease(process),
  }
  try {
    return await runIn(engine, process, about, start, version)
  } catch (error) {
    if (!(error instanceof EngineCrashed)) throw error
    await process.writeError('Segmentation fault\n')
    return 139
  }
}

function kernelRelease(process: Process): string {
  try {
    return process.fs.readText('/proc/sys/kernel/osrelease').trim()
  } catch {
    return ''
  }
}

/** A line of a script, counted from 1, for the report of an error. */
function sourceLine(process: Process, start: Start, path: string, line: number): string | undefined {
  const text = start.kind !== 'file' && !path.startsWith('/') ? start.text : process.fs.exists(path) ? process.fs.readText(path) : undefined
  return text?.split('\n')[line - 1]
}

async function runIn(engine: Engine, process: Process, about: Value, start: Start, version: string): Promise<number> {
  const loop = new EventLoop(process, engine, {
    ticks: () => engine.call(ticks) === true,
    idle: () => engine.call(idle) as number,
  })
  const script: Script = { process, loop, dispatch: (id, ...what) => void engine.call(dispatch, id, ...what) }
  let repl: Repl | undefined
  const calls = {
    builtinSource: (name: string) => {
      const source = builtinSources[name]
      if (source === undefined) throw new SystemError('ENOENT', `No such built-in module: ${name}`)
      return source
    },
    ...fileCalls(script),
    sourceLine: (path: string, line: number) => sourceLine(process, start, path, line),
    utf8Bytes: (text: string) => Buffer.from(text),
    utf8Text: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
    ...cryptoCalls(script),
    ...processCalls(script, engine),
    ...childCalls(script),
    ...zlibCalls(),
    promptAgain: () => repl?.ask(),
    ...httpCalls(script),
    ...socketCalls(script),
  }
  const host = engine.hostObject(calls, { ...waitingChildCalls(script), ...waitingFileCalls(script) })
  const make = engine.evaluate(prelude, 'node:internal/prelude')
  const runtime = engine.apply(make, host, engine.handle(about))
  const entry = (name: string): EntryPoint => engine.property(runtime, name)
  const [dispatch, ticks, idle, begin] = [entry('dispatch'), entry('ticks'), entry('idle'), entry('start')]
  const [resolveModule, moduleSource] = [entry('resolveModule'), entry('moduleSource')]
  engine.loadModulesFrom({
    resolve: (base, name) => engine.call(resolveModule, base, name) as string,
    source: (name) => engine.call(moduleSource, name) as string,
  })
  if (start.kind === 'repl') {
    engine.recordsTurns = true
    const [take, drop, complete] = [entry('promptTake'), entry('promptDrop'), entry('promptComplete')]
    const prompt: Prompt = {
      take: (line) => engine.call(take, line) as string,
      drop: () => engine.call(drop) === true,
      complete: (before) => engine.call(complete, before) as string,
    }
    repl = new Repl(process, loop, prompt, version)
  }
  return loop.run(() => {
    engine.call(begin, start.kind, start.text)
    repl?.begin()
  })
}
