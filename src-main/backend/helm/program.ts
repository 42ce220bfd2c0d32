/**
 * The person's own helm: found as their login shell finds it, and run with a KUBECONFIG for one context. Helm's engine, which renders
 * templates, runs hooks and writes releases, is Helm's alone.
 */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { BackendError, problem } from '../errors.js'
import { environment, environmentOn, terminalKubeconfig } from '../exec/local-terminals.js'
import { OwnFolders, ownFile, removeFolder } from '../exec/own-folders.js'
import { ask, findProgram, type OwnProgram } from '../exec/own-program.js'
import type { ContextSummary, HelmProgram } from '../rpc/contract.js'

/** How long helm may take to render or to describe a chart, ms: it may have to be downloaded. */
const ANSWER_TIMEOUT = 120_000
const MOST_ANSWER = 64 * 1024 * 1024
/** Between asking helm to end and ending it, ms. */
const GRACE = 10_000

/** A line of what helm says. */
export interface HelmOutput {
  text: string
  from: 'stdout' | 'stderr'
}

interface Found extends OwnProgram {
  version: string
}

export class HelmBinary {
  private found: Promise<Found | undefined> | undefined
  private readonly folders: OwnFolders

  /** @param data the app's data directory; what an earlier run left of values that were being used is removed */
  constructor(data: string) {
    this.folders = new OwnFolders(data, 'helm')
  }

  /** Where it is and which it is; nothing when there is none. */
  async program(again = false): Promise<HelmProgram> {
    const found = await this.find(again)
    return found ? { path: found.file, version: found.version } : {}
  }

  private find(again = false): Promise<Found | undefined> {
    if (again) this.found = undefined
    this.found ??= this.look()
    return this.found
  }

  private async look(): Promise<Found | undefined> {
    const found = await findProgram('helm')
    const version = found && (await ask(found.file, ['version', '--template', '{{.Version}}'], { ...environment(), PATH: found.path }))
    return version === undefined ? undefined : { ...found!, version: version.trim() }
  }

  /**
   * Runs helm and tells each line as it comes; gives its exit code. Rejects with `NoHelm` when there is none.
   * @param args given the path of a file with `values`, when there are some
   */
  async run(
    context: ContextSummary | undefined,
    args: (values: string) => string[],
    o: { values?: string; signal?: AbortSignal; onLine(line: HelmOutput): void },
  ): Promise<number | null> {
    const found = await this.find()
    if (!found) throw problem('NoHelm', 'helmMissing')
    const own = this.folders.make()
    try {
      const env: Record<string, string> = { ...environmentOn(context ?? {}), PATH: found.path, NO_COLOR: '1' }
      if (context) env.KUBECONFIG = [ownFile(own, 'kubeconfig', terminalKubeconfig(context)), ...context.files].join(path.delimiter)
      const words = args(o.values === undefined ? '' : ownFile(own, 'values.yaml', o.values))
      return await new Promise<number | null>((resolve, reject) => {
        const child = spawn(found.file, words, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
        let kill: NodeJS.Timeout | undefined
        const stop = (): void => {
          // Helm marks a release that was interrupted as failed, if it has the time.
          child.kill('SIGINT')
          kill = setTimeout(() => child.kill('SIGKILL'), GRACE)
        }
        o.signal?.addEventListener('abort', stop, { once: true })
        if (o.signal?.aborted) stop()
        for (const from of ['stdout', 'stderr'] as const) {
          let rest = ''
          child[from].setEncoding('utf8')
          child[from].on('data', (chunk: string) => {
            const lines = (rest + chunk).split('\n')
            rest = lines.pop()!
            for (const text of lines) o.onLine({ text, from })
          })
          child[from].on('end', () => rest && o.onLine({ text: rest, from }))
        }
        child.on('error', reject)
        child.on('close', (code) => {
          clearTimeout(kill)
          o.signal?.removeEventListener('abort', stop)
          resolve(code)
        })
      })
    } finally {
      removeFolder(own)
    }
  }

  /** What helm prints. Rejects with what it said on standard error when it fails, in its own words. */
  async answer(context: ContextSummary | undefined, args: (values: string) => string[], values?: string): Promise<string> {
    const out: string[] = []
    const said: string[] = []
    let size = 0
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), ANSWER_TIMEOUT)
    try {
      const code = await this.run(context, args, {
        ...(values === undefined ? {} : { values }),
        signal: abort.signal,
        onLine: ({ text, from }) => {
          size += text.length
          if (size > MOST_ANSWER) abort.abort()
          else (from === 'stdout' ? out : said).push(text)
        },
      })
      if (abort.signal.aborted) throw problem('Timeout', 'helmSilent')
      if (code !== 0) throw helmError(code, said)
    } finally {
      clearTimeout(timer)
    }
    return out.join('\n')
  }

  close(): void {
    this.folders.removeAll()
  }
}

/** What helm said when it failed, without the word before it and without what is no more than a warning. */
export function helmError(code: number | null, said: readonly string[]): BackendError {
  const at = said.findIndex((l) => l.startsWith('Error: '))
  const message = (at < 0 ? said : said.slice(at)).join('\n').replace(/^Error: /, '')
  return message ? new BackendError({ reason: 'Helm', message }) : problem('Helm', 'helmEnded', { code: code ?? 'a signal' })
}
