import { i18n } from '../app/i18n/i18n.js'
import { useAccess } from '../stores/access.js'
import type { Target } from '../stores/dialogs.js'
import type { KubeObject } from '../stores/object.js'
import { useProtection } from '../stores/protection.js'
import type { Action } from './action.js'

/**
 * Why an action cannot be taken now, for a person: the context is read-only, the user may not, or the object is not in
 * the state for it. Undefined when it can, or when that is not known yet.
 */
export function refusal(
  action: Pick<Action, 'reads' | 'needs' | 'fits'>,
  targets: readonly Target[],
  object?: KubeObject | null,
): string | undefined {
  const [target] = targets
  if (!target) return undefined
  const { t } = i18n.global
  if (!action.reads && useProtection().of(target.context) === 'read-only') return t('action.readOnly')
  for (const right of action.needs ?? []) {
    const answer = useAccess().check(target, right)
    if (answer?.allowed !== false) continue
    const name = right.resource?.resource ?? target.kind.resource
    const resource = right.subresource ? `${name}/${right.subresource}` : name
    return t('action.notAllowed', { reason: answer.reason || t('action.forbiddenPlain', { verb: right.verb, resource }) })
  }
  if (object && action.fits && !action.fits(object)) return t('action.notNow')
  return undefined
}
