/** What agnhost's subcommands share as Go programs: their log lines, their durations, and how they end. */
import type { Process } from '../../process.js'
import { Latch } from '../server-process.js'

/** Writes a line as klog does: `I1121 09:17:00.000000       1 log.go:245] …`. */
export function log(process: Process, message: string): Promise<void> {
  const t = new Date(process.clock.now()).toISOString()
  const stamp = `${t.slice(5, 7)}${t.slice(8, 10)} ${t.slice(11, 19)}.${t.slice(20, 23)}000`
  return process.writeError(`I${stamp} ${String(process.pid).padStart(7)} log.go:245] ${message}\n`)
}

/** Logs why the program cannot go on; gives the exit code. */
export async function fatal(process: Process, message: string): Promise<number> {
  await log(process, message)
  return 1
}

const UNITS = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** A duration as Go writes it (`1m30s`, `500ms`, `0`), in ms; undefined when it is none. */
export function goDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  let ms = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    ms += Number(amount) * UNITS[unit as keyof typeof UNITS]
  return ms
}

/** A span in ms as Go prints it: `1m30.5s`, `250ms`. */
export function printedDuration(ms: number): string {
  if (ms < 1000) return ms === 0 ? '0s' : `${ms}ms`
  const hours = Math.floor(ms / 3_600_000)
  const minutes = Math.floor((ms % 3_600_000) / 60_000)
  return `${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${Number(((ms % 60_000) / 1000).toFixed(9))}s`
}

/**
 * Waits for the end of a program that handles no signals. Go's runtime ends it itself, and process 1, which a signal's
 * default action does not end, with code 2.
 */
export function untilTerminated(process: Process): Promise<number> {
  const end = new Latch<number>()
  for (const signal of ['TERM', 'INT'] as const) process.onSignal(signal, () => end.open(2))
  return end.wait(process)
}
