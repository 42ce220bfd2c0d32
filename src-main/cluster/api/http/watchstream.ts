/**
 * A watch over the wire: one JSON line per event on a streamed answer, or one message per event on a WebSocket. Each
 * version is framed once however many watch it. A client that does not read is dropped, without harm to the others.
 */
import type { WebSocket } from 'ws'
import { hostTimeout } from '../../host.js'
import { badRequest, StatusError } from '../errors.js'
import { apiVersionOf, type View } from '../kindset.js'
import type { Kind } from '../kinds/kind.js'
import { includeObject, partial, tableOf, type IncludeObject } from '../tables.js'
import type { Machinery } from '../verbs/machinery.js'
import { watch, type Change, type WatchRequest } from '../verbs/watch.js'
import { storedForm } from './answers.js'
import { statusOf, type Exchange } from './exchange.js'
import type { AnswerForm } from './negotiate.js'
import { timeoutSeconds } from './options.js'

/** A client may have this much unread before it is dropped, bytes. */
const LARGEST_BACKLOG = 64 * 1024 ** 2
/** How often a client is told how far it has come, wall ms. */
const BOOKMARK_EVERY = 60_000
/** How long a watch lasts when the client does not say, wall ms: between half an hour and an hour. */
const SHORTEST_DEFAULT = 1_800_000

/** Where events go. */
interface Wire {
  /** Bytes that the client has not taken yet. */
  readonly backlog: number
  send(frame: Buffer): void
  end(): void
  onClose(fn: () => void): void
}

const frames = new WeakMap<View, Map<string, Buffer>>()

/** `{"type":"ADDED","object":…}` and a line feed. Kept with the version: a hundred watchers share the bytes. */
function frameOf(type: string, view: View): Buffer {
  let byType = frames.get(view)
  if (!byType) frames.set(view, (byType = new Map()))
  let frame = byType.get(type)
  if (!frame) {
    const head = `{"type":"${type}","object":`
    frame = Buffer.allocUnsafe(head.length + view.bytes.length + 2)
    frame.write(head, 'latin1')
    view.bytes.copy(frame, head.length)
    frame.write('}\n', head.length + view.bytes.length, 'latin1')
    byType.set(type, frame)
  }
  return frame
}

function jsonFrame(type: string, object: unknown): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`)
}

/** Makes frames in the form that was asked for. */
function framer(m: Machinery, kind: Kind, form: AnswerForm, include: IncludeObject): (change: Change) => Buffer {
  if (!form.as) return ({ type, view }) => frameOf(type, view)
  const apiVersion = `meta.k8s.io/${form.metaVersion}`
  if (form.as !== 'Table') return ({ type, view }) => jsonFrame(type, partial(view.object, apiVersion))
  let headers = true
  return ({ type, view }) => {
    const row = { stored: storedForm(kind, view.object), served: view.object }
    const metadata = { resourceVersion: view.object.metadata.resourceVersion ?? '' }
    const table = tableOf(m.kinds, kind, [row], metadata, { now: m.clock.now(), include, metaVersion: form.metaVersion, headers })
    headers = false
    return jsonFrame(type, table)
  }
}

function bookmark(kind: Kind, form: AnswerForm, revision: number, initialEnd: boolean): Buffer {
  const annotations = initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  const metadata = { resourceVersion: String(revision), ...annotations }
  if (form.as === 'Table') {
    const apiVersion = `meta.k8s.io/${form.metaVersion}`
    const row = { cells: [], object: { kind: 'PartialObjectMetadata', apiVersion, metadata } }
    return jsonFrame('BOOKMARK', {
      kind: 'Table',
      apiVersion,
      metadata: { resourceVersion: String(revision) },
      columnDefinitions: [],
      rows: [row],
    })
  }
  if (form.as) return jsonFrame('BOOKMARK', { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${form.metaVersion}`, metadata })
  const creationTimestamp = null
  return jsonFrame('BOOKMARK', { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata: { ...metadata, creationTimestamp } })
}

/** Runs a watch until its time is up, the client goes, or it cannot keep up. `open` starts the answer. */
function stream(m: Machinery, kind: Kind, request: WatchRequest, exchange: Exchange, form: AnswerForm, open: () => Wire): void {
  const { query } = exchange.info
  const seconds = timeoutSeconds(query)
  const frame = framer(m, kind, form, form.as === 'Table' ? includeObject(query) : 'Metadata')
  let wire: Wire | undefined
  let told = 0
  let latest = 0
  const early: Buffer[] = []
  const send = (bytes: Buffer): void => {
    if (!wire) early.push(bytes)
    else {
      wire.send(bytes)
      if (wire.backlog > LARGEST_BACKLOG) wire.end()
    }
  }
  const running = watch(m, kind, request, {
    changes(changes) {
      for (const change of changes) send(frame(change))
      told = Number(changes[changes.length - 1]!.view.object.metadata.resourceVersion)
    },
    initialDone: (revision) => {
      send(bookmark(kind, form, revision, true))
      told = revision
    },
    progress: (revision) => (latest = revision),
  })
  wire = open()
  for (const bytes of early) send(bytes)
  const mark = (): void => {
    const revision = Math.max(told, latest)
    if (request.allowWatchBookmarks && revision > 0) send(bookmark(kind, form, revision, false))
  }
  let cancelBookmark = (): void => undefined
  const scheduleBookmark = (): void => {
    cancelBookmark = hostTimeout(BOOKMARK_EVERY, () => {
      mark()
      scheduleBookmark()
    })
  }
  scheduleBookmark()
  // Clients that came together should not all come back together.
  const lasts = seconds && seconds > 0 ? seconds * 1000 : SHORTEST_DEFAULT * (1 + m.random.next())
  const cancelEnd = hostTimeout(lasts, () => {
    mark()
    wire?.end()
  })
  wire.onClose(() => {
    running.stop()
    cancelEnd()
    cancelBookmark()
  })
}

/** Answers a watch as a stream of lines. */
export function watchOverHttp(m: Machinery, kind: Kind, request: WatchRequest, exchange: Exchange): void {
  const form = exchange.form()
  if (form.mediaType !== 'application/json') {
    throw new StatusError(406, 'NotAcceptable', 'only the following media types are accepted: application/json;stream=watch')
  }
  if (form.as === 'PartialObjectMetadataList') throw badRequest('a watch is of objects, not of lists')
  const response = exchange.response as import('node:http').ServerResponse
  if (exchange.method === 'HEAD') {
    // There is nothing to wait for, and whoever asks next on this connection would wait for the end of the watch.
    exchange.head(200, 'application/json')
    return exchange.end()
  }
  stream(m, kind, request, exchange, form, () => {
    exchange.head(200, 'application/json', exchange.request.httpVersionMajor < 2 ? { 'transfer-encoding': 'chunked' } : {})
    // The client must see that the watch has begun, long before the first event.
    response.flushHeaders()
    return {
      get backlog() {
        return response.writableLength
      },
      send: (bytes) => void (response.writableEnded || response.destroyed || response.write(bytes)),
      end: () => void (response.writableLength > LARGEST_BACKLOG ? response.destroy() : response.end()),
      onClose: (fn) => void response.on('close', fn),
    }
  })
}

/** Answers a watch over a WebSocket: one text message per event. */
export function watchOverWebSocket(m: Machinery, kind: Kind, request: WatchRequest, exchange: Exchange, socket: WebSocket): void {
  try {
    stream(m, kind, request, exchange, exchange.form(), () => ({
      get backlog() {
        return socket.bufferedAmount
      },
      send: (bytes) => socket.send(bytes, { binary: false }),
      end: () => (socket.bufferedAmount > LARGEST_BACKLOG ? socket.terminate() : socket.close(1000)),
      onClose: (fn) => void socket.on('close', fn),
    }))
  } catch (error) {
    socket.send(jsonFrame('ERROR', statusOf(error)), { binary: false })
    socket.close(1000)
  }
}
