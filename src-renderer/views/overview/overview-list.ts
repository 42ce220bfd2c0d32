import { i18n } from '../../app/i18n/i18n.js'
import { errorText } from '../../app/error-text.js'
import { resourceRef } from '../../app/routes.js'
import { useContexts } from '../../stores/contexts.js'
import { useLiveList, type LiveList } from '../../stores/list.js'
import { useNamespaces } from '../../stores/namespaces.js'

/** What is followed of a list. */
export interface OverviewList {
  fieldSelector?: string
  /** The only namespace to look in; without one those that are chosen. */
  namespace?: () => string | undefined
  /** The cells that tell of the pods of each row are wanted. */
  pods?: true
}

/**
 * Follows a list of a cluster, in the namespaces that are chosen there or in the one that is given.
 * @param key the resource and its group, as in `deployments.apps`
 */
export function followList(context: () => string, key: string, { fieldSelector, namespace, pods }: OverviewList = {}): LiveList {
  const contexts = useContexts()
  const namespaces = useNamespaces()
  return useLiveList(() => {
    const kind = contexts.kind(context(), key)
    if (!kind) return null
    const given = namespace?.()
    const chosen = given ? [given] : kind.namespaced ? namespaces.chosen(context()) : []
    return {
      context: context(),
      resource: resourceRef(kind),
      ...(chosen.length ? { namespaces: chosen } : {}),
      ...(fieldSelector ? { fieldSelector } : {}),
      ...(pods ? { pods } : {}),
    }
  })
}

/** Why nothing can be said of a list that shows no rows: that it loads, may not be read, or failed, and how. */
export function missing({ state, model }: LiveList): { word: string; why?: string } | undefined {
  const { t } = i18n.global
  const { phase, error, more } = state.value
  if (model.view.value.length > 0 || phase === 'live' || phase === 'stale') return more ? { word: t('details.loading') } : undefined
  if (phase === 'loading') return { word: t('details.loading') }
  return { word: t(`overview.${phase}`), ...(error ? { why: errorText(error) } : {}) }
}
