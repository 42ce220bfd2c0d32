/**
 * What the query of a stream request asks for, checked as the API server and the kubelet check it
 * (`pkg/registry/core/pod` and `pkg/kubelet/server` describe the rules; the wording is theirs).
 */
import type { ExecOptions, LogOptions } from '../../kubelet/endpoint.js'
import { badRequest, field, invalid, type FieldError } from '../errors.js'
import type { Pod } from '../object.js'

/** The names of all containers of a pod: init containers, containers, ephemeral containers. */
function containerNames(pod: Pod): string[] {
  const { spec } = pod
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])].map((c) => c.name)
}

/** The container a request means: the one it names, or the only one. Throws a 400. */
export function containerOf(pod: Pod, query: URLSearchParams): string {
  const name = pod.metadata.name ?? ''
  const wanted = query.get('container') ?? ''
  const names = containerNames(pod)
  if (wanted) {
    if (!names.includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${name}`)
    return wanted
  }
  const containers = pod.spec?.containers ?? []
  if (containers.length === 1) return containers[0]!.name
  if (containers.length === 0) throw badRequest(`a container name must be specified for pod ${name}`)
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`)
}

/** A boolean of a query string: only `0`, `false` and absence are false. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value !== null && value !== '0' && value.toLowerCase() !== 'false'
}

/** The options of exec, or of attach, which has no command. Throws a 400 whose message is the kubelet's. */
export function execOptions(query: URLSearchParams): ExecOptions {
  const tty = flag(query, 'tty')
  const options = {
    command: query.getAll('command'),
    stdin: flag(query, 'stdin'),
    stdout: flag(query, 'stdout'),
    // A terminal has one output. The kubelet drops stderr instead of refusing.
    stderr: flag(query, 'stderr') && !tty,
    tty,
  }
  if (!options.stdin && !options.stdout && !options.stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  return options
}

/** The ports of a WebSocket port-forward. Throws a 400 whose message is the kubelet's. */
export function forwardedPorts(query: URLSearchParams): number[] {
  // The API names the parameter `ports`; the kubelet, to which it is handed on, `port`.
  const values = [...query.getAll('ports'), ...query.getAll('port')]
  if (values.length === 0) throw badRequest('query parameter "port" is required')
  return values.flatMap((value) => {
    if (value === '') throw badRequest('query parameter "port" cannot be empty')
    return value.split(',').map(parsePort)
  })
}

/** Checks the query of a streaming request before the pod is looked for, as the API server reads it. Throws 400 and 422. */
export function checkQuery(subresource: string, name: string, query: URLSearchParams): void {
  if (subresource === 'log') logOptions(name, query)
  if (subresource !== 'portforward') return
  for (const text of query.getAll('ports').flatMap((value) => value.split(','))) {
    const why = !/^\d+$/.test(text) ? 'invalid syntax' : Number(text) > 65535 ? 'value out of range' : ''
    if (why) throw badRequest(`cannot convert to []int32: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`)
  }
}

/** A TCP port in text. Throws a 400 in Go's wording. */
export function parsePort(text: string): number {
  const quoted = JSON.stringify(text)
  if (!/^\d+$/.test(text)) throw badRequest(`unable to parse ${quoted} as a port: strconv.ParseUint: parsing ${quoted}: invalid syntax`)
  const port = Number(text)
  if (port > 65535) throw badRequest(`unable to parse ${quoted} as a port: strconv.ParseUint: parsing ${quoted}: value out of range`)
  if (port < 1) throw badRequest(`port ${quoted} must be > 0`)
  return port
}

const int64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n }

function integer(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  const quoted = JSON.stringify(value)
  if (!/^[+-]?\d+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${quoted}: invalid syntax`)
  const exact = BigInt(value.replace('+', ''))
  if (exact < int64.least || exact > int64.most) throw badRequest(`strconv.ParseInt: parsing ${quoted}: value out of range`)
  return Number(exact)
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)$/
const LOG_STREAMS = ['All', 'Stderr', 'Stdout']

/** `PodLogOptions` for the pod of a name: 400 for what cannot be read, 422 for what breaks a rule. */
export function logOptions(name: string, query: URLSearchParams): LogOptions {
  const options: LogOptions = {
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
  }
  const sinceSeconds = integer(query, 'sinceSeconds')
  const tailLines = integer(query, 'tailLines')
  const limitBytes = integer(query, 'limitBytes')
  const sinceTime = query.get('sinceTime') || undefined
  if (sinceTime !== undefined && (!RFC3339.test(sinceTime) || Number.isNaN(Date.parse(sinceTime.replace(',', '.'))))) {
    const quoted = JSON.stringify(sinceTime)
    throw badRequest(`parsing time ${quoted} as "2006-01-02T15:04:05Z07:00": cannot parse ${quoted} as "2006"`)
  }
  const stream = query.get('stream') || undefined

  const errors: FieldError[] = []
  if (tailLines !== undefined && tailLines < 0) errors.push(field.invalid('tailLines', tailLines, 'must be greater than or equal to 0'))
  if (limitBytes !== undefined && limitBytes < 1) errors.push(field.invalid('limitBytes', limitBytes, 'must be greater than 0'))
  if (sinceSeconds !== undefined && sinceTime !== undefined)
    errors.push(field.forbidden('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    errors.push(field.invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'))
  if (stream !== undefined && !LOG_STREAMS.includes(stream)) errors.push(field.notSupported('stream', stream, LOG_STREAMS))
  if (stream !== undefined && stream !== 'All' && tailLines !== undefined)
    errors.push(field.forbidden('', '`tailLines` and specific `stream` are mutually exclusive for now'))
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, name, errors)

  if (sinceSeconds !== undefined) options.sinceSeconds = sinceSeconds
  if (sinceTime !== undefined) options.sinceTime = sinceTime
  if (tailLines !== undefined) options.tailLines = tailLines
  if (limitBytes !== undefined) options.limitBytes = limitBytes
  if (stream !== undefined) options.stream = stream as NonNullable<LogOptions['stream']>
  return options
}
