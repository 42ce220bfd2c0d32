/** What Apache's HTTP servers write to their logs. */
import type { IncomingMessage } from 'node:http'
import type { Process } from '../../process.js'
import { MONTHS, twoDigits } from '../nginx/pages.js'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** As in error logs: `Sat Nov 21 09:17:00.123000 2026`. */
export function apacheTime(process: Process): string {
  const d = new Date(process.clock.now())
  const time = `${twoDigits(d.getUTCHours())}:${twoDigits(d.getUTCMinutes())}:${twoDigits(d.getUTCSeconds())}.${String(d.getUTCMilliseconds()).padStart(3, '0')}000`
  return `${DAYS[d.getUTCDay()]} ${MONTHS[d.getUTCMonth()]} ${twoDigits(d.getUTCDate())} ${time} ${d.getUTCFullYear()}`
}

/** A line of the access log in the common format, or the combined one. */
export function commonLog(process: Process, req: IncomingMessage, status: number, bytes: number, combined = false): string {
  const d = new Date(process.clock.now())
  const when = `${twoDigits(d.getUTCDate())}/${MONTHS[d.getUTCMonth()]}/${d.getUTCFullYear()}:${twoDigits(d.getUTCHours())}:${twoDigits(d.getUTCMinutes())}:${twoDigits(d.getUTCSeconds())} +0000`
  const tail = combined ? ` "${req.headers.referer ?? '-'}" "${req.headers['user-agent'] ?? '-'}"` : ''
  return `${req.socket.remoteAddress} - - [${when}] "${req.method} ${req.url} HTTP/${req.httpVersion}" ${status} ${bytes || '-'}${tail}\n`
}

/** The lines of a server that starts. */
export async function apacheStart(process: Process, version: string, mpm: string, command: string): Promise<void> {
  const unnamed = `AH00558: ${command.split(' ')[0]}: Could not reliably determine the server's fully qualified domain name, using ${process.net.ip}. Set the 'ServerName' directive globally to suppress this message\n`
  await process.writeError(unnamed + unnamed)
  const at = `[pid ${process.pid}:tid ${process.pid}]`
  await process.writeError(`[${apacheTime(process)}] [${mpm}:notice] ${at} AH00489: ${version} configured -- resuming normal operations\n`)
  await process.writeError(`[${apacheTime(process)}] [core:notice] ${at} AH00094: Command line: '${command}'\n`)
}
