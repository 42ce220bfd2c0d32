import { expect, test } from '@playwright/test'
import { place, startLiveWeb, type WebApp } from './support/app.js'

/**
 * What is on the screen stays where it is while a panel fills: Chromium counts what moves without anybody having done
 * something (https://web.dev/articles/cls). Sites are held to 0.1 of the window; here it is
 * what the heads of columns move when the widths of what stands below them are known.
 */

/** What may move at most while a panel fills, as a share of the window. */
const MOST = 0.01

interface Shift {
  value: number
  what: string[]
}
declare global {
  interface Window {
    shifts: Shift[]
  }
}

let app: WebApp

test.beforeAll(async () => {
  const started = await startLiveWeb()
  app = started.app
  const { kubectl } = started
  kubectl('create deployment web --image=nginx:1.27 --replicas=3')
  kubectl('create deployment broken --image=nginx:does-not-exist-1')
  kubectl('create configmap settings --from-literal=greeting=hello')
  kubectl('wait --for=condition=Available deployment/web --timeout=60s')
  // What is measured is there from the first minute on.
  kubectl('patch clock cluster --type=merge -p {"spec":{"jumpSeconds":120}}')
  await expect.poll(() => kubectl('get --raw /apis/metrics.k8s.io/v1beta1/nodes')).toContain('drydock-m02')
  await app.page.evaluate(() => {
    window.shifts = []
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; sources: { node?: Node }[] })[])
        window.shifts.push({
          value: entry.value,
          what: entry.sources.map(({ node }) =>
            node instanceof Element ? `${node.tagName}.${node.className} ${node.textContent.slice(0, 40)}` : '',
          ),
        })
    }).observe({ type: 'layout-shift' })
  })
})
test.afterAll(async () => {
  await app?.close()
})

/** What moved from the moment that a place was asked for until long after its contents have come. */
async function movedOn(to: string, shows: string): Promise<Shift[]> {
  await app.page.evaluate(() => void (window.shifts = []))
  await place(app.page, to)
  await expect(app.page.locator('main').getByText(shows).filter({ visible: true }).first()).toBeVisible()
  // What comes late, such as usage and counts, has come by then.
  return app.page.evaluate(async () => {
    for (let frames = 0; frames < 60; frames++) await new Promise(requestAnimationFrame)
    return window.shifts
  })
}

for (const [what, to, shows] of [
  ['the overview', 'overview', 'drydock-m02'],
  ['a list of pods', 'pods?ns=default', 'web-'],
  ['a list of deployments', 'deployments.apps?ns=default', 'broken'],
  ['a list of all workloads', 'workloads?ns=default', 'broken'],
  ['a list of nodes', 'nodes', 'drydock-m02'],
  ['a list of events', 'events?ns=default', 'ScalingReplicaSet'],
  ['a list of ConfigMaps', 'configmaps?ns=default', 'settings'],
  ['the details of a Deployment', 'deployments.apps?ns=default&o=deployments.apps/default/web', 'Pod template'],
  ['the details of a node', 'nodes?o=nodes//drydock-m02', 'MemoryPressure'],
  ['the details of a ConfigMap', 'configmaps?ns=default&o=configmaps/default/settings', 'hello'],
  ['a list without rows', 'jobs.batch?ns=default', 'No Jobs'],
] as const)
  test(`nothing moves while ${what} ${what.startsWith('the details') ? 'fill' : 'fills'}`, async () => {
    await movedOn('/c/drydock/namespaces', 'kube-system')
    const shifts = await movedOn(`/c/drydock/${to}`, shows)
    expect(
      shifts.reduce((sum, s) => sum + s.value, 0),
      JSON.stringify(shifts),
    ).toBeLessThan(MOST)
  })
