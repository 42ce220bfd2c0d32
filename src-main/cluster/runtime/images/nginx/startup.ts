/** What the nginx binary knows before it serves: its command line, its configuration, how it complains. */
import type { Process } from '../../process.js'
import { loadConf, parseConf, type Directive } from './conf.js'
import { configOf, type HttpConfig } from './model.js'

export interface NginxVersion {
  version: string
  /** Such as `gcc 12.2.0 (Debian 12.2.0-14)`. */
  compiler: string
}

/** Of the command line. */
export interface Options {
  conf: string
  prefix: string
  globals: string
  test: boolean
  dump: boolean
  quiet: boolean
  signal: string | undefined
}

/** A message before the logs are open: to standard error, once as a log line and once for the person. */
export async function emerg(process: Process, message: string, level = 'emerg'): Promise<void> {
  await process.writeError(`${timestamp(process)} [${level}] ${process.pid}#${process.pid}: ${message}\nnginx: [${level}] ${message}\n`)
}

/** As in error logs: `2026/11/21 09:17:00`. */
export function timestamp(process: Process): string {
  return new Date(process.clock.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')
}

/** The configuration of the files and of `-g`. Throws {@link ConfigError}. */
export function load(process: Process, options: Options): HttpConfig {
  const globals: readonly Directive[] = options.globals ? parseConf(options.globals.replace(/;?\s*$/, ';'), 'command line') : []
  return configOf([...globals, ...loadConf(process.fs, options.conf, options.prefix)])
}
