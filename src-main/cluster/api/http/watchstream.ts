/**
 * A watch over the wire: one JSON line per event on a streamed answer, or one message per event on a WebSocket. Each
 * version is framed once however many watch it. A client that does not read is dropped, without harm to the others.
 */
import type { WebSocket } from 'ws'
import { shownJson } from '../shown-json.js'
import { hostNow, hostTimeout } from '../../host.js'
import type { Watch } from '../client.js'
import { badRequest, StatusError } from '../errors.js'
import { apiVersionOf, type View } from '../kindset.js'
import type { Kind } from '../kinds/kind.js'
import { protobufFrame } from '../protobuf/encode.js'
import { PROTOBUF } from '../protobuf/messages.js'
import { includeObject, partial, tableOf, type IncludeObject } from '../tables.js'
import type { Machinery } from '../verbs/machinery.js'
import type { WatchedEvents } from '../watch-metrics.js'
import { watch, type Change, type WatchRequest, type WatchSink } from '../verbs/watch.js'
import { storedForm } from './answers.js'
import type { Exchange } from './exchange.js'
import type { Limits } from './limits.js'
import type { AnswerForm } from './negotiate.js'
import { timeoutSeconds } from './options.js'

/** Frames are made and handed to the connection up to so many unread bytes; the rest waits as references to what is stored. */
const WINDOW = 1024 ** 2
/** How often a client is told how far it has come, wall ms. */
const BOOKMARK_EVERY = 60_000
/** How long before its end a watch is told a last time how far it has come, wall ms. */
const LAST_BOOKMARK = 2000
/** How long a watch lasts when the client does not say, wall ms: between half an hour and an hour. */
const SHORTEST_DEFAULT = 1_800_000

/** Where events go. */
interface Wire {
  /** Bytes that the client has not taken yet. */
  readonly backlog: number
  send(frame: Buffer): void
  /** Ends in order, after what was sent. */
  end(): void
  /** Ends at once. */
  drop(): void
  onClose(fn: () => void): void
}

/** How often a full connection is looked at again, wall ms. */
const LOOK_EVERY = 10

/**
 * What is on its way to one client. Nothing is lost and nothing held up for others: what the client is too slow for waits
 * here, up to a bound, and a client that takes nothing is dropped.
 */
class Outbox {
  private readonly waiting: { readonly size: number; readonly frame: () => Buffer }[] = []
  private next = 0
  /** Bytes of what waits and was not there from the start. */
  private late = 0
  private lastBacklog = 0
  /** Since when the client takes nothing of what waits for it; undefined when nothing waits. */
  private stuckSince: number | undefined
  private cancelLook: (() => void) | undefined
  private ending = false
  private closed = false

  constructor(
    private readonly wire: Wire,
    private readonly limits: Limits,
    private readonly watched: WatchedEvents,
  ) {
    wire.onClose(() => {
      this.closed = true
      this.waiting.length = 0
      this.cancelLook?.()
    })
  }

  /** @param size bytes that count against the limit; 0 for what a new client begins with, however much that is */
  push(size: number, frame: () => Buffer): void {
    if (this.closed || this.ending) return
    this.waiting.push({ size, frame })
    this.late += size
    this.pump()
    if (this.late > this.limits.watchBacklog) this.drop()
  }

  end(): void {
    this.ending = true
    this.pump()
  }

  private pump(): void {
    const { wire, waiting } = this
    while (this.next < waiting.length && !this.closed && wire.backlog < WINDOW) {
      const { size, frame } = waiting[this.next++]!
      this.late -= size
      this.stuckSince = undefined
      const bytes = frame()
      this.watched.sent(bytes.length)
      wire.send(bytes)
    }
    if (this.next === waiting.length) {
      waiting.length = 0
      this.next = 0
      if (this.ending && !this.closed) wire.end()
      return
    }
    this.lookAgain()
  }

  /** Ends the watch of a client that does not read. */
  private drop(): void {
    this.watched.terminated()
    this.wire.drop()
  }

  private lookAgain(): void {
    if (this.closed || this.cancelLook) return
    this.lastBacklog = this.wire.backlog
    this.stuckSince ??= hostNow()
    this.cancelLook = hostTimeout(LOOK_EVERY, () => {
      this.cancelLook = undefined
      if (this.wire.backlog < this.lastBacklog) this.stuckSince = undefined
      else if (hostNow() - this.stuckSince! > this.limits.watchStall) return this.drop()
      this.pump()
    })
  }
}

/** The frames of the latest changes: what is told to a hundred watchers is put together once. */
const frames = new Map<View, Map<string, Buffer>>()
/** How many versions have their frames kept: those of a few batches. */
const MOST_FRAMES = 256

/** `{"type":"ADDED","object":…}` and a line feed. */
function makeFrame(type: string, view: View): Buffer {
  const head = `{"type":"${type}","object":`
  const frame = Buffer.allocUnsafe(head.length + view.bytes.length + 2)
  frame.write(head, 'latin1')
  view.bytes.copy(frame, head.length)
  frame.write('}\n', head.length + view.bytes.length, 'latin1')
  return frame
}

function frameOf(type: string, view: View): Buffer {
  let byType = frames.get(view)
  if (!byType) {
    frames.set(view, (byType = new Map()))
    if (frames.size > MOST_FRAMES) frames.delete(frames.keys().next().value!)
  }
  let frame = byType.get(type)
  if (!frame) byType.set(type, (frame = makeFrame(type, view)))
  return frame
}

function jsonFrame(type: string, object: unknown): Buffer {
  return Buffer.from(`${shownJson({ type, object })}\n`)
}

/** The media type of a watch in protobuf. */
const PROTOBUF_WATCH = `${PROTOBUF};stream=watch`

/** An event that is put together for one client. */
const eventFrame = (form: AnswerForm, type: string, object: object): Buffer =>
  form.mediaType === PROTOBUF ? protobufFrame(type, object) : jsonFrame(type, object)

/** Makes frames in the form that was asked for. */
function framer(m: Machinery, kind: Kind, form: AnswerForm, include: IncludeObject): (change: Change, initial: boolean) => Buffer {
  if (!form.as && form.mediaType === PROTOBUF) return ({ type, view }) => protobufFrame(type, view.object)
  // What only this client is told need not be kept.
  if (!form.as) return ({ type, view }, initial) => (initial ? makeFrame(type, view) : frameOf(type, view))
  const apiVersion = `meta.k8s.io/${form.metaVersion}`
  if (form.as !== 'Table') return ({ type, view }) => eventFrame(form, type, partial(view.object, apiVersion))
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
      columnDefinitions: null,
      rows: [row],
    })
  }
  if (form.as)
    return eventFrame(form, 'BOOKMARK', { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${form.metaVersion}`, metadata })
  return eventFrame(form, 'BOOKMARK', { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata })
}

/** Refusals of a start that is too long ago, or still to come: a watch has been understood by then. */
const TOLD_AS_EVENTS = new Set([410, 504])

/**
 * Runs a watch until its time is up, the client goes, or it cannot keep up. `open` starts the answer. A start that is
 * too long ago is told as an event, as kube-apiserver does: once a watch has been understood it is not refused.
 */
function stream(m: Machinery, kind: Kind, request: WatchRequest, exchange: Exchange, form: AnswerForm, open: () => Wire | undefined): void {
  const { query } = exchange.info
  const seconds = timeoutSeconds(query)
  const frame = framer(m, kind, form, form.as === 'Table' ? includeObject(query) : 'Metadata')
  let told = 0
  let latest = 0
  const early: (() => void)[] = []
  let outbox: Outbox | undefined
  const push = (size: number, make: () => Buffer): void => {
    if (outbox) outbox.push(size, make)
    else early.push(() => outbox!.push(size, make))
  }
  let running: Watch
  const sink: WatchSink = {
    changes(changes, initial) {
      // What is there when a client begins may be more than it can take at once: that is not its fault.
      for (const change of changes) push(initial ? 0 : change.view.bytes.length, () => frame(change, initial))
      told = Number(changes[changes.length - 1]!.view.object.metadata.resourceVersion)
    },
    initialDone: (revision) => {
      if (request.allowWatchBookmarks) push(0, () => bookmark(kind, form, revision, true))
      told = revision
    },
    progress: (revision) => (latest = revision),
  }
  try {
    running = watch(m, kind, request, sink)
  } catch (error) {
    if (!(error instanceof StatusError) || !TOLD_AS_EVENTS.has(error.status.code)) throw error
    const wire = open()
    wire?.send(eventFrame(form, 'ERROR', error.status))
    return wire?.end()
  }
  const wire = open()
  if (!wire) return running.stop()
  outbox = new Outbox(wire, exchange.limits, m.metrics.watches.of(kind))
  for (const send of early) send()
  const mark = (): void => {
    const revision = Math.max(told, latest)
    if (request.allowWatchBookmarks && revision > 0) push(0, () => bookmark(kind, form, revision, false))
  }
  // Clients that came together should not all come back together.
  const lasts = seconds && seconds > 0 ? seconds * 1000 : SHORTEST_DEFAULT * (1 + m.random.next())
  let cancelBookmark = (): void => undefined
  const scheduleBookmark = (before: number): void => {
    const wait = Math.min(BOOKMARK_EVERY, before)
    if (wait <= 0) return
    cancelBookmark = hostTimeout(wait, () => {
      mark()
      scheduleBookmark(before - wait)
    })
  }
  scheduleBookmark(lasts - LAST_BOOKMARK)
  const cancelEnd = hostTimeout(lasts, () => outbox.end())
  const cancelFollow = whenRedefined(m, kind, () => hostTimeout(exchange.limits.oldWatch, () => outbox.end()))
  wire.onClose(() => {
    running.stop()
    cancelEnd()
    cancelBookmark()
    cancelFollow()
  })
}

/**
 * Follows the definition of a custom resource until it has changed or gone. The function returned cancels that, or what was
 * begun then.
 */
function whenRedefined(m: Machinery, kind: Kind, begin: () => () => void): () => void {
  const shape = kind.storedAs?.shape
  if (shape === undefined) return () => undefined
  let cancel = m.kinds.onChange(() => {
    if (m.kinds.find(kind.group, kind.version, kind.plural)?.storedAs?.shape === shape) return
    cancel()
    cancel = begin()
  })
  return () => cancel()
}

/** Answers a watch as a stream of lines. */
export function watchOverHttp(m: Machinery, kind: Kind, request: WatchRequest, exchange: Exchange): void {
  const form = exchange.form()
  if (form.mediaType === 'application/yaml') {
    const types = `application/json;stream=watch, ${PROTOBUF_WATCH}`
    throw new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${types}`)
  }
  const contentType = form.mediaType === PROTOBUF ? PROTOBUF_WATCH : 'application/json'
  if (form.as === 'PartialObjectMetadataList') throw badRequest('a watch is of objects, not of lists')
  const response = exchange.response as import('node:http').ServerResponse
  if (exchange.method === 'HEAD') {
    // There is nothing to wait for, and whoever asks next on this connection would wait for the end of the watch.
    exchange.head(200, contentType)
    return exchange.end()
  }
  stream(m, kind, request, exchange, form, () => {
    exchange.head(200, contentType, exchange.request.httpVersionMajor < 2 ? { 'transfer-encoding': 'chunked' } : {})
    // The client must see that the watch has begun, long before the first event.
    response.flushHeaders()
    return {
      get backlog() {
        return response.writableLength
      },
      send: (bytes) => void (response.writableEnded || response.destroyed || response.write(bytes)),
      end: () => void response.end(),
      drop: () => void response.destroy(),
      onClose: (fn) => void response.on('close', fn),
    }
  })
}

/**
 * Answers a watch over a WebSocket: one text message per event. `upgrade` shakes hands and gives the socket; it is called
 * once the request has been understood, so that refusals are answers of HTTP. It gives none when the handshake is no good.
 */
export function watchOverWebSocket(
  m: Machinery,
  kind: Kind,
  request: WatchRequest,
  exchange: Exchange,
  upgrade: () => WebSocket | undefined,
): void {
  // Messages of a WebSocket are text.
  const form: AnswerForm = { ...exchange.form(), mediaType: 'application/json' }
  stream(m, kind, request, exchange, form, () => {
    const socket = upgrade()
    return (
      socket && {
        get backlog() {
          return socket.bufferedAmount
        },
        send: (bytes) => socket.send(bytes, { binary: false }),
        end: () => socket.close(1000),
        drop: () => socket.terminate(),
        onClose: (fn) => void socket.on('close', fn),
      }
    )
  })
}
