/** Objects: lists as tables, one as YAML, and the text of `kubectl describe`. */
import { objectYaml } from '../../apply/objects.js'
import { TABLE_ACCEPT } from '../../kinds/table.js'
import type { Json } from '../../kinds/kind.js'
import type { KindInfo, ObjectRef } from '../../rpc/contract.js'
import { collectionPath, query } from '../../session/paths.js'
import { kindNamed, kindText } from '../kinds.js'
import { maskedDescription, maskedYaml } from '../masked.js'
import { MOST, part, table } from '../text.js'
import { contextParameter, kindParameter, objectNamespace, offsetParameter, type Call, type ParameterSchema, type Tool } from '../tool.js'

const nameParameter: ParameterSchema = { type: 'string', minLength: 1, description: 'Name of the object.' }

/** The parameters that name one object. */
export interface Named {
  context: string
  kind: string
  namespace?: string
  name: string
}
export const named: Record<'context' | 'kind' | 'namespace' | 'name', ParameterSchema> = {
  context: contextParameter,
  kind: kindParameter,
  namespace: objectNamespace,
  name: nameParameter,
}
export const namedRequired = ['context', 'kind', 'name'] as const

/** The address of a named object of a kind. */
export function refOf(kind: KindInfo, { context, namespace, name }: Omit<Named, 'kind'>, { clusters }: Pick<Call, 'clusters'>): ObjectRef {
  const { group, version, resource } = kind
  return { group, version, resource, name, ...(kind.namespaced ? { namespace: namespace || clusters.namespaceOf(context) } : {}) }
}

interface ListParameters {
  context: string
  kind: string
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  wide?: boolean
  limit?: number
  continue?: string
}

/** The server's Table as text; with the namespace of each row where there may be several. */
function tableText(body: Json, withNamespace: boolean, wide: boolean): string {
  const definitions: Json[] = body.kind === 'Table' ? (body.columnDefinitions ?? []) : [{ name: 'Name', priority: 0 }]
  const rows: Json[] =
    body.kind === 'Table' ? (body.rows ?? []) : ((body.items ?? []) as Json[]).map((o) => ({ cells: [o.metadata?.name], object: o }))
  const shown = definitions.flatMap((d, i) => (wide || !d.priority ? [i] : []))
  return table(
    [...(withNamespace ? ['NAMESPACE'] : []), ...shown.map((i) => String(definitions[i].name).toUpperCase())],
    rows.map((r) => [...(withNamespace ? [r.object?.metadata?.namespace] : []), ...shown.map((i) => r.cells?.[i] ?? '<none>')]),
  )
}

export const list: Tool<ListParameters> = {
  name: 'list',
  title: 'List objects',
  description:
    'Objects of a kind with the columns that `kubectl get` shows. Long lists come in parts: the answer ends with the token for the next.',
  effect: 'reads',
  parameters: {
    context: contextParameter,
    kind: kindParameter,
    namespace: { type: 'string', description: 'Only of this namespace; of all namespaces when left out.' },
    labelSelector: { type: 'string', description: 'As kubectl takes it: app=web,tier!=cache' },
    fieldSelector: { type: 'string', description: 'As kubectl takes it: status.phase=Failed, spec.nodeName=node-1' },
    wide: { type: 'boolean', default: false, description: 'All columns, as `-o wide` shows.' },
    limit: { type: 'integer', minimum: 1, maximum: 500, default: 100, description: 'The most objects of one answer.' },
    continue: { type: 'string', description: 'The token that the part before ended with; all other parameters as then.' },
  },
  required: ['context', 'kind'],
  run: (p, { clusters, signal }) =>
    clusters.use(p.context, async (session) => {
      const kind = await kindNamed(session, p.kind)
      const { labelSelector, fieldSelector, limit = 100 } = p
      const namespace = kind.namespaced ? p.namespace : undefined
      const path =
        collectionPath(kind, namespace) + query({ labelSelector, fieldSelector, limit, continue: p.continue, includeObject: 'Metadata' })
      const body = await (await session.api()).json<Json>(path, { accept: TABLE_ACCEPT, signal })
      const number = (body.rows ?? body.items ?? []).length
      if (!number && !p.continue) return `No ${kindText(kind)} found${namespace ? ` in namespace ${namespace}` : ''}.`
      const text = tableText(body, kind.namespaced && !namespace, p.wide === true)
      if (text.length > MOST)
        return `${text.slice(0, text.lastIndexOf('\n', MOST))}\n[The answer was cut: ask for fewer than ${number} with limit.]`
      const { continue: more, remainingItemCount: left } = body.metadata ?? {}
      return more ? `${text}\n[${number} shown${left ? `, ${left} more` : ', there are more'}. Call again with continue ${more}]` : text
    }),
}

export const get: Tool<Named & { offset?: number }> = {
  name: 'get',
  title: 'Get an object',
  description: 'One object as YAML, without managedFields. The values of Secrets are masked.',
  effect: 'reads',
  parameters: { ...named, offset: offsetParameter },
  required: namedRequired,
  run: (p, call) =>
    call.clusters.use(p.context, async (session) => {
      const ref = refOf(await kindNamed(session, p.kind), p, call)
      return part(maskedYaml(await objectYaml(session, ref)), p.offset)
    }),
}

export const describe: Tool<Named & { offset?: number }> = {
  name: 'describe',
  title: 'Describe an object',
  description: "What `kubectl describe` of the person's own kubectl prints of an object, its events included.",
  effect: 'reads',
  parameters: { ...named, offset: offsetParameter },
  required: namedRequired,
  run: (p, call) =>
    call.clusters.use(p.context, async (session) => {
      const kind = await kindNamed(session, p.kind)
      const text = await call.clusters.describe(p.context, refOf(kind, p, call))
      return part(kindText(kind) === 'secrets' ? maskedDescription(text) : text, p.offset)
    }),
}
