/**
 * One opened context: its connection, its state, its kinds, and the watches that windows share. The state is the
 * truth about what a window shows: `live` only while the server answers, `stale` from the moment that it does not.
 */
import { setMaxListeners } from 'node:events'
import type { ContextConfig } from '../contexts/kubeconfig.js'
import { isConnectionError, toRpcError, problem } from '../errors.js'
import type { ConnectionState, KindInfo, RpcError } from '../rpc/contract.js'
import { ApiConnection } from './connection.js'
import type { PluginStart } from './credential-plugin.js'
import { KeptCredentials } from './credentials.js'
import { discoverKinds } from './discovery.js'
import { SharedWatches } from './shared-watch.js'
import { UsagePolls } from '../metrics/usage-polls.js'

/** How often a live server is asked whether it is still there, ms. */
const HEARTBEAT = 10_000
const HEARTBEAT_TIMEOUT = 5_000
const FIRST_RETRY = 500
const LAST_RETRY = 15_000
/** The longest wait after a credential plugin that took long to fail, ms. */
const PLUGIN_RETRY = 5 * 60_000
const KINDS_MAX_AGE = 30_000
/** What was lost this long ago, ms, is not about to come back: what is shown is then told to be offline. */
const OFFLINE_AFTER = 20_000

/** How patient a session is, ms; tests are less so. */
export interface Patience {
  heartbeat: number
  timeout: number
  offlineAfter: number
}
const usual: Patience = { heartbeat: HEARTBEAT, timeout: HEARTBEAT_TIMEOUT, offlineAfter: OFFLINE_AFTER }

export class Session {
  readonly watches: SharedWatches
  readonly usage: UsagePolls
  private connection: ApiConnection | undefined
  private kept = new KeptCredentials((said) => this.tell(said))
  private current: ConnectionState
  private readonly listeners = new Set<(state: ConnectionState) => void>()
  private liveWaiters: (() => void)[] = []
  private attempt: Promise<void> | undefined
  private retryTimer: NodeJS.Timeout | undefined
  private heartbeat: NodeJS.Timeout | undefined
  private retries = 0
  private kindsCache: { at: number; kinds: Promise<KindInfo[]> } | undefined
  private closed = false
  private lifeline = new AbortController()
  /** Since when what is shown is not the truth any more. */
  private lostAt: number | undefined

  /** @param load reads the kubeconfig anew, for each attempt to connect */
  constructor(
    readonly context: string,
    private readonly load: () => Promise<ContextConfig>,
    private readonly patience: Patience = usual,
  ) {
    this.current = { context, phase: 'idle', since: Date.now() }
    this.watches = new SharedWatches(this)
    this.usage = new UsagePolls(this)
  }

  get state(): ConnectionState {
    return this.current
  }

  /** Tells the state now and after each change. */
  listen(listener: (state: ConnectionState) => void): () => void {
    this.listeners.add(listener)
    listener(this.current)
    return () => void this.listeners.delete(listener)
  }

  /** Aborts when the connection is lost. Streams end with it: behind a network that changed, theirs would stay silent for ever. */
  get untilLost(): AbortSignal {
    return this.lifeline.signal
  }

  /** The connection; connects first if need be. Rejects with the reason when the server cannot be had. */
  async api(): Promise<ApiConnection> {
    if (!this.connection || this.current.phase === 'failed' || this.current.phase === 'idle') await this.connect(true)
    return this.connection!
  }

  /** Connects now, whatever the state. Concurrent calls share one attempt. `quietly`: nobody asked, so that a failure stays told meanwhile. */
  connect(quietly = false): Promise<void> {
    if (this.closed) return Promise.reject(problem('Internal', 'closed'))
    this.attempt ??= this.tryConnect(quietly).finally(() => (this.attempt = undefined))
    return this.attempt
  }

  /**
   * Has a person log in at the identity provider of the context, and connects with what it gave. Rejects with why not.
   * @param tell told the address of the page to log in at
   */
  async logIn(tell: (url: string) => void, signal: AbortSignal): Promise<void> {
    const config = await this.load()
    await this.kept.providers.logIn(config.user['auth-provider'], config, tell, signal)
    await this.connect()
  }

  /**
   * Has the credential plugin of the context ask the person, and connects with what it gave. Rejects with why not.
   * @param run runs it in a terminal, and gives what it printed on its standard output
   */
  async askPlugin(run: (start: PluginStart) => Promise<string>): Promise<void> {
    const { user, cluster } = await this.load()
    if (!user.exec) throw problem('Invalid', 'pluginNone')
    await this.kept.plugins.ask(user.exec, cluster, run)
    await this.connect()
  }

  /** The means to connect are others than before: connects anew, and what used the connection follows. */
  renew(): void {
    if (this.closed || this.current.phase === 'idle') return
    const under = this.attempt ?? Promise.resolve()
    void under
      .catch(() => undefined)
      .then(() => {
        this.lifeline.abort()
        this.set({ phase: 'connecting' })
        return this.connect()
      })
      .catch(() => undefined)
  }

  /** Something that used the connection failed; decides whether the connection is lost. */
  report(error: unknown): void {
    if (this.closed || !endsSession(error)) return
    if (this.current.phase === 'live') this.lose(toRpcError(error))
  }

  /** Resolves when the server answers again (at once when it does). Rejects when the signal aborts. */
  whenLive(signal: AbortSignal): Promise<void> {
    if (this.current.phase === 'live') return Promise.resolve()
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(problem('Timeout', 'cancelled'))
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      this.liveWaiters.push(() => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      })
    })
  }

  /** The kinds that the server has, by discovery; kept for half a minute unless they are to be `fresh`. */
  kinds(fresh = false): Promise<KindInfo[]> {
    if (fresh || !this.kindsCache || Date.now() - this.kindsCache.at > KINDS_MAX_AGE) {
      const kinds = this.api().then(discoverKinds)
      this.kindsCache = { at: Date.now(), kinds }
      kinds.catch(() => (this.kindsCache = undefined))
    }
    return this.kindsCache.kinds
  }

  /** The machine has slept, or its network may be another: looks at once whether the server is there, instead of when it is next due. */
  wake(): void {
    if (this.closed || this.current.phase === 'idle') return
    this.retries = 0
    if (this.current.phase === 'live') this.beat()
    else void this.connect(true).catch(() => undefined)
  }

  /** Ends all watches and forgets the credentials. */
  close(): void {
    this.closed = true
    clearTimeout(this.retryTimer)
    clearTimeout(this.heartbeat)
    this.lifeline.abort()
    this.watches.close()
    this.usage.close()
    this.connection = undefined
    this.kept = new KeptCredentials()
    this.set({ phase: 'idle' })
    this.listeners.clear()
  }

  private async tryConnect(quietly: boolean): Promise<void> {
    clearTimeout(this.retryTimer)
    const began = Date.now()
    if (this.current.phase !== 'stale' && !(quietly && this.current.phase === 'failed')) this.set({ phase: 'connecting' })
    try {
      const connection = new ApiConnection(await this.load(), this.kept)
      const version = await connection.json<{ gitVersion?: string }>('/version', { timeout: this.patience.timeout })
      this.connection = connection
      this.lifeline = new AbortController()
      setMaxListeners(0, this.lifeline.signal)
      this.lostAt = undefined
      this.retries = 0
      this.kindsCache = undefined
      this.set({ phase: 'live', ...(version.gitVersion ? { version: version.gitVersion } : {}) })
      for (const w of this.liveWaiters.splice(0)) w()
      this.scheduleHeartbeat()
    } catch (error) {
      if (this.closed) throw error
      const stale = this.lostAt !== undefined && Date.now() - this.lostAt < this.patience.offlineAfter
      const told = toRpcError(error)
      // A plugin that took its time has asked somebody to log in: they are not to be asked again and again.
      const least = ['ExecPlugin', 'PluginAsks'].includes(told.reason) ? Math.min(PLUGIN_RETRY, 10 * (Date.now() - began)) : 0
      this.set({ phase: stale ? 'stale' : 'failed', error: told, retryAt: this.scheduleRetry(least) })
      throw error
    }
  }

  /** What a credential plugin says is told until the attempt to connect ends. */
  private tell(said: string): void {
    if (!this.closed && this.current.phase !== 'live') this.set({ ...this.current, said })
  }

  private lose(error: RpcError): void {
    clearTimeout(this.heartbeat)
    this.lostAt = Date.now()
    this.set({ phase: 'stale', error, retryAt: this.scheduleRetry() })
    this.lifeline.abort()
  }

  /** @param least ms that it waits at least */
  private scheduleRetry(least = 0): number {
    clearTimeout(this.retryTimer)
    const wait = Math.max(least, Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.retries++))
    this.retryTimer = setTimeout(() => this.connect(true).catch(() => undefined), wait)
    this.retryTimer.unref()
    return Date.now() + wait
  }

  private scheduleHeartbeat(): void {
    clearTimeout(this.heartbeat)
    this.heartbeat = setTimeout(() => this.beat(), this.patience.heartbeat)
    this.heartbeat.unref()
  }

  private beat(): void {
    clearTimeout(this.heartbeat)
    const again = (): void => {
      if (this.current.phase === 'live') this.scheduleHeartbeat()
    }
    this.connection?.text('/version', { timeout: this.patience.timeout }).then(again, (error: unknown) => {
      this.report(error)
      again()
    })
  }

  private set(change: Pick<ConnectionState, 'phase'> & Partial<ConnectionState>): void {
    const before = this.current.phase
    // A connection that was lost is not lost anew when it is given up.
    const goesOn = change.phase === before || (change.phase === 'failed' && before === 'stale')
    const since = goesOn ? this.current.since : Date.now()
    const version = change.version ?? this.current.version
    this.current = { context: this.context, ...change, since, ...(version ? { version } : {}) }
    for (const l of this.listeners) l(this.current)
  }
}

/**
 * Whether an error means that nothing more can be had with this connection: the server is out of reach, does not know the user any more,
 * or there are no credentials to go there with.
 */
function endsSession(error: unknown): boolean {
  const { reason, code } = toRpcError(error)
  return isConnectionError(error) || code === 401 || ['ExecPlugin', 'PluginAsks', 'Kubeconfig', 'Login', 'Unauthorized'].includes(reason)
}
