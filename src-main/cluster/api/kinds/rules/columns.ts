/** Columns of the server-side Table that many kinds share, with the descriptions that the API server gives. */
import type { Column } from '../kind.js'
import type { ObjectMeta } from '../../object.js'
import { since } from './duration.js'
import { items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type Named = { metadata: ObjectMeta }

export const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names'

export const CREATED_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata'

/** The name column; every table has one. */
export function nameColumn<T extends Named>(cell: (object: T) => string = (o) => o.metadata?.name ?? ''): Column<T> {
  return { name: 'Name', type: 'string', format: 'name', description: NAME_DESCRIPTION, cell }
}

/** The age: the time since the object was made, as kubectl words it. */
export function ageColumn<T extends Named>(): Column<T> {
  return { name: 'Age', type: 'string', description: CREATED_DESCRIPTION, cell: (o, now) => since(o.metadata?.creationTimestamp, now) }
}

/** The creation time as a date, for kinds that have no columns of their own. */
export function createdAtColumn<T extends Named>(): Column<T> {
  return { name: 'Created At', type: 'date', description: CREATED_DESCRIPTION, cell: (o) => o.metadata?.creationTimestamp ?? null }
}

/**
 * A column of text, or of another type. `about` is its description, or `@` and the path in the kind's schema that has it.
 */
export function column<T>(
  name: string,
  about: string,
  cell: Column<T>['cell'],
  options: { type?: Column<T>['type']; wide?: boolean; format?: string } = {},
): Column<T> {
  return {
    name,
    type: options.type ?? 'string',
    ...(options.format ? { format: options.format } : {}),
    ...(about.startsWith('@') ? { describes: about.slice(1) } : { description: about }),
    ...(options.wide ? { priority: 1 as const } : {}),
    cell,
  }
}

/** Names and images of the containers of a template, shown with `-o wide`. */
export function containerColumns<T>(containers: (object: T) => Sent<k8s.V1Container>[] | null | undefined, wide = true): Column<T>[] {
  const list = (o: T, f: 'name' | 'image'): string =>
    items(containers(o))
      .map((c) => c[f] ?? '')
      .join(',')
  return [
    column('Containers', 'Names of each container in the template.', (o) => list(o, 'name'), { wide }),
    column('Images', 'Images referenced by each container in the template.', (o) => list(o, 'image'), { wide }),
  ]
}

/** Joins the first `max` texts and counts the rest: `a,b,c + 2 more...`. */
export function firstAndMore(list: readonly string[], max: number, whenEmpty: string, separator = ','): string {
  if (list.length === 0) return whenEmpty
  const shown = list.slice(0, max).join(separator)
  return list.length > max ? `${shown} + ${list.length - max} more...` : shown
}
