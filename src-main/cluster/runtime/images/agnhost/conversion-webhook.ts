/**
 * agnhost crd-conversion-webhook: converts custom resources of stable.example.com between v1 and v2
 * (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/).
 */
import { parse, stringify } from 'yaml'
import type { Process } from '../../process.js'
import { InClusterApi } from '../in-cluster-api.js'
import { readBody } from '../server-process.js'
import { sniffedType } from './content-type.js'
import { httpError } from './golog.js'
import { die, goJsonProblem, kindOf, serveSecurely } from './webhook-server.js'

/** A custom resource: v1 has `hostPort`, v2 `host` and `port`. */
type CustomResource = { apiVersion: string } & Record<string, unknown>

interface ConversionReview {
  kind: string
  apiVersion: string
  request?: { uid: string; desiredAPIVersion: string; objects: CustomResource[] }
}

const GROUP = 'stable.example.com'

/** Gives the object in the other version. Throws an Error that says why it cannot. */
function converted(object: CustomResource, to: string): CustomResource {
  const from = object.apiVersion
  if (from === to) throw new Error(`conversion from a version to itself should not call the webhook: ${to}`)
  const { hostPort, host, port, ...rest } = object
  if (from === `${GROUP}/v1` && to === `${GROUP}/v2`) {
    if (hostPort === undefined) return { ...object, apiVersion: to }
    const parts = String(hostPort).split(':')
    if (parts.length !== 2) throw new Error(`invalid hostPort value \`${String(hostPort)}\``)
    return { ...rest, apiVersion: to, host: parts[0], port: parts[1] }
  }
  if (from === `${GROUP}/v2` && to === `${GROUP}/v1`) {
    if (host === undefined && port === undefined) return { ...object, apiVersion: to }
    return { ...rest, apiVersion: to, hostPort: `${String(host ?? '')}:${String(port ?? '')}` }
  }
  const known = [`${GROUP}/v1`, `${GROUP}/v2`].includes(from)
  throw new Error(`unexpected conversion version ${JSON.stringify(known ? to : from)}`)
}

/** All of them, or what is wrong with the first that cannot be converted. */
function convertAll(objects: readonly CustomResource[], to: string): { convertedObjects: CustomResource[] | null; result: object } {
  try {
    return { convertedObjects: objects.map((object) => converted(object, to)), result: { metadata: {}, status: 'Success' } }
  } catch (error) {
    return { convertedObjects: null, result: { metadata: {}, status: 'Failure', message: (error as Error).message } }
  }
}

/** What an Accept header takes first of JSON and YAML. */
function accepted(header: string): 'json' | 'yaml' | undefined {
  if (header === '') return 'json'
  const clauses = header.split(',').map((clause) => {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
    const quality = parameters.find((p) => p.startsWith('q='))
    return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) }
  })
  for (const { type } of clauses.sort((a, b) => b.quality - a.quality)) {
    if (['application/json', 'application/*', '*/*'].includes(type)) return 'json'
    if (type === 'application/yaml') return 'yaml'
  }
  return undefined
}

/** Serves `/crdconvert` over HTTPS on `--port`, with the certificate of `--tls-cert-file` and `--tls-private-key-file`. */
export async function conversionWebhook(process: Process, args: readonly string[]): Promise<number> {
  try {
    new InClusterApi(process)
  } catch (error) {
    return die(process, 'config.go:37', (error as Error).message)
  }
  return serveSecurely(process, args, async (req, res, log) => {
    const { pathname } = new URL(req.url ?? '/', 'http://x')
    const body = await readBody(req)
    if (pathname === '/readyz') return void res.setHeader('Content-Type', 'text/plain; charset=utf-8').end('ok')
    if (pathname !== '/crdconvert') return httpError(res, 404, '404 page not found')
    const refuse = async (problem: string): Promise<void> => {
      await log.error(problem)
      httpError(res, 400, problem)
    }
    const type = req.headers['content-type'] ?? ''
    if (type !== 'application/json' && type !== 'application/yaml') return refuse(`invalid Content-Type header \`${type}\``)
    await log.verbose(`handling request: [${[...Buffer.from(body)].join(' ')}]`)
    const problem = type === 'application/json' ? goJsonProblem(body) : undefined
    if (problem !== undefined) return refuse(`failed to deserialize body (${body}) with error ${problem}`)
    let review: ConversionReview
    try {
      review = (type === 'application/json' ? JSON.parse(body) : parse(body)) as ConversionReview
    } catch (error) {
      return refuse(`failed to deserialize body (${body}) with error ${(error as Error).message}`)
    }
    const { kind, apiVersion, request } = review
    if (kind !== 'ConversionReview' || !/^apiextensions\.k8s\.io\/v1(beta1)?$/.test(apiVersion))
      return refuse(`Unsupported group version kind: ${kindOf(review)}`)
    if (!request) return void res.destroy()
    const response = { uid: request.uid, ...convertAll(request.objects ?? [], request.desiredAPIVersion) }
    await log.verbose(`sending response: ${JSON.stringify(response)}`)
    const accept = req.headers.accept ?? ''
    const format = accepted(accept)
    if (!format) return refuse(`invalid accept header \`${accept}\``)
    // Of the request there is nothing left but the fields that are always written.
    const answer = { kind, apiVersion, request: { uid: '', desiredAPIVersion: '', objects: null }, response }
    const text = format === 'json' ? `${JSON.stringify(answer)}\n` : stringify(answer)
    res.setHeader('Content-Type', sniffedType(text))
    res.end(text)
  })
}
