/**
 * Snapshots of an embedded cluster as the cluster program lays them out: a folder for each in `snapshots`, with what it is
 * in `snapshot.json`. What begins with a dot is under way, or was when something crashed.
 */
import fs from 'node:fs'
import path from 'node:path'
import type { EmbeddedSnapshot } from '../rpc/contract.js'
import type { SpawnedProcess } from './supervisor.js'

/** How long the last line of a process that has ended may take to come, ms. */
const LAST_WORDS = 100

/** The folder of a snapshot of the cluster that is kept in `directory`. */
export function snapshotDirectory(directory: string, name: string): string {
  return path.join(directory, 'snapshots', name)
}

/** The snapshots of the cluster that is kept in `directory`, newest first. */
export function listSnapshots(directory: string): EmbeddedSnapshot[] {
  let names: string[]
  try {
    names = fs.readdirSync(path.join(directory, 'snapshots')).filter((n) => !n.startsWith('.'))
  } catch {
    return []
  }
  return names
    .flatMap((name) => {
      try {
        const text = fs.readFileSync(path.join(snapshotDirectory(directory, name), 'snapshot.json'), 'utf8')
        const { takenAt, clusterTime, bytes } = JSON.parse(text) as EmbeddedSnapshot
        return [{ name, takenAt, clusterTime, bytes }]
      } catch {
        // A folder of somebody else.
        return []
      }
    })
    .sort((a, b) => b.takenAt - a.takenAt)
}

/** Deletes a snapshot: it is gone at once, whatever happens while its files are removed. */
export function deleteSnapshot(directory: string, name: string): void {
  const hidden = snapshotDirectory(directory, `.${name}.deleted`)
  fs.rmSync(hidden, { recursive: true, force: true })
  fs.renameSync(snapshotDirectory(directory, name), hidden)
  fs.rmSync(hidden, { recursive: true, force: true })
}

/** Waits for a process that does one thing. Rejects with the last line that it wrote to stderr when it fails. */
export function runToEnd(process: SpawnedProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let last = ''
    process.onLine((line, stream) => {
      if (stream === 'stderr' && line.trim()) last = line
    })
    process.onExit((code) => {
      if (code === 0) return resolve()
      // What it wrote last may still be on its way.
      setTimeout(() => reject(new Error(last || `the cluster's process ended with code ${code}`)), LAST_WORDS)
    })
  })
}
