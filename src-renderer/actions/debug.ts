import { backend } from '../app/rpc.js'
import type { ObjectRef } from '../../src-main/backend/rpc/contract.js'
import type { Target } from '../stores/dialogs.js'
import type { KubeObject } from '../stores/object.js'
import { useDock } from '../stores/dock.js'
import type { Outcome } from './action.js'
import { nameSuffix } from './patch.js'

/** How long a debug container may take to start, ms. */
const START_TIMEOUT = 60_000
const LOOK_AGAIN = 300

interface Status {
  name: string
  state?: { running?: object; waiting?: { reason?: string; message?: string }; terminated?: { reason?: string; exitCode?: number } }
}

/** Resolves when a container of a pod runs; rejects with what keeps it from running. */
async function untilRunning(context: string, ref: ObjectRef, container: string, field: string): Promise<void> {
  const giveUp = Date.now() + START_TIMEOUT
  for (;;) {
    const pod = (await backend.call('objects.get', { context, ref })) as { status?: Record<string, Status[]> }
    const state = pod.status?.[field]?.find((c) => c.name === container)?.state
    if (state?.running) return
    const why = state?.waiting?.message ?? state?.waiting?.reason ?? state?.terminated?.reason
    if (
      state?.terminated ||
      Date.now() > giveUp ||
      /^(ErrImagePull|ImagePullBackOff|CreateContainer\w*Error)$/.test(state?.waiting?.reason ?? '')
    )
      throw new Error(`${container}: ${why ?? 'not running'}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN))
  }
}

/**
 * What a debug container may do, by the name that kubectl has for it, as its security context.
 * https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/#debugging-profiles
 */
export const debugProfiles: Readonly<Record<string, object | undefined>> = {
  general: { capabilities: { add: ['SYS_PTRACE'] } },
  baseline: undefined,
  restricted: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  netadmin: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
  sysadmin: { privileged: true },
}

/** A debug container for a pod. */
export interface DebugOptions {
  image: string
  /** The container whose processes it sees; empty for none. */
  targetContainer: string
  /** One of {@link debugProfiles}. */
  profile: string
}

/**
 * Adds an ephemeral container to a pod and opens a shell in it, as `kubectl debug` does.
 * https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/#ephemeral-container
 */
export async function debugPod(target: Target, { image, targetContainer, profile }: DebugOptions, pod: KubeObject): Promise<Outcome> {
  const { context, ref } = target
  const securityContext = debugProfiles[profile]
  const name = `debugger-${nameSuffix()}`
  await backend.call('objects.patch', {
    context,
    ref,
    type: 'strategic',
    subresource: 'ephemeralcontainers',
    patch: {
      spec: {
        // After those that were added before.
        '$setElementOrder/ephemeralContainers': [
          ...(pod.spec?.ephemeralContainers ?? []).map((c: { name: string }) => ({ name: c.name })),
          { name },
        ],
        ephemeralContainers: [
          {
            name,
            image,
            stdin: true,
            tty: true,
            ...(targetContainer ? { targetContainerName: targetContainer } : {}),
            ...(securityContext ? { securityContext } : {}),
          },
        ],
      },
    },
  })
  await untilRunning(context, ref, name, 'ephemeralContainerStatuses')
  useDock().open(context, `${ref.name} / ${name}`, {
    type: 'shell',
    namespace: ref.namespace ?? '',
    pod: ref.name,
    container: name,
    mode: 'exec',
  })
  return { quiet: true }
}

/**
 * Runs a privileged pod in a node's own namespaces, its files under /host, and opens a shell in it, as
 * `kubectl debug node/NAME --profile=sysadmin` does. The pod is deleted when its tab is closed.
 */
export async function debugNode(target: Target, image: string, namespace: string): Promise<Outcome> {
  const { context } = target
  const node = target.ref.name
  const name = `node-debugger-${node.slice(0, 40)}-${nameSuffix()}`
  const ref: ObjectRef = { group: '', version: 'v1', resource: 'pods', namespace, name }
  await backend.call('objects.create', {
    context,
    resource: ref,
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'drydock' } },
      spec: {
        nodeName: node,
        hostPID: true,
        hostIPC: true,
        hostNetwork: true,
        restartPolicy: 'Never',
        tolerations: [{ operator: 'Exists' }],
        containers: [
          {
            name: 'debugger',
            image,
            stdin: true,
            tty: true,
            securityContext: { privileged: true },
            volumeMounts: [{ name: 'host-root', mountPath: '/host' }],
          },
        ],
        volumes: [{ name: 'host-root', hostPath: { path: '/' } }],
      },
    },
  })
  try {
    await untilRunning(context, ref, 'debugger', 'containerStatuses')
  } catch (error) {
    await backend.call('objects.delete', { context, ref, gracePeriodSeconds: 0 }).catch(() => undefined)
    throw error
  }
  useDock().open(context, `node/${node}`, { type: 'shell', namespace, pod: name, container: 'debugger', mode: 'exec', deleteAfter: true })
  return { quiet: true }
}
