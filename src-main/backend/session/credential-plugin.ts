/**
 * Credential plugins: programs that a kubeconfig names to get a token or a client certificate from, run as client-go runs them.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { ExecPlugin, KubeconfigCluster } from '../contexts/kubeconfig.js'
import type { SentenceCode } from '../sentences.js'
import { BackendError, problem } from '../errors.js'

/** What a plugin gave. */
export interface PluginCredential {
  token?: string
  clientCertificateData?: string
  clientKeyData?: string
  /** When it is not to be used any more, ms since the epoch. */
  expires?: number
}

/** How long a plugin may take, ms: a person may have to log in with a browser meanwhile. */
const PATIENCE = 5 * 60_000
const MODES: readonly string[] = ['Never', 'IfAvailable', 'Always']
const MOST_OUTPUT = 1024 * 1024
/** The extension of a cluster that its plugin is given. */
const CLUSTER_CONFIG = 'client.authentication.k8s.io/exec'

const failure = (
  plugin: ExecPlugin,
  why: SentenceCode,
  values: Record<string, string | number> = {},
  reason = 'ExecPlugin',
): BackendError => problem(reason, why, { plugin: plugin.command ?? '', ...values })

/** The reason of a failure that a terminal may help with, in which the plugin can ask: older versions of the API know no other mode. */
const reasonOf = ({ interactiveMode = 'IfAvailable' }: ExecPlugin): string => (interactiveMode === 'Never' ? 'ExecPlugin' : 'PluginAsks')

/** What is told to the plugin in KUBERNETES_EXEC_INFO. @param interactive whether there is a terminal to ask in */
function execInfo(plugin: ExecPlugin, cluster: KubeconfigCluster, interactive: boolean): string {
  const authority = cluster['certificate-authority-data'] ?? fileAsBase64(cluster['certificate-authority'])
  const config = cluster.extensions?.find((e) => e.name === CLUSTER_CONFIG)?.extension
  const told = {
    server: cluster.server,
    ...(cluster['tls-server-name'] ? { 'tls-server-name': cluster['tls-server-name'] } : {}),
    ...(cluster['insecure-skip-tls-verify'] ? { 'insecure-skip-tls-verify': true } : {}),
    ...(authority ? { 'certificate-authority-data': authority } : {}),
    ...(cluster['proxy-url'] ? { 'proxy-url': cluster['proxy-url'] } : {}),
    ...(config === undefined ? {} : { config }),
  }
  return JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: plugin.apiVersion,
    spec: { ...(plugin.provideClusterInfo ? { cluster: told } : {}), interactive },
  })
}

const fileAsBase64 = (file: string | undefined): string | undefined => (file ? fs.readFileSync(file).toString('base64') : undefined)

/** Told what a plugin has said so far on its standard error, while it runs. */
export type Tell = (said: string) => void

/** How a plugin is started. */
export interface PluginStart {
  command: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  /** What is told where its program is not there. */
  missing(): BackendError
}

/** Makes sure that the kubeconfig says how to run a plugin. */
function startOf(plugin: ExecPlugin, cluster: KubeconfigCluster, interactive: boolean): PluginStart {
  if (!plugin.command) throw problem('Kubeconfig', 'pluginWithoutCommand')
  if (!/^client\.authentication\.k8s\.io\/v1(beta1)?$/.test(plugin.apiVersion ?? ''))
    throw failure(plugin, 'pluginVersion', { version: plugin.apiVersion ?? '' })
  if (plugin.interactiveMode && !MODES.includes(plugin.interactiveMode))
    throw failure(plugin, 'pluginMode', { mode: plugin.interactiveMode })
  const env: NodeJS.ProcessEnv = { ...process.env, KUBERNETES_EXEC_INFO: execInfo(plugin, cluster, interactive) }
  for (const { name, value } of plugin.env ?? []) env[name] = value
  return { command: plugin.command, args: plugin.args ?? [], env, missing: () => missing(plugin) }
}

/** Runs a plugin. Rejects with a {@link BackendError} that names it and what it said, or how to get it where it is not installed. */
export async function runPlugin(plugin: ExecPlugin, cluster: KubeconfigCluster, tell: Tell = () => undefined): Promise<PluginCredential> {
  const start = startOf(plugin, cluster, false)
  if (plugin.interactiveMode === 'Always') throw failure(plugin, 'pluginInteractive', {}, reasonOf(plugin))
  return credentialIn(await outputOf(plugin, start, tell), plugin)
}

/** A plugin that is not there, with how to get it: one without a separator in its name was looked for on the PATH. */
function missing(plugin: ExecPlugin): BackendError {
  const hint = plugin.installHint?.trim()
  const onPath = !plugin.command!.includes(path.sep)
  if (hint) return failure(plugin, onPath ? 'pluginMissingHint' : 'pluginNotThereHint', { words: hint })
  return failure(plugin, onPath ? 'pluginMissing' : 'pluginNotThere')
}

function outputOf(plugin: ExecPlugin, { command, args, env }: PluginStart, tell: Tell): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      timeout: PATIENCE,
    })
    let out = ''
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      if (out.length > MOST_OUTPUT) child.kill()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4096)
      tell(said.trim())
    })
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') reject(missing(plugin))
      else reject(error.code === 'EACCES' ? failure(plugin, 'pluginDenied') : failure(plugin, 'pluginFailed', { words: error.message }))
    })
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(out)
      if (said.trim()) reject(failure(plugin, 'pluginFailed', { words: said.trim() }, reasonOf(plugin)))
      else if (signal) reject(failure(plugin, 'pluginKilled', { signal }))
      else reject(failure(plugin, 'pluginExited', { code: String(code) }, reasonOf(plugin)))
    })
  })
}

/** Reads the ExecCredential that a plugin printed, as strictly as client-go does. */
function credentialIn(output: string, plugin: ExecPlugin): PluginCredential {
  let printed: { kind?: string; apiVersion?: string; status?: Record<string, string> } | null
  try {
    printed = JSON.parse(output) as typeof printed
  } catch {
    throw failure(plugin, 'pluginPrinted')
  }
  if (printed?.kind !== 'ExecCredential') throw failure(plugin, 'pluginPrinted')
  if (printed.apiVersion !== plugin.apiVersion)
    throw failure(plugin, 'pluginOtherVersion', { version: plugin.apiVersion!, returned: String(printed.apiVersion) })
  const { status } = printed
  if (!status) throw failure(plugin, 'pluginNoStatus')
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = status
  if (!token && !clientCertificateData && !clientKeyData) throw failure(plugin, 'pluginNothing')
  if (!clientCertificateData !== !clientKeyData) throw failure(plugin, 'pluginHalf')
  const expires = Date.parse(expirationTimestamp ?? '')
  return {
    ...(token ? { token } : {}),
    ...(clientCertificateData && clientKeyData ? { clientCertificateData, clientKeyData } : {}),
    ...(Number.isNaN(expires) ? {} : { expires }),
  }
}

/** What a plugin's credential depends on. */
const keyOf = (plugin: ExecPlugin, cluster: KubeconfigCluster): string =>
  JSON.stringify([plugin, plugin.provideClusterInfo ? cluster : null])

interface Kept {
  /** What the kubeconfig said of the plugin when it was run. */
  of: string
  credential: Promise<PluginCredential>
  /** What it resolved to. */
  given?: PluginCredential
}

/** What the plugin of a context gave, kept until it expires or is not accepted any more; however many ask, it runs once. */
export class PluginCredentials {
  private kept: Kept | undefined

  /** @param tell told what the plugin says: it may have to be done before it goes on, as to log in somewhere */
  constructor(private readonly tell?: Tell) {}

  /** The credential; runs the plugin where there is none, or where the kubeconfig names it differently now. */
  get(plugin: ExecPlugin, cluster: KubeconfigCluster): Promise<PluginCredential> {
    const of = keyOf(plugin, cluster)
    if (this.kept?.of === of && (this.kept.given?.expires ?? Infinity) > Date.now()) return this.kept.credential
    return this.keep(of, runPlugin(plugin, cluster, this.tell))
  }

  /**
   * Has the plugin ask the person in a terminal; who needs the credential meanwhile waits for it. Rejects as {@link runPlugin} does.
   * @param run runs it there, and gives what it printed on its standard output
   */
  async ask(plugin: ExecPlugin, cluster: KubeconfigCluster, run: (start: PluginStart) => Promise<string>): Promise<void> {
    const start = startOf(plugin, cluster, true)
    await this.keep(
      keyOf(plugin, cluster),
      run(start).then((printed) => credentialIn(printed, plugin)),
    )
  }

  private keep(of: string, credential: Promise<PluginCredential>): Promise<PluginCredential> {
    const kept: Kept = { of, credential }
    this.kept = kept
    kept.credential.then(
      (given) => (kept.given = given),
      () => {
        if (this.kept === kept) this.kept = undefined
      },
    )
    return kept.credential
  }

  /** The server did not accept a credential: the next one is made anew, unless it has been already. */
  refuse(credential: PluginCredential): void {
    if (this.kept?.given === credential) this.kept = undefined
  }
}
