import { Expand, Star } from '@lucide/vue'
import { backend } from '../../app/rpc.js'
import { parseQuantity } from '../../components/bytes.js'
import type { KubeObject } from '../../stores/object.js'
import { formAction, on, type Action } from '../action.js'
import { kubectl, slashName } from '../kubectl.js'
import { resourceKey } from '../../app/routes.js'
import { mergePatch } from '../patch.js'

/** The annotations that make a class the default of its kind: the one to be set, and older ones that still count. */
const defaults: Record<string, readonly [string, ...string[]]> = {
  storageclasses: ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'],
  ingressclasses: ['ingressclass.kubernetes.io/is-default-class'],
  volumesnapshotclasses: ['snapshot.storage.kubernetes.io/is-default-class'],
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
    fits: (o) =>
      !Object.values(defaults)
        .flat()
        .some((a) => o.metadata.annotations?.[a] === 'true'),
    form: {
      text: 'defaultClass',
      command: (_v, { targets: [target] }) => {
        const keys = defaults[target!.kind.resource]!
        const none = kubectl(target!, 'annotate', resourceKey(target!.kind), '--all', ...keys.map((key) => `${key}-`))
        return `${none} && ${kubectl(target!, 'annotate', slashName(target!), `${keys[0]}=true`)}`
      },
      run: async (target, _v, object) => {
        const { context, ref } = target
        const keys = defaults[ref.resource]!
        const others = (await backend.call('objects.list', { context, resource: ref })) as {
          metadata: { name: string; annotations?: Record<string, string> }
        }[]
        const of = (annotations: Record<string, string> = {}) =>
          keys.filter((k) => k in annotations).map((k) => [k, annotations[k]!] as const)
        const before = others
          .filter((o) => o.metadata.name !== ref.name)
          .map((o) => ({ name: o.metadata.name, marks: of(o.metadata.annotations) }))
          .filter((o) => o.marks.length > 0)
        const set = (name: string, annotations: Record<string, string | null>) =>
          backend.call('objects.patch', { context, ref: { ...ref, name }, type: 'merge', patch: { metadata: { annotations } } })
        // The others first: two defaults at once would give new claims the newer class.
        for (const { name, marks } of before) await set(name, Object.fromEntries(marks.map(([key]) => [key, null])))
        const own = Object.fromEntries([...of(object.metadata.annotations).map(([key]) => [key, null]), [keys[0], 'true']])
        const done = await mergePatch(target, { metadata: { annotations: own } }, object)
        return {
          undo: async () => {
            await done.undo?.()
            for (const { name, marks } of before) await set(name, Object.fromEntries(marks))
          },
        }
      },
    },
  }),
]
