/** Probes and lifecycle hooks: what is called, and how often. */
import { field, type FieldError } from '../../errors.js'
import { checkNotNegative, checkRequired, checkSupported, isNumber } from './checks.js'
import { httpHeaderName } from './names.js'
import { checkPortNumberOrName } from './ports.js'
import { isEmpty, items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type Handler = Pick<Sent<k8s.V1Probe>, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<Sent<k8s.V1LifecycleHandler>, 'sleep'>
type Probe = Sent<k8s.V1Probe> | null | undefined

/** Checks liveness, readiness and startup probes. `graceSeconds` is the pod's. */
export function validateProbes(
  c: Pick<Sent<k8s.V1Container>, 'livenessProbe' | 'readinessProbe' | 'startupProbe'>,
  graceSeconds: number | null | undefined,
  path: string,
  errors: FieldError[],
): void {
  validateProbe(c.livenessProbe, graceSeconds, `${path}.livenessProbe`, errors)
  mustSucceedOnce(c.livenessProbe, `${path}.livenessProbe`, errors)
  validateProbe(c.readinessProbe, graceSeconds, `${path}.readinessProbe`, errors)
  const grace = c.readinessProbe?.terminationGracePeriodSeconds
  if (grace !== undefined && grace !== null) {
    const at = `${path}.readinessProbe.terminationGracePeriodSeconds`
    errors.push(field.invalid(at, grace, 'must not be set for readinessProbes'))
  }
  validateProbe(c.startupProbe, graceSeconds, `${path}.startupProbe`, errors)
  mustSucceedOnce(c.startupProbe, `${path}.startupProbe`, errors)
}

function mustSucceedOnce(probe: Probe, path: string, errors: FieldError[]): void {
  if (probe && probe.successThreshold !== 1)
    errors.push(field.invalid(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'))
}

function validateProbe(probe: Probe, graceSeconds: number | null | undefined, path: string, errors: FieldError[]): void {
  if (!probe) return
  validateHandler(probe, graceSeconds, path, errors)
  for (const name of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const)
    checkNotNegative(probe[name], `${path}.${name}`, errors)
  const grace = probe.terminationGracePeriodSeconds
  if (isNumber(grace) && grace <= 0) errors.push(field.invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
}

/** Checks the hooks of a container. */
export function validateLifecycle(
  lifecycle: Sent<k8s.V1Lifecycle> | null | undefined,
  graceSeconds: number | null | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (!lifecycle) return
  if (lifecycle.postStart) validateHandler(lifecycle.postStart, graceSeconds, `${path}.postStart`, errors)
  if (lifecycle.preStop) validateHandler(lifecycle.preStop, graceSeconds, `${path}.preStop`, errors)
}

function validateHandler(h: Handler, graceSeconds: number | null | undefined, path: string, errors: FieldError[]): void {
  let handlers = 0
  /** Whether this handler is the first: only that one is looked into. */
  const first = (name: string): boolean => {
    if (++handlers === 1) return true
    errors.push(field.forbidden(`${path}.${name}`, 'may not specify more than 1 handler type'))
    return false
  }
  if (h.exec && first('exec') && isEmpty(h.exec.command)) errors.push(field.required(`${path}.exec.command`))
  if (h.httpGet && first('httpGet')) validateHttpGet(h.httpGet, `${path}.httpGet`, errors)
  if (h.tcpSocket && first('tcpSocket')) checkPortNumberOrName(h.tcpSocket.port, `${path}.tcpSocket.port`, errors)
  if (h.grpc && first('grpc')) checkPortNumberOrName(h.grpc.port, `${path}.grpc.port`, errors)
  if (h.sleep && first('sleep')) {
    const seconds = h.sleep.seconds ?? 0
    if (isNumber(graceSeconds) && (seconds < 0 || seconds > graceSeconds)) {
      const range = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`
      errors.push(field.invalid(`${path}.sleep`, seconds, range))
    }
  }
  if (handlers === 0) errors.push(field.required(path, 'must specify a handler type'))
}

function validateHttpGet(get: Sent<k8s.V1HTTPGetAction>, path: string, errors: FieldError[]): void {
  checkRequired(get.path, `${path}.path`, errors)
  checkPortNumberOrName(get.port, `${path}.port`, errors)
  checkSupported(get.scheme, ['HTTP', 'HTTPS'], `${path}.scheme`, errors)
  for (const h of items(get.httpHeaders))
    for (const m of httpHeaderName(h.name ?? '')) errors.push(field.invalid(`${path}.httpHeaders`, h.name ?? '', m))
}
