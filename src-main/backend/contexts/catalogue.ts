/**
 * The kubeconfig contexts that can be opened: the embedded cluster's, and whatever KUBECONFIG or ~/.kube/config holds.
 * Files are watched; nothing connects until a context is opened.
 * Precedence follows https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/.
 */
import os from 'node:os'
import path from 'node:path'
import { BackendError, problem } from '../errors.js'
import type { ContextSummary, RpcError } from '../rpc/contract.js'
import { said } from '../sentences.js'
import { contextOf, firstNamed, readKubeconfig, type ContextConfig, type Kubeconfig } from './kubeconfig.js'
import { filesOf } from './sources.js'
import { stampNow, WatchedFiles } from './watched-files.js'

/** A file that was read, or why it could not be. */
type ReadFile = { config: Kubeconfig } | { problem: RpcError }

/** The files that kubectl would read, in its order. */
export function kubeconfigFiles(env: NodeJS.ProcessEnv = process.env): string[] {
  const listed = (env.KUBECONFIG ?? '').split(path.delimiter).filter(Boolean)
  return listed.length ? listed.map((file) => path.resolve(file)) : [path.join(os.homedir(), '.kube', 'config')]
}

/** Contexts of all files, kept up to date while somebody listens. */
export class ContextCatalogue {
  private entries = new Map<string, ContextSummary>()
  private readonly listeners = new Set<(contexts: ContextSummary[]) => void>()
  private readonly watched = new WatchedFiles(() => this.reload())
  private embedded: readonly string[] = []
  private sources: readonly string[] = []

  /**
   * @param files kubeconfig files that kubectl reads; earlier ones win when a name clashes
   * @param embedded kubeconfigs of embedded clusters, which come first; they may appear later
   */
  constructor(
    private files: readonly string[],
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

  /** The files that kubectl reads are others: the person's own KUBECONFIG has become known. */
  readFiles(files: readonly string[]): void {
    const rest = this.sources.slice(this.embedded.length + this.files.length)
    this.files = files
    this.read(this.embedded, rest)
  }

  /** Stops watching. */
  close(): void {
    this.watched.watch(new Map())
    this.listeners.clear()
  }

  list(): ContextSummary[] {
    return [...this.entries.values()]
  }

  get(id: string): ContextSummary | undefined {
    return this.entries.get(id)
  }

  /** Tells the list now and after each change. */
  listen(listener: (contexts: ContextSummary[]) => void): () => void {
    this.listeners.add(listener)
    listener(this.list())
    return () => void this.listeners.delete(listener)
  }

  /** Reads what a connection to a context needs, from its files as they are now: credentials may have been rotated. */
  async load(id: string): Promise<ContextConfig> {
    const known = this.entries.get(id)
    if (!known) throw problem('NotFound', 'contextUnknown', { context: id })
    if (known.problem) throw new BackendError(known.problem)
    const files = known.files.map(readFile)
    const found = contextOf(configsOf(files), known.name)
    if (!found) throw problem('NotFound', 'contextGone', { context: known.name, file: known.source })
    return found
  }

  /** How many contexts come from a file or folder, and why there are none where a file cannot be read. */
  origin(source: string): { contexts: number; problem?: RpcError } {
    const files = new Set(filesOf(source))
    const unreadable = this.entries.get(source)?.problem
    if (unreadable !== undefined) return { contexts: 0, problem: unreadable }
    return { contexts: [...this.entries.values()].filter((e) => files.has(e.source)).length }
  }

  /** Reads all files again, and tells listeners if something differs. */
  reload(): void {
    const next = new Map<string, ContextSummary>()
    const stamps = new Map<string, string>()
    const stamp = (file: string): unknown => stamps.has(file) || stamps.set(file, stampNow(file))
    const read = new Map<string, ReadFile | undefined>()
    for (const source of this.sources) {
      stamp(source)
      for (const file of filesOf(source)) {
        stamp(file)
        // In a folder there may be other files: those that are no kubeconfigs are passed over.
        const found = readFile(file)
        if (!read.has(file) && (file === source || (found && 'config' in found))) read.set(file, found)
      }
    }
    const kubectl = configsOf(this.files.map((f) => read.get(f)))
    for (const [file, found] of read) {
      const embedded = this.embedded.includes(file)
      if (found && 'problem' in found) next.set(file, unreadable(file, embedded, found.problem))
      else if (found) for (const context of summaries(found.config, embedded, kubectl)) enter(next, context)
    }
    this.watched.watch(stamps)
    const before = JSON.stringify(this.list())
    this.entries = next
    if (JSON.stringify(this.list()) !== before) for (const l of this.listeners) l(this.list())
  }
}

/** Equal names are told apart by the file, also those that kubectl hides behind the first. */
function enter(all: Map<string, ContextSummary>, context: ContextSummary): void {
  const { name, source } = context
  const id = [name, `${name} (${path.basename(source)})`, `${name} (${source})`].find((i) => !all.has(i))
  if (id) all.set(id, { ...context, id })
}

const configsOf = (files: readonly (ReadFile | undefined)[]): Kubeconfig[] => files.flatMap((f) => (f && 'config' in f ? [f.config] : []))

/** Reads a file; nothing where there is none. */
function readFile(file: string): ReadFile | undefined {
  try {
    return { config: readKubeconfig(file) }
  } catch (error) {
    if (error instanceof BackendError) return { problem: error.rpc }
    const { code, linePos } = error as { code?: string; linePos?: { line: number }[] }
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined
    if (code === 'EACCES' || code === 'EPERM') return { problem: said('Kubeconfig', 'kubeconfigDenied', { file }) }
    const line = linePos?.[0]?.line
    return { problem: line ? said('Kubeconfig', 'kubeconfigNoYamlAt', { file, line }) : said('Kubeconfig', 'kubeconfigNoYaml', { file }) }
  }
}

/** A file that could not be read has an entry of its own, which says why. */
function unreadable(file: string, embedded: boolean, problem: RpcError): ContextSummary {
  const nothing = { cluster: '', user: '', namespace: '', server: '' }
  return { id: file, name: path.basename(file), embedded, ...nothing, source: file, files: [file], problem }
}

/**
 * The contexts of a file.
 * @param kubectl the files of KUBECONFIG, which are one to kubectl: a context of one may name a cluster of another
 */
function summaries(config: Kubeconfig, embedded: boolean, kubectl: readonly Kubeconfig[]): ContextSummary[] {
  const { file } = config
  return config.contexts.map(({ name, value }) => {
    const { cluster = '', user = '', namespace = '' } = value
    const order = precedence(config, name, kubectl)
    const meant = contextOf(order, name)!
    const files = order.map((c) => c.file)
    const server = meant.cluster.server ?? ''
    const users = order.map((c) => c.users)
    const wrong = !cluster
      ? said('Kubeconfig', 'contextWithoutCluster', { context: name })
      : !server
        ? said('Kubeconfig', 'contextWithoutServer', { cluster, context: name, files: files.join(', ') })
        : user && !firstNamed(users, user)
          ? said('Kubeconfig', 'contextWithoutUser', { user, context: name, files: files.join(', ') })
          : undefined
    const places = { cluster, user, namespace: namespace || 'default', server, source: file, files }
    const insecure = meant.cluster['insecure-skip-tls-verify'] ? { insecure: true as const } : {}
    const impersonated = meant.user.as ? { as: String(meant.user.as) } : {}
    const ofKubectl = kubectl.some((c) => c.file === file) ? { ofKubectl: true as const } : {}
    return { id: name, name, embedded, ...places, ...ofKubectl, ...insecure, ...impersonated, ...(wrong ? { problem: wrong } : {}) }
  })
}

/** The files that a context is read from, the first one wins. One that kubectl hides behind another of its name is read from its own first. */
function precedence(config: Kubeconfig, name: string, kubectl: readonly Kubeconfig[]): readonly Kubeconfig[] {
  const same = kubectl.findIndex((c) => c.file === config.file)
  if (same < 0) return [config]
  const first = kubectl.findIndex((c) => c.contexts.some((x) => x.name === name))
  return first === same ? kubectl : [config, ...kubectl.filter((c) => c.file !== config.file)]
}
