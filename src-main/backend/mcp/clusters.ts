/**
 * The clusters as an assistant's tools reach them: the contexts that Drydock knows, each connected when a tool first asks for it, with
 * the protection that the person chose in the window. What is chosen there while this runs holds at once.
 */
import fs from 'node:fs'
import path from 'node:path'
import { clusterKubeconfig } from '../../directories.js'
import { ContextCatalogue, kubeconfigFiles } from '../contexts/catalogue.js'
import { pastedFolder } from '../contexts/sources.js'
import { BackendError, problem, toRpcError } from '../errors.js'
import { Kubectl } from '../exec/kubectl.js'
import type { ContextSummary, ObjectRef, Settings } from '../rpc/contract.js'
import { refuseReadOnly } from '../session/protection.js'
import type { Session } from '../session/session.js'
import { Sessions } from '../session/sessions.js'

/** What nobody asked about for this long, ms, is disconnected: an assistant may stay open for days. */
const IDLE = 5 * 60_000

export interface ClustersOptions {
  /** The app's data directory. */
  data: string
  /** The contexts that may be used; all when left out. */
  contexts?: readonly string[]
  /** The person allows changes at all. */
  allowWrites: boolean
  /** Kubeconfig files; kubectl's own by default. */
  kubeconfigs?: readonly string[]
  /** Resolves when `process.env` has what the person's own terminal has. */
  environment?: Promise<void>
}

/** A context and whether it may be changed. */
export interface OfferedContext extends ContextSummary {
  /** Why nothing may be changed; left out where it may. */
  closed?: string
}

export class Clusters {
  private readonly catalogue: ContextCatalogue
  private readonly sessions: Sessions
  private readonly kubectl: Kubectl
  private readonly folder: string
  private readonly inUse = new Map<string, number>()
  private readonly idle = new Map<string, NodeJS.Timeout>()

  constructor(private readonly options: ClustersOptions) {
    const { data, kubeconfigs, environment } = options
    this.catalogue = new ContextCatalogue(kubeconfigs ?? kubeconfigFiles(), undefined)
    this.sessions = new Sessions(this.catalogue, () => this.settings(), environment)
    // The window, and other assistants, have folders of their own.
    this.folder = path.join(data, 'assistants', String(process.pid))
    this.kubectl = new Kubectl(this.folder)
  }

  get allowWrites(): boolean {
    return this.options.allowWrites
  }

  /** The contexts that may be used, as the kubeconfigs are now. */
  async list(): Promise<OfferedContext[]> {
    await this.read()
    return this.catalogue
      .list()
      .filter((c) => this.isOffered(c.id))
      .map((c) => {
        const closed = this.closedBecause(c.id)
        return closed ? { ...c, closed } : c
      })
  }

  /**
   * Does something in a context's session. A connection that fails is given up, not tried again until a tool asks anew.
   * Rejects with `NotFound` for a context that may not be used.
   */
  async use<T>(context: string, act: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.session(context)
    clearTimeout(this.idle.get(context))
    this.inUse.set(context, (this.inUse.get(context) ?? 0) + 1)
    try {
      return await act(session)
    } catch (error) {
      const { message, reason } = toRpcError(error)
      if (reason !== 'Refused' || !this.sessions.known(context).embedded) throw error
      throw new BackendError({ reason, message: `${message} The embedded cluster "${context}" runs only while Drydock does.` })
    } finally {
      const users = this.inUse.get(context)! - 1
      this.inUse.set(context, users)
      if (users === 0) {
        if (session.state.phase !== 'live') this.sessions.close(context)
        else this.idle.set(context, setTimeout(() => this.sessions.close(context), IDLE).unref())
      }
    }
  }

  /** As {@link use}, for what changes something: rejects with `ReadOnly` where that is not allowed. */
  async change<T>(context: string, act: (session: Session) => Promise<T>): Promise<T> {
    await this.session(context)
    const closed = this.closedBecause(context)
    if (closed) throw new BackendError({ reason: 'ReadOnly', message: closed })
    return this.use(context, act)
  }

  /** The text of `kubectl describe` of the person's own kubectl. */
  async describe(context: string, ref: ObjectRef): Promise<string> {
    await this.options.environment
    return this.kubectl.describe(this.sessions.known(context), ref)
  }

  /** The namespace that a context's kubeconfig chooses. */
  namespaceOf(context: string): string {
    return this.sessions.known(context).namespace || 'default'
  }

  close(): void {
    for (const timer of this.idle.values()) clearTimeout(timer)
    this.sessions.closeAll()
    this.catalogue.close()
    fs.rmSync(this.folder, { recursive: true, force: true })
  }

  private async session(context: string): Promise<Session> {
    if (!this.catalogue.get(context)) await this.read()
    if (!this.isOffered(context)) throw problem('NotFound', 'contextUnknown', { context })
    return this.sessions.of(context)
  }

  /** Those that the person named, or all but those that the window does not show. */
  private isOffered(context: string): boolean {
    const { contexts } = this.options
    return contexts ? contexts.includes(context) : !this.settings().clusters?.[context]?.hidden
  }

  private closedBecause(context: string): string | undefined {
    if (!this.options.allowWrites) return 'Changes are not allowed: Drydock was started for this assistant without --allow-writes.'
    let settings: Settings
    try {
      settings = this.settings()
      refuseReadOnly(settings, context)
    } catch (error) {
      return (error as Error).message
    }
    if (settings.clusters?.[context]?.protection === 'confirm')
      return `The context "${context}" is guarded in Drydock: each change is to be confirmed in its window, which an assistant cannot do.`
    return undefined
  }

  /** Reads the kubeconfigs of the embedded clusters and of the person. */
  private async read(): Promise<void> {
    const { data, kubeconfigs, environment } = this.options
    if (!kubeconfigs) {
      await environment
      this.catalogue.readFiles(kubeconfigFiles())
    }
    this.catalogue.read(
      embeddedNames(data).map((name) => clusterKubeconfig(data, name)),
      [...(this.settings().kubeconfigs ?? []), pastedFolder(data)],
    )
  }

  /** What the person chose, as it is now. Throws when it cannot be read: what is protected is not known then. */
  private settings(): Settings {
    const file = path.join(this.options.data, 'settings.json')
    const none: Settings = { theme: 'system', language: 'system', places: {}, columns: {}, layout: {} }
    let text: string
    try {
      text = fs.readFileSync(file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return none
      throw new BackendError({ reason: 'Internal', message: `The settings of Drydock cannot be read: ${(error as Error).message}` })
    }
    try {
      return { ...none, ...(JSON.parse(text) as Partial<Settings>) }
    } catch {
      throw new BackendError({ reason: 'Internal', message: `The settings of Drydock in ${file} are damaged.` })
    }
  }
}

/** The embedded clusters of a data directory, running or not. */
function embeddedNames(data: string): string[] {
  const folder = path.join(data, 'clusters')
  return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : []
}
