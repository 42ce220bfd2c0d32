/**
 * Approves the client certificates that kubelets ask for, when their user may have one
 * (https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#approval).
 */
import { isReason } from '../api/errors.js'
import type { KubeObject } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import { REQUESTS, type CertificateRequest } from './certificatesigning.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'

export interface CertificateApprovingOptions {
  /** The name in a request when it is one for a kubelet's client certificate; undefined when it is not. */
  kubeletClientName(request: { pem: string; signerName: string; usages: readonly string[] }): string | undefined
}

const ACCESS_REVIEWS = { group: 'authorization.k8s.io', version: 'v1', resource: 'subjectaccessreviews' }

export function startCertificateApprovingController(ctx: ControllerContext, options: CertificateApprovingOptions): Controller {
  const client = ctx.client.resource<CertificateRequest>(REQUESTS)
  const requests = ctx.informers.for<CertificateRequest>(REQUESTS)
  const controller = new KeyedController(ctx, { name: 'csrapproving', sync })
  const enqueue = (request: CertificateRequest): void => controller.queue.add(request.metadata.name!)
  controller.listen(requests, { add: enqueue, update: (_old, request) => enqueue(request) })
  return controller.startAfter(requests)

  async function sync(name: string): Promise<void> {
    const request = requests.get('', name)
    if (!request?.spec || request.status?.certificate) return
    if (request.status?.conditions?.some((c) => c.type === 'Approved' || c.type === 'Denied')) return
    const { request: encoded, signerName, usages = [], username } = request.spec
    const asked = options.kubeletClientName({ pem: Buffer.from(encoded, 'base64').toString('utf8'), signerName, usages })
    if (asked === undefined) return
    const self = asked === username
    if (self && (await isAllowed(request, 'selfnodeclient')))
      return approve(request, 'Auto approving self kubelet client certificate after SubjectAccessReview.')
    if (await isAllowed(request, 'nodeclient'))
      await approve(request, 'Auto approving kubelet client certificate after SubjectAccessReview.')
  }

  async function isAllowed({ spec }: CertificateRequest, subresource: string): Promise<boolean> {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec: {
        user: spec!.username,
        groups: spec!.groups,
        uid: spec!.uid,
        extra: spec!.extra,
        resourceAttributes: {
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          verb: 'create',
          subresource,
          version: '*',
        },
      },
    }
    const answer = await ctx.client.resource(ACCESS_REVIEWS).create('', JSON.parse(JSON.stringify(review)) as KubeObject)
    return (answer as { status?: { allowed?: boolean } }).status?.allowed === true
  }

  async function approve(request: CertificateRequest, message: string): Promise<void> {
    const now = rfc3339(ctx.clock.now())
    const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message, lastUpdateTime: now, lastTransitionTime: now }
    const conditions = [...(request.status?.conditions ?? []), approved]
    await client.update({ ...request, status: { ...request.status, conditions } }, { subresource: 'approval' }).catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error
    })
  }
}
