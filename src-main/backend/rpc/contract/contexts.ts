/** Kubeconfig contexts, where they come from, and whether what is shown of one is the truth. */
import type { RpcError } from './errors.js'

/** One kubeconfig context. */
export interface ContextSummary {
  /** Unique over all kubeconfig files: the context's name, with the file's name added where two clash. */
  id: string
  name: string
  /** The embedded cluster's own context. */
  embedded: boolean
  cluster: string
  user: string
  namespace: string
  server: string
  /** The kubeconfig file it came from. */
  source: string
  /** kubectl reads its file without being told to: what KUBECONFIG lists, or ~/.kube/config. */
  ofKubectl?: true
  /** The kubeconfig files that its cluster and user are looked for in, the first one wins: its own, or all that KUBECONFIG lists. */
  files: string[]
  /** The proxy that a person chose for it, see {@link ClusterSettings.proxy}: for programs that are run on the context. */
  proxy?: string
  /** Its kubeconfig says `insecure-skip-tls-verify`: whoever answers at the address is taken for the server. */
  insecure?: true
  /** Whom its user acts as (`as` in the kubeconfig): all is allowed, or not, to them. */
  as?: string
  /** A problem in the kubeconfig that makes it unusable. */
  problem?: RpcError
}

/** Whether what the window shows of a context is the truth. */
export interface ConnectionState {
  context: string
  /** `idle`: nothing opened yet. `live`: watches run. `stale`: data shown, connection lost, trying again. */
  phase: 'idle' | 'connecting' | 'live' | 'stale' | 'failed'
  /** When the phase began, ms since the epoch; of a connection that was `stale` before it `failed`, when it was lost. */
  since: number
  /** Kubernetes version, such as `v1.36.0`, once known. */
  version?: string
  error?: RpcError
  /** What the credential plugin says while it runs, such as where to log in. */
  said?: string
  /** When it will be tried again, ms since the epoch. */
  retryAt?: number
}

/** A place that contexts come from. `kubectl` is what KUBECONFIG or ~/.kube/config names: it cannot be removed here. */
export interface KubeconfigSource {
  path: string
  type: 'kubectl' | 'file' | 'folder' | 'pasted'
  contexts: number
  /** Why the file cannot be read. */
  problem?: RpcError
}

/** All that an embedded cluster held at one moment. */
export interface EmbeddedSnapshot {
  name: string
  /** When it was taken, ms since the epoch by the machine's clock. */
  takenAt: number
  /** The cluster's own time then, ms since the epoch. */
  clusterTime: number
  /** What it takes on disk. */
  bytes: number
}

/** The state of an embedded cluster's own process. */
export interface EmbeddedState {
  name: string
  phase: 'starting' | 'ready' | 'stopped' | 'crashed'
  /** What is done with its data right now. */
  doing?: 'snapshot' | 'restore'
  /** Newest first. */
  snapshots?: EmbeddedSnapshot[]
  error?: string
  server?: string
  kubeconfig?: string
}
