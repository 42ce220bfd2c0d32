import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { Secret } from '../object.js'
import { checkImmutable, checkName, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { base64Length, IMMUTABLE_SET, jsonObjectProblem, LARGEST_DATA } from './rules/data.js'
import { configMapKey } from './rules/names.js'
import { entries, semanticEqual } from './rules/sent.js'
import { tlsPairProblem } from './rules/tls-pair.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/ */
export const secret: Kind<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  model: 'V1Secret',
  metadataOnUpdate: 1,

  setDefaults(object) {
    object.type ||= 'Opaque'
    // stringData is for writing only: it is merged into data, where it wins.
    if (object.stringData) {
      const data = { ...object.data }
      for (const [k, v] of Object.entries(object.stringData)) data[k] = Buffer.from(v ?? '').toString('base64')
      object.data = data
      delete object.stringData
    }
  },

  validateCreate: (object) => collect((errors) => validateContent(object, errors)),
  validateUpdate(object, old) {
    return collect((errors) => {
      checkImmutable(object.type, old.type, 'type', errors)
      if (old.immutable) {
        if (!object.immutable) errors.push(field.forbidden('immutable', IMMUTABLE_SET))
        if (!semanticEqual(object.data, old.data)) errors.push(field.forbidden('data', IMMUTABLE_SET))
      }
      validateContent(object, errors)
    })
  },
  warnings: pairWarnings,

  columns: [
    nameColumn(),
    column('Type', '@type', (o) => o.type ?? ''),
    column('Data', '@data', (o) => Object.keys(o.data ?? {}).length),
    ageColumn(),
  ],
  fields: { type: (o) => o.type ?? '' },
}

/** A certificate and a key that do not belong together are kept, but told of. */
function pairWarnings({ type, data }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return []
  const pem = (name: string): string => Buffer.from(data?.[name] ?? '', 'base64').toString()
  const problem = tlsPairProblem(pem('tls.crt'), pem('tls.key'))
  return problem ? [problem] : []
}

function validateContent(object: Secret, errors: FieldError[]): void {
  let size = 0
  for (const [key, value] of entries(object.data)) {
    checkName(configMapKey, key, `data[${key}]`, errors)
    size += base64Length(value)
  }
  if (size > LARGEST_DATA) errors.push(field.tooLong('data', LARGEST_DATA))
  validateType(object, errors)
}

/** What the types of Secrets that Kubernetes knows must hold. */
function validateType({ type, data, metadata }: Secret, errors: FieldError[]): void {
  const has = (key: string): boolean => data?.[key] !== undefined && data[key] !== null
  const mustHave = (key: string): void => {
    if (!has(key)) errors.push(field.required(`data[${key}]`))
  }
  const requireJson = (key: string): void => {
    mustHave(key)
    const problem = has(key) ? jsonObjectProblem(data![key]!) : undefined
    if (problem) errors.push(field.invalid(`data[${key}]`, '<secret contents redacted>', problem))
  }
  switch (type) {
    case 'kubernetes.io/service-account-token': {
      const name = 'kubernetes.io/service-account.name'
      if (!metadata?.annotations?.[name]) errors.push(field.required(`metadata.annotations[${name}]`))
      return
    }
    case 'kubernetes.io/dockercfg':
      return requireJson('.dockercfg')
    case 'kubernetes.io/dockerconfigjson':
      return requireJson('.dockerconfigjson')
    case 'kubernetes.io/basic-auth':
      // One of the two is enough, and it may be empty.
      if (has('username') || has('password')) return
      mustHave('username')
      return mustHave('password')
    case 'kubernetes.io/ssh-auth':
      if (!data?.['ssh-privatekey']) errors.push(field.required('data[ssh-privatekey]'))
      return
    case 'kubernetes.io/tls':
      mustHave('tls.crt')
      return mustHave('tls.key')
  }
}
