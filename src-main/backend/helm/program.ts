/**
 * The person's own helm: found as their login shell finds it, and run with a KUBECONFIG for one context. Helm's engine, which renders
 * templates, runs hooks and writes releases, is Helm's alone.
 */
import { execFile, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { BackendError, problem } from '../errors.js'
import { environment, terminalKubeconfig } from '../exec/local-terminals.js'
import { loginShell } from '../exec/login-shell.js'
import type { ContextSummary, HelmProgram } from '../rpc/contract.js'

/** How long the login shell may take to say where helm is, ms. */
const LOOKUP_TIMEOUT = 15_000
/** How long helm may take to render or to describe a chart, ms: it may have to be downloaded. */
const ANSWER_TIMEOUT = 120_000
const MOST_ANSWER = 64 * 1024 * 1024
/** Between asking helm to end and ending it, ms. */
const GRACE = 10_000
const MARK = 'drydock-path='

/** A line of what helm says. */
export interface HelmOutput {
  text: string
  from: 'stdout' | 'stderr'
}

interface Found {
  file: string
  /** The PATH of the login shell: plugins and credential helpers are looked for there too. */
  path: string
  version: string
}

/** What a login shell says of helm, as {@link ASK} has it say so. */
export function foundIn(answer: string): Omit<Found, 'version'> | undefined {
  const lines = answer.split(/\r?\n/)
  const at = lines.findIndex((l) => l.startsWith(MARK))
  const file = lines[at - 1]?.trim()
  return at > 0 && file && path.isAbsolute(file) ? { file, path: lines[at]!.slice(MARK.length) } : undefined
}

/** Says where helm is, after whatever the profile prints. Read alike by POSIX shells and fish. */
const ASK = `command -v helm && echo "${MARK}$PATH"`

function ask(file: string, args: string[], env: Record<string, string>, timeout: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout, maxBuffer: 1024 * 1024 }, (error, stdout) => resolve(error ? undefined : stdout)).stdin?.end()
  })
}

export class HelmBinary {
  private found: Promise<Found | undefined> | undefined
  private readonly directory: string

  /** @param data the app's data directory; what an earlier run left of values that were being used is removed */
  constructor(data: string) {
    this.directory = path.join(data, 'helm')
    fs.rmSync(this.directory, { recursive: true, force: true })
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
    const env = environment()
    const windows = process.platform === 'win32'
    const answer = windows
      ? await ask('where', ['helm'], env, LOOKUP_TIMEOUT)
      : await ask(loginShell(), ['-l', '-c', ASK], env, LOOKUP_TIMEOUT)
    const found = windows ? { file: answer?.split(/\r?\n/)[0]?.trim() ?? '', path: env.PATH ?? '' } : foundIn(answer ?? '')
    if (!found?.file) return undefined
    const version = await ask(found.file, ['version', '--template', '{{.Version}}'], { ...env, PATH: found.path }, LOOKUP_TIMEOUT)
    return version === undefined ? undefined : { ...found, version: version.trim() }
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
    fs.mkdirSync(this.directory, { recursive: true, mode: 0o700 })
    const own = fs.mkdtempSync(path.join(this.directory, 'run-'))
    const write = (name: string, text: string): string => {
      const file = path.join(own, name)
      fs.writeFileSync(file, text, { mode: 0o600 })
      return file
    }
    try {
      const env: Record<string, string> = { ...environment(), PATH: found.path, NO_COLOR: '1' }
      if (context) env.KUBECONFIG = [write('kubeconfig', terminalKubeconfig(context)), ...context.files].join(path.delimiter)
      const words = args(o.values === undefined ? '' : write('values.yaml', o.values))
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
      fs.rmSync(own, { recursive: true, force: true })
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
    fs.rmSync(this.directory, { recursive: true, force: true })
  }
}

/** What helm said when it failed, without the word before it and without what is no more than a warning. */
export function helmError(code: number | null, said: readonly string[]): BackendError {
  const at = said.findIndex((l) => l.startsWith('Error: '))
  const message = (at < 0 ? said : said.slice(at)).join('\n').replace(/^Error: /, '')
  return message ? new BackendError({ reason: 'Helm', message }) : problem('Helm', 'helmEnded', { code: code ?? 'a signal' })
}
