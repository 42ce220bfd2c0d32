/** Certificate signing requests: signs what was approved, and clears away what is done (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/). */
import type * as k8s from '@kubernetes/client-node'
import { X509Certificate } from 'node:crypto'
import { isReason } from '../api/errors.js'
import type { ObjectMeta, Wire } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { timeOf } from './pods.js'
import { updateStatus } from './status.js'

export type CertificateRequest = Wire<k8s.V1CertificateSigningRequest> & { metadata: ObjectMeta }

export interface CertificateSigningOptions {
  /** Whether a signer is one of those that this cluster serves. */
  serves(signerName: string): boolean
  /** Signs a request; rejects with what is wrong with it. Takes and gives PEM. */
  sign(request: { pem: string; signerName: string; usages: readonly string[]; expirationSeconds?: number }): Promise<string>
}

export const REQUESTS = { group: 'certificates.k8s.io', version: 'v1', resource: 'certificatesigningrequests' }

const HOUR = 3_600_000
/** Issued, denied and failed requests go after an hour, those nobody has looked at or signed after a day. */
const DONE_TTL_MS = HOUR
const PENDING_TTL_MS = 24 * HOUR

export function startCertificateSigningController(ctx: ControllerContext, options: CertificateSigningOptions): Controller {
  const client = ctx.client.resource<CertificateRequest>(REQUESTS)
  const requests = ctx.informers.for<CertificateRequest>(REQUESTS)
  const controller = new KeyedController(ctx, { name: 'csrsigning', sync })
  const enqueue = (request: CertificateRequest): void => controller.queue.add(request.metadata.name!)
  controller.listen(requests, { add: enqueue, update: (_old, request) => enqueue(request) })
  return controller.startAfter(requests)

  async function sync(name: string): Promise<void> {
    const request = requests.get('', name)
    if (!request) return
    if (await expire(request)) return
    if (!isTrue(request, 'Approved') || isTrue(request, 'Denied') || isTrue(request, 'Failed')) return
    if (request.status?.certificate || !options.serves(request.spec!.signerName)) return
    const { request: encoded, signerName, usages = [], expirationSeconds } = request.spec!
    const pem = Buffer.from(encoded, 'base64').toString('utf8')
    try {
      const signed = await options.sign({ pem, signerName, usages, ...(expirationSeconds === undefined ? {} : { expirationSeconds }) })
      const certificate = Buffer.from(signed).toString('base64')
      await updateStatus(client, request, { ...request.status, certificate })
    } catch (error) {
      if (isReason(error, 'Conflict')) throw error
      const now = rfc3339(ctx.clock.now())
      const failure = {
        type: 'Failed',
        status: 'True',
        reason: 'SignerValidationFailure',
        message: (error as Error).message,
        lastUpdateTime: now,
        lastTransitionTime: now,
      }
      await updateStatus(client, request, { ...request.status, conditions: [...(request.status?.conditions ?? []), failure] })
    }
  }

  /** Deletes a request whose time is over; otherwise comes back when it is. */
  async function expire(request: CertificateRequest): Promise<boolean> {
    const { name } = request.metadata
    const left = endOf(request) - ctx.clock.now()
    if (left > 0) {
      controller.queue.addAfter(name!, left + 1000)
      return false
    }
    await client.delete('', name!).catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error
    })
    return true
  }
}

/** When the time of a request is over, ms: a failure or denial counts before an approval, and a certificate that has run out ends it earlier. */
function endOf({ metadata, status }: CertificateRequest): number {
  const sinceOf = (...types: string[]): number => {
    const found = status?.conditions?.find((c) => types.includes(c.type) && c.status === 'True')
    return found ? timeOf(found.lastUpdateTime ?? metadata.creationTimestamp) : NaN
  }
  const refused = sinceOf('Denied', 'Failed')
  if (!Number.isNaN(refused)) return refused + DONE_TTL_MS
  const approved = sinceOf('Approved')
  if (Number.isNaN(approved)) return timeOf(metadata.creationTimestamp) + PENDING_TTL_MS
  if (!status?.certificate) return approved + PENDING_TTL_MS
  return Math.min(approved + DONE_TTL_MS, expiryOf(status.certificate))
}

/** When a certificate runs out, ms; never for what is none. */
function expiryOf(certificate: string): number {
  try {
    return Date.parse(new X509Certificate(Buffer.from(certificate, 'base64')).validTo)
  } catch {
    return Infinity
  }
}

function isTrue(request: CertificateRequest, type: string): boolean {
  return !!request.status?.conditions?.some((c) => c.type === type && c.status === 'True')
}
