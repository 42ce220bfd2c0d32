/** Helm's records as Helm writes them, for tests. */
import { gzipSync } from 'node:zlib'

/** What a test says of a revision. */
export interface TestRevision {
  name?: string
  namespace?: string
  status?: string
  manifest?: string
  hooks?: { path: string; manifest: string }[]
  values?: Record<string, unknown>
  chartValues?: Record<string, unknown>
  deployed?: string
}

/** The record of revision `version` in a Secret, or in a ConfigMap. */
export function record(version: number, r: TestRevision = {}, kind: 'Secret' | 'ConfigMap' = 'Secret'): Record<string, unknown> {
  const { name = 'web', namespace = 'shop', status = 'deployed' } = r
  const release = {
    name,
    namespace,
    version,
    info: {
      first_deployed: '2026-11-20T10:00:00.5Z',
      last_deployed: r.deployed ?? '2026-11-21T10:00:00.5Z',
      status,
      description: 'Upgrade complete',
      notes: 'Open the shop.\n',
    },
    chart: {
      metadata: { name: 'shop', version: '0.1.0', appVersion: '1.0', description: 'A shop' },
      values: r.chartValues ?? { replicas: 1 },
    },
    config: r.values ?? {},
    manifest: r.manifest ?? '---\n# Source: shop/templates/a.yaml\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n',
    hooks: r.hooks ?? [],
  }
  const packed = gzipSync(JSON.stringify(release)).toString('base64')
  return {
    ...(kind === 'ConfigMap' ? { kind } : {}),
    metadata: {
      name: `sh.helm.release.v1.${name}.v${version}`,
      namespace,
      uid: `${kind}-${namespace}-${name}-${version}`,
      resourceVersion: String(100 + version),
      labels: { owner: 'helm', name, status, version: String(version), modifiedAt: '1795255200' },
    },
    ...(kind === 'Secret' ? { type: 'helm.sh/release.v1' } : {}),
    data: { release: kind === 'Secret' ? Buffer.from(packed).toString('base64') : packed },
  }
}
