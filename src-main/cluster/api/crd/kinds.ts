/** The kinds that a CustomResourceDefinition makes: one for each served version. */
import { jsonText } from '../../../exact-json.js'
import { copyJson, equalJson, without } from '../copy.js'
import { StatusError, type FieldError } from '../errors.js'
import { byPriority } from '../kindset.js'
import type { Kind, Subresource } from '../kinds/kind.js'
import type { CustomResourceDefinition } from '../kinds/customresourcedefinition.js'
import { keepMetadata } from '../kinds/rules/subresources.js'
import type { KubeObject, ObjectMeta } from '../object.js'
import { printerColumns, type PrinterColumn } from './columns.js'
import { validateEmbedded } from './embedded.js'
import { compilePath } from './jsonpath.js'
import { withKnownDefaults } from './default-values.js'
import { deprecationOf } from './deprecation.js'
import { customModel } from './model.js'
import { scaleFaults, type Scale } from './scale-values.js'
import type { SchemaNode } from './schema.js'
import { publishedSchema } from './published.js'
import { validateRules } from './rules.js'
import { validateLists, validateValue } from './validate.js'
import { isPruned, isSettled, prune, setDefaults } from './values.js'

/** One version as the definition says it; nulls mean absent. */
interface Version {
  name: string
  served?: boolean
  storage?: boolean
  deprecated?: boolean | null
  deprecationWarning?: string | null
  schema?: { openAPIV3Schema?: SchemaNode | null } | null
  subresources?: { status?: object | null; scale?: Scale | null } | null
  additionalPrinterColumns?: PrinterColumn[] | null
  selectableFields?: { jsonPath: string }[] | null
}

/** The versions of a definition that clients see, in the order of their priority. */
export function kindsOf(definition: CustomResourceDefinition): Kind<KubeObject>[] {
  const versions = definition.spec.versions as unknown as Version[]
  const storage = versions.find((v) => v.storage)?.name ?? ''
  const schemas = new Map(versions.map((v) => [`${definition.spec.group}/${v.name}`, schemaOf(v)]))
  const { metadata, spec, status } = definition
  const shape = jsonText([metadata.uid, spec, status?.acceptedNames])
  return versions
    .filter((v) => v.served)
    .sort((a, b) => byPriority(a.name, b.name))
    .map((version) => kindOf(definition, version, { storage, schemas, shape }))
}

/** Whatever there is, where a version says nothing. */
const schemaOf = ({ schema }: Version): SchemaNode =>
  schema?.openAPIV3Schema ? withKnownDefaults(schema.openAPIV3Schema) : { 'x-kubernetes-preserve-unknown-fields': true }

/** The schemas of all versions by their apiVersion. */
type Schemas = ReadonlyMap<string, SchemaNode>

/** What all versions of a definition share. */
interface Common {
  /** The name of the version that is stored. */
  readonly storage: string
  readonly schemas: Schemas
  /** See {@link Kind.storedAs}. */
  readonly shape: string
}

/** Metadata that a write of the status leaves alone. */
const SYSTEM_METADATA: readonly (keyof ObjectMeta)[] = ['labels', 'annotations', 'finalizers', 'ownerReferences']

function kindOf(definition: CustomResourceDefinition, version: Version, { storage, schemas, shape }: Common): Kind<KubeObject> {
  const { group, scope, names } = definition.spec
  const accepted = definition.status?.acceptedNames ?? names
  const schema = schemas.get(`${group}/${version.name}`)!
  const named = { group, version: version.name, kind: names.kind }
  const listKind = accepted.listKind || `${names.kind}List`
  const hasStatus = Boolean(version.subresources?.status)
  const columns = printerColumns(version.additionalPrinterColumns)
  const fields = selectableFields(version)
  const deprecation = deprecationOf(version, definition.spec)
  return {
    ...named,
    plural: names.plural,
    singular: accepted.singular || names.kind.toLowerCase(),
    listKind,
    ...(accepted.shortNames?.length ? { shortNames: accepted.shortNames } : {}),
    ...(accepted.categories?.length ? { categories: accepted.categories } : {}),
    namespaced: scope === 'Namespaced',
    model: publishedSchema(customModel(named, schema), named, listKind, schema, Object.keys(fields)),
    generational: true,
    unconditionalUpdate: false,
    storedAs: {
      ...conversion(group, version.name, storage, schemas),
      shape,
      apiVersions: definition.spec.versions.map((v) => `${group}/${v.name}`),
    },
    ...(deprecation === undefined ? {} : { deprecation }),

    setDefaults(object) {
      prune(object, schema, true)
      setDefaults(object, schema)
    },
    prepareForCreate(object) {
      if (definition.metadata.deletionTimestamp) throw terminating('create', group, names.plural)
      if (hasStatus) delete object['status']
    },
    ...(hasStatus ? {} : { prepareForUpdate: () => undefined }),
    validateCreate: (object) => faults(object, schema, version),
    validateUpdate: (object, old) => faults(object, schema, version, old),
    warnings: (object, old) => [...(ruleWarnings.get(object) ?? []), ...finalizerWarnings(object, old)],
    changesGeneration: (object, old) => !equalJson(counted(object, hasStatus), counted(old, hasStatus)),
    columns,
    fields,
    subresources: subresourcesOf(definition, version, schema),
  }
}

/**
 * Every version has the same fields: only what names it changes (`spec.conversion.strategy: None`). What is read is as
 * the schema of the version that it is stored in has it, pruned and with its defaults, and without what the version that
 * is asked for does not declare. What the stored version does not declare is not stored.
 */
function conversion(group: string, version: string, storage: string, schemas: Schemas): NonNullable<Kind<KubeObject>['storedAs']> {
  const apiVersion = `${group}/${version}`
  const own = schemas.get(apiVersion)!
  const stored = `${group}/${storage}`
  return {
    group,
    version: storage,
    ownRules: true,
    toStored(object) {
      const schema = schemas.get(stored) ?? own
      if (schema === own || isPruned(object, schema, true)) return { ...object, apiVersion: stored }
      const kept = copyJson(object)
      prune(kept, schema, true)
      return { ...kept, apiVersion: stored }
    },
    fromStored(stored) {
      const kept = schemas.get(stored.apiVersion ?? '') ?? own
      if (isSettled(stored, kept, true) && (kept === own || isPruned(stored, own, true)))
        return stored.apiVersion === apiVersion ? stored : { ...stored, apiVersion }
      const object = copyJson(stored)
      prune(object, kept, true)
      setDefaults(object, kept)
      prune(object, own, true)
      return { ...object, apiVersion }
    },
  }
}

/** 405: what asks for a new object of a kind that is going away is told. */
function terminating(verb: string, group: string, resource: string): StatusError {
  const message = `${verb} not allowed while custom resource definition is terminating`
  return new StatusError(405, 'MethodNotAllowed', message, { group, kind: resource })
}

/** What `metadata.generation` counts the changes of: all but the metadata, and but the status if it has an endpoint. */
function counted(object: KubeObject, hasStatus: boolean): object {
  return hasStatus ? without(object, 'metadata', 'apiVersion', 'status') : without(object, 'metadata', 'apiVersion')
}

function faults(object: KubeObject, schema: SchemaNode, version: Version, old?: KubeObject): FieldError[] {
  const errors = [
    ...validateValue(object, schema, old),
    ...scaleFaults(object, version.subresources?.scale),
    ...validateEmbedded(object, schema),
    ...validateLists(object, schema, old),
  ]
  const rules = validateRules(object, schema, old, errors)
  if (rules.warnings.length > 0) ruleWarnings.set(object, rules.warnings)
  return [...errors, ...rules.errors]
}

/** What rules say about parts of an object that an update left as they were. */
const ruleWarnings = new WeakMap<KubeObject, readonly string[]>()

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion']

/** New finalizers that others may come to use as well. */
function finalizerWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const added = (object.metadata.finalizers ?? []).filter((f) => !old?.metadata.finalizers?.includes(f))
  return [...new Set(added)]
    .sort()
    .filter((f) => !f.includes('/') && !STANDARD_FINALIZERS.includes(f))
    .map(
      (f) =>
        `metadata.finalizers: ${JSON.stringify(f)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    )
}

function selectableFields(version: Version): Record<string, (object: KubeObject) => string> {
  const fields: Record<string, (object: KubeObject) => string> = {}
  for (const { jsonPath } of version.selectableFields ?? []) {
    const find = compilePath(jsonPath)
    if (!find) continue
    fields[jsonPath.slice(1)] = (object) => {
      const [value] = find(object)
      return value === undefined || typeof value === 'object' ? '' : String(value as string | number | bigint | boolean)
    }
  }
  return fields
}

function subresourcesOf({ spec }: CustomResourceDefinition, version: Version, schema: SchemaNode): Record<string, Subresource<KubeObject>> {
  const { status, scale } = version.subresources ?? {}
  const out: Record<string, Subresource<KubeObject>> = {}
  if (status) {
    out['status'] = {
      type: 'object',
      verbs: ['get', 'patch', 'update'],
      prepareForUpdate: keepAllButStatus,
      resets: ['spec', 'metadata'],
      validateUpdate: (object, old) => faults(object, schema, version, old),
    }
  }
  if (scale) {
    out['scale'] = {
      type: 'scale',
      specReplicas: scale.specReplicasPath,
      specReplicasIn: new Map(
        (spec.versions as unknown as Version[]).map((v) => [`${spec.group}/${v.name}`, v.subresources?.scale?.specReplicasPath]),
      ),
      statusReplicas: scale.statusReplicasPath,
      ...(scale.labelSelectorPath ? { selector: scale.labelSelectorPath } : {}),
    }
  }
  return out
}

function keepAllButStatus(object: KubeObject, old: KubeObject): void {
  for (const name of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (name === 'metadata' || name === 'status' || name === 'kind' || name === 'apiVersion') continue
    if (old[name] === undefined) delete object[name]
    else object[name] = old[name]
  }
  keepMetadata(object.metadata, old.metadata, SYSTEM_METADATA)
}
