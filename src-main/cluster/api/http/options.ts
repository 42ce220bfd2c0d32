/** The options of a request, from its query: `ListOptions`, `CreateOptions`, `UpdateOptions`, `PatchOptions`, `DeleteOptions`. */
import { badRequest, field, invalid, printed, type FieldError } from '../errors.js'
import { nameInSelector } from '../selectors/fields.js'
import { checkFieldManager, LONGEST_MANAGER } from '../fieldmanager.js'
import type { DeleteRequest } from '../verbs/delete.js'
import type { Call, FieldValidation } from '../verbs/machinery.js'
import type { WatchRequest } from '../verbs/watch.js'
import type { Exchange } from './exchange.js'
import type { RequestInfo } from './requestinfo.js'

/** A whole number of the query; undefined when it is left out. Throws a 400 in the words of Go's strconv. */
function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

function boolean(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  return text !== 'false' && text !== '0'
}

const set = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [P in K]?: V })

/** The options of a list or watch. Throws a 400. */
export function listOptions(query: URLSearchParams, namespace: string): WatchRequest {
  const text = (name: string): string | undefined => query.get(name) || undefined
  return {
    ...set('namespace', namespace || undefined),
    ...set('labelSelector', text('labelSelector')),
    ...set('fieldSelector', text('fieldSelector')),
    ...set('resourceVersion', text('resourceVersion')),
    ...set('resourceVersionMatch', text('resourceVersionMatch') as 'Exact' | undefined),
    ...set('limit', integer(query, 'limit')),
    ...set('continue', text('continue')),
    ...set('allowWatchBookmarks', boolean(query, 'allowWatchBookmarks')),
    ...set('sendInitialEvents', boolean(query, 'sendInitialEvents')),
  }
}

/**
 * The options of a watch. One object that the path names is selected by its name, as the API server does it. Throws a
 * 400.
 */
export function watchOptions({ query, watched }: RequestInfo, namespace: string): WatchRequest {
  const options = listOptions(query, namespace)
  if (!watched) return options
  if (options.fieldSelector && nameInSelector(options.fieldSelector) !== watched) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name")
  }
  return { ...options, fieldSelector: options.fieldSelector ?? `metadata.name=${watched.replace(/[\\,=]/g, '\\$&')}` }
}

/** How long a watch is to last, in seconds; undefined when the client leaves it to the server. */
export function timeoutSeconds(query: URLSearchParams): number | undefined {
  return integer(query, 'timeoutSeconds')
}

/** What Go's time.ParseDuration says against a text; undefined when it is a duration. */
function durationFault(text: string): string | undefined {
  const about = `duration ${printed(text)}`
  let rest = text.replace(/^[+-]/, '')
  if (rest === '0') return undefined
  if (rest === '') return `time: invalid ${about}`
  while (rest !== '') {
    const [part = '', whole, fraction = ''] = /^(\d*)(\.\d*)?/.exec(rest)!
    if (!whole && fraction.length < 2) return `time: invalid ${about}`
    const [unit] = /^[^.\d]*/.exec(rest.slice(part.length))!
    if (unit === '') return `time: missing unit in ${about}`
    if (!/^(?:ns|[uµμ]s|ms|s|m|h)$/.test(unit)) return `time: unknown unit ${printed(unit)} in ${about}`
    rest = rest.slice(part.length + unit.length)
  }
  return undefined
}

/** Checks the time that a client gives its request, as `5s`; nothing here takes longer than any. Throws a 400. */
export function checkTimeout(query: URLSearchParams): void {
  const fault = durationFault(query.get('timeout') || '0')
  if (fault) throw badRequest(`invalid timeout specified in the request URL - ${fault}`)
}

/** Reads the options every write has. `of` names the kind of options in refusals. Throws a 422. */
export function writeCall(
  exchange: Exchange,
  namespace: string,
  of: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions',
): Call {
  const { query } = exchange.info
  const errors: FieldError[] = []
  const dryRun = query.getAll('dryRun').filter((v) => v !== '')
  checkDryRun(dryRun, errors)
  let fieldManager = query.get('fieldManager') ?? ''
  checkFieldManager(fieldManager, 'fieldManager', errors)
  const fieldValidation = query.get('fieldValidation') || 'Warn'
  if (!['Ignore', 'Warn', 'Strict'].includes(fieldValidation)) {
    errors.push(field.notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']))
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: of }, '', errors)
  // An apply must say who applies; any other write goes by what the client calls itself.
  fieldManager ||= managerOf(exchange.header('user-agent'))
  return {
    user: exchange.user,
    namespace,
    dryRun: dryRun.length > 0,
    fieldManager,
    fieldValidation: fieldValidation as FieldValidation,
    warnings: exchange.warnings,
  }
}

/** Checks a dryRun list. */
export function checkDryRun(dryRun: readonly string[], errors: FieldError[]): void {
  if (dryRun.some((v) => v !== 'All')) {
    errors.push({
      reason: 'FieldValueNotSupported',
      field: 'dryRun',
      body: `Unsupported value: ${printed(dryRun)}: supported values: "All"`,
    })
  }
}

/** The field manager of a client that does not name one: its user agent up to the first slash. */
function managerOf(userAgent: string | undefined): string {
  return (userAgent ?? '').split('/')[0]!.slice(0, LONGEST_MANAGER) || 'unknown'
}

/** `meta/v1.DeleteOptions` as a body has it. */
interface DeleteOptionsBody extends DeleteRequest {
  dryRun?: string[]
}

/** Reads delete options: from the body if there is one, else from the query. Throws a 422. */
export function deleteOptions(exchange: Exchange, body: DeleteOptionsBody | undefined): { options: DeleteRequest; dryRun: boolean } {
  const { query } = exchange.info
  if (body) {
    const dryRun = body.dryRun ?? []
    const errors: FieldError[] = []
    checkDryRun(dryRun, errors)
    if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
    return { options: body, dryRun: dryRun.length > 0 }
  }
  const options: DeleteRequest = {
    ...set('gracePeriodSeconds', integer(query, 'gracePeriodSeconds')),
    ...set('propagationPolicy', query.get('propagationPolicy') || undefined),
    ...set('orphanDependents', boolean(query, 'orphanDependents')),
  }
  return { options, dryRun: query.getAll('dryRun').some((v) => v !== '') }
}
