import { expect, test } from '@playwright/test'
import { place, type WebApp } from './support/app.js'
import { gatewayApi } from './support/gateway.js'
import { startHarbour } from './support/harbour.js'
import { tidy } from './support/panels.js'

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
let kubectl: (args: string) => string

test.beforeAll(async () => {
  const started = await startHarbour()
  app = started.app
  kubectl = started.kubectl
  kubectl('create deployment web --image=nginx:1.27 --replicas=3')
  kubectl('create deployment broken --image=nginx:does-not-exist-1')
  kubectl('create configmap settings --from-literal=greeting=hello')
  kubectl('-n shop create serviceaccount untrusting')
  kubectl('-n shop patch serviceaccount untrusting -p {"automountServiceAccountToken":false}')
  gatewayApi(kubectl)
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
  await expect(app.page.locator('main, .details, .dock').getByText(shows).filter({ visible: true }).first()).toBeVisible()
  return since()
}

/** What moved since the last look, and while what comes late comes. */
async function since(): Promise<Shift[]> {
  // What comes late, such as usage and counts, has come by then.
  return app.page.evaluate(async () => {
    for (let frames = 0; frames < 60; frames++) await new Promise(requestAnimationFrame)
    return window.shifts
  })
}

/** The details of an object, by its address. */
const object = (resource: string, key: string): string => `${resource}?ns=*&o=${resource}/${key}`

test.describe('while a panel fills', () => {
  // What the cluster does meanwhile, such as another warning, is news and no filling: its time stands still.
  test.beforeAll(() => void kubectl('patch clock cluster --type=merge -p {"spec":{"speed":0}}'))
  test.afterAll(() => void kubectl('patch clock cluster --type=merge -p {"spec":{"speed":1}}'))

  for (const [what, to, shows] of [
    ['the overview', 'overview', 'drydock-m02'],
    ['the map', 'map?ns=shop', 'storefront'],
    ['a list of pods', 'pods?ns=default', 'web-'],
    ['a list of deployments', 'deployments.apps?ns=default', 'broken'],
    ['a list of all workloads', 'workloads?ns=default', 'broken'],
    ['a list of services', 'services?ns=shop', 'storefront'],
    ['a list of claims', 'persistentvolumeclaims?ns=shop', 'data-basket-0'],
    ['a list of CronJobs', 'cronjobs.batch?ns=shop', 'nightly-report'],
    ['a list of autoscalers', 'horizontalpodautoscalers.autoscaling?ns=shop', 'storefront'],
    ['a list of nodes', 'nodes', 'drydock-m02'],
    ['a list of events', 'events?ns=default', 'ScalingReplicaSet'],
    ['a list of ConfigMaps', 'configmaps?ns=default', 'settings'],
    ['a list of Helm releases', 'releases.helm.sh?ns=shop', 'deployed'],
    ['the details of a Deployment', object('deployments.apps', 'default/web'), 'Pod template'],
    ['the details of a StatefulSet', object('statefulsets.apps', 'shop/basket'), 'Pod template'],
    ['the details of a DaemonSet', object('daemonsets.apps', 'shop/node-watcher'), 'Pod template'],
    ['the details of a Job', object('jobs.batch', 'shop/price-list'), 'Completions'],
    ['the details of a CronJob', object('cronjobs.batch', 'shop/nightly-report'), 'Schedule'],
    ['the details of a Service', object('services', 'shop/storefront'), 'Endpoints'],
    ['the details of an Ingress', object('ingresses.networking.k8s.io', 'shop/shop'), 'Rules'],
    ['the details of a NetworkPolicy', object('networkpolicies.networking.k8s.io', 'shop/basket'), 'Properties'],
    ['the details of a claim', object('persistentvolumeclaims', 'shop/data-basket-0'), 'Properties'],
    ['the details of an autoscaler', object('horizontalpodautoscalers.autoscaling', 'shop/storefront'), 'Properties'],
    ['the details of a budget', object('poddisruptionbudgets.policy', 'shop/storefront'), 'Properties'],
    ['the details of a quota', object('resourcequotas', 'shop/team'), 'Properties'],
    ['the details of a Secret', object('secrets', 'shop/payments'), 'Properties'],
    ['the details of a ServiceAccount', object('serviceaccounts', 'shop/till'), 'Properties'],
    ['the details of an account that mounts no token', object('serviceaccounts', 'shop/untrusting'), 'Properties'],
    ['the details of a Role', object('roles.rbac.authorization.k8s.io', 'shop/till'), 'Properties'],
    ['the details of a namespace', object('namespaces', 'shop'), 'Properties'],
    ['the details of a StorageClass', object('storageclasses.storage.k8s.io', 'standard'), 'Properties'],
    ['the details of a definition', object('customresourcedefinitions.apiextensions.k8s.io', 'ships.harbour.example'), 'Properties'],
    ['the details of a pod that waits', object('pods', 'shop/render-farm'), 'Containers'],
    ['the details of a pod that runs', object('pods', 'shop/basket-0'), 'Containers'],
    ['the details of a node', object('nodes', 'drydock-m02'), 'MemoryPressure'],
    ['the details of a ConfigMap', object('configmaps', 'default/settings'), 'hello'],
    ['the details of a Gateway', object('gateways.gateway.networking.k8s.io', 'default/edge'), 'shop.example'],
    ['the details of an HTTPRoute', object('httproutes.gateway.networking.k8s.io', 'default/shop'), 'NotAllowedByListeners'],
    ['the details of a Helm release', object('releases.helm.sh', 'shop/web'), 'Objects'],
    ['a list without rows', 'jobs.batch?ns=default', 'No Jobs'],
  ] as const)
    test(`nothing moves: ${what}`, async () => {
      await movedOn('/c/drydock/leases.coordination.k8s.io', 'kube-system')
      still(await movedOn(`/c/drydock/${to}`, shows))
      expect(await tooWide()).toEqual([])
    })
})

/** The words of details that reach out of their place, over what stands beside them. */
function tooWide(): Promise<string[]> {
  return app.page
    .locator('.details :is(dt, dd, th, td)')
    .evaluateAll((cells) =>
      (cells as HTMLElement[])
        .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow === 'visible')
        .map((e) => e.innerText),
    )
}

for (const [what, at, button, shows] of [
  ['the logs of a workload', object('deployments.apps', 'shop/storefront'), 'Logs', '4 pods'],
  ['a shell', object('pods', 'shop/basket-0'), 'Shell', '#'],
  ['the logs of a pod', object('pods', 'shop/basket-0'), 'Logs', 'basket-0'],
  ['a tab that creates', 'pods?ns=shop', 'Create from YAML', 'New'],
] as const)
  test(`nothing moves while the dock opens, and while ${what} fills it`, async () => {
    const { page } = app
    await movedOn(`/c/drydock/${at}`, 'storefront')
    await page.evaluate(() => void (window.shifts = []))
    // Not with the pointer: what follows that does not count as moving.
    await page
      .getByRole('button', { name: button, exact: true })
      .first()
      .evaluate((b) => (b as HTMLElement).click())
    await expect(page.locator('.dock').getByText(shows).filter({ visible: true }).first()).toBeVisible()
    const shifts = await since()
    await tidy(page)
    still(shifts)
  })

test('no line of an editor moves when the object that is edited changes on the server', async () => {
  const { page } = app
  await movedOn(`/c/drydock/${object('configmaps', 'default/settings')}&tab=yaml`, 'greeting')
  const editor = page.getByRole('region', { name: 'Details: settings' }).locator('.yaml')
  await editor.locator('.cm-line', { hasText: 'greeting' }).click()
  await page.keyboard.press('End')
  await page.keyboard.insertText(' there')
  const line = () => editor.locator('.cm-line', { hasText: 'hello there' }).boundingBox()
  const before = await line()
  await since()
  await page.evaluate(() => void (window.shifts = []))
  kubectl('label configmap settings touched=yes')
  await expect(editor).toContainText('Changed on the server since it was opened')
  still(await since())
  expect(await line()).toEqual(before)
  await editor.getByRole('button', { name: 'Revert' }).click()
})

function still(shifts: Shift[]): void {
  expect(
    shifts.reduce((sum, s) => sum + s.value, 0),
    JSON.stringify(shifts),
  ).toBeLessThan(MOST)
}
