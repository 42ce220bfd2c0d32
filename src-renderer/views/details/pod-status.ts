import type { KubeObject } from '../../stores/object.js'

type Status = {
  name: string
  ready?: boolean
  started?: boolean
  state?: Record<string, { reason?: string; exitCode?: number; signal?: number; message?: string }>
}

/** The word that says how a pod is, as the STATUS column of `kubectl get pods` has it. */
export function podStatus(pod: KubeObject): string {
  const status = pod.status ?? {}
  if (pod.metadata.deletionTimestamp) return status.reason === 'NodeLost' ? 'Unknown' : 'Terminating'
  const ended = (t: { reason?: string; exitCode?: number; signal?: number }) =>
    t.reason ?? (t.signal ? `Signal:${t.signal}` : `ExitCode:${t.exitCode}`)
  const inits = (pod.spec?.initContainers ?? []) as { name: string; restartPolicy?: string }[]
  const initStatuses = (status.initContainerStatuses ?? []) as Status[]
  for (const [i, c] of initStatuses.entries()) {
    const { terminated, waiting } = c.state ?? {}
    if (terminated?.exitCode === 0) continue
    if (c.started && inits.find((x) => x.name === c.name)?.restartPolicy === 'Always') continue
    if (terminated) return `Init:${ended(terminated)}`
    return waiting?.reason && waiting.reason !== 'PodInitializing' ? `Init:${waiting.reason}` : `Init:${i}/${inits.length}`
  }
  let word: string = status.reason ?? status.phase ?? 'Unknown'
  let running = false
  for (const c of [...((status.containerStatuses ?? []) as Status[])].reverse()) {
    const { terminated, waiting } = c.state ?? {}
    if (waiting?.reason) word = waiting.reason
    else if (terminated) word = ended(terminated)
    else if (c.ready && c.state?.running) running = true
  }
  if (word === 'Completed' && running) word = 'Running'
  return word
}

/** Colour and shape for a status word. */
export function podTone(word: string, ready: boolean): 'ok' | 'warn' | 'bad' | 'busy' | 'off' {
  if (word === 'Running') return ready ? 'ok' : 'warn'
  if (word === 'Succeeded' || word === 'Completed') return 'off'
  if (/^(Pending|ContainerCreating|PodInitializing|Terminating|SchedulingGated)$|^Init:\d+\/\d+$/.test(word)) return 'busy'
  return word === 'Unknown' ? 'warn' : 'bad'
}

interface Toleration {
  key?: string
  operator?: string
  value?: string
  effect?: string
  tolerationSeconds?: number
}

/** Tolerations as `kubectl describe` writes them: `gpu=yes:NoSchedule`, `node.kubernetes.io/not-ready:NoExecute for 60s`; without those that admission gives to every pod. */
export function tolerationTexts(tolerations: readonly Toleration[] = []): string[] {
  const usual = (x: Toleration): boolean =>
    /^node\.kubernetes\.io\/(not-ready|unreachable)$/.test(x.key ?? '') && x.effect === 'NoExecute' && x.tolerationSeconds === 300
  return tolerations
    .filter((x) => !usual(x))
    .map((x) => {
      const taint = [[x.key, x.value].filter(Boolean).join('='), x.effect].filter(Boolean).join(':')
      const exists = x.operator === 'Exists' && !x.value ? 'op=Exists' : ''
      return [taint, exists, x.tolerationSeconds === undefined ? '' : `for ${x.tolerationSeconds}s`].filter(Boolean).join(' ')
    })
}
