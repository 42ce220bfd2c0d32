/** What one client may take of the server, so that none takes it from the others. */

export interface Limits {
  /** The largest body, bytes; as kube-apiserver's limit for writes. Larger ones get 413. */
  readonly body: number
  /** A body that is too large is read and thrown away up to this many bytes, so that its sender hears why. */
  readonly refusedBody: number
  /** A body that takes longer to arrive is given up, wall ms. */
  readonly bodyTime: number
  /** The largest header section, bytes; beyond it Node answers 431. */
  readonly header: number
  /** Wall ms for a header section to arrive; then 408. */
  readonly headerTime: number
  /** Wall ms for a TLS handshake. */
  readonly handshakeTime: number
  /** Wall ms that a connection may be kept without a request. */
  readonly idleTime: number
  /** Connections at once; more are closed. */
  readonly connections: number
  /** As `--http2-max-streams-per-connection` of kube-apiserver. */
  readonly streams: number
  /** Requests that read, worked on at once; as `--max-requests-inflight`. */
  readonly reading: number
  /** Requests that write, worked on at once; as `--max-mutating-requests-inflight`. */
  readonly writing: number
  /** Requests of either sort that may wait; more get 429. */
  readonly waiting: number
  /** Events that wait for a watch client to read, bytes of JSON; with more it is dropped. */
  readonly watchBacklog: number
  /** A watch client that takes nothing for so long, while something waits for it, is dropped; wall ms. */
  readonly watchStall: number
  /** How long a watch goes on after the definition of its custom resource has changed or gone, wall ms. */
  readonly oldWatch: number
}

export const defaultLimits: Limits = {
  body: 3 * 1024 ** 2,
  refusedBody: 32 * 1024 ** 2,
  bodyTime: 60_000,
  header: 1024 ** 2,
  headerTime: 30_000,
  handshakeTime: 10_000,
  idleTime: 180_000,
  connections: 10_000,
  streams: 250,
  reading: 400,
  writing: 200,
  waiting: 5000,
  watchBacklog: 64 * 1024 ** 2,
  watchStall: 60_000,
  oldWatch: 1000,
}
