import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { backend } from '../app/rpc.js'
import type { DockTab } from '../stores/dock.js'
import type { TerminalEvent, TerminalStream } from './terminal-session.js'

/** What a terminal's tab leads to. */
export type ShellContent = Extract<DockTab['content'], { type: 'shell' }>
export type LocalContent = Extract<DockTab['content'], { type: 'local' }>
export type CommandContent = Extract<DockTab['content'], { type: 'command' | 'plugin' }>

/** The containers of a pod that may have a terminal, and kubectl's own choice of one: the annotation's, else the first. */
export async function containersOf(context: string, content: ShellContent): Promise<{ names: string[]; first: string }> {
  const ref = { group: '', version: 'v1', resource: 'pods', namespace: content.namespace, name: content.pod }
  const pod = (await backend.call('objects.get', { context, ref })) as {
    metadata?: { annotations?: Record<string, string> }
    spec?: Record<string, { name: string }[]>
  }
  const names = ['containers', 'ephemeralContainers'].flatMap((k) => (pod.spec?.[k] ?? []).map((c) => c.name))
  return { names, first: pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container'] ?? names[0] ?? '' }
}

/** Opens what a tab leads to in a terminal of the given size. */
export function openTarget(
  tab: DockTab,
  container: string,
  size: { columns: number; rows: number },
  onEvent: (event: TerminalEvent) => void | Promise<void>,
  onEnd: (error?: RpcError) => void,
): TerminalStream {
  const { context } = tab
  const content = tab.content as ShellContent | LocalContent | CommandContent
  if (content.type === 'local') {
    const { namespace } = content
    return backend.open('local', { context, ...(namespace ? { namespace } : {}), ...size }, onEvent, onEnd)
  }
  if (content.type === 'plugin') return backend.open('plugin', { context, ...size }, onEvent, onEnd)
  if (content.type === 'command') return backend.open('command', { run: content.run, ...size }, onEvent, onEnd)
  const { namespace, pod, mode } = content
  return backend.open('shell', { context, namespace, pod, container, command: [], mode, ...size }, onEvent, onEnd)
}
