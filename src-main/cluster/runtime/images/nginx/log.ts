/** nginx' log files, which in the image are links to the standard streams. */
import type { OpenFile, Process } from '../../process.js'
import type { LogFormat } from './model.js'
import type { Request } from './request.js'

const LEVELS = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg', 'access']

export class Log {
  constructor(
    private readonly file: OpenFile | undefined,
    private readonly lowest: string,
  ) {}

  /** Writes a line unless its level is below the log's. A log that cannot be written loses it, as nginx does. */
  async write(line: string, level: string): Promise<void> {
    if (!this.file || LEVELS.indexOf(level) < LEVELS.indexOf(this.lowest)) return
    await this.file.write(Buffer.from(line)).catch(() => undefined)
  }
}

/** Opens a log for appending; `stderr` is the standard stream. */
export function openLog(process: Process, path: string, lowest = 'debug'): Log {
  if (path === 'stderr') return new Log(process.fd(2), lowest)
  try {
    const target = process.fs.lstat(path).type === 'symlink' ? process.fs.readlink(path) : path
    if (target === '/dev/stdout') return new Log(process.fd(1), lowest)
    if (target === '/dev/stderr') return new Log(process.fd(2), lowest)
  } catch {
    // It is not there yet.
  }
  try {
    return new Log(path === '/dev/null' ? undefined : process.fs.open(path, 'a', 0o640), lowest)
  } catch {
    return new Log(undefined, lowest)
  }
}

/** The line of a request: values as the format escapes them, a dash for those that are empty. */
export function logLine(request: Request, { text, escape }: LogFormat): string {
  if (escape === 'json') return request.filled(text, (value) => JSON.stringify(value).slice(1, -1))
  if (escape === 'none') return request.filled(text, (value) => value)
  // eslint-disable-next-line no-control-regex
  const unfit = /[\u0000-\u001f"\\\u007f-\uffff]/g
  const bytes = (char: string): string =>
    [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
  return request.filled(text, (value) => value.replace(unfit, bytes) || '-')
}
