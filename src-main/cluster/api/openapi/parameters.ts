/** The parameters that OpenAPI describes, in a form of our own that both document versions print. */
import { loadSchema } from '../schema/schema.js'

/** One parameter of the path or the query. */
export interface Parameter {
  name: string
  in: 'path' | 'query'
  type: 'string' | 'boolean' | 'integer'
  description: string
}

/**
 * A parameter of the query, in the words that the API has for it.
 * @param operation the operation on pods that has it, as in `listNamespacedPod`; those of other kinds read alike
 */
export const query = (operation: string, name: string, type: Parameter['type']): Parameter => ({
  name,
  in: 'query',
  type,
  // Only documents want the words.
  get description() {
    return loadSchema().describeParameter(operation, name)
  },
})

const LISTED = 'listNamespacedPod'
const CREATED = 'createNamespacedPod'
const DELETED = 'deleteNamespacedPod'

export const PRETTY = query(LISTED, 'pretty', 'string')
export const DRY_RUN = query(CREATED, 'dryRun', 'string')
export const FIELD_MANAGER = query(CREATED, 'fieldManager', 'string')
/** That of patches, where apply requires it. */
export const PATCH_FIELD_MANAGER = query('patchNamespacedPod', 'fieldManager', 'string')
export const FIELD_VALIDATION = query(CREATED, 'fieldValidation', 'string')
export const FORCE = query('patchNamespacedPod', 'force', 'boolean')
export const LIST: readonly Parameter[] = [
  query(LISTED, 'allowWatchBookmarks', 'boolean'),
  query(LISTED, 'continue', 'string'),
  query(LISTED, 'fieldSelector', 'string'),
  query(LISTED, 'labelSelector', 'string'),
  query(LISTED, 'limit', 'integer'),
  query(LISTED, 'resourceVersion', 'string'),
  query(LISTED, 'resourceVersionMatch', 'string'),
  query(LISTED, 'sendInitialEvents', 'boolean'),
  query(LISTED, 'timeoutSeconds', 'integer'),
  query(LISTED, 'watch', 'boolean'),
]
export const DELETE: readonly Parameter[] = [
  query(DELETED, 'dryRun', 'string'),
  query(DELETED, 'gracePeriodSeconds', 'integer'),
  query(DELETED, 'orphanDependents', 'boolean'),
  query(DELETED, 'propagationPolicy', 'string'),
]
export const NAME = (kind: string): Parameter => ({ name: 'name', in: 'path', type: 'string', description: `name of the ${kind}` })
export const NAMESPACE: Parameter = {
  name: 'namespace',
  in: 'path',
  type: 'string',
  description: 'object name and auth scope, such as for teams and projects',
}
