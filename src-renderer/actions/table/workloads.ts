import { ArrowUpDown, CirclePause, CirclePlay, History, Image, Network, RotateCw, Scaling } from '@lucide/vue'
import { backend } from '../../app/rpc.js'
import { useDialogs } from '../../stores/dialogs.js'
import type { KubeObject } from '../../stores/object.js'
import { first, formAction, on, type Action } from '../action.js'
import { kubectl, kubectlOn, names, slashName } from '../kubectl.js'
import { mergePatch } from '../patch.js'
import * as run from '../run.js'

const rollouts = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps']
const scalable = ['deployments.apps', 'statefulsets.apps', 'replicasets.apps', 'replicationcontrollers']
const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments' }
const SERVICES = { group: '', version: 'v1', resource: 'services' }
const AUTOSCALERS = { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' }
const apiVersion = (kind: { group: string; version: string }) => (kind.group ? `${kind.group}/${kind.version}` : kind.version)

/** Actions on what keeps pods: Deployments, StatefulSets, DaemonSets, ReplicaSets. */
export const workloadActions: Action[] = [
  {
    id: 'scale',
    label: 'scale',
    icon: Scaling,
    key: 'c',
    group: true,
    many: true,
    applies: (kind) => kind.scale === true || on(...scalable)(kind),
    needs: [{ verb: 'patch', subresource: 'scale' }],
    run: run.openScale,
  },
  formAction({
    id: 'restart',
    label: 'restart',
    icon: RotateCw,
    key: 'r',
    many: true,
    applies: on(...rollouts),
    needs: [{ verb: 'patch' }],
    form: {
      text: 'restart',
      command: (_v, { targets }) => kubectlOn(targets, (group) => ['rollout', 'restart', ...names(group)]),
      run: async ({ context, ref }, _v, before) => {
        const made = await backend.call('workloads.restart', { context, ref })
        // The pod template as it was: its pods' old ReplicaSet or revision is taken up again.
        const patch = { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '' } } } } }
        return { undo: () => backend.call('objects.undo', { context, ref, patch, before, made }) }
      },
    },
  }),
  {
    id: 'rollback',
    label: 'rollback',
    icon: History,
    applies: on(...rollouts),
    needs: [{ verb: 'patch' }],
    run: first((target) => useDialogs().open({ type: 'rollback', target })),
  },
  {
    id: 'rollback-to',
    label: 'rollbackTo',
    icon: History,
    rare: true,
    applies: on('replicasets.apps'),
    needs: [{ verb: 'patch', resource: DEPLOYMENTS }],
    fits: (set) => set.spec?.replicas === 0 && run.revisionOf(set) !== undefined,
    run: first(run.openRollbackTo),
  },
  {
    id: 'image',
    label: 'image',
    icon: Image,
    applies: on(...rollouts, 'replicationcontrollers', 'replicasets.apps', 'pods'),
    needs: [{ verb: 'patch' }],
    run: first(run.openImage),
  },
  formAction({
    id: 'pause',
    label: 'pause',
    icon: CirclePause,
    many: true,
    applies: on('deployments.apps'),
    needs: [{ verb: 'patch' }],
    fits: (o) => !o.spec?.paused,
    form: {
      text: 'pause',
      command: (_v, { targets }) => kubectlOn(targets, (group) => ['rollout', 'pause', ...names(group)]),
      run: (target, _v, object) => mergePatch(target, { spec: { paused: true } }, object),
    },
  }),
  formAction({
    id: 'resume',
    label: 'resume',
    icon: CirclePlay,
    many: true,
    applies: on('deployments.apps'),
    needs: [{ verb: 'patch' }],
    fits: (o) => o.spec?.paused === true,
    form: {
      command: (_v, { targets }) => kubectlOn(targets, (group) => ['rollout', 'resume', ...names(group)]),
      run: (target, _v, object) => mergePatch(target, { spec: { paused: null } }, object),
    },
  }),
  formAction({
    id: 'autoscale',
    label: 'autoscale',
    icon: ArrowUpDown,
    applies: (kind) => kind.scale === true || on(...scalable)(kind),
    needs: [{ verb: 'create', resource: AUTOSCALERS }],
    form: {
      text: 'autoscale',
      fields: () => [
        { id: 'minReplicas', type: 'number', min: 1 },
        { id: 'maxReplicas', type: 'number', min: 1 },
        { id: 'cpuUtilization', type: 'number', min: 1, hint: 'cpuUtilization' },
      ],
      initial: ({ object }) => {
        const now = Math.max(1, object?.spec?.replicas ?? 1)
        return { minReplicas: now, maxReplicas: Math.max(now + 1, now * 2), cpuUtilization: 80 }
      },
      problem: (v) => (v.minReplicas > v.maxReplicas ? 'minOverMax' : undefined),
      command: (v, { targets: [target] }) =>
        kubectl(target!, 'autoscale', slashName(target!), `--min=${v.minReplicas}`, `--max=${v.maxReplicas}`, `--cpu=${v.cpuUtilization}%`),
      run: async ({ context, kind, ref }, v) => {
        await backend.call('objects.create', {
          context,
          resource: { ...AUTOSCALERS, ...(ref.namespace ? { namespace: ref.namespace } : {}) },
          object: {
            apiVersion: 'autoscaling/v2',
            kind: 'HorizontalPodAutoscaler',
            metadata: { name: ref.name, namespace: ref.namespace },
            spec: {
              scaleTargetRef: { apiVersion: apiVersion(kind), kind: kind.kind, name: ref.name },
              minReplicas: v.minReplicas,
              maxReplicas: v.maxReplicas,
              metrics: [
                { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: v.cpuUtilization } } },
              ],
            },
          },
        })
        return {
          undo: () =>
            backend.call('objects.delete', {
              context,
              ref: { ...AUTOSCALERS, name: ref.name, ...(ref.namespace ? { namespace: ref.namespace } : {}) },
            }),
        }
      },
    },
  }),
  formAction({
    id: 'expose',
    label: 'expose',
    icon: Network,
    applies: on('deployments.apps', 'replicasets.apps', 'replicationcontrollers', 'pods'),
    needs: [{ verb: 'create', resource: SERVICES }],
    form: {
      text: 'expose',
      fields: () => [
        { id: 'name', type: 'text' },
        { id: 'port', type: 'number', min: 1 },
        { id: 'targetPort', type: 'text' },
        { id: 'protocol', type: 'select', options: ['TCP', 'UDP', 'SCTP'] },
        { id: 'serviceType', type: 'select', options: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
      ],
      initial: ({ targets: [target], object }) => {
        const { containerPort: port, protocol = 'TCP' } = portsOf(object)[0] ?? { containerPort: 80 }
        return { name: target?.ref.name ?? '', port, targetPort: String(port), protocol, serviceType: 'ClusterIP' }
      },
      problem: (_v, { object, targets }) => (object && !selectorOf(object, targets[0]?.kind.kind) ? 'noLabels' : undefined),
      command: (v, { targets: [target], object }) =>
        kubectl(
          target!,
          'expose',
          slashName(target!),
          `--port=${v.port}`,
          ...(takesProtocol(object, v.port, v.protocol) ? [] : [`--protocol=${v.protocol}`]),
          ...(v.targetPort && v.targetPort !== String(v.port) ? [`--target-port=${v.targetPort}`] : []),
          ...(v.serviceType === 'ClusterIP' ? [] : [`--type=${v.serviceType}`]),
          ...(v.name === target!.ref.name ? [] : [`--name=${v.name}`]),
        ),
      run: async ({ context, kind, ref }, v, object) => {
        const where = ref.namespace ? { namespace: ref.namespace } : {}
        await backend.call('objects.create', {
          context,
          resource: { ...SERVICES, ...where },
          object: {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: v.name, ...where, ...(object.metadata.labels ? { labels: object.metadata.labels } : {}) },
            spec: {
              selector: selectorOf(object, kind.kind),
              type: v.serviceType,
              ports: [
                {
                  port: v.port,
                  protocol: v.protocol,
                  targetPort: /^\d+$/.test(v.targetPort) ? Number(v.targetPort) : v.targetPort || v.port,
                },
              ],
            },
          },
        })
        return { undo: () => backend.call('objects.delete', { context, ref: { ...SERVICES, ...where, name: v.name } }) }
      },
    },
  }),
]

interface ContainerPort {
  containerPort: number
  protocol?: string
}
/** The ports that the containers of a pod, or of a template for pods, name. */
const portsOf = (object: KubeObject | null): ContainerPort[] =>
  (object?.spec?.template?.spec ?? object?.spec)?.containers?.flatMap((c: { ports?: ContainerPort[] }) => c.ports ?? []) ?? []

/** Whether `kubectl expose` takes this protocol by itself: it looks for containers that name the port of the Service. */
function takesProtocol(object: KubeObject | null, port: number, protocol: string): boolean {
  const named = portsOf(object).filter((p) => p.containerPort === Number(port))
  return (named.length ? named : [{ protocol: 'TCP' }]).every((p) => (p.protocol ?? 'TCP') === protocol)
}

/** The labels by which a Service finds the pods of an object, as `kubectl expose` takes them. */
function selectorOf(object: { kind?: string; spec?: unknown; metadata: { labels?: Record<string, string> } }, kind: string | undefined) {
  const labels =
    kind === 'Pod'
      ? object.metadata.labels
      : ((object.spec as { selector?: { matchLabels?: Record<string, string> } })?.selector?.matchLabels ??
        (kind === 'ReplicationController' ? (object.spec as { selector?: Record<string, string> })?.selector : undefined))
  return labels && Object.keys(labels).length ? labels : undefined
}
