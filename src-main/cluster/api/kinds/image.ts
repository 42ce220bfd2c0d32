import type { Kind } from './kind.js'
import { customModel } from '../crd/model.js'
import { publishedSchema } from '../crd/published.js'
import type { SchemaNode } from '../crd/schema.js'
import type { ObjectMeta } from '../object.js'
import { column, nameColumn } from './rules/columns.js'

/** An image that the cluster knows how to run with its own programs, and the tags that it has. */
export interface ImageObject {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  /** Under which it can be pulled, with their registries: `docker.io/library/nginx`. */
  repositories: readonly string[]
  /** The newest first: those that people ask for. */
  tags: readonly string[]
}

const names = { group: 'drydock.dev', version: 'v1', kind: 'Image' }
const texts = (description: string): SchemaNode => ({ type: 'array', items: { type: 'string' }, description })

const schema: SchemaNode = {
  type: 'object',
  description: 'Image is one that the cluster knows how to run with its own programs. For all others a placeholder stands in.',
  properties: {
    repositories: texts('Under which it can be pulled, with their registries.'),
    tags: texts('The tags that it has, the newest first.'),
  },
}

/** It has to be given as `objects`. */
export const image: Kind<ImageObject> = {
  ...names,
  plural: 'images',
  singular: 'image',
  namespaced: false,
  model: publishedSchema(customModel(names, schema), names, 'ImageList', schema),
  verbs: ['get', 'list'],
  virtual: true,

  columns: [
    nameColumn(),
    column('Repository', 'Under which it can be pulled.', (o) => o.repositories[0] ?? ''),
    column('Tags', 'How many tags it has.', (o) => o.tags.length, { type: 'integer' }),
    column('Newest', 'Its newest tags.', (o) => o.tags.slice(0, 4).join(',')),
  ],
}
