import { ExternalLink, SquareChevronRight } from '@lucide/vue'
import type { KindInfo, OwnCommand, PreparedRun } from '../../src-main/backend/rpc/contract.js'
import { i18n } from '../app/i18n/i18n.js'
import { backend } from '../app/rpc.js'
import { useCommandRuns } from '../stores/command-runs.js'
import { useDialogs, type Target } from '../stores/dialogs.js'
import { useDock } from '../stores/dock.js'
import { useProtection } from '../stores/protection.js'
import { useSettings } from '../stores/settings.js'
import { useToasts } from '../stores/toasts.js'
import type { Action } from './action.js'

/** The most pages or tabs that one act opens. */
const MOST_AT_ONCE = 8

/** Whether a scope, as kubectl takes kinds, is that of a kind. */
export function inScope(scope: string, { kind, resource, shortNames, group, version }: KindInfo): boolean {
  const wanted = scope.toLowerCase()
  if (wanted === 'all') return true
  if (wanted === (group ? `${group}/${version}/${resource}` : `${version}/${resource}`)) return true
  return [resource, kind.toLowerCase(), ...shortNames].some((name) => wanted === name || (group !== '' && wanted === `${name}.${group}`))
}

/** The action of a command. */
function ownAction(command: OwnCommand, i: number): Action {
  return {
    id: `own:${command.name}`,
    label: '',
    title: command.name,
    hint: [command.description, command.url ?? [command.command, ...(command.args ?? [])].join(' ')].filter(Boolean).join('\n'),
    icon: command.url === undefined ? SquareChevronRight : ExternalLink,
    group: i === 0,
    many: true,
    ...(command.dangerous ? { danger: true } : { reads: true }),
    applies: (kind) => command.scopes.some((scope) => inScope(scope, kind)),
    run: (targets) => runOwn(command, targets),
  }
}

/** The commands and links of the person's own, as actions. */
export const ownActions = (): Action[] => (useSettings().value.commands ?? []).map(ownAction)

/** What is to be run for an object, or why it cannot. */
export async function prepareOwn(command: OwnCommand, { context, ref, kind }: Target, container?: string): Promise<PreparedRun> {
  // It is prepared from the settings as they are kept: a command that was changed a moment ago is kept first.
  await useSettings().save()
  return backend.call('commands.prepare', { context, name: command.name, ref, kind: kind.kind, ...(container ? { container } : {}) })
}

async function runOwn(command: OwnCommand, targets: readonly Target[]): Promise<void> {
  const ask = command.confirm || command.dangerous || command.untried || targets.length > 1
  if (command.url === undefined && ask) return useDialogs().open({ type: 'own-command', command, targets: [...targets] })
  try {
    for (const target of targets.slice(0, MOST_AT_ONCE)) {
      const prepared = await prepareOwn(command, target)
      if (prepared.url !== undefined) window.open(prepared.url, '_blank', 'noopener')
      else if (prepared.containers) useDialogs().open({ type: 'own-command', command, targets: [target] })
      else startOwn(command, target, prepared)
    }
  } catch (e) {
    useToasts().failed(() => i18n.global.t('dialog.actionFailed', { action: command.name, name: targets[0]!.ref.name }), e)
  }
}

/** Runs what was prepared: in a tab with a terminal, or in the background. */
export function startOwn(command: OwnCommand, { context, ref }: Target, { run, line }: PreparedRun): void {
  const title = `${command.name}: ${ref.name}`
  if (command.background) useCommandRuns().start({ run, line, title })
  else useDock().open(context, title, { type: 'command', run, line })
}

/** Whether the person lets a command go on where the context asks before changes. */
export async function allowedOwn(command: OwnCommand, targets: readonly Target[]): Promise<boolean> {
  if (!command.dangerous) return true
  for (const context of new Set(targets.map((x) => x.context))) if (!(await useProtection().allow(context))) return false
  return true
}

/** A command that was run once is not shown before every run any more, unless it says so. */
export function markTried({ name }: OwnCommand): void {
  const settings = useSettings()
  const commands = (settings.value.commands ?? []).map((c) => {
    if (c.name !== name || !c.untried) return c
    const { untried: _, ...tried } = c
    return tried
  })
  settings.set({ commands })
}
