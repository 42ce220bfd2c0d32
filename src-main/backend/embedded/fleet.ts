/**
 * The embedded clusters of this machine: one directory and one supervised process each. Those that were stopped by a
 * person stay stopped; all others start with the app.
 */
import fs from 'node:fs'
import path from 'node:path'
import { clusterDirectory, clusterKubeconfig } from '../../directories.js'
import { BackendError, problem } from '../errors.js'
import type { Calls, EmbeddedSnapshot, EmbeddedState } from '../rpc/contract.js'
import { deleteSnapshot, listSnapshots, runToEnd, snapshotDirectory } from './snapshots.js'
import { ClusterSupervisor, type SpawnedProcess } from './supervisor.js'

/** What a new cluster is to be: its nodes and seed, or the snapshot that it is made from, matter only once. */
export type NewCluster = Parameters<Calls['embedded.create']>[0]

/** What the backend can ask of the embedded clusters, wherever their processes are kept. */
export interface EmbeddedClusters {
  /** All of them, by name. */
  states(): EmbeddedState[]
  listen(listener: (states: EmbeddedState[]) => void): () => void
  /** Makes and starts one. Rejects with `Invalid` or `AlreadyExists`. */
  create(options: NewCluster): Promise<void>
  start(name: string): Promise<void>
  /** Resolves when its process has ended. */
  stop(name: string): Promise<void>
  /** Stops it and deletes all that it kept. */
  remove(name: string): Promise<void>
  /** Takes a snapshot of it, running or not. Rejects with `Invalid` or `AlreadyExists`. */
  snapshot(name: string, snapshot: string): Promise<void>
  /** Puts back what a snapshot holds; stops a cluster that runs for it, and starts it again. Rejects with `NotFound`. */
  restore(name: string, snapshot: string): Promise<void>
  removeSnapshot(name: string, snapshot: string): Promise<void>
}

const NAME = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/
const SNAPSHOT_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

export class ClusterFleet implements EmbeddedClusters {
  private readonly supervisors = new Map<string, ClusterSupervisor>()
  private readonly listeners = new Set<(states: EmbeddedState[]) => void>()
  private readonly stoppedFile: string
  private readonly doing = new Map<string, NonNullable<EmbeddedState['doing']>>()
  /** By cluster: read once, and again after what changes them. */
  private readonly snapshots = new Map<string, EmbeddedSnapshot[]>()

  /**
   * @param data the app's data directory
   * @param spawn starts the cluster program with these arguments
   */
  constructor(
    private readonly data: string,
    private readonly spawn: (args: string[]) => SpawnedProcess,
  ) {
    this.stoppedFile = path.join(data, 'stopped-clusters.json')
  }

  /** Starts every cluster that there is and that nobody stopped; makes the first one when there is none. */
  startAll(first: string): void {
    const names = this.onDisk()
    const stopped = this.stopped()
    for (const name of names) {
      this.adopt(name, [])
      if (!stopped.has(name)) this.supervisors.get(name)!.start()
    }
    if (names.length === 0) this.adopt(first, []).start()
    this.tell()
  }

  states(): EmbeddedState[] {
    const states = [...this.supervisors.values()].map((s) => s.state())
    // The kubeconfig stays known while a cluster is stopped: its context does not go away.
    return states
      .map((s) => {
        const doing = this.doing.get(s.name)
        const kubeconfig = clusterKubeconfig(this.data, s.name)
        return { ...s, kubeconfig, snapshots: this.snapshotsOf(s.name), ...(doing ? { doing } : {}) }
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  listen(listener: (states: EmbeddedState[]) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  async create({ name, nodes, seed, from }: NewCluster): Promise<void> {
    if (!NAME.test(name)) throw problem('Invalid', 'clusterName', { name })
    if (this.supervisors.has(name)) throw problem('AlreadyExists', 'clusterExists', { name })
    if (nodes !== undefined && !(Number.isInteger(nodes) && nodes >= 1 && nodes <= 5000)) throw problem('Invalid', 'clusterNodes')
    const args = [
      ...(nodes === undefined ? [] : ['--nodes', String(nodes)]),
      ...(seed === undefined ? [] : ['--seed', String(seed)]),
      ...(from === undefined ? [] : ['--from', this.existingSnapshot(from.cluster, from.snapshot)]),
    ]
    this.adopt(name, args).start()
  }

  async start(name: string): Promise<void> {
    this.refuseWhileBusy(name)
    this.keepStopped(name, false)
    this.get(name).start()
  }

  async stop(name: string): Promise<void> {
    this.refuseWhileBusy(name)
    this.keepStopped(name, true)
    await this.get(name).stop()
  }

  async remove(name: string): Promise<void> {
    this.refuseWhileBusy(name)
    await this.get(name).stop()
    this.supervisors.delete(name)
    this.snapshots.delete(name)
    this.keepStopped(name, false)
    fs.rmSync(clusterDirectory(this.data, name), { recursive: true, force: true })
    this.tell()
  }

  async snapshot(name: string, snapshot: string): Promise<void> {
    this.get(name)
    if (!SNAPSHOT_NAME.test(snapshot)) throw problem('Invalid', 'snapshotName', { snapshot })
    if (this.snapshotsOf(name).some((s) => s.name === snapshot)) throw problem('AlreadyExists', 'snapshotExists', { snapshot, name })
    await this.busy(name, 'snapshot', () => this.runOnce(name, '--snapshot', snapshot))
  }

  async restore(name: string, snapshot: string): Promise<void> {
    const supervisor = this.get(name)
    this.existingSnapshot(name, snapshot)
    await this.busy(name, 'restore', async () => {
      const ran = supervisor.state().phase !== 'stopped'
      await supervisor.stop()
      try {
        await this.runOnce(name, '--restore', snapshot)
      } finally {
        if (ran) supervisor.start()
      }
    })
  }

  async removeSnapshot(name: string, snapshot: string): Promise<void> {
    this.existingSnapshot(name, snapshot)
    await this.busy(name, 'snapshot', async () => deleteSnapshot(clusterDirectory(this.data, name), snapshot))
  }

  /** Ends every process, and resolves when they have ended. What was running starts again with the app. */
  async close(): Promise<void> {
    await Promise.all([...this.supervisors.values()].map((s) => s.stop()))
  }

  private get(name: string): ClusterSupervisor {
    const found = this.supervisors.get(name)
    if (!found) throw problem('NotFound', 'clusterUnknown', { name })
    return found
  }

  /** The folder of a snapshot. Throws `NotFound` when there is none. */
  private existingSnapshot(name: string, snapshot: string): string {
    this.get(name)
    if (!this.snapshotsOf(name).some((s) => s.name === snapshot)) throw problem('NotFound', 'snapshotUnknown', { snapshot, name })
    return snapshotDirectory(clusterDirectory(this.data, name), snapshot)
  }

  private snapshotsOf(name: string): EmbeddedSnapshot[] {
    let found = this.snapshots.get(name)
    if (!found) this.snapshots.set(name, (found = listSnapshots(clusterDirectory(this.data, name))))
    return found
  }

  private refuseWhileBusy(name: string): void {
    const doing = this.doing.get(name)
    if (doing) throw problem('Conflict', doing === 'restore' ? 'snapshotRestoring' : 'snapshotBusy', { name })
  }

  /** Does one thing at a time with a cluster's data, and tells that it does. */
  private async busy(name: string, doing: NonNullable<EmbeddedState['doing']>, act: () => Promise<void>): Promise<void> {
    this.refuseWhileBusy(name)
    this.doing.set(name, doing)
    this.tell()
    try {
      await act()
    } finally {
      this.doing.delete(name)
      this.snapshots.delete(name)
      this.tell()
    }
  }

  /** Runs the cluster program for one thing that it does to a cluster's data. */
  private async runOnce(name: string, ...args: string[]): Promise<void> {
    try {
      await runToEnd(this.spawn(['--name', name, '--data', clusterDirectory(this.data, name), ...args]))
    } catch (error) {
      throw new BackendError({ reason: 'Internal', message: (error as Error).message })
    }
  }

  /** @param creating options that matter only while the directory is not there yet */
  private adopt(name: string, creating: string[]): ClusterSupervisor {
    const kubeconfig = clusterKubeconfig(this.data, name)
    const directory = clusterDirectory(this.data, name)
    const supervisor = new ClusterSupervisor(name, () =>
      this.spawn(['--name', name, '--data', directory, '--kubeconfig', kubeconfig, ...(fs.existsSync(kubeconfig) ? [] : creating)]),
    )
    this.supervisors.set(name, supervisor)
    supervisor.listen(() => this.tell())
    return supervisor
  }

  private onDisk(): string[] {
    try {
      return fs
        .readdirSync(path.join(this.data, 'clusters'), { withFileTypes: true })
        .filter((d) => d.isDirectory() && NAME.test(d.name))
        .map((d) => d.name)
    } catch {
      return []
    }
  }

  private stopped(): Set<string> {
    try {
      const names: unknown = JSON.parse(fs.readFileSync(this.stoppedFile, 'utf8'))
      return new Set(Array.isArray(names) ? (names as string[]) : [])
    } catch {
      return new Set()
    }
  }

  private keepStopped(name: string, stopped: boolean): void {
    const names = this.stopped()
    if (names.has(name) === stopped) return
    if (stopped) names.add(name)
    else names.delete(name)
    fs.mkdirSync(this.data, { recursive: true })
    fs.writeFileSync(this.stoppedFile, JSON.stringify([...names]))
  }

  private tell(): void {
    const states = this.states()
    for (const l of this.listeners) l(states)
  }
}

/** A listener that tells each crash of a cluster's process once. */
export function reportCrashes(tell: (line: string) => void): (states: EmbeddedState[]) => void {
  const crashed = new Set<string>()
  return (states) => {
    for (const { name, phase, error } of states) {
      if (phase !== 'crashed') crashed.delete(name)
      else if (!crashed.has(name)) {
        crashed.add(name)
        tell(`the embedded cluster "${name}" stopped: ${error}`)
      }
    }
  }
}
