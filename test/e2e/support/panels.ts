/** Every panel of the window by name, and how a person gets there: for pictures and for checks that hold for all of them. */
import { expect, type Page } from '@playwright/test'
import { actionPanels } from './action-panels.js'
import { dialogPanels } from './dialog-panels.js'
import { dockPanels } from './dock-panels.js'
import { place } from './app.js'
import { command, list, palette, storefrontAction, storefrontPod, type Panel } from './panel.js'

async function dialogFromPalette(page: Page, text: string): Promise<void> {
  await list('pods', 'storefront')(page)
  await command(page, text)
  await expect(page.getByRole('dialog')).toBeVisible()
}

/** The dock is closed before what is not about it. */
export async function tidy(page: Page): Promise<void> {
  for (let i = 0; i < 6 && (await page.getByRole('dialog').or(page.getByRole('menu')).count()) > 0; i++) await page.keyboard.press('Escape')
  const tabs = page.getByRole('tablist', { name: 'Dock' }).getByRole('tab')
  while ((await tabs.count()) > 0) {
    const before = await tabs.count()
    await tabs.first().focus()
    await page.keyboard.press('Delete')
    const discard = page.getByRole('dialog').getByRole('button', { name: 'Discard' })
    await expect(async () => {
      if (await discard.isVisible()) await discard.click()
      expect(await tabs.count()).toBeLessThan(before)
    }).toPass()
  }
}

export const panels: Panel[] = [
  {
    name: 'catalogue',
    open: async (page) => {
      await place(page, '/')
      await expect(page.getByText('drydock').first()).toBeVisible()
    },
  },
  {
    name: 'overview',
    open: async (page) => {
      await place(page, '/c/drydock/overview')
      await expect(page.getByRole('button', { name: 'Pause' })).toBeEnabled()
      await expect(page.getByText(/ \/ 330 /)).toBeVisible()
    },
  },
  {
    name: 'map',
    open: async (page) => {
      await place(page, '/c/drydock/map?ns=shop')
      await expect(page.getByRole('link', { name: 'Service storefront 4/4' })).toBeVisible()
    },
  },
  {
    name: 'checks',
    open: async (page) => {
      await place(page, '/c/drydock/checks?ns=shop')
      await expect(page.getByRole('button', { name: /^Advice/ })).toBeVisible()
    },
  },
  { name: 'pods', open: list('pods', 'storefront-') },
  {
    name: 'pod-all-namespaces',
    open: async (page) =>
      place(page, '/c/drydock/pods').then(() => expect(page.getByRole('row', { name: /coredns/ }).first()).toBeVisible()),
  },
  { name: 'workloads', open: list('workloads', 'nightly-report') },
  { name: 'deployments', open: list('deployments.apps', 'storefront') },
  { name: 'statefulsets', open: list('statefulsets.apps', 'basket') },
  { name: 'jobs', open: list('jobs.batch', 'price-list') },
  { name: 'cronjobs', open: list('cronjobs.batch', 'nightly-report') },
  { name: 'services', open: list('services', 'storefront') },
  { name: 'ingresses', open: list('ingresses.networking.k8s.io', 'shop.example') },
  { name: 'claims', open: list('persistentvolumeclaims', 'data-basket-0') },
  {
    name: 'history',
    open: async (page) => {
      await list('deployments.apps', 'storefront', 'deployments.apps/shop/storefront', 'history')(page)
      await page.getByRole('list', { name: 'Field managers' }).getByRole('button').last().click()
      await expect(page.getByRole('term').first()).toBeVisible()
    },
  },
  { name: 'helm-release', open: list('releases.helm.sh', 'deployed', 'releases.helm.sh/shop/web') },
  {
    name: 'helm-history',
    open: async (page) => {
      await list('releases.helm.sh', 'deployed', 'releases.helm.sh/shop/web', 'history')(page)
      await expect(page.locator('.cm-changedLine').first()).toBeVisible()
    },
  },
  {
    name: 'helm-values',
    open: async (page) => {
      await list('releases.helm.sh', 'deployed', 'releases.helm.sh/shop/web', 'values')(page)
      await expect(page.getByRole('textbox', { name: 'User-supplied: web' })).toHaveText('replicas: 2')
    },
  },
  { name: 'events', open: list('events', 'Warning') },
  {
    name: 'nodes',
    open: async (page) => place(page, '/c/drydock/nodes').then(() => expect(page.getByRole('row', { name: /drydock-m02/ })).toBeVisible()),
  },
  {
    name: 'custom-definitions',
    open: async (page) =>
      place(page, '/c/drydock/customresourcedefinitions.apiextensions.k8s.io').then(() =>
        expect(page.getByRole('row', { name: /ships/ })).toBeVisible(),
      ),
  },
  {
    name: 'empty-list',
    open: async (page) =>
      place(page, '/c/drydock/leases.coordination.k8s.io?ns=shop').then(() => expect(page.getByText(/^No Leases/)).toBeVisible()),
  },
  { name: 'details-pod', open: async (page) => list('pods', 'storefront-')(page).then(() => storefrontPod(page).click()) },
  { name: 'details-pod-waiting', open: list('pods', 'render-farm', 'pods/shop/render-farm') },
  { name: 'details-pod-events', open: list('pods', 'render-farm', 'pods/shop/render-farm', 'events') },
  { name: 'details-pod-yaml', open: list('pods', 'render-farm', 'pods/shop/render-farm', 'yaml') },
  { name: 'details-pod-describe', open: list('pods', 'render-farm', 'pods/shop/render-farm', 'describe') },
  { name: 'details-deployment', open: list('deployments.apps', 'storefront', 'deployments.apps/shop/storefront') },
  {
    name: 'details-related',
    open: async (page) => {
      await list('deployments.apps', 'storefront', 'deployments.apps/shop/storefront', 'related')(page)
      await expect(page.getByRole('list', { name: 'Related' }).getByText('payments')).toBeVisible()
    },
  },
  { name: 'details-service', open: list('services', 'storefront', 'services/shop/storefront') },
  { name: 'details-secret', open: list('secrets', 'payments', 'secrets/shop/payments') },
  { name: 'details-configmap', open: list('configmaps', 'storefront', 'configmaps/shop/storefront') },
  {
    name: 'details-autoscaler',
    open: list('horizontalpodautoscalers.autoscaling', 'storefront', 'horizontalpodautoscalers.autoscaling/shop/storefront'),
  },
  {
    name: 'details-node',
    open: async (page) =>
      place(page, '/c/drydock/nodes?o=nodes/drydock-m02').then(() => expect(page.getByRole('region', { name: /^Details/ })).toBeVisible()),
  },
  {
    name: 'search',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await place(page, `/c/drydock/pods?ns=shop&q=${encodeURIComponent('/^(store|basket)/')}`)
      await expect(page.getByRole('row').filter({ hasText: 'node-watcher' })).toHaveCount(0)
    },
  },
  {
    name: 'namespaces',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await page.getByRole('button', { name: /^Namespaces/ }).click()
      await expect(page.getByRole('option', { name: 'shop' })).toBeVisible()
    },
  },
  {
    name: 'columns',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await page.getByRole('button', { name: 'Columns' }).click()
      await expect(page.getByRole('menu')).toBeVisible()
    },
  },
  {
    name: 'label-selector',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await page.getByRole('button', { name: 'Label selector' }).click()
      await expect(page.getByRole('textbox', { name: 'Label selector' })).toBeVisible()
    },
  },
  {
    name: 'dialog-column',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await page.getByRole('button', { name: 'Columns' }).click()
      await page.getByRole('menuitem', { name: 'Add a column' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
  {
    name: 'selection',
    open: async (page) => {
      await list('deployments.apps', 'storefront')(page)
      await page.getByRole('checkbox', { name: 'Select all' }).check({ force: true })
      await expect(page.getByRole('toolbar', { name: /selected$/ })).toBeVisible()
    },
  },
  {
    name: 'row-menu',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await storefrontPod(page).click({ button: 'right' })
      await expect(page.getByRole('menu')).toBeVisible()
    },
  },
  {
    name: 'palette',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await palette(page)
    },
  },
  { name: 'settings', open: (page) => dialogFromPalette(page, 'Settings') },
  { name: 'shortcuts', open: (page) => dialogFromPalette(page, 'Keyboard shortcuts') },
  {
    name: 'dialog-delete',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await storefrontAction(page, 'Delete')
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
  {
    name: 'dialog-scale',
    open: async (page) => {
      await list('deployments.apps', 'storefront', 'deployments.apps/shop/storefront')(page)
      await page
        .getByRole('region', { name: /^Details/ })
        .getByRole('button', { name: 'Scale' })
        .click()
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
  {
    name: 'dialog-new-cluster',
    open: async (page) => {
      await place(page, '/')
      await page.getByRole('button', { name: 'New embedded cluster' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
  ...dockPanels,
  ...actionPanels,
  ...dialogPanels,
]
