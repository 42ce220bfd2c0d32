import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../src-main/cluster/clock.js'
import { readIdentity, saveIdentity } from '../../src-main/cluster/identity.js'
import { lockDirectory } from '../../src-main/cluster/lock.js'
import { restoreSnapshot, seedFromSnapshot, takeSnapshot, type SnapshotFacts } from '../../src-main/cluster/snapshots.js'
import { openStore } from '../../src-main/cluster/store/mvcc.js'
import { CompactedError, type Store } from '../../src-main/cluster/store/store.js'

const PREFIX = '/registry/core/configmaps/default/'
const TIME = Date.UTC(2026, 4, 1)
let parent: string
let directory: string
let store: Store | undefined

const open = (where = directory): Store =>
  (store = openStore({ directory: path.join(where, 'store'), clock: new VirtualClock({ start: TIME, speed: 0 }) }))
const close = async (): Promise<void> => {
  await store?.close()
  store = undefined
}
const configMap = (name: string): KubeObject => ({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, namespace: 'default' } })
const put = (name: string): Promise<unknown> => store!.put(PREFIX + name, configMap(name), 0)
const names = (): string[] => store!.list(PREFIX).items.map((i) => i.object.metadata.name!)
const facts = (name: string): SnapshotFacts =>
  JSON.parse(fs.readFileSync(path.join(directory, 'snapshots', name, 'snapshot.json'), 'utf8')) as SnapshotFacts

beforeEach(() => {
  parent = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-snapshots-'))
  directory = path.join(parent, 'lab')
  fs.mkdirSync(path.join(directory, 'pki'), { recursive: true })
  fs.writeFileSync(path.join(directory, 'pki', 'ca.crt'), 'the authority')
  saveIdentity(directory, { name: 'lab', seed: 7, port: 1234, nodes: 3, time: TIME, speed: 0 })
})
afterEach(async () => {
  await close()
  fs.rmSync(parent, { recursive: true })
})

describe('a snapshot', () => {
  it('holds what was acknowledged when it was taken, of a store that is open too', async () => {
    open()
    await put('a')
    await takeSnapshot(directory, 'before')
    await put('b')
    await close()
    expect(facts('before')).toMatchObject({ clusterTime: TIME, revision: 2 })
    expect(facts('before').bytes).toBeGreaterThan(1000)
    await restoreSnapshot(directory, 'before')
    open()
    expect(names()).toEqual(['a'])
  })

  it('leaves nothing half done when it cannot be taken', async () => {
    await expect(takeSnapshot(directory, 'before')).rejects.toThrow()
    expect(fs.readdirSync(path.join(directory, 'snapshots'))).toEqual([])
  })

  it('takes the place of one that a crash left half done, which nobody can restore', async () => {
    fs.mkdirSync(path.join(directory, 'snapshots', '.before.partial'), { recursive: true })
    await expect(restoreSnapshot(directory, 'before')).rejects.toThrow('there is no snapshot "before"')
    open()
    await put('a')
    await takeSnapshot(directory, 'before')
    expect(fs.readdirSync(path.join(directory, 'snapshots'))).toEqual(['before'])
  })

  it('has a name of its own', async () => {
    open()
    await put('a')
    await takeSnapshot(directory, 'before')
    await expect(takeSnapshot(directory, 'before')).rejects.toThrow('there is a snapshot "before" already')
    await expect(takeSnapshot(directory, '../x')).rejects.toThrow('"../x" is not a name for a snapshot')
  })
})

describe('restoring', () => {
  beforeEach(async () => {
    open()
    await put('a')
    await close()
    await takeSnapshot(directory, 'before')
  })

  it('lets the revision go on, so that a client that watched before has to list anew', async () => {
    open()
    await put('b')
    await put('c')
    const seen = store!.revision
    expect(seen).toBe(4)
    await close()
    await restoreSnapshot(directory, 'before')
    open()
    expect(store!.revision).toBe(5)
    expect(() => store!.watch(PREFIX, seen, () => undefined)).toThrow(CompactedError)
    await put('d')
    expect(store!.get(`${PREFIX}d`)!.modRevision).toBe(6)
    await close()
    open()
    expect(names()).toEqual(['a', 'd'])
    expect(store!.revision).toBe(6)
  })

  it('brings back the time and the speed of its clock, and keeps its port', async () => {
    saveIdentity(directory, { name: 'lab', seed: 7, port: 4321, nodes: 3, time: TIME + 86_400_000, speed: 100 })
    await restoreSnapshot(directory, 'before')
    expect(readIdentity(directory)).toEqual({ name: 'lab', seed: 7, port: 4321, nodes: 3, time: TIME, speed: 0 })
  })

  it('is refused while the cluster runs', async () => {
    const lock = path.join(directory, 'lock')
    // The process that started this one lives as long as it.
    fs.writeFileSync(lock, `${process.ppid} ${startOf(process.ppid)}\n`)
    await expect(restoreSnapshot(directory, 'before')).rejects.toThrow(`${directory} is in use by process ${process.ppid}`)
    fs.rmSync(lock)
    lockDirectory(directory)()
  })

  it('works on a store that cannot be read any more', async () => {
    fs.writeFileSync(path.join(directory, 'store', 'store.mdb'), 'not a database')
    await restoreSnapshot(directory, 'before')
    open()
    expect(names()).toEqual(['a'])
    expect(store!.revision).toBe(1_000_000_003)
  })

  it('begins anew after a crash before the moment it takes effect', async () => {
    fs.mkdirSync(path.join(directory, 'restoring'))
    fs.writeFileSync(path.join(directory, 'restoring', 'store.mdb'), 'half a copy')
    open()
    expect(names()).toEqual(['a'])
    await close()
    await restoreSnapshot(directory, 'before')
    expect(fs.existsSync(path.join(directory, 'restoring'))).toBe(false)
  })
})

describe('a new cluster from a snapshot', () => {
  it('has its objects, its authority and the names of its nodes, under a name and a port of its own', async () => {
    open()
    await put('a')
    await close()
    await takeSnapshot(directory, 'before')
    const copy = path.join(parent, 'copy')
    const snapshot = path.join(directory, 'snapshots', 'before')
    seedFromSnapshot(snapshot, copy, 'copy')
    expect(readIdentity(copy)).toEqual({ name: 'copy', seed: 7, port: 0, nodes: 3, time: TIME, speed: 0, controlPlane: 'lab' })
    expect(fs.readFileSync(path.join(copy, 'pki', 'ca.crt'), 'utf8')).toBe('the authority')
    open(copy)
    expect(names()).toEqual(['a'])
    await put('b')
    await close()
    expect(fs.readdirSync(parent)).toEqual(['copy', 'lab'])
    // Started again it is the cluster that it has become.
    seedFromSnapshot(snapshot, copy, 'copy')
    open(copy)
    expect(names()).toEqual(['a', 'b'])
  })

  it('is refused where there is no such snapshot', () => {
    expect(() => seedFromSnapshot(path.join(directory, 'snapshots', 'none'), path.join(parent, 'copy'), 'copy')).toThrow(
      'there is no snapshot "none"',
    )
  })
})

/** When a process began, as a lock file tells it. */
function startOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
