import { i18n } from '../app/i18n/i18n.js'
import { useAccess, type Right } from '../stores/access.js'
import { useContexts } from '../stores/contexts.js'
import type { Target } from '../stores/dialogs.js'
import type { KubeObject } from '../stores/object.js'
import { useProtection } from '../stores/protection.js'
import type { Action } from './action.js'
import { resourceKey } from '../app/routes.js'
import { placeOfTarget } from './kubectl.js'

/** Clusters and namespaces that are asked about for one act on many objects; of more than these the server decides. */
const MOST_PLACES = 40

/**
 * Why an action cannot be taken now, for a person: a context is read-only, the user may not, or the object is not in the state for it.
 * Of several objects each one's own cluster and namespace counts, and where the clusters differ the answer names the one that refuses.
 * Undefined when it can, or when that is not known yet.
 */
export function refusal(
  action: Pick<Action, 'reads' | 'needs' | 'fits'>,
  targets: readonly Target[],
  object?: KubeObject | null,
): string | undefined {
  const { t } = i18n.global
  const places = placesOf(targets)
  const clusters = new Set(places.map((p) => p.context))
  const of = (target: Target, text: string): string =>
    clusters.size > 1 ? t('action.inCluster', { cluster: useContexts().title(target.context), reason: text }) : text
  if (!action.reads)
    for (const place of places) if (useProtection().of(place.context) === 'read-only') return of(place, t('action.readOnly'))
  for (const place of places.slice(0, MOST_PLACES)) {
    const right = (action.needs ?? []).find((r) => useAccess().check(place, r)?.allowed === false)
    if (right) return of(place, notAllowed(place, right))
  }
  if (object && action.fits && !action.fits(object)) return t('action.notNow')
  return undefined
}

/** One of the targets of each cluster, namespace and kind. */
function placesOf(targets: readonly Target[]): Target[] {
  return [...new Map(targets.map((target) => [`${placeOfTarget(target)}\n${resourceKey(target.kind)}`, target])).values()]
}

function notAllowed(target: Target, right: Right): string {
  const { t } = i18n.global
  const name = right.resource?.resource ?? target.kind.resource
  const resource = right.subresource ? `${name}/${right.subresource}` : name
  const reason = useAccess().check(target, right)?.reason
  return t('action.notAllowed', { reason: reason || t('action.forbiddenPlain', { verb: right.verb, resource }) })
}
