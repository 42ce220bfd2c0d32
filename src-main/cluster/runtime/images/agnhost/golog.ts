/** What agnhost's subcommands share as Go programs: their log lines and their errors over HTTP. */
import type { ServerResponse } from 'node:http'
import type { Process } from '../../process.js'
import { klogLine } from '../klog.js'

/** Writes a line as klog does: `I1121 09:17:00.000000       1 log.go:245] …`. */
export function log(process: Process, message: string): Promise<void> {
  return process.writeError(`${klogLine(process, 'log.go:245', message)}\n`)
}

/** Logs why the program cannot go on; gives the exit code. */
export async function fatal(process: Process, message: string): Promise<number> {
  await log(process, message)
  return 1
}

/** Answers with an error as Go's `http.Error` does: one line of plain text. */
export function httpError(res: ServerResponse, status: number, why: string): void {
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' })
  res.end(`${why}\n`)
}
