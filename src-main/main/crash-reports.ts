/**
 * Reports of crashes, as files of the data directory and nowhere else: nothing is sent. They hold which process ended and how, never what
 * it had in memory, so that no value of a cluster can be in them.
 */
import fs from 'node:fs'
import path from 'node:path'
import { app } from 'electron'
import { version } from '../backend/version.js'

/** Older reports than so many are removed. */
const KEPT = 20

export interface CrashReport {
  time: string
  /** `Drydock backend`, `window`, … */
  process: string
  /** Electron's word: `crashed`, `killed`, `oom`, … */
  reason: string
  exitCode: number
}

/** Writes a report; gives its file. */
export function writeCrashReport(directory: string, report: CrashReport): string {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = path.join(directory, `${report.time.replaceAll(/[:.]/g, '-')}.json`)
  const { platform, arch, versions } = process
  fs.writeFileSync(file, `${JSON.stringify({ ...report, version, platform, arch, electron: versions.electron }, null, 2)}\n`, {
    mode: 0o600,
  })
  const names = fs.readdirSync(directory).sort()
  for (const name of names.slice(0, Math.max(0, names.length - KEPT))) fs.rmSync(path.join(directory, name))
  return file
}

/** Reports windows and other processes of the app that end by themselves; a window whose page is gone is loaded anew. */
export function reportProcessCrashes(directory: string): void {
  const write = (name: string, { reason, exitCode }: { reason: string; exitCode: number }): void => {
    if (reason !== 'clean-exit') writeCrashReport(directory, { time: new Date().toISOString(), process: name, reason, exitCode })
  }
  app.on('child-process-gone', (_event, details) => write(details.serviceName ?? details.name ?? details.type, details))
  app.on('render-process-gone', (_event, contents, details) => {
    write('window', details)
    if (details.reason !== 'clean-exit' && !contents.isDestroyed()) contents.reload()
  })
}
