/** Environment variables of containers. https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/ */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkRequired } from './checks.js'
import { ENV_FIELDS, validateFieldRef, validateResourceRef } from './field-refs.js'
import { configMapKey, dns1123Label, dns1123Subdomain, envVarName, withoutTrailingDash } from './names.js'
import { checkNoBacksteps } from './paths.js'
import { items, unset, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

/** Checks a list of variables. */
export function validateEnv(list: (Sent<k8s.V1EnvVar> | null)[] | null | undefined, path: string, errors: FieldError[]): void {
  items(list).forEach((e, i) => {
    const at = `${path}[${i}]`
    if (checkRequired(e.name, `${at}.name`, errors)) checkName(envVarName, e.name!, `${at}.name`, errors)
    if (e.valueFrom) validateSource(e.valueFrom, !unset(e.value), `${at}.valueFrom`, errors)
  })
}

function validateSource(from: Sent<k8s.V1EnvVarSource>, hasValue: boolean, path: string, errors: FieldError[]): void {
  let sources = 0
  if (from.fieldRef) {
    sources++
    validateFieldRef(from.fieldRef, ENV_FIELDS, `${path}.fieldRef`, errors)
  }
  if (from.resourceFieldRef) {
    sources++
    validateResourceRef(from.resourceFieldRef, false, `${path}.resourceFieldRef`, errors)
  }
  for (const name of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const ref = from[name]
    if (!ref) continue
    sources++
    checkName(dns1123Subdomain, ref.name ?? '', `${path}.${name}.name`, errors)
    if (checkRequired(ref.key, `${path}.${name}.key`, errors)) checkName(configMapKey, ref.key!, `${path}.${name}.key`, errors)
  }
  if (from.fileKeyRef) {
    sources++
    const at = `${path}.fileKeyRef`
    if (checkRequired(from.fileKeyRef.key, `${at}.key`, errors)) checkName(envVarName, from.fileKeyRef.key!, `${at}.key`, errors)
    if (checkRequired(from.fileKeyRef.volumeName, `${at}.volumeName`, errors))
      checkName(dns1123Label, from.fileKeyRef.volumeName!, `${at}.volumeName`, errors)
    if (checkRequired(from.fileKeyRef.path, `${at}.path`, errors)) checkNoBacksteps(from.fileKeyRef.path!, `${at}.path`, errors)
  }
  if (sources === 0) {
    errors.push(
      field.invalid(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'),
    )
  } else if (hasValue) errors.push(field.invalid(path, '', 'may not be specified when `value` is not empty'))
  else if (sources > 1) errors.push(field.invalid(path, '', 'may not have more than one field specified at a time'))
}

/** Checks the sources of whole sets of variables. */
export function validateEnvFrom(list: (Sent<k8s.V1EnvFromSource> | null)[] | null | undefined, path: string, errors: FieldError[]): void {
  items(list).forEach((e, i) => {
    const at = `${path}[${i}]`
    if (e.prefix) checkName(envVarName, e.prefix, `${at}.prefix`, errors)
    const named = (['configMapRef', 'secretRef'] as const).filter((name) => e[name])
    for (const name of named) {
      const ref = e[name]!
      if (!checkRequired(ref.name, `${at}.${name}.name`, errors)) continue
      for (const m of withoutTrailingDash(dns1123Subdomain, ref.name!)) errors.push(field.invalid(`${at}.${name}.name`, ref.name, m))
    }
    if (named.length === 0) errors.push(field.invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (named.length > 1) errors.push(field.invalid(path, '', 'may not have more than one field specified at a time'))
  })
}
