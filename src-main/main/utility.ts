/** An Electron utility process as the supervisor wants to see it. */
import readline from 'node:readline'
import { utilityProcess } from 'electron'
import type { SpawnedProcess } from '../backend/embedded/supervisor.js'

/** Forks `file` (a built cjs bundle) with `args`; `serviceName` is what a process list shows. */
export function forkUtility(file: string, args: string[], serviceName: string): SpawnedProcess {
  const child = utilityProcess.fork(file, args, { stdio: 'pipe', serviceName })
  return {
    onLine: (listener) => {
      for (const stream of ['stdout', 'stderr'] as const) {
        const input = child[stream]
        if (input) readline.createInterface({ input: input as NodeJS.ReadableStream }).on('line', (line) => listener(line, stream))
      }
    },
    onExit: (listener) => void child.once('exit', listener),
    stop: () => child.postMessage({ type: 'stop' }),
    kill: () => void child.kill(),
  }
}
