/** What is kept between starts, and facts about the app. */
import type { OwnCommand } from './commands.js'
import type { Forward } from './containers.js'
import type { CustomColumn } from './lists.js'

/** Settings kept by the backend in one JSON file; no secrets. Unknown keys are kept. */
export interface Settings {
  theme: 'system' | 'light' | 'dark'
  language: 'system' | 'en' | 'zh-CN'
  lastContext?: string
  /** Per context: last route, namespaces chosen, and how each list was narrowed and sorted (by `pods`, `deployments.apps`), as in its address. */
  places: Record<string, { route?: string; namespaces?: string[]; lists?: Record<string, string> }>
  /** Per resource (`group/resource`): hidden and shown columns, their widths and order, and columns that were added. */
  columns: Record<string, ColumnSettings>
  /** Widths and heights of panels in px. */
  layout: Record<string, number>
  /** What a person chose for a context, by its id. */
  clusters?: Record<string, ClusterSettings>
  /** Kubeconfig files and folders that were added. */
  kubeconfigs?: string[]
  /** OIDC tokens that were renewed are written to their kubeconfig, as kubectl does; true by default. */
  writeTokens?: boolean
  /** Commands and links of the person's own. */
  commands?: OwnCommand[]
  /** Port-forwards to listen for again at the next start. */
  forwards?: Pick<Forward, 'context' | 'namespace' | 'target' | 'remotePort' | 'localPort'>[]
}

/** What a person chose for the columns of one kind, by column id. */
export interface ColumnSettings {
  hidden?: string[]
  shown?: string[]
  /** px. */
  widths?: Record<string, number>
  /** The columns that were moved, in the order of the list. */
  order?: string[]
  custom?: CustomColumn[]
}

/** What a person chose for one context. */
export interface ClusterSettings {
  /** Shown instead of the context's name. */
  title?: string
  group?: string
  favourite?: boolean
  /** `#rrggbb`. */
  colour?: string
  /** `read-only` refuses every change; `confirm` asks for the name to be typed before one. */
  protection?: 'confirm' | 'read-only'
  /** Namespaces to list where the user may not list namespaces. */
  namespaces?: string[]
  /** Where its Prometheus is, `NAMESPACE/SERVICE:PORT/PATH`; left out: where it is found. */
  prometheus?: string
  /** The proxy that leads to it, `http://`, `https://` or `socks5://`, instead of that of its kubeconfig or of the environment. No secrets. */
  proxy?: string
  /** Not shown in the catalogue. */
  hidden?: boolean
}

/** The program by which a person's own assistant reaches the clusters, and its arguments. */
export interface AssistantCommand {
  command: string
  args: string[]
}

/** Facts about the app for the About box and the status line. */
export interface AppInfo {
  version: string
  mode: 'electron' | 'web'
  platform: string
  electron?: string
  /** Where data is kept. */
  dataDirectory: string
  /** The embedded cluster's kubeconfig file. */
  kubeconfig: string
  assistant: AssistantCommand
}
