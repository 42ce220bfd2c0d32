import type { Kind } from './kind.js'
import { isRecognizedFormat } from '../crd/formats.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkOneOf, collect } from './rules/checks.js'
import { createdAtColumn, nameColumn } from './rules/columns.js'
import { checkConversion, conversionBundleProblem } from './rules/crd-conversion.js'
import { checkApproval, checkGroup, checkNames, checkNamesPresent } from './rules/crd-names.js'
import type { JsonSchema } from './rules/crd-schema.js'
import { checkAlike, checkSchemasPresent, checkVersions, type Version } from './rules/crd-versions.js'
import { items, strings, type Sent } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { setWebhookClientDefaults } from './rules/webhook-client.js'
import type * as k8s from '@kubernetes/client-node'

export type CustomResourceDefinition = Wire<k8s.V1CustomResourceDefinition> & { metadata: ObjectMeta }
type Spec = Sent<k8s.V1CustomResourceDefinitionSpec>

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/ */
export const customResourceDefinition: Kind<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  // v1 may be larger than etcd takes where v1beta1 is not: https://github.com/kubernetes/kubernetes/issues/82292
  storageVersion: 'v1beta1',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1CustomResourceDefinition',
  generational: true,
  unconditionalUpdate: false,

  setDefaults({ spec }) {
    if (!spec) return
    const { names } = spec
    if (names) {
      names.singular ||= (names.kind ?? '').toLowerCase()
      if (names.kind) names.listKind ||= `${names.kind}List`
    }
    spec.conversion ??= { strategy: 'None' }
    setWebhookClientDefaults(spec.conversion.webhook?.clientConfig)
    // What is not so is left out.
    if (spec.preserveUnknownFields === false) delete spec.preserveUnknownFields
  },
  prepareForCreate(object) {
    object.status = withStorageVersion(object.spec as Spec, emptyStatus())
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old)
    object.status = withStorageVersion(object.spec as Spec, { ...emptyStatus(), ...object.status })
  },
  validateCreate: (object) =>
    collect((errors) => {
      const { plural, group } = { plural: object.spec?.names?.plural ?? '', group: object.spec?.group ?? '' }
      for (const said of ['name', 'generateName'] as const) {
        const value = object.metadata[said]
        if (value && value !== `${plural}.${group}`)
          errors.push(field.invalid(`metadata.${said}`, value, 'must be spec.names.plural+"."+spec.group'))
      }
      // It is not served yet: until the bundle of its webhook is good, it will not be.
      validateSpec(object.spec as Spec, undefined, false, errors)
      validateRest(object, undefined, errors)
    }),
  validateUpdate: (object, old) =>
    collect((errors) => {
      const established = items(old.status?.conditions).some((c) => c.type === 'Established' && c.status === 'True')
      const hadGoodBundle = conversionBundleProblem(old.spec?.conversion as Spec['conversion']) === undefined
      validateSpec(object.spec as Spec, old.spec as Spec, established && hadGoodBundle, errors)
      if (established) {
        checkImmutable(object.spec?.scope, old.spec?.scope, 'spec.scope', errors)
        checkImmutable(object.spec?.names?.kind, old.spec?.names?.kind, 'spec.names.kind', errors)
      }
      checkImmutable(object.spec?.group, old.spec?.group, 'spec.group', errors)
      checkImmutable(object.spec?.names?.plural, old.spec?.names?.plural, 'spec.names.plural', errors)
      validateRest(object, old, errors)
    }),
  warnings(object, old) {
    const known = old ? unrecognizedFormats(old.spec as Spec) : []
    const found = unrecognizedFormats(object.spec as Spec).filter((format) => !known.includes(format))
    return [...new Set(found)].map((format) => `unrecognized format ${JSON.stringify(format)}`)
  },

  columns: [nameColumn(), createdAtColumn()],
  subresources: {
    status: statusSubresource<CustomResourceDefinition>({
      validateUpdate: ({ status }) => collect((errors) => checkNames(status?.acceptedNames, 'status.acceptedNames', errors)),
    }),
  },
}

/** The status of a definition that no controller has seen: its list of conditions is always shown, and is null. */
const emptyStatus = () => ({ conditions: null as never, acceptedNames: { kind: '', plural: '' }, storedVersions: [] as string[] })
const versionsOf = (spec: Spec | null | undefined): Version[] => items(spec?.versions) as Version[]

/** The status, in which the version that is stored from now on is one of those that were ever stored. */
function withStorageVersion<T extends { storedVersions?: string[] | null }>(spec: Spec, status: T): T {
  const stored = versionsOf(spec).find((v) => v.storage)
  const known = strings(status.storedVersions)
  return !stored || known.includes(stored.name ?? '') ? status : { ...status, storedVersions: [...known, stored.name ?? ''] }
}

function validateSpec(sent: Spec | null | undefined, old: Spec | undefined, bundleMatters: boolean, errors: FieldError[]): void {
  const spec = sent ?? {}
  const versions = versionsOf(spec)
  checkGroup(spec.group ?? '', 'spec.group', errors)
  checkOneOf(spec.scope, ['Cluster', 'Namespaced'], 'spec.scope', errors)
  checkSchemasPresent(versions, errors)
  if (spec.preserveUnknownFields && versions.some((v) => hasDefaults(v.schema?.openAPIV3Schema)))
    errors.push(field.invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'))
  checkVersions(versions, versionsOf(old), errors)
  checkNamesPresent(spec.names ?? {}, 'spec.names', errors)
  checkNames(spec.names, 'spec.names', errors)
  checkAlike(versions, versionsOf(old), errors)
  const strategy = spec.conversion?.strategy
  if (spec.preserveUnknownFields && spec.conversion && strategy !== 'None')
    errors.push(field.invalid('spec.conversion.strategy', strategy ?? '', 'must be None if spec.preserveUnknownFields is true'))
  checkConversion(spec.conversion, bundleMatters, 'spec.conversion', errors)
}

function validateRest(object: CustomResourceDefinition, old: CustomResourceDefinition | undefined, errors: FieldError[]): void {
  checkNames(object.status?.acceptedNames, 'status.acceptedNames', errors)
  checkStoredVersions(object, errors)
  checkApproval(object.spec?.group ?? '', object.metadata, old?.metadata, errors)
  if (!old?.spec?.preserveUnknownFields && object.spec?.preserveUnknownFields) {
    const text = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
    errors.push(field.invalid('spec.preserveUnknownFields', true, text))
  }
}

function checkStoredVersions({ spec, status }: CustomResourceDefinition, errors: FieldError[]): void {
  const at = 'status.storedVersions'
  const stored = strings(status?.storedVersions)
  if (stored.length === 0) {
    errors.push(field.invalid(at, stored, 'must have at least one stored version'))
    return
  }
  const versions = versionsOf(spec as Spec)
  for (const v of versions)
    if (v.storage && !stored.includes(v.name ?? '')) errors.push(field.invalid(at, stored, `must have the storage version ${v.name}`))
  stored.forEach((s, i) => {
    if (versions.some((v) => v.name === s)) return
    const text = `missing from spec.versions; ${s} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${s} and removes ${s} from status.storedVersions`
    errors.push(field.invalid(`${at}[${i}]`, s, text))
  })
}

/** A schema with all that are in it. */
function* schemasIn(schema: JsonSchema | boolean | null | undefined): Generator<JsonSchema> {
  if (!schema || typeof schema !== 'object') return
  yield schema
  yield* schemasIn(schema.items)
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) for (const part of items(schema[name])) yield* schemasIn(part)
  yield* schemasIn(schema.not)
  for (const part of Object.values(schema.properties ?? {})) yield* schemasIn(part)
  yield* schemasIn(schema.additionalProperties)
}

/** Whether a schema, or one inside it, gives a default. */
function hasDefaults(schema: JsonSchema | null | undefined): boolean {
  for (const { default: value } of schemasIn(schema)) if (value !== undefined && value !== null) return true
  return false
}

/** The formats that nothing is known of, which are ignored. */
function unrecognizedFormats(spec: Spec | null | undefined): string[] {
  const schemas = versionsOf(spec).flatMap((v) => [...schemasIn(v.schema?.openAPIV3Schema)])
  return schemas.flatMap(({ type, format }) => (format && !isRecognizedFormat(type, format) ? [format] : []))
}
