import { Expand, Star } from '@lucide/vue'
import { backend } from '../../app/rpc.js'
import { parseQuantity } from '../../components/bytes.js'
import type { KubeObject } from '../../stores/object.js'
import { formAction, on, type Action } from '../action.js'
import { kubectl, slashName } from '../kubectl.js'
import { mergePatch } from '../patch.js'

/** The annotation that makes a class the default of its kind. */
const defaults: Record<string, string> = {
  storageclasses: 'storageclass.kubernetes.io/is-default-class',
  ingressclasses: 'ingressclass.kubernetes.io/is-default-class',
  volumesnapshotclasses: 'snapshot.storage.kubernetes.io/is-default-class',
}
const asked = (object: KubeObject | null): string => object?.spec?.resources?.requests?.storage ?? ''

/** Actions on claims and classes. */
export const storageActions: Action[] = [
  formAction({
    id: 'expand',
    label: 'expand',
    icon: Expand,
    group: true,
    applies: on('persistentvolumeclaims'),
    needs: [{ verb: 'patch' }],
    form: {
      text: 'expand',
      fields: () => [{ id: 'size', type: 'text', placeholder: '10Gi' }],
      initial: ({ object }) => ({ size: asked(object) }),
      problem: (v, { object }) =>
        !(parseQuantity(v.size) > 0)
          ? 'notAQuantity'
          : parseQuantity(v.size) <= parseQuantity(asked(object) || '0')
            ? 'notLarger'
            : undefined,
      command: (v, { targets: [target] }) =>
        kubectl(target!, 'patch', slashName(target!), '-p', JSON.stringify({ spec: { resources: { requests: { storage: v.size } } } })),
      run: async ({ context, ref }, v) => {
        const patch = { spec: { resources: { requests: { storage: v.size } } } }
        await backend.call('objects.patch', { context, ref, type: 'merge', patch })
      },
    },
  }),
  formAction({
    id: 'default-class',
    label: 'defaultClass',
    icon: Star,
    group: true,
    applies: on('storageclasses.storage.k8s.io', 'ingressclasses.networking.k8s.io', 'volumesnapshotclasses.snapshot.storage.k8s.io'),
    needs: [{ verb: 'patch' }, { verb: 'list' }],
    fits: (o) => !Object.values(defaults).some((a) => o.metadata.annotations?.[a] === 'true'),
    form: {
      text: 'defaultClass',
      command: (_v, { targets: [target] }) => {
        const key = defaults[target!.kind.resource]!
        return `${kubectl(target!, 'annotate', target!.kind.resource, '--all', '--overwrite', `${key}-`)} && ${kubectl(target!, 'annotate', slashName(target!), '--overwrite', `${key}=true`)}`
      },
      run: async (target, _v, object) => {
        const { context, ref } = target
        const key = defaults[ref.resource]!
        const others = (await backend.call('objects.list', { context, resource: ref })) as {
          metadata: { name: string; annotations?: Record<string, string> }
        }[]
        const before = others.filter((o) => o.metadata.name !== ref.name && o.metadata.annotations?.[key] === 'true')
        const set = (name: string, value: string | null) =>
          backend.call('objects.patch', {
            context,
            ref: { ...ref, name },
            type: 'merge',
            patch: { metadata: { annotations: { [key]: value } } },
          })
        // The others first: two defaults at once would give new claims the newer class.
        for (const o of before) await set(o.metadata.name, 'false')
        const done = await mergePatch(target, { metadata: { annotations: { [key]: 'true' } } }, object)
        return {
          undo: async () => {
            await done.undo?.()
            for (const o of before) await set(o.metadata.name, 'true')
          },
        }
      },
    },
  }),
]
