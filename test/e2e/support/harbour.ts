/** The shop that panels show: its manifests, and when it has come as far as it will. */
import fs from 'node:fs'
import { record } from '../../backend/helm/records.js'

/** A release of two revisions, as Helm would have kept them. */
export const release = (): string =>
  [
    record(1, { status: 'superseded' }),
    record(2, { values: { replicas: 2 }, manifest: 'kind: Service\napiVersion: v1\nmetadata: {name: storefront}\n' }),
  ]
    .map((r) => {
      const { uid: _, resourceVersion: __, ...metadata } = r.metadata as Record<string, unknown>
      return `---\n${JSON.stringify({ apiVersion: 'v1', kind: 'Secret', ...r, metadata })}\n`
    })
    .join('')

/** The manifests of the workloads that the panels show. */
export const harbour = (): string => `${fs.readFileSync(new URL('./harbour.yaml', import.meta.url), 'utf8')}\n${release()}`

/** Whether the workloads have come as far as they will: the last of them is a pod that waits for its next restart. */
export function settled(kubectl: (args: string) => string): boolean {
  const pods = JSON.parse(kubectl('-n shop get pods -o json')) as {
    items: { status: { containerStatuses?: { restartCount: number }[] } }[]
  }
  const ready = kubectl('-n shop get deployment storefront -o jsonpath={.status.readyReplicas}')
  const basket = kubectl('-n shop get statefulset basket -o jsonpath={.status.readyReplicas}')
  return ready === '4' && basket === '2' && pods.items.some((p) => (p.status.containerStatuses?.[0]?.restartCount ?? 0) >= 2)
}
