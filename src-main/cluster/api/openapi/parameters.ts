/** The parameters that OpenAPI describes, in a form of our own that both document versions print. */

/** One parameter of the path or the query. */
export interface Parameter {
  name: string
  in: 'path' | 'query'
  type: 'string' | 'boolean' | 'integer'
  description: string
}

export const query = (name: string, type: Parameter['type'], description: string): Parameter => ({ name, in: 'query', type, description })

export const PRETTY = query('pretty', 'string', "If 'true', then the output is pretty printed.")
export const DRY_RUN = query(
  'dryRun',
  'string',
  'When present, indicates that modifications should not be persisted. Valid values are: - All: all dry run stages will be processed',
)
export const FIELD_MANAGER = query(
  'fieldManager',
  'string',
  'The name of the actor or entity that is making these changes: at most 128 printable characters. Required for apply requests.',
)
export const FIELD_VALIDATION = query(
  'fieldValidation',
  'string',
  'What is done about unknown and duplicate fields. Valid values are: - Ignore: they are dropped silently. - Warn: each is told in a warning (the default). - Strict: the request fails.',
)
export const FORCE = query('force', 'boolean', 'Acquires conflicting fields of other managers. For apply requests only.')
const RESOURCE_VERSION = query('resourceVersion', 'string', 'Which version of the resource may be answered from.')
export const LIST: readonly Parameter[] = [
  query('allowWatchBookmarks', 'boolean', 'Asks for watch events of type BOOKMARK.'),
  query('continue', 'string', 'Continues a list that was cut by a limit.'),
  query('fieldSelector', 'string', 'Restricts the list by fields of the objects.'),
  query('labelSelector', 'string', 'Restricts the list by labels of the objects.'),
  query('limit', 'integer', 'The most objects to answer with at once.'),
  RESOURCE_VERSION,
  query('resourceVersionMatch', 'string', 'How resourceVersion is applied to a list.'),
  query('sendInitialEvents', 'boolean', 'Begins a watch with the objects that are there.'),
  query('timeoutSeconds', 'integer', 'Ends the request after so many seconds.'),
  query('watch', 'boolean', 'Watches for changes and answers with a stream of events.'),
]
export const DELETE: readonly Parameter[] = [
  DRY_RUN,
  query('gracePeriodSeconds', 'integer', 'The seconds before the object is deleted; zero is at once.'),
  query('orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'),
  query('propagationPolicy', 'string', "Whether and how dependents are deleted: 'Orphan', 'Background' or 'Foreground'."),
]
export const NAME = (kind: string): Parameter => ({ name: 'name', in: 'path', type: 'string', description: `name of the ${kind}` })
export const NAMESPACE: Parameter = {
  name: 'namespace',
  in: 'path',
  type: 'string',
  description: 'object name and auth scope, such as for teams and projects',
}
