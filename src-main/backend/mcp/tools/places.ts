/** What there is: contexts, and the kinds that a cluster has. */
import { contextParameter, offsetParameter, type Tool } from '../tool.js'
import { part, table } from '../text.js'

/** Where a server is, without what an address may hold of credentials. */
function address(server: string): string {
  try {
    const { protocol, host, pathname } = new URL(server)
    return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
  } catch {
    return ''
  }
}

export const contexts: Tool<Record<string, never>> = {
  name: 'contexts',
  title: 'Contexts',
  description:
    'The clusters that may be asked about: their contexts, default namespaces and servers, and whether they may be changed. Connects to none.',
  effect: 'reads',
  parameters: {},
  run: async (_p, { clusters }) => {
    const found = await clusters.list()
    if (!found.length) return 'Drydock knows no context that may be used.'
    const rows = found.map((c) => [
      c.id,
      c.embedded ? `${c.cluster} (embedded in Drydock)` : c.cluster,
      c.namespace,
      address(c.server),
      c.closed ? 'no' : 'yes',
      c.problem?.message,
    ])
    const reasons = new Set(found.flatMap((c) => c.closed ?? []))
    return [table(['CONTEXT', 'CLUSTER', 'NAMESPACE', 'SERVER', 'CHANGES', 'PROBLEM'], rows), ...reasons].join('\n')
  },
}

export const apiResources: Tool<{ context: string; filter?: string; offset?: number }> = {
  name: 'api_resources',
  title: 'Kinds of a cluster',
  description: 'The kinds that a cluster has, custom resources included, as `kubectl api-resources -o wide` lists them.',
  effect: 'reads',
  parameters: {
    context: contextParameter,
    filter: { type: 'string', description: 'Only kinds whose name, short name or group holds this text.' },
    offset: offsetParameter,
  },
  required: ['context'],
  run: ({ context, filter = '', offset }, { clusters }) =>
    clusters.use(context, async (session) => {
      const wanted = filter.toLowerCase()
      const kinds = (await session.kinds()).filter((k) =>
        [k.resource, k.kind, k.group, ...k.shortNames].some((name) => name.toLowerCase().includes(wanted)),
      )
      const rows = kinds.map((k) => [
        k.resource,
        k.shortNames.join(','),
        k.group ? `${k.group}/${k.version}` : k.version,
        k.namespaced,
        k.kind,
        k.verbs.join(','),
      ])
      return rows.length
        ? part(table(['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', 'VERBS'], rows), offset)
        : `No kind of this cluster holds "${filter}".`
    }),
}
