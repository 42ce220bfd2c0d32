import type { Kind } from './kind.js'
import type { SchemaNode } from '../crd/schema.js'
import { selectableFaults } from '../crd/selectable.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkName, checkRequired, checkSupported, collect } from './rules/checks.js'
import { createdAtColumn, nameColumn } from './rules/columns.js'
import { validateSchema, type JsonSchema } from './rules/crd-schema.js'
import { dns1035Label, dns1123Subdomain } from './rules/names.js'
import { isEmpty, items, semanticEqual, strings, type Sent } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { setWebhookClientDefaults, validateWebhookClient } from './rules/webhook-client.js'
import type * as k8s from '@kubernetes/client-node'

export type CustomResourceDefinition = Wire<k8s.V1CustomResourceDefinition> & { metadata: ObjectMeta }
type Spec = Sent<k8s.V1CustomResourceDefinitionSpec>
type Version = Omit<Sent<k8s.V1CustomResourceDefinitionVersion>, 'schema'> & { schema?: { openAPIV3Schema?: JsonSchema | null } | null }

const APPROVED = 'api-approved.kubernetes.io'
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = ['binary', 'byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/ */
export const customResourceDefinition: Kind<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1CustomResourceDefinition',
  generational: true,

  setDefaults({ spec }) {
    if (!spec) return
    const { names } = spec
    if (names?.kind) {
      names.singular ||= names.kind.toLowerCase()
      names.listKind ||= `${names.kind}List`
    }
    spec.conversion ??= { strategy: 'None' }
    setWebhookClientDefaults(spec.conversion.webhook?.clientConfig)
    // What is not so is left out.
    if (spec.preserveUnknownFields === false) delete spec.preserveUnknownFields
  },
  prepareForCreate(object) {
    const stored = versionsOf(object.spec as Spec).filter((v) => v.storage)
    object.status = { ...emptyStatus(), storedVersions: stored.map((v) => v.name ?? '') }
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old)
    const stored = versionsOf(object.spec as Spec).find((v) => v.storage)?.name
    const known = object.status?.storedVersions ?? []
    if (stored && !known.includes(stored)) object.status = { ...emptyStatus(), ...object.status, storedVersions: [...known, stored] }
  },
  validate: (object) => collect((errors) => validateDefinition(object, errors)),
  validateUpdate: (object, old) =>
    collect((errors) => {
      const established = items(old.status?.conditions).some((c) => c.type === 'Established' && c.status === 'True')
      if (established) {
        checkImmutable(object.spec?.scope, old.spec?.scope, 'spec.scope', errors)
        checkImmutable(object.spec?.names?.kind, old.spec?.names?.kind, 'spec.names.kind', errors)
      }
      checkImmutable(object.spec?.group, old.spec?.group, 'spec.group', errors)
      checkImmutable(object.spec?.names?.plural, old.spec?.names?.plural, 'spec.names.plural', errors)
      strings(old.status?.storedVersions).forEach((v) => {
        if (!versionsOf(object.spec as Spec).some((n) => n.name === v)) {
          const at = `status.storedVersions[${strings(old.status?.storedVersions).indexOf(v)}]`
          const text = `missing from spec.versions; ${v} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${v} and removes ${v} from status.storedVersions`
          errors.push(field.invalid(at, v, text))
        }
      })
    }),

  columns: [nameColumn(), createdAtColumn()],
  subresources: {
    status: statusSubresource<CustomResourceDefinition>({
      validateUpdate: (object) => collect((errors) => validateStoredVersions(object, errors)),
    }),
  },
}

const emptyStatus = () => ({ conditions: [], acceptedNames: { kind: '', plural: '' }, storedVersions: [] as string[] })
const versionsOf = (spec: Spec | null | undefined): Version[] => items(spec?.versions) as Version[]

function validateDefinition(object: CustomResourceDefinition, errors: FieldError[]): void {
  const spec = (object.spec ?? {}) as Spec
  const name = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`
  if (object.metadata.name !== name)
    errors.push(field.invalid('metadata.name', object.metadata.name ?? '', 'must be spec.names.plural+"."+spec.group'))
  validateGroup(object, spec.group ?? '', errors)
  if (!spec.scope) errors.push(field.required('spec.scope'))
  else checkSupported(spec.scope, ['Cluster', 'Namespaced'], 'spec.scope', errors)
  validateVersions(spec, errors)
  validateNames(spec, errors)
  validateConversion(spec, errors)
  if (spec.preserveUnknownFields) {
    const text = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
    errors.push(field.invalid('spec.preserveUnknownFields', true, text))
    if (versionsOf(spec).some((v) => hasDefaults(v.schema?.openAPIV3Schema)))
      errors.push(field.invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'))
  }
  validateStoredVersions(object, errors)
}

/** Whether a schema, or one inside it, gives a default. */
function hasDefaults(schema: unknown): boolean {
  if (schema === null || typeof schema !== 'object') return false
  if (Array.isArray(schema)) return schema.some(hasDefaults)
  const { default: value, properties, items: element, additionalProperties } = schema as Record<string, unknown>
  if (value !== undefined && value !== null) return true
  return [...Object.values(properties ?? {}), element, additionalProperties].some(hasDefaults)
}

function validateGroup({ metadata }: CustomResourceDefinition, group: string, errors: FieldError[]): void {
  if (!group) {
    errors.push(field.required('spec.group'))
    return
  }
  checkName(dns1123Subdomain, group, 'spec.group', errors)
  if (!group.includes('.') && dns1123Subdomain(group).length === 0)
    errors.push(field.invalid('spec.group', group, 'should be a domain with at least one dot'))
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return
  const at = `metadata.annotations[${APPROVED}]`
  const approval = metadata.annotations?.[APPROVED]
  const about = `"${APPROVED}", see https://github.com/kubernetes/enhancements/pull/1111`
  if (approval === undefined) errors.push(field.required(at, `protected groups must have approval annotation ${about}`))
  else if (!approval.startsWith('unapproved') && !/^https?:\/\/[^/]+\/./.test(approval))
    errors.push(
      field.invalid(
        at,
        approval,
        `protected groups must have approval annotation ${about} with either a URL or a reason starting with "unapproved"`,
      ),
    )
}

function validateVersions(spec: Spec, errors: FieldError[]): void {
  const versions = versionsOf(spec)
  const shown = versions.map((v) => ({ Name: v.name ?? '', Served: v.served ?? false, Storage: v.storage ?? false }))
  const names = versions.map((v) => v.name ?? '')
  versions.forEach((v, i) => {
    for (const m of dns1035Label(v.name ?? '')) errors.push(field.invalid(`spec.versions[${i}].name`, v.name ?? '', m))
    if (v.deprecationWarning !== undefined && v.deprecationWarning !== null && !v.deprecated)
      errors.push(field.invalid(`spec.versions[${i}].deprecationWarning`, v.deprecationWarning, 'can only be set for deprecated versions'))
    if (!v.schema?.openAPIV3Schema) errors.push(field.required(`spec.versions[${i}].schema.openAPIV3Schema`, 'schemas are required'))
  })
  if (new Set(names).size < names.length) errors.push(field.invalid('spec.versions', shown, 'must contain unique version names'))
  if (versions.filter((v) => v.storage).length !== 1)
    errors.push(field.invalid('spec.versions', shown, 'must have exactly one version marked as storage version'))
  validateParts(versions, errors)
}

/** What all versions have alike is told of once, where the API once had it for all. */
function validateParts(versions: Version[], errors: FieldError[]): void {
  const first = versions[0]
  if (!first) return
  const alike = (part: keyof Version): boolean => versions.every((v) => semanticEqual(v[part], first[part]))
  const each = (part: keyof Version, top: string, check: (v: Version, path: string) => void): void => {
    if (alike(part)) check(first, top)
    else versions.forEach((v, i) => check(v, `spec.versions[${i}].${part}`))
  }
  each('schema', 'spec.validation', (v, path) => {
    if (v.schema?.openAPIV3Schema) validateSchema(v.schema.openAPIV3Schema, `${path}.openAPIV3Schema`, errors)
  })
  each('additionalPrinterColumns', 'spec.additionalPrinterColumns', (v, path) => {
    items(v.additionalPrinterColumns).forEach((c, i) => {
      const at = `${path}[${i}]`
      checkRequired(c.name, `${at}.name`, errors)
      if (!c.type) errors.push(field.required(`${at}.type`, `must be one of ${COLUMN_TYPES.join(',')}`))
      else if (!COLUMN_TYPES.includes(c.type)) errors.push(field.invalid(`${at}.type`, c.type, `must be one of ${COLUMN_TYPES.join(',')}`))
      if (c.format && !COLUMN_FORMATS.includes(c.format))
        errors.push(field.invalid(`${at}.format`, c.format, `must be one of ${COLUMN_FORMATS.join(',')}`))
      if (!c.jsonPath) errors.push(field.required(`${at}.JSONPath`))
      else if (!isSimplePath(c.jsonPath, true))
        errors.push(field.invalid(`${at}.JSONPath`, c.jsonPath, 'must be a simple json path starting with .'))
    })
  })
  each('selectableFields', 'spec.selectableFields', (v, path) => {
    const schema = v.schema?.openAPIV3Schema
    if (schema && !isEmpty(v.selectableFields)) errors.push(...selectableFaults(items(v.selectableFields), schema as SchemaNode, path))
  })
  each('subresources', 'spec.subresources', (v, path) => validateScale(v, `${path}.scale`, errors))
}

function isSimplePath(path: string, allowArrays: boolean): boolean {
  if (!path.startsWith('.')) return false
  return allowArrays || !/[[\]*?]/.test(path)
}

function validateScale(v: Version, path: string, errors: FieldError[]): void {
  const scale = v.subresources?.scale
  if (!scale) return
  const check = (
    name: 'specReplicasPath' | 'statusReplicasPath' | 'labelSelectorPath',
    under: readonly string[],
    required: boolean,
  ): void => {
    const value = scale[name] ?? ''
    if (!value) {
      if (required) errors.push(field.required(`${path}.${name}`))
      return
    }
    const text = under.map((u) => `.${u}`).join(' or ')
    if (!isSimplePath(value, false) || !under.some((u) => value.startsWith(`.${u}.`)))
      errors.push(field.invalid(`${path}.${name}`, value, `should be a json path under ${text}`))
  }
  check('specReplicasPath', ['spec'], true)
  check('statusReplicasPath', ['status'], true)
  check('labelSelectorPath', ['spec', 'status'], false)
}

function validateNames(spec: Spec, errors: FieldError[]): void {
  const names = spec.names ?? {}
  const check = (value: string | null | undefined, path: string): void => {
    if (!value) errors.push(field.required(path))
    else checkName(dns1035Label, path.toLowerCase().endsWith('kind') ? value.toLowerCase() : value, path, errors)
  }
  check(names.plural, 'spec.names.plural')
  if (names.singular) check(names.singular, 'spec.names.singular')
  check(names.kind, 'spec.names.kind')
  if (names.listKind) check(names.listKind, 'spec.names.listKind')
  if (names.kind && names.kind === names.listKind)
    errors.push(field.invalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'))
  strings(names.shortNames).forEach((n, i) => checkName(dns1035Label, n, `spec.names.shortNames[${i}]`, errors))
  strings(names.categories).forEach((n, i) => checkName(dns1035Label, n, `spec.names.categories[${i}]`, errors))
}

function validateConversion({ conversion }: Spec, errors: FieldError[]): void {
  if (!conversion) return
  const at = 'spec.conversion'
  checkRequired(conversion.strategy, `${at}.strategy`, errors)
  checkSupported(conversion.strategy, ['None', 'Webhook'], `${at}.strategy`, errors)
  const { webhook } = conversion
  if (conversion.strategy !== 'Webhook') {
    if (webhook?.clientConfig)
      errors.push(field.forbidden(`${at}.webhookClientConfig`, 'should not be set when strategy is not set to Webhook'))
    if (!isEmpty(webhook?.conversionReviewVersions))
      errors.push(field.forbidden(`${at}.conversionReviewVersions`, 'should not be set when strategy is not set to Webhook'))
    return
  }
  const client = webhook?.clientConfig
  const where = `${at}.webhookClientConfig`
  if (!client) errors.push(field.required(where, 'required when strategy is set to Webhook'))
  else validateWebhookClient(client, where, errors)
  const versions = strings(webhook?.conversionReviewVersions)
  if (versions.length === 0) errors.push(field.required(`${at}.conversionReviewVersions`))
  else if (!versions.includes('v1') && !versions.includes('v1beta1'))
    errors.push(field.invalid(`${at}.conversionReviewVersions`, versions, 'must include at least one of v1, v1beta1'))
}

function validateStoredVersions({ spec, status }: CustomResourceDefinition, errors: FieldError[]): void {
  const stored = strings(status?.storedVersions)
  if (stored.length === 0) errors.push(field.invalid('status.storedVersions', stored, 'must have at least one stored version'))
  const versions = versionsOf(spec as Spec)
  const storage = versions.filter((v) => v.storage).at(-1)?.name
  if (stored.length && storage && !stored.includes(storage))
    errors.push(field.invalid('status.storedVersions', stored, `must have the storage version ${storage}`))
  stored.forEach((s, i) => {
    if (!versions.some((v) => v.name === s)) errors.push(field.invalid(`status.storedVersions[${i}]`, s, 'must appear in spec.versions'))
  })
}
