/** The verbs get and list: selectors, pages, and the revision a list is read at. */
import { shownJson } from '../shown-json.js'
import { CompactedError, FutureRevisionError, type StoredObject } from '../../store/store.js'
import type { ListOptions } from '../client.js'
import { badRequest, expired, field, notFound, StatusError, withoutReason } from '../errors.js'
import { prefixOf, storageKey, viewOf, type View } from '../kindset.js'
import type { Kind } from '../kinds/kind.js'
import { parseFieldSelector, type FieldSelector } from '../selectors/fields.js'
import { parseLabelSelector, type LabelPredicate } from '../selectors/labels.js'
import type { KubeObject } from '../object.js'
import { CONSISTENT_FOR_MS, continueToken, readContinueToken } from './continue.js'
import { validateListOptions } from './listoptions.js'
import type { Machinery } from './machinery.js'
import { problemOfRevision } from './preconditions.js'

/** One object, once what is answered is on disk. Throws 404. */
export async function get(m: Machinery, kind: Kind, namespace: string, name: string): Promise<View> {
  if (kind.objects) return made(kind.objects.get(namespace, name))
  const stored = m.store.get(storageKey(m.kinds.rulesOf(kind), namespace, name))
  if (!stored) throw notFound({ group: kind.group, resource: kind.plural }, name)
  await m.store.durable(stored.modRevision)
  return shown(m, kind, viewOf(kind, stored))
}

/** An object that is not stored, with its JSON. */
function made(object: KubeObject): View {
  return { object, bytes: Buffer.from(shownJson(object)) }
}

/** What is seen of a stored object now. */
function shown(m: Machinery, kind: Kind, view: View): View {
  return kind.show ? made(kind.show(view.object, m.clock)) : view
}

/** A label and a field selector together. */
export interface Selection {
  readonly labels: LabelPredicate | undefined
  readonly fields: FieldSelector | undefined
  /** Undefined when everything is selected. */
  matches(stored: { readonly object: KubeObject }): boolean
}

/** Parses the selectors of a list or watch. Throws a 400. */
export function selection(m: Machinery, kind: Kind, options: ListOptions): Selection {
  const rules = m.kinds.rulesOf(kind)
  const labels = parseLabelSelector(options.labelSelector)
  const fields = parseFieldSelector(options.fieldSelector, rules, kind.storedAs?.fieldNames)
  return {
    labels,
    fields,
    matches: ({ object }) => (!labels || labels(object.metadata.labels)) && (!fields || fields.matches(object)),
  }
}

/** What a list answers, before it is written out. */
export interface Listed {
  readonly items: readonly View[]
  /** Empty for a virtual kind. */
  readonly resourceVersion: string
  readonly continue?: string
  readonly remainingItemCount?: number
}

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'
const TOO_OLD_RESUMED =
  'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.'

/**
 * A resourceVersion as a number; undefined when it is left out. Throws for what is no number: of a list a 400, of a get
 * or a watch a 500 without a reason, as the API server does.
 */
export function parseResourceVersion(text: string | undefined, verb: 'get' | 'list' | 'watch'): number | undefined {
  if (!text) return undefined
  const why = problemOfRevision(text)
  if (!why) return Number(text)
  const { body } = field.invalid('resourceVersion', text, why)
  if (verb === 'list') throw badRequest(`invalid resource version: resourceVersion: ${body}`)
  throw withoutReason(`resourceVersion: ${body}`)
}

/** 504: the client knows of a later revision than there is. */
export function tooLarge(requested: number, current: number): StatusError {
  const error = new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${requested}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
  return error
}

/** Lists objects, of all namespaces when `options.namespace` is empty, once what is answered is on disk. */
export async function list(m: Machinery, kind: Kind, options: ListOptions): Promise<Listed> {
  validateListOptions(options)
  const selected = selection(m, kind, options)
  if (kind.objects) {
    const objects = kind.objects.list(options.namespace ?? '')
    return { items: objects.filter((object) => selected.matches({ object })).map(made), resourceVersion: '' }
  }
  const prefix = prefixOf(m.kinds.rulesOf(kind), options.namespace)
  const requested = parseResourceVersion(options.resourceVersion, 'list')
  let revision: number | undefined
  let after: string | undefined
  let resumed = false
  let since = m.clock.now()
  if (options.continue) {
    if (requested) throw badRequest('specifying resource version is not allowed when using continue')
    const token = readContinueToken(options.continue)
    after = prefix + token.start
    resumed = token.revision < 0
    revision = resumed ? undefined : token.revision
    if (!resumed) {
      since = token.since ?? since
      if (m.clock.now() - since > CONSISTENT_FOR_MS) throw tokenExpired(token.start, resumed)
    }
  } else if (requested) {
    if (requested > m.store.revision) throw tooLarge(requested, m.store.revision)
    // A page of an older list: exact unless "not older than" was said, as for lists with a limit.
    if (options.resourceVersionMatch === 'Exact' || (!options.resourceVersionMatch && (options.limit ?? 0) > 0)) revision = requested
  }
  const paged = options.limit && !isWhole(kind, options) ? options : { ...options, limit: 0 }
  try {
    return await read(m, kind, paged, selected, prefix, { revision, after, since })
  } catch (error) {
    if (error instanceof FutureRevisionError) throw tooLarge(error.requested, error.current)
    if (!(error instanceof CompactedError)) throw error
    if (!options.continue) throw expired(`The resourceVersion for the provided list is too old.`)
    throw tokenExpired(after!.slice(prefix.length), resumed)
  }
}

/**
 * Whether a list is answered whole, whatever its limit: one of "any revision" comes from the API server's cache, which does
 * not make pages of those. Events are not in the cache.
 */
const isWhole = (kind: Kind, { resourceVersion, continue: token }: ListOptions): boolean =>
  resourceVersion === '0' && !token && kind.plural !== 'events'

/** 410: the revision of a list's first page can no longer be read. What is left can, at whatever revision is current. */
function tokenExpired(start: string, resumed: boolean): StatusError {
  const status = expired(resumed ? TOO_OLD_RESUMED : TOO_OLD)
  if (!resumed) status.status.metadata = { continue: continueToken(-1, start) }
  return status
}

/** Where a page begins: at which revision, after which key, and when the first page of that revision was read (ms). */
interface PageStart {
  revision: number | undefined
  after: string | undefined
  since: number
}

async function read(
  m: Machinery,
  kind: Kind,
  options: ListOptions,
  selected: Selection,
  prefix: string,
  { revision, after, since }: PageStart,
): Promise<Listed> {
  const limit = options.limit && options.limit > 0 ? options.limit : Infinity
  const filtered = selected.labels !== undefined || selected.fields !== undefined
  const at = revision ?? m.store.revision
  let page: readonly StoredObject[] = []
  let remaining = 0
  // One object by its name is not searched for.
  const direct = selected.fields?.name !== undefined && (options.namespace || !kind.namespaced)
  if (direct) {
    const stored = m.store.get(prefix + selected.fields!.name!, at)
    if (stored && selected.matches(stored) && !(after !== undefined && stored.key <= after)) page = [stored]
  } else if (!filtered) {
    const result = m.store.list(prefix, { revision: at, ...(after !== undefined ? { after } : {}), ...(limit < Infinity ? { limit } : {}) })
    page = result.items
    remaining = result.remaining
  } else {
    const result = m.store.list(prefix, { revision: at, ...(after !== undefined ? { after } : {}) })
    const matching: StoredObject[] = []
    for (const item of result.items) {
      if (!selected.matches(item)) continue
      if (matching.length < limit) matching.push(item)
      else {
        remaining = 1
        break
      }
    }
    page = matching
  }
  await m.store.durable(at)
  const items = kind.storedAs || kind.show ? page.map((s) => shown(m, kind, viewOf(kind, s))) : page
  const more = remaining > 0 ? { continue: continueToken(at, page[page.length - 1]!.key.slice(prefix.length), since) } : {}
  // With a selector it is not known how many of the rest match.
  const count = remaining > 0 && !filtered ? { remainingItemCount: remaining } : {}
  return { items, resourceVersion: String(at), ...more, ...count }
}
