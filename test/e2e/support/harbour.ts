/** The shop that panels show: its manifests, when it has come as far as it will, and a window on it. */
import fs from 'node:fs'
import path from 'node:path'
import { expect } from '@playwright/test'
import { parse, stringify } from 'yaml'
import { record } from '../../backend/helm/records.js'
import { embeddedKubeconfig, newDirectory, startLiveWeb, type Kubectl, type WebApp } from './app.js'

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

/**
 * A window on the shop, whose workloads have come as far as they will. The login shell finds helm, and a kubeconfig has the cluster once
 * more, as `quay`: lists of several clusters are shown with it, and what is set for one cluster only.
 */
export async function startHarbour(): Promise<{ app: WebApp; kubectl: Kubectl }> {
  const { clients } = (await import('../../../src-main/tools/clients.mjs' as string)) as { clients: () => { helm: string } }
  const data = newDirectory()
  fs.writeFileSync(path.join(data, '.profile'), `PATH=${path.dirname(clients().helm)}:/usr/bin:/bin\nexport PATH\n`)
  const { app, kubectl } = await startLiveWeb({ data, env: { SHELL: '/bin/sh' } })
  const close = app.close
  app.close = async () => (await close(), fs.rmSync(data, { recursive: true, force: true }))
  const config = parse(fs.readFileSync(embeddedKubeconfig(data), 'utf8')) as {
    clusters: { name: string }[]
    users: { name: string }[]
    contexts: { name: string; context: { cluster: string; user: string } }[]
    'current-context': string
  }
  for (const named of [config.clusters[0]!, config.users[0]!, config.contexts[0]!]) named.name = 'quay'
  Object.assign(config.contexts[0]!.context, { cluster: 'quay', user: 'quay' })
  config['current-context'] = 'quay'
  fs.writeFileSync(path.join(data, 'none'), stringify(config))
  kubectl('apply -f -', harbour())
  await expect.poll(() => settled(kubectl), { timeout: 90_000 }).toBe(true)
  return { app, kubectl }
}

/** Whether the workloads have come as far as they will: the last of them is a pod that waits for its next restart. */
export function settled(kubectl: (args: string) => string): boolean {
  const pods = JSON.parse(kubectl('-n shop get pods -o json')) as {
    items: { status: { containerStatuses?: { restartCount: number }[] } }[]
  }
  const ready = kubectl('-n shop get deployment storefront -o jsonpath={.status.readyReplicas}')
  const basket = kubectl('-n shop get statefulset basket -o jsonpath={.status.readyReplicas}')
  return ready === '4' && basket === '2' && pods.items.some((p) => (p.status.containerStatuses?.[0]?.restartCount ?? 0) >= 2)
}
