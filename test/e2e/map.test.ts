import { expect, test } from '@playwright/test'
import { contrast, rgbOf } from '../../src-renderer/app/accent.js'
import { embeddedKubeconfig, kubectlOn, live, startWeb, type WebApp } from './support/app.js'
import { harbour, settled } from './support/harbour.js'

/** How objects hang together: the map of a namespace, and what is related to one object. */

test.describe.configure({ mode: 'serial' })

let app: WebApp
let kubectl: Awaited<ReturnType<typeof kubectlOn>>

test.beforeAll(async () => {
  app = await startWeb()
  await live(app.page)
  kubectl = await kubectlOn(embeddedKubeconfig(app.data))
  kubectl('apply -f -', harbour())
  await expect.poll(() => settled(kubectl), { timeout: 90_000 }).toBe(true)
})
test.afterAll(async () => {
  await app?.close()
})

const link = (name: string | RegExp) => app.page.getByRole('main').getByRole('link', { name })

test('the map leads from an Ingress to the pods behind it and to what they use, and is walked with the arrow keys', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Kinds' }).getByRole('link', { name: 'Map', exact: true }).click()
  await page.getByRole('button', { name: /^Namespaces|All namespaces/ }).click()
  await page.getByRole('option', { name: 'shop' }).click()
  await expect(link('Ingress shop')).toBeVisible()
  for (const name of ['Service storefront 4/4', 'Deployment storefront 4/4', 'ConfigMap storefront', 'Secret payments'])
    await expect(link(name)).toBeVisible()
  await expect(link(/^Pod storefront-.* Running$/)).toHaveCount(4)
  await link('Ingress shop').focus()
  for (const name of ['Service storefront 4/4', 'Deployment storefront 4/4', /^ReplicaSet storefront-.* 4\/4$/]) {
    await page.keyboard.press('ArrowRight')
    await expect(link(name)).toBeFocused()
  }
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
    const line = await page
      .locator('.lines path:not(.near)')
      .first()
      .evaluate((e) => {
        const { stroke } = getComputedStyle(e)
        // What is mixed is told in shares of one: `color(srgb 0.5 0.5 0.5)`.
        return stroke.match(/[\d.]+/g)!.map((x) => Number(x) * (stroke.startsWith('color(') ? 255 : 1))
      })
    const ground = rgbOf(colorScheme === 'dark' ? '#171b20' : '#ffffff')!
    expect(contrast([line[0]!, line[1]!, line[2]!], ground), colorScheme).toBeGreaterThanOrEqual(3)
  }
})

test('what is missing shows where something refers to it, and goes once it is there', async () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'reader', namespace: 'shop' },
    spec: {
      containers: [{ name: 'c', image: 'busybox:1.36', command: ['sleep', 'infinity'], envFrom: [{ configMapRef: { name: 'books' } }] }],
    },
  }
  kubectl('apply -f -', JSON.stringify(pod))
  await expect(app.page.getByLabel('ConfigMap books missing')).toBeVisible()
  kubectl('-n shop create configmap books --from-literal=a=b')
  await expect(link('ConfigMap books')).toBeVisible()
})

test('a search leaves the group of what it finds, and a click opens the details beside the map', async () => {
  const { page } = app
  await page.keyboard.press('/')
  await page.keyboard.type('basket')
  await expect(link(/^Deployment storefront/)).toHaveCount(0)
  await link('StatefulSet basket 2/2').click()
  const details = page.getByRole('region', { name: 'Details: basket' })
  await expect(details).toBeVisible()
  await details.getByRole('tab', { name: 'Related' }).click()
  const related = details.getByRole('list', { name: 'Related' })
  await expect(related.getByRole('listitem')).toHaveText([
    /^Servicebasket2\/2$/,
    /^StatefulSetbasket2\/2$/,
    /^Podbasket-0Running$/,
    /^PersistentVolumeClaimdata-basket-0Bound$/,
    /^Podbasket-1Running$/,
    /^PersistentVolumeClaimdata-basket-1Bound$/,
  ])
  await related.getByRole('link', { name: 'basket-1', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Pods', level: 1 })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Details: basket-1' })).toBeVisible()
})

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
