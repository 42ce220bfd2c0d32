/** Which options of a list or watch go together. https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-watch */
import type { ListOptions } from '../client.js'
import { field, invalid, type FieldError } from '../errors.js'

type WatchOptions = ListOptions & { allowWatchBookmarks?: boolean; sendInitialEvents?: boolean }

const MATCH = 'resourceVersionMatch'

/** A watch that begins nowhere in particular has always been told what is there: that is a streaming list by now. */
export function withWatchDefaults<T extends WatchOptions>(options: T): T {
  const { resourceVersion, resourceVersionMatch, sendInitialEvents } = options
  if (sendInitialEvents !== undefined || resourceVersionMatch || (resourceVersion && resourceVersion !== '0')) return options
  return { ...options, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
}

/** Checks the options of a list. @throws StatusError 422 */
export function validateListOptions(options: WatchOptions): void {
  const { resourceVersion, resourceVersionMatch: match, sendInitialEvents } = options
  const errors: FieldError[] = []
  if (match !== undefined) {
    const supported = ['Exact', 'NotOlderThan', '']
    if (!resourceVersion) errors.push(field.forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`))
    if (options.continue) errors.push(continued())
    if (!supported.includes(match)) errors.push(field.notSupported(MATCH, match, supported))
    if (match === 'Exact' && resourceVersion === '0')
      errors.push(field.forbidden(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`))
  }
  if (sendInitialEvents !== undefined) errors.push(field.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  refuse(errors)
}

/** Checks the options of a watch, with its defaults. Whether it wants bookmarks is nobody's concern. @throws StatusError 422 */
export function validateWatchOptions(options: WatchOptions): void {
  const { resourceVersionMatch: match, sendInitialEvents } = options
  const errors: FieldError[] = []
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan')
    errors.push(field.forbidden(MATCH, `sendInitialEvents requires setting ${MATCH} to NotOlderThan`))
  if (match !== undefined) {
    if (sendInitialEvents === undefined)
      errors.push(field.forbidden(MATCH, `${MATCH} is forbidden for watch unless sendInitialEvents is provided`))
    if (match !== 'NotOlderThan') errors.push(field.notSupported(MATCH, match, ['NotOlderThan']))
    if (options.continue) errors.push(continued())
  }
  refuse(errors)
}

const continued = (): FieldError => field.forbidden(MATCH, `${MATCH} is forbidden when continue is provided`)

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
}
