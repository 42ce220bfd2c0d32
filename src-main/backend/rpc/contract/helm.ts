/** Helm's releases: what their records in the cluster hold, and what the person's own helm does with them. */
import type { RpcError } from './errors.js'
import type { KindInfo, ObjectRef } from './resources.js'

/** One revision of a release, without its texts. */
export interface HelmRevision {
  revision: number
  /** `deployed`, `superseded`, `failed`, `uninstalled`, `uninstalling`, `pending-install`, `pending-upgrade`, `pending-rollback`, `unknown`. */
  status: string
  /** When it was deployed, ms since the epoch; null when the record does not tell. */
  updated: number | null
  chart: string
  chartVersion: string
  appVersion: string
  description: string
}

/** A release as the `object` stream sends it: of the group `helm.sh`, which no server has; it is made of Helm's records. */
export interface HelmRelease extends HelmRevision {
  apiVersion: 'helm.sh/v1'
  kind: 'Release'
  metadata: {
    name: string
    namespace: string
    uid: string
    resourceVersion: string
    creationTimestamp?: string
    labels?: Record<string, string>
  }
  notes: string
  about: { description?: string; home?: string; deprecated?: boolean; dependencies?: { name: string; version?: string }[] }
  /** The kind of object that holds the records. */
  storage: 'Secret' | 'ConfigMap'
  /** All revisions that are kept, the newest first. */
  history: HelmRevision[]
}

/** The texts of one revision, as `helm get` prints them. */
export interface HelmRevisionTexts {
  /** What the person gave, as YAML; empty when nothing was given. */
  values: string
  /** With the chart's own values below them, as YAML. */
  computed: string
  /** The values of Secrets in it are masked unless they are to be revealed. */
  manifest: string
  /** Whether the manifest holds Secrets. */
  secrets: boolean
  hooks: string
  notes: string
}

/** An object of a release's manifest and how it is now. */
export interface HelmObject {
  apiVersion: string
  kind: string
  name: string
  namespace?: string
  /** Left out where the cluster does not have the kind. */
  live?: { kind: KindInfo; ref: ObjectRef }
  /** A word on how it is; empty when there is nothing to say. */
  status: string
  tone?: 'ok' | 'warn' | 'bad' | 'busy' | 'off'
  /** It is in the manifest, but not in the cluster. */
  missing?: boolean
  /** The user may not see it. */
  forbidden?: boolean
}

/** Where a chart comes from, as the CHART argument of `helm install` has it. */
export interface HelmChartSource {
  /** A folder, a packed chart (.tgz), `REPOSITORY/CHART`, a URL, or `oci://…`. */
  chart: string
  /** `--repo`: the address of a repository that was not added. */
  repository?: string
  /** `--version`; the latest when left out. */
  version?: string
}

export interface HelmChart {
  name: string
  version: string
  appVersion: string
  description: string
  /** `values.yaml` of the chart, with its comments. */
  values: string
}

/** A chart of the repositories that the person added to Helm. */
export interface HelmFoundChart {
  name: string
  version: string
  appVersion: string
  description: string
}

/** Which helm the login shell finds; without a path it finds none. */
export interface HelmProgram {
  path?: string
  version?: string
}

/** An installation or upgrade; `values` is the whole of what the person gives, as YAML. */
export interface HelmDeploy {
  act: 'install' | 'upgrade'
  namespace: string
  name: string
  source: HelmChartSource
  values: string
  createNamespace?: boolean
  /** Waits until the objects are ready. */
  wait?: boolean
  /** Goes back to the revision before (or uninstalls) when it fails. */
  rollbackOnFailure?: boolean
}

/** What helm is asked to do. */
export type HelmOperation =
  | HelmDeploy
  | { act: 'rollback'; namespace: string; name: string; revision: number; wait?: boolean }
  | { act: 'uninstall'; namespace: string; name: string; keepHistory?: boolean; wait?: boolean }
  | { act: 'test'; namespace: string; name: string }

/** What helm says while it works, and how it ended. */
export type HelmEvent =
  | { type: 'output'; text: string; from: 'stdout' | 'stderr' }
  | { type: 'exit'; code: number | null; error?: RpcError }

/** What an installation or upgrade would do. */
export interface HelmPreview {
  /** The manifest that is deployed; empty when there is none. */
  before: string
  after: string
  notes: string
}

/** Where one revision of a release is. */
export interface HelmRevisionRef {
  context: string
  namespace: string
  name: string
  revision: number
}

export interface HelmCalls {
  'helm.revision': (p: HelmRevisionRef & { reveal?: boolean }) => HelmRevisionTexts
  /** Two revisions to be compared: values of Secrets are masked so that it shows which differ. */
  'helm.compare': (p: HelmRevisionRef & { with: number }) => [HelmRevisionTexts, HelmRevisionTexts]
  'helm.objects': (p: HelmRevisionRef) => HelmObject[]
  /** Looks for helm with the login shell; what was found is kept until it is to be looked for `again`. */
  'helm.program': (p: { again?: boolean }) => HelmProgram
  /** The charts of the repositories that were added to Helm. */
  'helm.charts': (p: Record<string, never>) => HelmFoundChart[]
  'helm.chart': (p: HelmChartSource) => HelmChart
  /** Renders an installation or upgrade against the server, which changes nothing. */
  'helm.preview': (p: { context: string; operation: HelmDeploy }) => HelmPreview
}
