/**
 * The kubeconfig contexts that can be opened: the embedded cluster's, and whatever KUBECONFIG or ~/.kube/config holds.
 * Files are watched; nothing connects until a context is opened.
 * Precedence follows https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'
import type { KubeConfig } from '@kubernetes/client-node'
import { BackendError } from '../errors.js'
import type { ContextSummary } from '../rpc/contract.js'
import { filesOf } from './sources.js'

interface KubeconfigFile {
  contexts?: { name?: string; context?: { cluster?: string; user?: string; namespace?: string } }[]
  clusters?: { name?: string; cluster?: { server?: string } }[]
  users?: { name?: string }[]
}

interface Entry {
  summary: ContextSummary
  /** The name inside of the file. */
  name: string
  file: string
}

/** The files that kubectl would read, in its order. */
export function kubeconfigFiles(env: NodeJS.ProcessEnv = process.env): string[] {
  const listed = (env.KUBECONFIG ?? '').split(path.delimiter).filter(Boolean)
  return listed.length ? listed : [path.join(os.homedir(), '.kube', 'config')]
}

/** Contexts of all files, kept up to date while somebody listens. */
export class ContextCatalogue {
  private entries = new Map<string, Entry>()
  private readonly listeners = new Set<(contexts: ContextSummary[]) => void>()
  private watched: string[] = []
  private embedded: readonly string[] = []
  private sources: readonly string[] = []

  /**
   * @param files kubeconfig files that kubectl reads; earlier ones win when a name clashes
   * @param embedded kubeconfigs of embedded clusters, which come first; they may appear later
   */
  constructor(
    private readonly files: readonly string[],
    embedded: string | undefined,
  ) {
    this.read(embedded ? [embedded] : [], [])
  }

  /** Reads other places from now on: the embedded clusters' kubeconfigs, and files and folders that were added. */
  read(embedded: readonly string[], added: readonly string[]): void {
    this.embedded = embedded
    this.sources = [...embedded, ...this.files, ...added]
    this.reload()
  }

  /** Stops watching. */
  close(): void {
    for (const file of this.watched) fs.unwatchFile(file)
    this.watched = []
    this.listeners.clear()
  }

  list(): ContextSummary[] {
    return [...this.entries.values()].map((e) => e.summary)
  }

  get(id: string): ContextSummary | undefined {
    return this.entries.get(id)?.summary
  }

  /** Tells the list now and after each change. */
  listen(listener: (contexts: ContextSummary[]) => void): () => void {
    this.listeners.add(listener)
    listener(this.list())
    return () => void this.listeners.delete(listener)
  }

  /** Loads one context for use with client-node. Reads the file anew: credentials may have been rotated. */
  async load(id: string): Promise<KubeConfig> {
    const entry = this.entries.get(id)
    if (!entry) throw new BackendError({ reason: 'NotFound', message: `There is no context "${id}" in the kubeconfig files.` })
    if (entry.summary.problem) throw new BackendError({ reason: 'Invalid', message: entry.summary.problem })
    const { KubeConfig: Config } = await import('@kubernetes/client-node')
    const config = new Config()
    config.loadFromFile(entry.file)
    config.setCurrentContext(entry.name)
    return config
  }

  /** How many contexts come from a file or folder. */
  count(source: string): number {
    const files = new Set(filesOf(source))
    return [...this.entries.values()].filter((e) => files.has(e.file)).length
  }

  /** Reads all files again, and tells listeners if something differs. */
  reload(): void {
    const next = new Map<string, Entry>()
    const watched = new Set<string>()
    for (const source of this.sources) {
      watched.add(source)
      for (const file of filesOf(source)) {
        watched.add(file)
        // In a folder there may be other files: those that are no kubeconfigs are passed over.
        const found = readContexts(file, this.embedded.includes(file)).filter((e) => file === source || e.name)
        for (const entry of found) this.enter(next, entry, file)
      }
    }
    this.watch([...watched])
    const before = JSON.stringify(this.list())
    this.entries = next
    if (JSON.stringify(this.list()) !== before) for (const l of this.listeners) l(this.list())
  }

  private enter(next: Map<string, Entry>, entry: Entry, file: string): void {
    if (next.has(entry.summary.id)) {
      // kubectl hides the second of two equal names; both are shown here, told apart by the file.
      if (file === this.files[0]) return
      entry.summary.id = `${entry.name} (${path.basename(file)})`
      if (next.has(entry.summary.id)) return
    }
    next.set(entry.summary.id, entry)
  }

  private watch(files: string[]): void {
    for (const file of this.watched) if (!files.includes(file)) fs.unwatchFile(file)
    for (const file of files)
      if (!this.watched.includes(file)) fs.watchFile(file, { interval: 1000, persistent: false }, () => this.reload())
    this.watched = files
  }
}

function readContexts(file: string, embedded: boolean): Entry[] {
  let text: string
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch {
    return []
  }
  let config: KubeconfigFile
  try {
    config = (parse(text) ?? {}) as KubeconfigFile
  } catch (error) {
    const where = (error as { linePos?: { line: number }[] }).linePos?.[0]?.line
    const summary: ContextSummary = {
      id: file,
      name: path.basename(file),
      embedded,
      cluster: '',
      user: '',
      namespace: '',
      server: '',
      source: file,
      problem: `${file} is not valid YAML${where ? ` (line ${where})` : ''}.`,
    }
    return [{ summary, name: '', file }]
  }
  const out: Entry[] = []
  for (const item of Array.isArray(config.contexts) ? config.contexts : []) {
    if (!item?.name) continue
    const { cluster = '', user = '', namespace = '' } = item.context ?? {}
    const server = config.clusters?.find((c) => c?.name === cluster)?.cluster?.server ?? ''
    const problem = !cluster
      ? `The context "${item.name}" names no cluster.`
      : !server
        ? `The cluster "${cluster}" of the context "${item.name}" is missing or has no server in ${file}.`
        : user && !config.users?.some((u) => u?.name === user)
          ? `The user "${user}" of the context "${item.name}" is missing in ${file}.`
          : undefined
    out.push({
      summary: {
        id: item.name,
        name: item.name,
        embedded,
        cluster,
        user,
        namespace: namespace || 'default',
        server,
        source: file,
        ...(problem ? { problem } : {}),
      },
      name: item.name,
      file,
    })
  }
  return out
}
