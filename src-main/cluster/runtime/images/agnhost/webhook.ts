/**
 * agnhost webhook: answers admission reviews as the tests of dynamic admission control want them
 * (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/).
 */
import type { Process } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { readBody, untilKilled } from '../server-process.js'
import { httpError } from './golog.js'
import { goJsonProblem, kindOf, serveSecurely, type WebhookLog } from './webhook-server.js'

interface Resource {
  group: string
  version: string
  resource: string
}

/** What is read of an AdmissionRequest. */
interface AdmissionRequest {
  uid: string
  resource: Resource
  subResource?: string
  name?: string
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  object?: Reviewed | null
  oldObject?: Reviewed | null
}

/** What is read of the objects, whatever their kind. */
interface Reviewed {
  metadata?: { name?: string; labels?: Record<string, string> }
  data?: Record<string, unknown>
  spec?: { containers?: { name: string }[]; initContainers?: { name: string }[] }
  stdin?: boolean
  container?: string
}

interface Operation {
  op: 'add' | 'replace'
  path: string
  value: unknown
}

interface Verdict {
  allowed: boolean
  /** Of a Status: why not, or a word on why. */
  status?: { status?: string; message?: string; reason?: string; code?: number }
  patch?: readonly Operation[]
}

interface Review {
  readonly process: Process
  readonly request: AdmissionRequest
  readonly log: WebhookLog
  readonly sidecarImage: string
}

/** Gives no verdict when the program would break off the connection over the request. */
type Admit = (review: Review) => Promise<Verdict | undefined> | Verdict | undefined

const denied = (message: string): Verdict => ({ allowed: false, status: { message } })
const shown = ({ group, version, resource }: Resource): string => `${group}/${version}, Resource=${resource}`
const core = (resource: string): Resource => ({ group: '', version: 'v1', resource })

/** The problem with a request that is about another resource. */
async function unlike({ request, log }: Review, wanted: Resource, says = (text: string): string => text): Promise<string | undefined> {
  if (shown(request.resource) === shown(wanted)) return undefined
  const problem = says(`expect resource to be ${shown(wanted)}`)
  await log.error(problem)
  return problem
}

const addLabel: Admit = async ({ request, log }) => {
  await log.verbose('calling add-label')
  const labels = request.object?.metadata?.labels ?? {}
  const add = (patch: Operation): Verdict => ({ allowed: true, patch: [patch] })
  if (Object.keys(labels).length === 0) return add({ op: 'add', path: '/metadata/labels', value: { 'added-label': 'yes' } })
  if (labels['added-label'] === 'yes') return { allowed: true }
  return add({ op: 'added-label' in labels ? 'replace' : 'add', path: '/metadata/labels/added-label', value: 'yes' })
}

/** Denies objects with unwanted data, and that those with other data are deleted. */
const admitData =
  (what: string, unwanted: string, resource?: Resource): Admit =>
  async (review) => {
    const { request, log } = review
    await log.verbose(`admitting ${what === 'configmap' ? 'configmaps' : what}`)
    if (resource && (await unlike(review, resource))) return undefined
    const deleting = request.operation === 'DELETE'
    const mark = (deleting ? request.oldObject : request.object)?.data?.['webhook-e2e-test']
    const no = (reason: string): Verdict => ({ allowed: false, status: { reason } })
    if (mark === 'webhook-disallow' && ['CREATE', 'UPDATE'].includes(request.operation)) return no(`the ${what} contains ${unwanted}`)
    if (mark === 'webhook-nondeletable' && deleting) {
      return no(`the ${what} cannot be deleted because it contains unwanted key and value`)
    }
    return { allowed: true }
  }

/** Adds a stage to data that asks for it: the second one once the first is there. */
const mutateData =
  (what: string, resource?: Resource): Admit =>
  async (review) => {
    await review.log.verbose(`mutating ${what}`)
    if (resource && (await unlike(review, resource))) return undefined
    const data = review.request.object?.data ?? {}
    const stage = data['mutation-stage-1'] === 'yes' ? 2 : data['mutation-start'] === 'yes' ? 1 : 0
    if (stage === 0) return { allowed: true }
    return { allowed: true, patch: [{ op: 'add', path: `/data/mutation-stage-${stage}`, value: 'yes' }] }
  }

const admitPods: Admit = async (review) => {
  await review.log.verbose('admitting pods')
  const problem = await unlike(review, core('pods'))
  if (problem) return denied(problem)
  const pod = review.request.object
  const label = pod?.metadata?.labels?.['webhook-e2e-test']
  if (label === 'wait-forever') return untilKilled(review.process)
  const faults = [
    ...(label === 'webhook-disallow' ? ['the pod contains unwanted label;'] : []),
    ...(pod?.spec?.containers ?? [])
      .filter(({ name }) => name.includes('webhook-disallow'))
      .map(() => 'the pod contains unwanted container name;'),
  ]
  return faults.length > 0 ? denied(faults.join(' ')) : { allowed: true }
}

/** Patches the pods that are meant and that were not patched before. */
const patchPods =
  (meant: (pod: Reviewed) => boolean, patch: (review: Review) => Operation): Admit =>
  async (review) => {
    await review.log.verbose('mutating pods')
    if (await unlike(review, core('pods'))) return undefined
    return meant(review.request.object ?? {}) ? { allowed: true, patch: [patch(review)] } : { allowed: true }
  }

const has = (containers: readonly { name: string }[] | undefined, name: string): boolean => (containers ?? []).some((c) => c.name === name)

const mutatePods = patchPods(
  ({ metadata, spec }) => metadata?.name === 'webhook-to-be-mutated' && !has(spec?.initContainers, 'webhook-added-init-container'),
  () => ({
    op: 'add',
    path: '/spec/initContainers',
    value: [{ image: 'webhook-added-image', name: 'webhook-added-init-container', resources: {} }],
  }),
)

const addSidecar = patchPods(
  ({ spec }) => !has(spec?.containers, 'webhook-added-sidecar'),
  ({ sidecarImage }) => ({
    op: 'add',
    path: '/spec/containers/-',
    value: { image: sidecarImage, name: 'webhook-added-sidecar', resources: {} },
  }),
)

const mutatePodsSidecar: Admit = (review) =>
  review.sidecarImage === ''
    ? { allowed: false, status: { status: 'Failure', message: 'No image specified by the sidecar-image parameter', code: 500 } }
    : addSidecar(review)

const admitAttaching: Admit = async (review) => {
  const { request, log } = review
  await log.verbose('handling attaching pods')
  if (request.name !== 'to-be-attached-pod') return { allowed: true }
  const other = await unlike(review, core('pods'), (text) => `${text}, got ${shown(request.resource)}`)
  if (other) return denied(other)
  if (request.subResource !== 'attach') {
    const problem = `expect subresource to be attach, got ${request.subResource ?? ''}`
    await log.error(problem)
    return denied(problem)
  }
  const { stdin, container } = request.object ?? {}
  return stdin && container === 'container1' ? denied("attaching to pod 'to-be-attached-pod' is not allowed") : { allowed: true }
}

const admitCrd: Admit = async ({ request, log }) => {
  await log.verbose('admitting crd')
  const definitions = (version: string): string => shown({ group: 'apiextensions.k8s.io', version, resource: 'customresourcedefinitions' })
  const wanted = [definitions('v1beta1'), definitions('v1')]
  if (!wanted.includes(shown(request.resource))) {
    const problem = `expect resource to be one of [${wanted.join(', ')}] but got ${shown(request.resource)}`
    await log.error(problem)
    return denied(problem)
  }
  const label = request.object?.metadata?.labels?.['webhook-e2e-test']
  return label === 'webhook-disallow' ? denied('the crd contains unwanted label') : { allowed: true }
}

const allowSlowly: Admit = async ({ process, log }) => {
  await log.verbose('always-allow-with-delay sleeping for 5 seconds')
  await process.sleep(5_000)
  await log.verbose('calling always-allow')
  return { allowed: true, status: { message: 'this webhook allows all requests' } }
}

const alwaysDeny: Admit = async ({ log }) => {
  await log.verbose('calling always-deny')
  return denied('this webhook denies all requests')
}

const paths: Readonly<Record<string, Admit>> = {
  '/always-allow-delay-5s': allowSlowly,
  '/always-deny': alwaysDeny,
  '/add-label': addLabel,
  '/pods': admitPods,
  '/pods/attach': admitAttaching,
  '/mutating-pods': mutatePods,
  '/mutating-pods-sidecar': mutatePodsSidecar,
  '/configmaps': admitData('configmap', 'unwanted key and value', core('configmaps')),
  '/mutating-configmaps': mutateData('configmaps', core('configmaps')),
  '/custom-resource': admitData('custom resource', 'unwanted data'),
  '/mutating-custom-resource': mutateData('custom resource'),
  '/crd': admitCrd,
}

/** A verdict as the `response` of an AdmissionReview. */
function response(uid: string, { allowed, status, patch }: Verdict): object {
  return {
    uid,
    allowed,
    ...(status ? { status: { metadata: {}, ...status } } : {}),
    ...(patch ? { patch: Buffer.from(JSON.stringify(patch)).toString('base64'), patchType: 'JSONPatch' } : {}),
  }
}

/** Serves the reviews over HTTPS on `--port`, with the certificate of `--tls-cert-file` and `--tls-private-key-file`. */
export function webhook(process: Process, args: readonly string[]): Promise<number> {
  const sidecarImage = goFlag(args, 'sidecar-image') ?? ''
  return serveSecurely(process, args, async (req, res, log) => {
    const { pathname } = new URL(req.url ?? '/', 'http://x')
    const body = await readBody(req)
    if (pathname === '/readyz') return void res.setHeader('Content-Type', 'text/plain; charset=utf-8').end('ok')
    const admit = Object.hasOwn(paths, pathname) ? paths[pathname] : undefined
    if (!admit) return httpError(res, 404, '404 page not found')
    const type = req.headers['content-type'] ?? ''
    if (type !== 'application/json') {
      await log.error(`contentType=${type}, expect application/json`)
      return void res.end()
    }
    await log.verbose(`handling request: ${body}`)
    const refuse = async (problem: string): Promise<void> => {
      await log.error(problem)
      httpError(res, 400, problem)
    }
    const problem = goJsonProblem(body)
    if (problem !== undefined) return refuse(`Request could not be decoded: ${problem}`)
    const review = JSON.parse(body) as { apiVersion: string; kind: string; request: AdmissionRequest }
    const { apiVersion, kind } = review
    if (kind !== 'AdmissionReview' || !/^admission\.k8s\.io\/v1(beta1)?$/.test(apiVersion))
      return refuse(`Unsupported group version kind: ${kindOf(review)}`)
    const { request } = review
    const verdict = request && (await admit({ process, request, log, sidecarImage }))
    if (!verdict) return void res.destroy()
    const answer = JSON.stringify({ kind, apiVersion, response: response(request.uid, verdict) })
    await log.verbose(`sending response: ${answer}`)
    res.setHeader('Content-Type', 'application/json')
    res.end(answer)
  })
}
