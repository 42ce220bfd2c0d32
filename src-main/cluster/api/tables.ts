/** Server-side Tables, as `kubectl get` shows them. Made from a kind's columns. */
import type { KindSet } from './kindset.js'
import type { Column, Kind } from './kinds/kind.js'
import { badRequest, field } from './errors.js'
import type { KubeObject } from './object.js'
import { loadSchema, modelOf, type Model, type Property } from './schema/schema.js'

/** What of each object a table carries with its row. */
export type IncludeObject = 'None' | 'Metadata' | 'Object'

interface ColumnDefinition {
  name: string
  type: string
  format: string
  description: string
  priority: number
}

/** `meta/v1.Table`. */
export interface Table {
  kind: 'Table'
  apiVersion: string
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number }
  /** Null in the later events of a watch. */
  columnDefinitions: ColumnDefinition[] | null
  rows: { cells: unknown[]; conditions?: unknown[]; object?: unknown }[]
}

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names'
const CREATED_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata'

/** What a kind without columns shows. */
const DEFAULT_COLUMNS: readonly Column<KubeObject>[] = [
  { name: 'Name', type: 'string', format: 'name', description: NAME_DESCRIPTION, cell: (o) => o.metadata.name ?? '' },
  { name: 'Created At', type: 'date', description: CREATED_DESCRIPTION, cell: (o) => o.metadata.creationTimestamp ?? '' },
]

/** Reads the query parameter `includeObject`. Throws a 400. */
export function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? ''
  if (value === '') return 'Metadata'
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value
  const error = field.invalid('includeObject', value, "must be 'Metadata', 'Object', 'None', or empty")
  throw badRequest(`Unable to convert to Table as requested: ${error.field}: ${error.body}`)
}

/** The description of a field of a kind, by its path. */
function describe(kind: Kind, path: string): string {
  let model: Model | undefined = typeof kind.model === 'string' && !loadSchema().has(kind.model) ? undefined : modelOf(kind.model)
  let description = ''
  for (const name of path.split('.')) {
    const property: Property | undefined = model?.properties.get(name)
    description = property?.description ?? ''
    model = property?.model ?? property?.items?.model
  }
  return description
}

/**
 * The table of some objects, in the stored form of their kind. `now` is cluster time in ms; ages are told from it.
 * @param headers false for the later events of a watch, which leave the columns out
 */
export function tableOf(
  kinds: KindSet,
  kind: Kind,
  objects: readonly { readonly stored: KubeObject; readonly served: KubeObject }[],
  metadata: Table['metadata'],
  options: { now: number; include: IncludeObject; metaVersion: string; headers?: boolean },
): Table {
  const rules = kinds.rulesOf(kind)
  const columns = (rules.columns ?? DEFAULT_COLUMNS) as readonly Column<KubeObject>[]
  const apiVersion = `meta.k8s.io/${options.metaVersion}`
  const { rowOrder } = rules
  const ordered = rowOrder ? [...objects].sort((a, b) => rowOrder(a.stored, b.stored)) : objects
  return {
    kind: 'Table',
    apiVersion,
    metadata,
    columnDefinitions:
      options.headers === false
        ? null
        : columns.map((c) => ({
            name: c.name,
            type: c.type,
            format: c.format ?? '',
            description: c.description ?? (c.describes ? describe(rules, c.describes) : ''),
            priority: c.priority ?? 0,
          })),
    rows: ordered.map(({ stored, served }) => {
      const conditions = rules.rowConditions?.(stored)
      return {
        cells: columns.map((c) => c.cell(stored, options.now)),
        ...(conditions?.length ? { conditions } : {}),
        ...(options.include === 'None' ? {} : { object: options.include === 'Object' ? served : partial(served, apiVersion) }),
      }
    }),
  }
}

/** An object as `PartialObjectMetadata`. */
export function partial(object: KubeObject, apiVersion = 'meta.k8s.io/v1'): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata }
}
