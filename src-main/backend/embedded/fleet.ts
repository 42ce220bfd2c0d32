/**
 * The embedded clusters of this machine: one directory and one supervised process each. Those that were stopped by a
 * person stay stopped; all others start with the app.
 */
import fs from 'node:fs'
import path from 'node:path'
import { clusterDirectory, clusterKubeconfig } from '../../directories.js'
import { BackendError } from '../errors.js'
import type { EmbeddedState } from '../rpc/contract.js'
import { ClusterSupervisor, type SpawnedProcess } from './supervisor.js'

/** What the backend can ask of the embedded clusters, wherever their processes are kept. */
export interface EmbeddedClusters {
  /** All of them, by name. */
  states(): EmbeddedState[]
  listen(listener: (states: EmbeddedState[]) => void): () => void
  /** Makes and starts one. Rejects with `Invalid` or `AlreadyExists`. */
  create(options: { name: string; nodes?: number; seed?: number }): Promise<void>
  start(name: string): Promise<void>
  /** Resolves when its process has ended. */
  stop(name: string): Promise<void>
  /** Stops it and deletes all that it kept. */
  remove(name: string): Promise<void>
}

const NAME = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/

export class ClusterFleet implements EmbeddedClusters {
  private readonly supervisors = new Map<string, ClusterSupervisor>()
  private readonly listeners = new Set<(states: EmbeddedState[]) => void>()
  private readonly stoppedFile: string

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
    return states.map((s) => ({ ...s, kubeconfig: clusterKubeconfig(this.data, s.name) })).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  listen(listener: (states: EmbeddedState[]) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  async create({ name, nodes, seed }: Parameters<EmbeddedClusters['create']>[0]): Promise<void> {
    if (!NAME.test(name))
      throw new BackendError({
        reason: 'Invalid',
        message: `"${name}" is not a name for a cluster: lower case letters, digits and "-", at most 40 characters.`,
      })
    if (this.supervisors.has(name))
      throw new BackendError({ reason: 'AlreadyExists', message: `There is an embedded cluster "${name}" already.` })
    if (nodes !== undefined && !(Number.isInteger(nodes) && nodes >= 1 && nodes <= 5000))
      throw new BackendError({ reason: 'Invalid', message: 'A cluster has from 1 to 5000 nodes.' })
    const args = [...(nodes === undefined ? [] : ['--nodes', String(nodes)]), ...(seed === undefined ? [] : ['--seed', String(seed)])]
    this.adopt(name, args).start()
  }

  async start(name: string): Promise<void> {
    this.keepStopped(name, false)
    this.get(name).start()
  }

  async stop(name: string): Promise<void> {
    this.keepStopped(name, true)
    await this.get(name).stop()
  }

  async remove(name: string): Promise<void> {
    await this.get(name).stop()
    this.supervisors.delete(name)
    this.keepStopped(name, false)
    fs.rmSync(clusterDirectory(this.data, name), { recursive: true, force: true })
    this.tell()
  }

  /** Ends every process, and resolves when they have ended. What was running starts again with the app. */
  async close(): Promise<void> {
    await Promise.all([...this.supervisors.values()].map((s) => s.stop()))
  }

  private get(name: string): ClusterSupervisor {
    const found = this.supervisors.get(name)
    if (!found) throw new BackendError({ reason: 'NotFound', message: `There is no embedded cluster "${name}".` })
    return found
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
