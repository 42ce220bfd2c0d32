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

const failure = (plugin: ExecPlugin, why: SentenceCode, values: Record<string, string | number> = {}): BackendError =>
  problem('ExecPlugin', why, { plugin: plugin.command ?? '', ...values })

/** What is told to the plugin in KUBERNETES_EXEC_INFO. There is never a terminal to ask in. */
function execInfo(plugin: ExecPlugin, cluster: KubeconfigCluster): string {
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
    spec: { ...(plugin.provideClusterInfo ? { cluster: told } : {}), interactive: false },
  })
}

const fileAsBase64 = (file: string | undefined): string | undefined => (file ? fs.readFileSync(file).toString('base64') : undefined)

/** Told what a plugin has said so far on its standard error, while it runs. */
export type Tell = (said: string) => void

/** Runs a plugin. Rejects with a {@link BackendError} that names it and what it said, or how to get it where it is not installed. */
export async function runPlugin(plugin: ExecPlugin, cluster: KubeconfigCluster, tell: Tell = () => undefined): Promise<PluginCredential> {
  if (!plugin.command) throw problem('Kubeconfig', 'pluginWithoutCommand')
  if (!/^client\.authentication\.k8s\.io\/v1(alpha1|beta1)?$/.test(plugin.apiVersion ?? ''))
    throw failure(plugin, 'pluginVersion', { version: plugin.apiVersion ?? '' })
  if (plugin.interactiveMode && !MODES.includes(plugin.interactiveMode))
    throw failure(plugin, 'pluginMode', { mode: plugin.interactiveMode })
  if (plugin.interactiveMode === 'Always') throw failure(plugin, 'pluginInteractive')
  return credentialIn(await outputOf(plugin, execInfo(plugin, cluster), tell), plugin)
}

/** A plugin that is not there, with how to get it: one without a separator in its name was looked for on the PATH. */
function missing(plugin: ExecPlugin): BackendError {
  const hint = plugin.installHint?.trim()
  const onPath = !plugin.command!.includes(path.sep)
  if (hint) return failure(plugin, onPath ? 'pluginMissingHint' : 'pluginNotThereHint', { words: hint })
  return failure(plugin, onPath ? 'pluginMissing' : 'pluginNotThere')
}

function outputOf(plugin: ExecPlugin, info: string, tell: Tell): Promise<string> {
  const env: NodeJS.ProcessEnv = { ...process.env, KUBERNETES_EXEC_INFO: info }
  for (const { name, value } of plugin.env ?? []) env[name] = value
  return new Promise((resolve, reject) => {
    const child = spawn(plugin.command!, plugin.args ?? [], {
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
      if (said.trim()) reject(failure(plugin, 'pluginFailed', { words: said.trim() }))
      else reject(signal ? failure(plugin, 'pluginKilled', { signal }) : failure(plugin, 'pluginExited', { code: String(code) }))
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
    const of = JSON.stringify([plugin, plugin.provideClusterInfo ? cluster : null])
    if (this.kept?.of === of && (this.kept.given?.expires ?? Infinity) > Date.now()) return this.kept.credential
    const kept: Kept = { of, credential: runPlugin(plugin, cluster, this.tell) }
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
