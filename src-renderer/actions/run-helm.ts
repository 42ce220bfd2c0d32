import type { HelmDeploy, HelmOperation } from '../../src-main/backend/rpc/contract.js'
import { i18n } from '../app/i18n/i18n.js'
import { backend } from '../app/rpc.js'
import { useDialogs, type Target } from '../stores/dialogs.js'
import { useDock } from '../stores/dock.js'
import { useProtection } from '../stores/protection.js'
import { useToasts } from '../stores/toasts.js'

/** Goes on when this machine has helm; else says that it has none and how to get it. */
export async function withHelm(go: () => unknown): Promise<void> {
  try {
    const { path } = await backend.call('helm.program', {})
    if (path) await go()
    else useDialogs().open({ type: 'helm-missing' })
  } catch (e) {
    useToasts().failed(() => i18n.global.t('helm.notFound'), e)
  }
}

/** Has helm do something, in a tab that shows what it says. A context that asks for confirmation is asked for first. */
export async function runHelm(context: string, operation: HelmOperation): Promise<boolean> {
  if (!(await useProtection().allow(context))) return false
  useDock().open(context, `helm ${operation.act} ${operation.name}`, { type: 'helm', operation })
  return true
}

/** Opens the dialog that installs a chart. */
export function openInstall(context: string, namespace: string): Promise<void> {
  return withHelm(() => useDialogs().open({ type: 'helm-deploy', context, act: 'install', namespace }))
}

/** Opens the dialog that upgrades a release. */
export function openUpgrade({ context, ref }: Target): Promise<void> {
  const act: HelmDeploy['act'] = 'upgrade'
  return withHelm(() => useDialogs().open({ type: 'helm-deploy', context, act, namespace: ref.namespace ?? '', name: ref.name }))
}
