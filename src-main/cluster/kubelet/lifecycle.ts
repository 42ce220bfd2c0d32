/** postStart and preStop hooks. Kubernetes documentation, "Container Lifecycle Hooks". */
import type { Container } from '../api/object.js'
import type { Clock } from '../clock.js'
import type { NetworkNamespace } from '../network/network.js'
import type { ContainerRuntime } from '../runtime/cri.js'
import { runCommand } from './probes/exec.js'
import { httpGet } from './probes/http.js'
import { resolvePort } from './probes/outcome.js'

type Hook = NonNullable<NonNullable<Container['lifecycle']>['postStart']>

/** HTTP hooks may take this long, ms. */
const HTTP_TIMEOUT_MS = 60_000

/** Runs a hook to its end. Rejects with an Error in the kubelet's words when it fails. */
export async function runHook(
  hook: Hook,
  context: {
    clock: Clock
    runtime: ContainerRuntime
    from: NetworkNamespace
    podIP: string
    /** `name_namespace(uid)` */
    pod: string
    container: Container
    containerId: string
  },
): Promise<void> {
  const { clock, runtime, container, pod } = context
  if (hook.sleep) return clock.sleep(hook.sleep.seconds * 1000)
  if (hook.exec) {
    const command = hook.exec.command ?? []
    const { code, output } = await runCommand(runtime, context.containerId, command, clock, undefined)
    if (code === 0) return
    const printed = `[${command.join(' ')}]`
    throw new Error(
      `Exec lifecycle hook (${printed}) for Container "${container.name}" in Pod "${pod}" failed - error: command '${command.join(' ')}' exited with ${code}: ${output}, message: ${JSON.stringify(output)}`,
    )
  }
  if (hook.httpGet) {
    const { host, port, path, scheme, httpHeaders } = hook.httpGet
    const target = path ? (path.startsWith('/') ? path : `/${path}`) : '/'
    try {
      await httpGet(context.from, clock, {
        host: host || context.podIP,
        port: resolvePort(port as number | string, container.ports),
        scheme: scheme === 'HTTPS' ? 'https' : 'http',
        path: target,
        headers: httpHeaders ?? [],
        timeoutMs: HTTP_TIMEOUT_MS,
        userAgent: 'kube-lifecycle/1.36',
      })
    } catch (error) {
      throw new Error(
        `HTTP lifecycle hook (${path ?? ''}) for Container "${container.name}" in Pod "${pod}" failed - error: ${(error as Error).message}`,
        { cause: error },
      )
    }
  }
}
