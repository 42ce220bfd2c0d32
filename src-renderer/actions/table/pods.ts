import { Bug, DoorOpen, Gauge } from '@lucide/vue'
import { backend } from '../../app/rpc.js'
import type { Target } from '../../stores/dialogs.js'
import { formAction, on, type Action } from '../action.js'
import { debugPod, debugProfiles, type DebugOptions } from '../debug.js'
import { kubectl, quote } from '../kubectl.js'

const eviction = ({ ref }: Target) => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name: ref.name, namespace: ref.namespace },
})
interface Resources {
  requests?: Record<string, string>
  limits?: Record<string, string>
}
const sizes = [
  ['cpuRequest', 'requests', 'cpu'],
  ['cpuLimit', 'limits', 'cpu'],
  ['memoryRequest', 'requests', 'memory'],
  ['memoryLimit', 'limits', 'memory'],
] as const

/** Actions on pods alone. */
export const podActions: Action[] = [
  formAction({
    id: 'debug',
    label: 'debug',
    icon: Bug,
    applies: on('pods'),
    needs: [{ verb: 'patch', subresource: 'ephemeralcontainers' }],
    fits: (o) => o.status?.phase === 'Running',
    form: {
      text: 'debug',
      fields: ({ object }) => [
        { id: 'image', type: 'text' },
        {
          id: 'targetContainer',
          type: 'select',
          hint: 'targetContainer',
          options: ['', ...(object?.spec?.containers ?? []).map((c: { name: string }) => c.name)],
        },
        { id: 'profile', type: 'select', options: Object.keys(debugProfiles), hint: 'profile' },
      ],
      initial: ({ object }) => ({ image: 'busybox', targetContainer: object?.spec?.containers?.[0]?.name ?? '', profile: 'general' }),
      command: (v, { targets: [target] }) =>
        kubectl(
          target!,
          'debug',
          '-it',
          target!.ref.name,
          `--image=${v.image}`,
          ...(v.targetContainer ? [`--target=${v.targetContainer}`] : []),
          `--profile=${v.profile}`,
        ),
      run: (target, v, pod) => debugPod(target, v as DebugOptions, pod),
    },
  }),
  formAction({
    id: 'resize',
    label: 'resize',
    icon: Gauge,
    applies: on('pods'),
    needs: [{ verb: 'patch', subresource: 'resize' }],
    fits: (o) => o.status?.phase === 'Running' || o.status?.phase === 'Pending',
    form: {
      text: 'resize',
      fields: ({ object }) => [
        { id: 'container', type: 'select', options: (object?.spec?.containers ?? []).map((c: { name: string }) => c.name) },
        ...sizes.map(([id]) => ({ id, type: 'text' as const, optional: true })),
      ],
      initial: ({ object }) => {
        const c = object?.spec?.containers?.[0] as { name: string; resources?: Resources } | undefined
        return { container: c?.name ?? '', ...Object.fromEntries(sizes.map(([id, list, r]) => [id, c?.resources?.[list]?.[r] ?? ''])) }
      },
      problem: (v) => (sizes.some(([id]) => v[id]) ? undefined : 'unchanged'),
      command: (v, { targets: [target] }) =>
        kubectl(target!, 'patch', `pod/${target!.ref.name}`, '--subresource=resize', '-p', JSON.stringify(resizePatch(v))),
      run: async ({ context, ref }, v) =>
        void (await backend.call('objects.patch', { context, ref, type: 'strategic', subresource: 'resize', patch: resizePatch(v) })),
    },
  }),
  formAction({
    id: 'evict',
    label: 'evict',
    icon: DoorOpen,
    group: true,
    many: true,
    danger: true,
    applies: on('pods'),
    needs: [{ verb: 'create', subresource: 'eviction' }],
    form: {
      text: 'evict',
      command: (_v, { targets }) =>
        targets
          .map((target) => {
            const path = `/api/v1/namespaces/${target.ref.namespace}/pods/${target.ref.name}/eviction`
            return `echo ${quote(JSON.stringify(eviction(target)))} | ${kubectl({ context: target.context, ref: { ...target.ref, namespace: '' } }, 'create', '--raw', path, '-f', '-')}`
          })
          .join('\n'),
      run: async (target) => {
        await backend.call('objects.subresource', {
          context: target.context,
          ref: target.ref,
          subresource: 'eviction',
          verb: 'create',
          object: eviction(target),
        })
      },
    },
  }),
]

/** The strategic merge patch that gives one container other requests and limits. */
function resizePatch(v: Record<string, string>): object {
  const resources: Resources = {}
  for (const [id, list, resource] of sizes) if (v[id]) (resources[list] ??= {})[resource] = v[id]
  return { spec: { containers: [{ name: v.container, resources }] } }
}
