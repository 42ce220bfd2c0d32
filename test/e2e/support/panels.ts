/** Every panel of the window by name, and how a person gets there: for pictures and for checks that hold for all of them. */
import fs from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { record } from '../../backend/helm/records.js'
import { actionPanels } from './action-panels.js'
import { screenOf } from './app.js'
import { command, list, palette, place, storefrontPod, type Panel } from './panel.js'

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

async function action(page: Page, name: string): Promise<void> {
  await storefrontPod(page).click()
  await page
    .getByRole('region', { name: /^Details: storefront-/ })
    .getByRole('button', { name, exact: true })
    .click()
}

async function dialogFromPalette(page: Page, text: string): Promise<void> {
  await list('pods', 'storefront')(page)
  await command(page, text)
  await expect(page.getByRole('dialog')).toBeVisible()
}

/** A tab that creates, with the keyboard in its editor. */
async function newCreateTab(page: Page): Promise<void> {
  await list('pods', 'storefront')(page)
  await page.getByRole('button', { name: 'Create from YAML' }).click()
  await expect(page.locator('.dock .cm-content')).toBeFocused()
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
      await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
    },
  },
  {
    name: 'map',
    open: async (page) => {
      await place(page, '/c/drydock/map?ns=shop')
      await expect(page.getByRole('link', { name: 'Service storefront 4/4' })).toBeVisible()
    },
  },
  { name: 'pods', open: list('pods', 'storefront-') },
  {
    name: 'pod-all-namespaces',
    open: async (page) =>
      place(page, '/c/drydock/pods').then(() => expect(page.getByRole('row', { name: /coredns/ }).first()).toBeVisible()),
  },
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
      await action(page, 'Delete')
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
  {
    name: 'logs-workload',
    open: async (page) => {
      await list('deployments.apps', 'storefront', 'deployments.apps/shop/storefront')(page)
      await page
        .getByRole('region', { name: /^Details/ })
        .getByRole('button', { name: 'Logs', exact: true })
        .click()
      await expect(page.getByRole('tabpanel').getByText(/4 pods/)).toBeVisible()
    },
  },
  {
    name: 'logs-pod',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await action(page, 'Logs')
      await page.getByRole('combobox', { name: 'Container' }).selectOption('orders')
      await expect(page.getByText(/order taken/).first()).toBeVisible()
    },
  },
  {
    name: 'terminal',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await action(page, 'Shell')
      await expect(screenOf(page)).toContainText(/[#$]\s*$/)
      await page.keyboard.type('hostname; nginx -v; df -h /\n')
      await expect(screenOf(page)).toContainText(/nginx version/)
    },
  },
  {
    name: 'terminal-find',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await action(page, 'Shell')
      await expect(screenOf(page)).toContainText(/[#$]\s*$/)
      await page.keyboard.type('ls /etc\n')
      await page.keyboard.press('Control+Shift+F')
      await page.getByRole('textbox', { name: 'Find in terminal' }).fill('e')
      await expect(page.getByRole('tabpanel').getByRole('search')).toContainText(/\d of \d/)
    },
  },
  {
    name: 'terminal-local',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await page.getByRole('grid').focus()
      await page.keyboard.press('Control+Shift+Backquote')
      await expect(screenOf(page)).toContainText(/[#$>]\s*$/)
    },
  },
  {
    name: 'dock-splits',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await action(page, 'Logs')
      await action(page, 'Shell')
      await expect(screenOf(page)).toContainText(/[#$]\s*$/)
      await page.getByRole('button', { name: 'Split right' }).click()
      await page.keyboard.press('Control+Shift+Backquote')
      await expect(page.getByRole('tab', { name: 'Local: drydock' })).toBeVisible()
      await page.getByRole('button', { name: 'Split down' }).last().click()
      await expect(page.getByRole('tablist')).toHaveCount(4)
      await expect(screenOf(page)).toContainText(/[#$>]\s*$/)
    },
  },
  {
    name: 'yaml',
    open: async (page) => {
      await list('deployments.apps', 'storefront', 'deployments.apps/shop/storefront')(page)
      await page.getByRole('grid').press('e')
      await expect(page.locator('.dock .cm-content')).toContainText('apiVersion: apps/v1')
    },
  },
  ...['Deployment', 'Service', 'Secret', 'HorizontalPodAutoscaler', 'Ingress', 'CronJob'].map((kind): Panel => ({
    name: `create-${kind.toLowerCase()}`,
    open: async (page) => {
      await newCreateTab(page)
      await page.getByRole('button', { name: 'New', exact: true }).click()
      await page.getByRole('menuitem', { name: kind, exact: true }).click()
      await expect(page.getByRole('form', { name: `${kind} form` })).toBeVisible()
    },
  })),
  {
    name: 'create-errors',
    open: async (page) => {
      await newCreateTab(page)
      await page.getByRole('button', { name: 'New', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Deployment', exact: true }).click()
      await page.getByRole('form').getByLabel('Replicas', { exact: true }).fill('-1')
      await page.getByRole('button', { name: 'Dry run' }).click()
      await expect(page.getByRole('button', { name: /^spec\.replicas/ })).toBeVisible()
    },
  },
  {
    name: 'create-preview',
    open: async (page) => {
      await newCreateTab(page)
      await page.keyboard.insertText(harbour().replace('replicas: 4', 'replicas: 6'))
      await page.getByRole('button', { name: 'Preview' }).click()
      await expect(page.getByRole('listbox', { name: 'Preview' }).getByRole('option').first()).toBeVisible()
    },
  },
  {
    name: 'create-templates',
    open: async (page) => {
      await newCreateTab(page)
      await page.getByRole('button', { name: 'New', exact: true }).click()
      await page.getByRole('menuitem', { name: 'From a template' }).click()
      await expect(page.getByRole('dialog', { name: 'Templates' })).toBeVisible()
    },
  },
  {
    name: 'create',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await page.getByRole('button', { name: 'Create from YAML' }).click()
      await expect(page.locator('.dock')).toBeVisible()
    },
  },
  {
    name: 'forwards',
    open: async (page) => {
      await list('services', 'storefront', 'services/shop/storefront')(page)
      await page
        .getByRole('region', { name: /^Details/ })
        .getByRole('button', { name: 'Forward port' })
        .click()
      await page.getByRole('dialog').getByRole('button', { name: 'Forward', exact: true }).click()
      await expect(page.getByRole('dialog')).toHaveCount(0)
      await page
        .getByRole('contentinfo')
        .getByRole('button', { name: /forward/i })
        .click()
      await expect(page.getByText(/127\.0\.0\.1:\d+/).first()).toBeVisible()
    },
  },
  ...actionPanels,
]
