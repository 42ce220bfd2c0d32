/**
 * Kubeconfig files as kubectl reads them: paths are relative to the file that names them, and of several files in KUBECONFIG the first
 * that has a cluster, user or context of a name wins with the whole of it.
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
 */
import fs from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { problem } from '../errors.js'

/** A cluster of a kubeconfig, in its own words; files are absolute paths. */
export interface KubeconfigCluster {
  server?: string
  'certificate-authority'?: string
  'certificate-authority-data'?: string
  'insecure-skip-tls-verify'?: boolean
  'tls-server-name'?: string
  'proxy-url'?: string
  'disable-compression'?: boolean
  extensions?: { name?: string; extension?: unknown }[]
}

/** A credential plugin: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins */
export interface ExecPlugin {
  apiVersion?: string
  command?: string
  args?: string[]
  env?: { name: string; value: string }[]
  installHint?: string
  provideClusterInfo?: boolean
  interactiveMode?: 'Never' | 'IfAvailable' | 'Always'
}

/** A user of a kubeconfig, in its own words; files are absolute paths. */
export interface KubeconfigUser {
  'client-certificate'?: string
  'client-certificate-data'?: string
  'client-key'?: string
  'client-key-data'?: string
  token?: string
  tokenFile?: string
  username?: string
  password?: string
  as?: string
  'as-uid'?: string
  'as-groups'?: string[]
  'as-user-extra'?: Record<string, string[]>
  exec?: ExecPlugin
  'auth-provider'?: { name?: string; config?: Record<string, string> }
}

interface Named<T> {
  name: string
  value: T
}

/** One file. */
export interface Kubeconfig {
  file: string
  clusters: Named<KubeconfigCluster>[]
  users: Named<KubeconfigUser>[]
  contexts: Named<{ cluster?: string; user?: string; namespace?: string }>[]
}

/** All that a connection needs to know of one context. */
export interface ContextConfig {
  clusterName: string
  cluster: KubeconfigCluster
  userName: string
  user: KubeconfigUser
  /** The file that has the user: tokens that are renewed are written there, as kubectl does. Left out where they are not to be. */
  userFile?: string
}

/** The entries of a list that have a name, and what is under `field` of each; what is not as it should be is passed over. */
function named<T extends object>(list: unknown, field: string): Named<T>[] {
  if (!Array.isArray(list)) return []
  return (list as ({ name?: unknown } & Record<string, unknown>)[])
    .filter((e) => e && typeof e === 'object' && e.name !== undefined && e.name !== null && e.name !== '')
    .map((e) => ({ name: String(e.name), value: (e[field] && typeof e[field] === 'object' ? e[field] : {}) as T }))
}

/** Makes the paths in `fields` of an object absolute. */
function resolvePaths(of: object, fields: readonly string[], directory: string): void {
  const object = of as Record<string, unknown>
  for (const field of fields) {
    const value = object[field]
    if (typeof value === 'string' && value) object[field] = path.resolve(directory, value)
  }
}

/** Reads the text of a kubeconfig that is at `file`. Throws what the YAML parser throws. */
export function parseKubeconfig(text: string, file: string): Kubeconfig {
  const parsed: unknown = parse(text)
  const config = (parsed && typeof parsed === 'object' ? parsed : {}) as Record<string, unknown>
  const clusters = named<KubeconfigCluster>(config.clusters, 'cluster')
  const users = named<KubeconfigUser>(config.users, 'user')
  const directory = path.dirname(path.resolve(file))
  for (const { value } of clusters) resolvePaths(value, ['certificate-authority'], directory)
  for (const { value } of users) {
    resolvePaths(value, ['client-certificate', 'client-key', 'tokenFile'], directory)
    // A command without a separator is looked for on the PATH.
    if (value.exec?.command?.includes(path.sep)) resolvePaths(value.exec, ['command'], directory)
  }
  return { file, clusters, users, contexts: named(config.contexts, 'context') }
}

/** Reads a file. Throws what reading and parsing throw, and {@link problem} where it is written in UTF-16. */
export function readKubeconfig(file: string): Kubeconfig {
  const bytes = fs.readFileSync(file)
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw problem('Kubeconfig', 'kubeconfigUtf16', { file })
  return parseKubeconfig(bytes.toString('utf8'), file)
}

/** The first entry of a name in files that are in the order of their precedence. */
export function firstNamed<T>(lists: readonly Named<T>[][], name: string): T | undefined {
  for (const list of lists) {
    const found = list.find((e) => e.name === name)
    if (found) return found.value
  }
  return undefined
}

/**
 * What a context means when it is read from files in the order of their precedence; the first of them that has the context gives it.
 * A context may name no user: then it is anonymous.
 */
export function contextOf(files: readonly Kubeconfig[], name: string): ContextConfig | undefined {
  const context = firstNamed(
    files.map((f) => f.contexts),
    name,
  )
  if (!context) return undefined
  const { cluster = '', user = '' } = context
  const userFile = files.find((f) => f.users.some((u) => u.name === user))?.file
  return {
    clusterName: cluster,
    cluster:
      firstNamed(
        files.map((f) => f.clusters),
        cluster,
      ) ?? {},
    userName: user,
    user:
      firstNamed(
        files.map((f) => f.users),
        user,
      ) ?? {},
    ...(userFile ? { userFile } : {}),
  }
}
