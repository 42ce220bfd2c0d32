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

/** What a server says whose configuration has no `ServerName`. */
export function unnamed(process: Process, program: string): string {
  return `AH00558: ${program}: Could not reliably determine the server's fully qualified domain name, using ${process.net.ip}. Set the 'ServerName' directive globally to suppress this message\n`
}

/** The lines of a server that starts. @param named its configuration has a `ServerName` */
export async function apacheStart(process: Process, version: string, mpm: string, command: string, named = false): Promise<void> {
  if (!named) await process.writeError(unnamed(process, command.split(' ')[0]!).repeat(2))
  const at = `[pid ${process.pid}:tid ${process.pid}]`
  await process.writeError(`[${apacheTime(process)}] [${mpm}:notice] ${at} AH00489: ${version} configured -- resuming normal operations\n`)
  await process.writeError(`[${apacheTime(process)}] [core:notice] ${at} AH00094: Command line: '${command}'\n`)
}
