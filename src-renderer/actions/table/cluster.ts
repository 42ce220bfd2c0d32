import { Eraser, FolderOpen, List } from '@lucide/vue'
import { router } from '../../app/router.js'
import { backend } from '../../app/rpc.js'
import { useNamespaces } from '../../stores/namespaces.js'
import type { KubeObject } from '../../stores/object.js'
import { can, first, formAction, on, type Action } from '../action.js'
import { kubectl, slashName } from '../kubectl.js'

const isNamespace = on('namespaces')
/** What keeps an object from going. A namespace has finalizers of its own, in its spec. */
const finalizersOf = (o: KubeObject | null): string[] => [...(o?.metadata.finalizers ?? []), ...(o?.spec?.finalizers ?? [])]

/** Actions on Namespaces and CustomResourceDefinitions, and the last resort for what does not go. */
export const clusterActions: Action[] = [
  {
    id: 'use-namespace',
    label: 'useNamespace',
    icon: FolderOpen,
    reads: true,
    applies: isNamespace,
    run: first(async ({ context, ref }) => {
      useNamespaces().choose(context, [ref.name])
      await router.push({ name: 'list', params: { context, resource: 'pods' }, query: { ns: ref.name } })
    }),
  },
  {
    id: 'instances',
    label: 'instances',
    icon: List,
    reads: true,
    applies: on('customresourcedefinitions.apiextensions.k8s.io'),
    // The name of a definition is `plural.group`, as addresses write kinds.
    run: first(({ context, ref }) => router.push({ name: 'list', params: { context, resource: ref.name } })),
  },
  formAction({
    id: 'finalize',
    label: 'finalize',
    icon: Eraser,
    danger: true,
    rare: true,
    applies: can('patch'),
    needs: [{ verb: 'patch' }],
    fits: (o) => o.metadata.deletionTimestamp !== undefined && finalizersOf(o).length > 0,
    form: {
      text: 'finalize',
      command: (_v, { targets: [target], object }) => {
        const own = kubectl(target!, 'patch', slashName(target!), '--type=merge', '-p', '{"metadata":{"finalizers":null}}')
        if (!isNamespace(target!.kind)) return own
        const finalize = kubectl(target!, 'replace', '--raw', `/api/v1/namespaces/${target!.ref.name}/finalize`, '-f', '-')
        const space = `${kubectl(target!, 'get', slashName(target!), '-o', 'json')} | jq '.spec.finalizers=[]' | ${finalize}`
        return object?.metadata.finalizers?.length ? `${own} && ${space}` : space
      },
      run: async ({ context, ref, kind }, _v, object) => {
        if (object.metadata.finalizers?.length)
          await backend.call('objects.patch', { context, ref, type: 'merge', patch: { metadata: { finalizers: null } } })
        if (!isNamespace(kind)) return
        await backend.call('objects.subresource', {
          context,
          ref,
          subresource: 'finalize',
          verb: 'update',
          object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ref.name }, spec: { finalizers: [] } },
        })
      },
    },
  }),
]
