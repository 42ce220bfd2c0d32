/** The containers of a pod: regular, init and ephemeral ones. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkOneOf, checkRequired } from './checks.js'
import { validateEnv, validateEnvFrom } from './env.js'
import { validateLifecycle, validateProbes } from './handlers.js'
import { validateMountsAndDevices } from './mounts.js'
import { dns1123Label, portName } from './names.js'
import type { SentContainer, SentPodSpec } from './pod-defaults.js'
import { checkPortNumber, PROTOCOLS } from './ports.js'
import { validateRequirements } from './resources.js'
import { validateSecurityContext } from './security-context.js'
import { isEmpty, items } from './sent.js'
import type { SentVolume } from './volume-defaults.js'

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']

/** What all containers of a pod share. */
interface Surroundings {
  spec: SentPodSpec
  volumes: ReadonlyMap<string, SentVolume>
  claims: ReadonlySet<string>
  hostUsers: boolean
  graceSeconds: number | null | undefined
}

/** Checks all containers of a pod. */
export function validateContainers(spec: SentPodSpec, volumes: ReadonlyMap<string, SentVolume>, path: string, errors: FieldError[]): void {
  const around: Surroundings = {
    spec,
    volumes,
    claims: new Set(
      items(spec.resourceClaims)
        .map((c) => c.name ?? '')
        .filter(Boolean),
    ),
    hostUsers: spec.hostUsers !== false,
    graceSeconds: spec.terminationGracePeriodSeconds,
  }
  validateRegular(around, `${path}.containers`, errors)
  validateInit(around, `${path}.initContainers`, errors)
  validateEphemeral(around, `${path}.ephemeralContainers`, errors)
}

function validateRegular(around: Surroundings, path: string, errors: FieldError[]): void {
  const list = items<SentContainer>(around.spec.containers)
  if (list.length === 0) {
    errors.push(field.required(path))
    return
  }
  const names = new Set<string>()
  list.forEach((c, i) => {
    const at = `${path}[${i}]`
    validateCommon(c, around, at, errors)
    if (names.has(c.name ?? '')) errors.push(field.duplicate(`${at}.name`, c.name ?? ''))
    names.add(c.name ?? '')
    validateLifecycle(c.lifecycle, around.graceSeconds, `${at}.lifecycle`, errors)
    validateProbes(c, around.graceSeconds, at, errors)
    validateRestart(c, at, errors)
  })
  validateHostPorts(list, path, new Set(), errors)
}

function validateInit(around: Surroundings, path: string, errors: FieldError[]): void {
  const names = new Set(items<SentContainer>(around.spec.containers).map((c) => c.name ?? ''))
  items<SentContainer>(around.spec.initContainers).forEach((c, i) => {
    const at = `${path}[${i}]`
    validateCommon(c, around, at, errors)
    if (typeof c.restartPolicy === 'string') validateRestart(c, at, errors)
    else validateRulesNeedPolicy(c, at, errors)
    if (names.has(c.name ?? '')) errors.push(field.duplicate(`${at}.name`, c.name ?? ''))
    else if (c.name) names.add(c.name)
    // Init containers run one after the other: their ports cannot meet.
    validateHostPorts([c], path, new Set(), errors)
    if (c.restartPolicy === 'Always') {
      validateLifecycle(c.lifecycle, around.graceSeconds, `${at}.lifecycle`, errors)
      validateProbes(c, around.graceSeconds, at, errors)
    } else {
      for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
        if (c[name]) errors.push(field.forbidden(`${at}.${name}`, 'may not be set for init containers without restartPolicy=Always'))
      items(c.resizePolicy).forEach((p, j) => {
        if (p.restartPolicy !== 'RestartContainer') return
        const text = "must not be set to 'RestartContainer' for non-sidecar initContainers"
        errors.push(field.invalid(`${at}.resizePolicy[${j}].restartPolicy`, p.restartPolicy, text))
      })
    }
  })
}

const EPHEMERAL_FORBIDDEN = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const satisfies readonly (keyof SentContainer)[]

function validateEphemeral(around: Surroundings, path: string, errors: FieldError[]): void {
  const others = new Set([...items(around.spec.containers), ...items(around.spec.initContainers)].map((c) => c.name ?? ''))
  const names = new Set(others)
  const list = items<SentContainer>(around.spec.ephemeralContainers as (SentContainer | null)[] | null | undefined)
  list.forEach((c, i) => {
    const at = `${path}[${i}]`
    validateCommon(c, around, at, errors)
    validateImageIsTrimmed(c, at, errors)
    if (names.has(c.name ?? '')) errors.push(field.duplicate(`${at}.name`, c.name ?? ''))
    names.add(c.name ?? '')
    if (c.targetContainerName && !others.has(c.targetContainerName))
      errors.push(field.notFound(`${at}.targetContainerName`, c.targetContainerName))
    const refused = 'cannot be set for an Ephemeral Container'
    for (const name of EPHEMERAL_FORBIDDEN) {
      const value = c[name]
      // Only the resources are a plain structure, which is as good as not there when it is empty.
      const isSet = Array.isArray(value) || name === 'resources' ? !isEmpty(value as object) : Boolean(value)
      if (isSet) errors.push(field.forbidden(`${at}.${name}`, refused))
    }
    items(c.volumeMounts).forEach((m, j) => {
      for (const name of ['subPath', 'subPathExpr'] as const)
        if (m[name]) errors.push(field.forbidden(`${at}.volumeMounts[${j}].${name}`, refused))
    })
  })
}

function validateCommon(c: SentContainer, around: Surroundings, path: string, errors: FieldError[]): void {
  if (checkRequired(c.name, `${path}.name`, errors)) checkName(dns1123Label, c.name!, `${path}.name`, errors)
  checkRequired(c.image, `${path}.image`, errors)
  checkOneOf(c.terminationMessagePolicy, ['File', 'FallbackToLogsOnError'], `${path}.terminationMessagePolicy`, errors)
  validatePorts(c, `${path}.ports`, errors)
  validateEnv(c.env, `${path}.env`, errors)
  validateEnvFrom(c.envFrom, `${path}.envFrom`, errors)
  validateMountsAndDevices(c, around.volumes, path, errors)
  checkOneOf(c.imagePullPolicy, ['Always', 'IfNotPresent', 'Never'], `${path}.imagePullPolicy`, errors)
  validateRequirements(c.resources, `${path}.resources`, errors, { claims: around.claims })
  validateResizePolicy(c, around.spec.restartPolicy, `${path}.resizePolicy`, errors)
  validateSecurityContext(c.securityContext, around.hostUsers, `${path}.securityContext`, errors)
}

/** The images of pods may not be padded with spaces. Those of templates may, but for ephemeral containers. */
export function validateImageIsTrimmed(c: SentContainer, path: string, errors: FieldError[]): void {
  const image = c.image ?? ''
  if (image !== image.trim()) errors.push(field.invalid(`${path}.image`, image, 'must not have leading or trailing whitespace'))
}

function validatePorts(c: SentContainer, path: string, errors: FieldError[]): void {
  const names = new Set<string>()
  items(c.ports).forEach((p, i) => {
    const at = `${path}[${i}]`
    if (p.name) {
      const messages = portName(p.name)
      for (const m of messages) errors.push(field.invalid(`${at}.name`, p.name, m))
      if (messages.length === 0 && names.has(p.name)) errors.push(field.duplicate(`${at}.name`, p.name))
      names.add(p.name)
    }
    if (!p.containerPort) errors.push(field.required(`${at}.containerPort`))
    else checkPortNumber(p.containerPort, `${at}.containerPort`, errors)
    if (p.hostPort) checkPortNumber(p.hostPort, `${at}.hostPort`, errors)
    checkOneOf(p.protocol, PROTOCOLS, `${at}.protocol`, errors)
  })
}

function validateHostPorts(list: SentContainer[], path: string, taken: Set<string>, errors: FieldError[]): void {
  list.forEach((c, i) => {
    items(c.ports).forEach((p, j) => {
      if (!p.hostPort) return
      const port = `${p.protocol ?? ''}/${p.hostIP ?? ''}/${p.hostPort}`
      if (taken.has(port)) errors.push(field.duplicate(`${path}[${i}].ports[${j}].hostPort`, port))
      taken.add(port)
    })
  })
}

function validateRulesNeedPolicy(c: SentContainer, path: string, errors: FieldError[]): void {
  if (!isEmpty(c.restartPolicyRules))
    errors.push(field.required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'))
}

/** A container may have a restart policy of its own, and rules by exit code. */
function validateRestart(c: SentContainer, path: string, errors: FieldError[]): void {
  const rules = items(c.restartPolicyRules)
  if (c.restartPolicy === undefined || c.restartPolicy === null) validateRulesNeedPolicy(c, path, errors)
  else if (!RESTART_POLICIES.includes(c.restartPolicy))
    errors.push(field.notSupported(`${path}.restartPolicy`, c.restartPolicy, RESTART_POLICIES))
  if (rules.length > 20) errors.push(field.tooMany(`${path}.restartPolicyRules`, rules.length, 20))
  rules.forEach((r, i) => {
    const at = `${path}.restartPolicyRules[${i}]`
    if (!['Restart', 'RestartAllContainers'].includes(r.action ?? ''))
      errors.push(field.notSupported(`${at}.action`, r.action ?? '', ['Restart', 'RestartAllContainers']))
    if (!r.exitCodes) errors.push(field.required(`${at}.exitCodes`, 'must be specified'))
    else {
      if (!['In', 'NotIn'].includes(r.exitCodes.operator ?? ''))
        errors.push(field.notSupported(`${at}.exitCodes.operator`, r.exitCodes.operator ?? '', ['In', 'NotIn']))
      const count = r.exitCodes.values?.length ?? 0
      if (count > 255) errors.push(field.tooMany(`${at}.exitCodes.values`, count, 255))
    }
  })
}

function validateResizePolicy(c: SentContainer, podRestartPolicy: string | null | undefined, path: string, errors: FieldError[]): void {
  const seen = new Set<string>()
  items(c.resizePolicy).forEach((p, i) => {
    const name = p.resourceName ?? ''
    if (seen.has(name)) errors.push(field.duplicate(`${path}[${i}]`, name))
    seen.add(name)
    checkOneOf(name, ['cpu', 'memory'], path, errors)
    checkOneOf(p.restartPolicy, ['NotRequired', 'RestartContainer'], path, errors)
    if (podRestartPolicy === 'Never' && p.restartPolicy !== 'NotRequired')
      errors.push(field.invalid(path, p.restartPolicy ?? '', "must be 'NotRequired' when pod `restartPolicy` is 'Never'"))
  })
}
