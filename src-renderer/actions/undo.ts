import { i18n } from '../app/i18n/i18n.js'
import type { Wording } from '../app/i18n/wording.js'
import { useToasts, type Toast } from '../stores/toasts.js'

const t = i18n.global.t

/**
 * The Undo of a toast: takes back each of the changes that an action made, and tells what came of it. Undefined when
 * there is nothing to take back.
 * @param action what was done, as menus call it
 * @param name what it was done to
 */
export function undoAction(action: Wording, name: Wording, changes: readonly (() => Promise<unknown>)[]): Toast['action'] | undefined {
  if (changes.length === 0) return undefined
  return { label: () => t('action.undo'), run: () => void takeBack(action, name, changes) }
}

async function takeBack(action: Wording, name: Wording, changes: readonly (() => Promise<unknown>)[]): Promise<void> {
  const toasts = useToasts()
  const outcomes = await Promise.allSettled(changes.map((change) => change()))
  const failed = outcomes.filter((o) => o.status === 'rejected')
  if (failed.length === 0) return toasts.ok(() => t('dialog.undone', { action: action(), name: name() }))
  const text = (): string =>
    changes.length === 1
      ? t('dialog.undoFailed', { action: action() })
      : t('dialog.undoFailedSome', { action: action(), n: failed.length, of: changes.length })
  toasts.failed(text, failed[0]!.reason)
}
