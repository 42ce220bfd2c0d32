/**
 * Who asked and whether they might, counted under the names and labels that kube-apiserver uses.
 * https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
import { hostNow, hostTime } from '../../host.js'
import { Counter, Histogram, printedLabels } from '../exposition.js'

/** Upper bounds of latencies, seconds: from a millisecond on, each twice the one before. */
const BUCKETS = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i)
const HOUR = 3600
const DAY = 24 * HOUR
/** Upper bounds of how long certificates are still good, seconds. */
const LIFETIMES = [
  0,
  HOUR / 2,
  HOUR,
  2 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  4 * DAY,
  7 * DAY,
  30 * DAY,
  90 * DAY,
  180 * DAY,
  360 * DAY,
]

/** Users that are counted by their names; all others are put together. */
const NAMED = new Set(['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default'])

function shownUser(username: string): string {
  if (NAMED.has(username)) return username
  return username.includes('@') ? 'email_id' : 'other'
}

const SUCCESS = printedLabels({ result: 'success' })
const FAILURE = printedLabels({ result: 'failure' })
const ALLOWED = printedLabels({ result: 'allowed' })
const NO_OPINION = printedLabels({ result: 'no-opinion' })

export class AccessMetrics {
  private readonly lifetimes = new Histogram(
    'apiserver_client_certificate_expiration_seconds',
    '[ALPHA] Distribution of the remaining lifetime on the certificate used to authenticate a request.',
    LIFETIMES,
  )
  private readonly users = new Counter('authenticated_user_requests', '[ALPHA] Counter of authenticated requests broken out by username.')
  private readonly attempts = new Counter('authentication_attempts', '[ALPHA] Counter of authenticated attempts.')
  private readonly authentications = new Histogram(
    'authentication_duration_seconds',
    '[ALPHA] Authentication duration in seconds broken out by result.',
    BUCKETS,
  )
  private readonly decisions = new Counter(
    'authorization_attempts_total',
    "[ALPHA] Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.",
  )
  private readonly authorizations = new Histogram(
    'authorization_duration_seconds',
    '[ALPHA] Authorization duration in seconds broken out by result.',
    BUCKETS,
  )

  /**
   * Notes that somebody was known or not.
   * @param username undefined when the request is refused
   * @param began when it began, as `hostNow` tells it
   */
  authenticated(username: string | undefined, began: number): void {
    const result = username === undefined ? FAILURE : SUCCESS
    this.attempts.add(result)
    this.authentications.observe(result, (hostNow() - began) / 1000)
    if (username !== undefined) this.users.add(printedLabels({ username: shownUser(username) }))
  }

  /** Notes a certificate that somebody was known by. @param until when it ends, ms since the epoch */
  certificate(until: number): void {
    this.lifetimes.observe('', (until - hostTime()) / 1000)
  }

  /** Notes a decision. @param began when it began, as `hostNow` tells it */
  authorized(allowed: boolean, began: number): void {
    const result = allowed ? ALLOWED : NO_OPINION
    this.decisions.add(result)
    this.authorizations.observe(result, (hostNow() - began) / 1000)
  }

  families(): string[] {
    return [
      this.lifetimes.text(),
      this.users.text(),
      this.attempts.text(),
      this.authentications.text(),
      this.decisions.text(),
      this.authorizations.text(),
    ]
  }
}
