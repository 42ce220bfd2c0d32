/**
 * Snapshots of a cluster: a copy of all that makes its data directory that cluster, under a name, in its own directory
 * `snapshots/NAME`. As with etcdctl's snapshots the objects come back, and what ran is started anew from them. A crash at
 * any moment leaves a whole snapshot or none, and the cluster as it was or as it was restored.
 * https://etcd.io/docs/v3.6/op-guide/recovery/
 */
import fs from 'node:fs'
import path from 'node:path'
import { hostTime } from './host.js'
import { readIdentity, saveIdentity, savedAt, SAVE_EVERY, type Identity } from './identity.js'
import { isLocked, lockDirectory } from './lock.js'
import { copyJournal, journalFile, lastRevision, openJournal } from './store/journal.js'

/** What `snapshot.json` says of the snapshot beside it. */
export interface SnapshotFacts {
  /** When it was taken, ms since the epoch by the machine's clock. */
  takenAt: number
  /** The cluster's own time then, ms since the epoch. */
  clusterTime: number
  /** The store's revision. */
  revision: number
  /** What it takes on disk. */
  bytes: number
}

/** As the names of objects: a lower-case DNS label. */
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
/** How far the revision goes on where the one of the store that is replaced cannot be read, as etcd's documentation advises. */
const FAR = 1_000_000_000

const storeOf = (directory: string): string => path.join(directory, 'store')
const snapshotOf = (directory: string, name: string): string => path.join(directory, 'snapshots', name)

/**
 * Takes a snapshot of the cluster in a directory, which may be running. Rejects with a sentence when the name cannot be
 * one or is taken, or when there is no cluster.
 */
export async function takeSnapshot(directory: string, name: string): Promise<void> {
  if (!NAME.test(name)) throw new Error(`"${name}" is not a name for a snapshot: lower-case letters, digits and '-', at most 63`)
  const target = snapshotOf(directory, name)
  if (fs.existsSync(target)) throw new Error(`there is a snapshot "${name}" already`)
  const partial = snapshotOf(directory, `.${name}.partial`)
  fs.rmSync(partial, { recursive: true, force: true })
  fs.mkdirSync(partial, { recursive: true, mode: 0o700 })
  try {
    const revision = await copyJournal(storeOf(directory), partial)
    // Read after the store: no object in the copy is younger than the time that the snapshot names.
    const identity = readIdentity(directory)
    if (!identity) throw new Error(`there is no cluster in ${directory}`)
    const clusterTime = isLocked(directory) ? timeNow(directory, identity) : identity.time
    saveIdentity(partial, { ...identity, time: clusterTime })
    fs.cpSync(path.join(directory, 'pki'), path.join(partial, 'pki'), { recursive: true })
    const facts: SnapshotFacts = { takenAt: hostTime(), clusterTime, revision, bytes: sizeOf(partial) }
    fs.writeFileSync(path.join(partial, 'snapshot.json'), `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 })
    syncTree(partial)
    fs.renameSync(partial, target)
    syncTree(path.dirname(target), false)
  } catch (error) {
    fs.rmSync(partial, { recursive: true, force: true })
    throw error
  }
}

/**
 * Puts a snapshot's objects in the place of those that a cluster has. The revision goes on from the one that the cluster
 * had, and its history is forgotten, so that a client that watched before lists anew. Rejects with a sentence while the
 * cluster runs, and when there is no such snapshot.
 */
export async function restoreSnapshot(directory: string, name: string): Promise<void> {
  const snapshot = existing(snapshotOf(directory, name), name)
  const unlock = lockDirectory(directory)
  try {
    const prepared = path.join(directory, 'restoring')
    copyStore(snapshot, prepared)
    const revision = await lastRevision(prepared)
    const replaced = (await revisionOf(storeOf(directory))) ?? revision + FAR
    const journal = openJournal(prepared)
    await journal.compact(Math.max(revision, replaced) + 1, [])
    await journal.close()
    putInPlace(prepared, storeOf(directory))
    // The clock follows last: until then it is at most later than the objects say.
    const { port } = readIdentity(directory) ?? { port: 0 }
    const kept = readIdentity(snapshot)!
    saveIdentity(directory, { ...kept, port })
  } finally {
    unlock()
  }
}

/**
 * Makes a directory the cluster `name`, with all that a snapshot of another one holds, the authority and the names of its
 * nodes included. Does nothing when there is a cluster already. Throws a sentence when there is no such snapshot, or when
 * the directory holds something else.
 */
export function seedFromSnapshot(snapshot: string, directory: string, name: string): void {
  if (readIdentity(directory)) return
  existing(snapshot, path.basename(snapshot))
  const identity = readIdentity(snapshot)!
  if (fs.existsSync(directory) && fs.readdirSync(directory).length) throw new Error(`${directory} is not empty`)
  // Made beside it, so that it is there as a whole or not at all.
  const prepared = path.join(path.dirname(directory), `.${path.basename(directory)}.seeding`)
  fs.rmSync(prepared, { recursive: true, force: true })
  copyStore(snapshot, storeOf(prepared))
  fs.cpSync(path.join(snapshot, 'pki'), path.join(prepared, 'pki'), { recursive: true })
  saveIdentity(prepared, { ...identity, name, port: 0, controlPlane: identity.controlPlane ?? identity.name })
  syncTree(prepared)
  fs.rmSync(directory, { recursive: true, force: true })
  fs.renameSync(prepared, directory)
  syncTree(path.dirname(directory), false)
}

/** The directory of a snapshot that is there. */
function existing(snapshot: string, name: string): string {
  if (fs.existsSync(path.join(snapshot, 'snapshot.json'))) return snapshot
  throw new Error(`there is no snapshot "${name}"`)
}

/** A running cluster's time: it writes it down now and then, and it has gone on since. */
function timeNow(directory: string, { time, speed = 1 }: Identity): number {
  return time + Math.min(SAVE_EVERY, Math.max(0, Math.round((hostTime() - savedAt(directory)) * speed)))
}

async function revisionOf(store: string): Promise<number | undefined> {
  try {
    return await lastRevision(store)
  } catch {
    // A store that is broken is a reason to restore.
    return undefined
  }
}

/** Copies a snapshot's store to a directory of its own. */
function copyStore(snapshot: string, prepared: string): void {
  fs.rmSync(prepared, { recursive: true, force: true })
  fs.mkdirSync(prepared, { recursive: true, mode: 0o700 })
  fs.copyFileSync(journalFile(snapshot), journalFile(prepared))
}

/** The moment of a restore: one file takes the place of another. */
function putInPlace(prepared: string, store: string): void {
  fs.mkdirSync(store, { recursive: true, mode: 0o700 })
  syncTree(prepared)
  fs.renameSync(journalFile(prepared), journalFile(store))
  fs.rmSync(`${journalFile(store)}-lock`, { force: true })
  fs.rmSync(prepared, { recursive: true, force: true })
  syncTree(store, false)
}

function sizeOf(directory: string): number {
  return fs
    .readdirSync(directory, { withFileTypes: true })
    .map((e) => path.join(directory, e.name))
    .reduce((sum, file) => sum + (fs.statSync(file).isDirectory() ? sizeOf(file) : fs.statSync(file).size), 0)
}

/** Brings a directory to the disk: its entries, and with `deep` the files and directories in it. */
function syncTree(directory: string, deep = true): void {
  if (deep)
    for (const e of fs.readdirSync(directory, { withFileTypes: true })) {
      const file = path.join(directory, e.name)
      if (e.isDirectory()) syncTree(file)
      else sync(file, 'r+')
    }
  // Windows has no way to sync a directory, and no need to.
  if (process.platform !== 'win32') sync(directory, 'r')
}

function sync(file: string, flags: string): void {
  const descriptor = fs.openSync(file, flags)
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}
