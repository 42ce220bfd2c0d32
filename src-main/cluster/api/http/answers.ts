/** Writing objects and lists in the form a client asked for: as they are, as a Table, or as metadata only. */
import { without } from '../copy.js'
import { StatusError } from '../errors.js'
import { shownJson } from '../shown-json.js'
import { apiVersionOf } from '../kindset.js'
import type { Kind } from '../kinds/kind.js'
import type { KubeObject } from '../object.js'
import { includeObject, partial, tableOf } from '../tables.js'
import type { Machinery } from '../verbs/machinery.js'
import type { Listed } from '../verbs/read.js'
import type { Exchange } from './exchange.js'
import type { AnswerForm } from './negotiate.js'

const COMMA = Buffer.from(',')
const OPEN = Buffer.from('{')
const COMMA_OPEN = Buffer.from(',{')
/** How many items of a list are looked at before others have their turn. */
const ITEMS_AT_ONCE = 2000
const END = Buffer.from(']}\n')
const NEWLINE = Buffer.from('\n')

/** The stored form of what a kind shows: columns look at that one. */
export function storedForm(kind: Kind, object: KubeObject): KubeObject {
  return kind.storedAs ? kind.storedAs.toStored(object) : object
}

/** Answers one object. */
export async function answerObject(
  m: Machinery,
  kind: Kind,
  exchange: Exchange,
  code: number,
  view: { object: KubeObject; bytes?: Buffer | undefined },
): Promise<void> {
  const form = exchange.form()
  if (form.as === 'Table') {
    const metadata = view.object.metadata.resourceVersion ? { resourceVersion: view.object.metadata.resourceVersion } : {}
    const row = { stored: storedForm(kind, view.object), served: view.object }
    const options = { now: m.clock.now(), include: includeObject(exchange.info.query), metaVersion: form.metaVersion }
    return exchange.object(code, tableOf(m.kinds, kind, [row], metadata, options), undefined, form)
  }
  checkFormOfObject(kind, form)
  if (form.as) return exchange.object(code, partial(view.object, `meta.k8s.io/${form.metaVersion}`), undefined, form)
  return exchange.object(code, view.object, view.bytes && withNewline(view.bytes, exchange.isPretty(form)), form)
}

/** The API ends its JSON with a line feed; small answers get it, long ones are not copied for it. */
function withNewline(bytes: Buffer, pretty: boolean): Buffer {
  return pretty ? bytes : Buffer.concat([bytes, NEWLINE])
}

/** Throws 406 when one object is to be answered as a list. Writes ask before they are done. */
export function checkFormOfObject(kind: Kind, form: AnswerForm): void {
  if (form.as !== 'PartialObjectMetadataList') return
  throw notAcceptable(`you requested PartialObjectMetadataList, but the requested object is not a list (${goType(kind)})`)
}

/** Throws 406 when a list is to be answered as one object. */
export function checkFormOfList(kind: Kind, form: AnswerForm): void {
  if (form.as !== 'PartialObjectMetadata') return
  throw notAcceptable(`you requested PartialObjectMetadata, but the requested object is a list (${goType(kind, 'List')})`)
}

function notAcceptable(message: string): StatusError {
  return new StatusError(406, 'NotAcceptable', message)
}

/** What a kind is called inside of kube-apiserver, which its messages show: `*core.Pod`. */
function goType(kind: Kind, list: 'List' | '' = ''): string {
  if (isCustom(kind)) return `*unstructured.Unstructured${list}`
  const inCore = kind.group === '' || kind.group === 'events.k8s.io'
  return `*${inCore ? 'core' : kind.group.split('.')[0]!}.${kind.kind}${list}`
}

/** `ListMeta` of a list. What is not stored has no revision. */
function listMeta(listed: Listed): { resourceVersion?: string; continue?: string; remainingItemCount?: number } {
  return listed.resourceVersion ? without(listed, 'items') : without(listed, 'items', 'resourceVersion')
}

/** Answers a list. */
export async function answerList(m: Machinery, kind: Kind, exchange: Exchange, listed: Listed): Promise<void> {
  const form = exchange.form()
  const metadata = listMeta(listed)
  checkFormOfList(kind, form)
  if (form.as === 'Table') {
    const rows = listed.items.map((view) => ({ stored: storedForm(kind, view.object), served: view.object }))
    const options = { now: m.clock.now(), include: includeObject(exchange.info.query), metaVersion: form.metaVersion }
    return exchange.object(200, tableOf(m.kinds, kind, rows, metadata, options), undefined, form)
  }
  if (form.as) {
    const apiVersion = `meta.k8s.io/${form.metaVersion}`
    const items = listed.items.map((view) => partial(view.object, apiVersion))
    return exchange.object(200, { kind: 'PartialObjectMetadataList', apiVersion, metadata, items }, undefined, form)
  }
  // A list of custom resources says that there is nothing more to come, where others say nothing.
  const shown = keepsType(kind) ? { continue: '', ...metadata } : metadata
  const head = { kind: kind.listKind ?? `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: shown }
  if (form.mediaType !== 'application/json' || exchange.isPretty(form)) {
    const items = listed.items.map((view) => bare(kind, view.object))
    return exchange.object(200, { ...head, items }, undefined, form)
  }
  const start = Buffer.from(`${shownJson(head).slice(0, -1)},"items":[`)
  const skip = skippedBytes(kind)
  const { items } = listed
  let total = start.length + END.length + Math.max(0, items.length - 1)
  for (let i = 0; i < items.length; i++) {
    if (i % ITEMS_AT_ONCE === ITEMS_AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve))
    const { bytes } = items[i]!
    total += leavesOut(bytes, skip) ? 1 + bytes.length - skip.length : bytes.length
  }
  return exchange.slices(200, total, listSlices(start, items, skip), 'application/json')
}

/**
 * The text of a list, piece by piece: the bytes of most of a very long one are on disk, and are not to be in memory all
 * at once.
 */
function* listSlices(start: Buffer, items: Listed['items'], skip: Buffer): Iterable<Buffer> {
  yield start
  for (let i = 0; i < items.length; i++) {
    const { bytes } = items[i]!
    if (leavesOut(bytes, skip)) {
      yield i > 0 ? COMMA_OPEN : OPEN
      yield bytes.subarray(skip.length)
      continue
    }
    if (i > 0) yield COMMA
    yield bytes
  }
  yield END
}

/** In a list of a built-in kind the items leave out kind and apiVersion; those of a custom resource keep them. */
function bare(kind: Kind, object: KubeObject): object {
  if (keepsType(kind)) return object
  return without(object, 'kind', 'apiVersion')
}

/** Whether the items of a kind's lists say what they are. */
function keepsType(kind: Kind): boolean {
  return isCustom(kind) && !kind.objects
}

/** Custom resources are served from what is stored, and their lists keep the type of each item. */
export function isCustom(kind: Kind): boolean {
  return typeof kind.model !== 'string'
}

/** The bytes at the start of every object of a kind that its lists leave out. */
function skippedBytes(kind: Kind): Buffer {
  if (keepsType(kind)) return Buffer.alloc(0)
  return Buffer.from(`{"kind":${JSON.stringify(kind.kind)},"apiVersion":${JSON.stringify(apiVersionOf(kind))},`)
}

/** Whether an object begins with what lists leave out. */
function leavesOut(bytes: Buffer, skip: Buffer): boolean {
  if (skip.length === 0 || bytes.length < skip.length) return false
  // So short a run is compared faster here than by a call out of JavaScript: once for each item of a list.
  for (let i = 0; i < skip.length; i++) if (bytes[i] !== skip[i]) return false
  return true
}
