/** The sessions of all contexts that were opened, one each, with what a person chose for a context. */
import type { ContextCatalogue } from '../contexts/catalogue.js'
import { problem } from '../errors.js'
import type { ContextSummary, Settings } from '../rpc/contract.js'
import { Session } from './session.js'

export class Sessions {
  private readonly open = new Map<string, Session>()

  /** @param environment resolves when `process.env` has what the person's own terminal has */
  constructor(
    private readonly catalogue: ContextCatalogue,
    private readonly settings: () => Pick<Settings, 'clusters' | 'writeTokens'>,
    private readonly environment?: Promise<void>,
  ) {}

  /** The proxy that a person chose for a context. */
  proxyOf(context: string): string | undefined {
    return this.settings().clusters?.[context]?.proxy?.trim() || undefined
  }

  /** A context as the kubeconfigs have it. Throws `NotFound` when there is none of the name. */
  known(context: string): ContextSummary {
    const summary = this.catalogue.get(context)
    if (!summary) throw problem('NotFound', 'contextUnknown', { context })
    const proxy = this.proxyOf(context)
    return proxy ? { ...summary, proxy } : summary
  }

  /** The session of a context, which connects when it is first used. Throws `NotFound` when there is no such context. */
  of(context: string): Session {
    let s = this.open.get(context)
    if (!s) {
      const { embedded: own } = this.known(context)
      // Credential plugins and proxies are found in the environment; an embedded cluster needs neither.
      s = new Session(context, async () => {
        if (!own) await this.environment
        const config = await this.catalogue.load(context)
        if (this.settings().writeTokens === false) delete config.userFile
        const proxy = own ? undefined : this.proxyOf(context)
        return proxy ? { ...config, cluster: { ...config.cluster, 'proxy-url': proxy } } : config
      })
      this.open.set(context, s)
    }
    return s
  }

  /** The session of a context, if it was opened. */
  opened(context: string): Session | undefined {
    return this.open.get(context)
  }

  /** All that were opened. */
  all(): [context: string, session: Session][] {
    return [...this.open]
  }

  /** Ends the session of a context, if it was opened. */
  close(context: string): void {
    this.open.get(context)?.close()
    this.open.delete(context)
  }

  closeAll(): void {
    for (const [context] of this.all()) this.close(context)
  }
}
