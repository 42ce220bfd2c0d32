/** The embedded cluster as a child process of plain Node: web mode. */
import { spawn } from 'node:child_process'
import os from 'node:os'
import readline from 'node:readline'
import type { SpawnedProcess } from './supervisor.js'

/**
 * How many threads the engine may have for collecting garbage and compiling. Its own four take the time of the one that does the work
 * where there are no cores for them: a thousand pods start a fifth sooner on two cores with one.
 */
const ENGINE_THREADS = Math.min(4, Math.max(1, os.availableParallelism() - 1))

/**
 * What the engine is told. A request passes through many functions and through none of them often, so that they stay interpreted for
 * seconds: they are compiled sooner, and less is inlined into each, for the one thread that compiles is busy all that time. Creating pods
 * in a new cluster takes an eighth less time on two cores.
 */
const ENGINE_OPTIONS = [`--v8-pool-size=${ENGINE_THREADS}`, '--interrupt-budget=20000', '--max-inlined-bytecode-size-cumulative=300']

/** Starts `file` (the built cluster) with `args`. It ends when this process ends, however that ends: the line between them is then cut. */
export function spawnCluster(file: string, args: readonly string[]): SpawnedProcess {
  const child = spawn(process.execPath, [...ENGINE_OPTIONS, file, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const onExit = (): void => void child.kill('SIGKILL')
  process.once('exit', onExit)
  child.once('exit', () => process.removeListener('exit', onExit))
  child.on('error', () => undefined)
  return {
    onLine: (listener) => {
      for (const stream of ['stdout', 'stderr'] as const)
        readline.createInterface({ input: child[stream]! }).on('line', (line) => listener(line, stream))
    },
    // Only when all that it wrote has been read: its last line says why it ended.
    onExit: (listener) => void child.once('close', listener),
    stop: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  }
}
