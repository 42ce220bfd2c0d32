/** How messages print the strategies of Deployments and DaemonSets: the server's own form, in which counts are never null. */
import { internal } from './checks.js'

interface SentStrategy {
  type?: string | null
  rollingUpdate?: { maxUnavailable?: number | string | null; maxSurge?: number | string | null } | null
}

/** A strategy with all its fields. */
export function shownStrategy({ type, rollingUpdate }: SentStrategy): object {
  const names = ['maxUnavailable', 'maxSurge']
  return {
    Type: type ?? '',
    RollingUpdate: rollingUpdate ? internal(rollingUpdate, names, { maxUnavailable: 0, maxSurge: 0 }) : null,
  }
}
