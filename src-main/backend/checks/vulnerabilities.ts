/** What a scanner in the cluster has found in images: the VulnerabilityReports of Trivy's operator. */
import { toRpcError } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { Finding, KindInfo } from '../rpc/contract.js'
import { collectionPath, query, resourceKey } from '../session/paths.js'
import type { Session } from '../session/session.js'

/** https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/ */
export const REPORTS = 'vulnerabilityreports.aquasecurity.github.io'

/** The images with critical or high vulnerabilities, the worst first. */
export function vulnerable(kind: KindInfo, reports: readonly Json[]): Finding[] {
  const { group, version, resource } = kind
  return reports
    .map((o) => {
      const { summary = {}, artifact = {}, registry = {} } = o.report ?? {}
      const [critical, high] = [Number(summary.criticalCount ?? 0), Number(summary.highCount ?? 0)]
      const image = [[registry.server, artifact.repository].filter(Boolean).join('/'), artifact.tag].filter(Boolean).join(':')
      const { name = '', namespace, labels = {} } = o.metadata ?? {}
      const containers: string = labels['trivy-operator.container.name'] ?? ''
      const finding: Finding = {
        rule: 'vulnerable',
        severity: critical > 0 ? 'bad' : 'warn',
        kind,
        ref: { group, version, resource, name, ...(namespace ? { namespace } : {}) },
        values: { critical: String(critical), high: String(high), image, containers },
      }
      return { finding, critical, high }
    })
    .filter(({ critical, high }) => critical + high > 0)
    .sort((a, b) => b.critical - a.critical || b.high - a.high)
    .map(({ finding }) => finding)
}

/** Reads the reports, where the cluster has such; none where they may not be listed. */
export async function readVulnerable(
  session: Session,
  kinds: readonly KindInfo[],
  namespaces: readonly string[],
  most: number,
): Promise<Finding[]> {
  const kind = kinds.find((k) => resourceKey(k) === REPORTS)
  if (!kind) return []
  const api = await session.api()
  const parts = await Promise.all(
    (namespaces.length ? namespaces : [undefined]).map(async (namespace) => {
      try {
        return (await api.json<{ items?: Json[] }>(collectionPath(kind, namespace) + query({ limit: most }))).items ?? []
      } catch (error) {
        if (toRpcError(error).code === 403) return []
        throw error
      }
    }),
  )
  return vulnerable(kind, parts.flat())
}
