/** Lines of klog, the log of Kubernetes' own programs. */
import type { Process } from '../process.js'

/**
 * One line, without its end: `I1121 09:17:00.123000       1 server.go:150] Version: v1.36.0`.
 * @param where file and line of the source
 * @param pid the process that the line names
 */
export function klogLine(process: Process, where: string, text: string, level = 'I', pid = process.pid): string {
  const t = new Date(process.clock.now()).toISOString()
  return `${level}${t.slice(5, 7)}${t.slice(8, 10)} ${t.slice(11, 23)}000 ${String(pid).padStart(7)} ${where}] ${text}`
}
