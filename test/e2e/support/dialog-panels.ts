/** Dialogs and tabs that are reached from objects and clusters, and details of the kinds that come last. */
import { expect, type Page } from '@playwright/test'
import { place } from './app.js'
import { command, dialogOf, list, type Panel } from './panel.js'

/** The details of an object, of the shop or of no namespace. */
const details =
  (resource: string, object: string, shows: string | RegExp): Panel['open'] =>
  async (page) => {
    await place(page, `/c/drydock/${resource}?o=${resource}/${object}`)
    await expect(page.getByRole('region', { name: /^Details/ })).toContainText(shows)
  }

/** Chooses something from the menu of the embedded cluster in the catalogue. */
async function clusterMenu(page: Page, item?: string): Promise<void> {
  await place(page, '/')
  await page.getByRole('button', { name: 'More actions: drydock' }).click()
  await expect(page.getByRole('menu')).toBeVisible()
  if (item) await page.getByRole('menuitem', { name: item }).click()
}

export const dialogPanels: Panel[] = [
  { name: 'menu-cluster', open: (page) => clusterMenu(page) },
  {
    name: 'dialog-cluster',
    open: async (page) => {
      await clusterMenu(page, 'Name, group, protection')
      await expect(page.getByRole('dialog')).toContainText('The kubeconfig is not changed.')
    },
  },
  {
    name: 'dialog-snapshots',
    open: async (page) => {
      await clusterMenu(page, 'Snapshots…')
      await expect(page.getByRole('dialog')).toContainText('No snapshots yet.')
    },
  },
  {
    name: 'dialog-confirm',
    open: async (page) => {
      await list('configmaps', 'storefront', 'configmaps/shop/storefront')(page)
      await page
        .getByRole('region', { name: /^Details/ })
        .locator('.entry')
        .first()
        .getByRole('button', { name: /^Delete/ })
        .click()
      await expect(page.getByRole('dialog')).toContainText('The key is taken out of storefront.')
    },
  },
  {
    name: 'dialog-forward',
    open: async (page) => {
      await list('services', 'storefront', 'services/shop/storefront')(page)
      await page
        .getByRole('region', { name: /^Details/ })
        .getByRole('button', { name: 'Forward port' })
        .click()
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
  { name: 'dialog-copy', open: dialogOf('pods', 'storefront', 'Copy files') },
  { name: 'dialog-rollback', open: dialogOf('deployments.apps', 'storefront', 'Roll back') },
  { name: 'dialog-evict', open: dialogOf('pods', 'storefront', 'Evict') },
  { name: 'dialog-annotations', open: dialogOf('deployments.apps', 'storefront', 'Edit annotations') },
  {
    name: 'dialog-taints',
    open: async (page) => {
      await place(page, '/c/drydock/nodes')
      await page.getByRole('row', { name: /drydock-m02/ }).click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Edit taints', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click()
    },
  },
  {
    name: 'dialog-install',
    open: async (page) => {
      await list('releases.helm.sh', 'deployed')(page)
      await page.getByRole('button', { name: 'Install a chart' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
  {
    name: 'dialog-save-template',
    open: async (page) => {
      await list('pods', 'storefront')(page)
      await command(page, 'New Job')
      await page.getByRole('button', { name: 'Save as template' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
  {
    name: 'keys-change',
    open: async (page) => {
      await list('pods', 'storefront')(page)
      await command(page, 'Keyboard shortcuts')
      await page.getByRole('dialog').getByRole('button', { name: 'Change keys' }).click()
      await expect(page.getByRole('dialog').getByRole('button', { name: 'Done' })).toBeVisible()
    },
  },
  {
    name: 'commands',
    open: async (page) => {
      await list('pods', 'storefront')(page)
      await command(page, 'Change commands and links')
      await expect(page.getByRole('dialog')).toContainText('No command or link yet')
    },
  },
  {
    name: 'command-form',
    open: async (page) => {
      await list('pods', 'storefront')(page)
      await command(page, 'Change commands and links')
      await page.getByRole('dialog').getByRole('button', { name: 'New command' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
      await expect(page.getByRole('dialog').getByRole('alert')).toHaveCount(3)
    },
  },
  {
    name: 'files',
    open: async (page) => {
      await list('pods', 'basket-0')(page)
      await page
        .getByRole('row')
        .filter({ hasText: /^basket-0/ })
        .click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Files', exact: true }).click()
      await expect(page.locator('.dock').getByRole('row').filter({ hasText: 'etc' }).first()).toBeVisible()
    },
  },
  ...['ConfigMap', 'Job'].map((kind): Panel => ({
    name: `create-${kind.toLowerCase()}`,
    open: async (page) => {
      await list('pods', 'storefront')(page)
      await command(page, `New ${kind}`)
      await expect(page.getByRole('form', { name: `${kind} form` })).toBeVisible()
    },
  })),
  { name: 'details-job', open: details('jobs.batch', 'shop/price-list', 'price-list') },
  { name: 'details-claim', open: details('persistentvolumeclaims', 'shop/data-basket-0', 'data-basket-0') },
  { name: 'details-class', open: details('storageclasses.storage.k8s.io', 'standard', 'standard') },
  { name: 'details-binding', open: details('clusterrolebindings.rbac.authorization.k8s.io', 'cluster-admin', 'system:masters') },
  { name: 'details-cluster-role', open: details('clusterroles.rbac.authorization.k8s.io', 'admin', 'Rules') },
  {
    name: 'dialog-helm-missing',
    open: async (page) => {
      await list('releases.helm.sh', 'deployed')(page)
      // As if there were none on this machine.
      await page.evaluate(() => {
        const root = document.querySelector('#app') as unknown as {
          __vue_app__: { config: { globalProperties: { $pinia: { _s: Map<string, { open(dialog: { type: string }): void }> } } } }
        }
        root.__vue_app__.config.globalProperties.$pinia._s.get('dialogs')!.open({ type: 'helm-missing' })
      })
      await expect(page.getByRole('dialog')).toContainText('helm is not installed here')
    },
  },
  {
    name: 'clusters-beside',
    open: async (page) => {
      await place(page, '/c/quay/overview')
      await place(page, '/c/drydock/deployments.apps?ns=shop&with=quay')
      await expect(page.getByRole('row', { name: /storefront/ })).toHaveCount(2)
    },
  },
  {
    name: 'clusters-compared',
    open: async (page) => {
      await place(page, '/c/drydock/deployments.apps?ns=shop&with=quay&compare=ready')
      await expect(page.getByRole('gridcell', { name: 'Same' }).first()).toBeVisible()
    },
  },
  {
    name: 'drain',
    open: async (page) => {
      await place(page, '/c/drydock/nodes')
      await page.getByRole('row', { name: /drydock-m03/ }).click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Drain', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Drain' }).click()
      await expect(page.getByRole('region', { name: 'Drain of drydock-m03' })).toContainText(/pods gone|stays cordoned/)
    },
  },
  {
    name: 'protection-gate',
    open: async (page) => {
      await place(page, '/')
      await page.getByRole('button', { name: 'More actions: quay' }).click()
      await page.getByRole('menuitem', { name: 'Name, group, protection' }).click()
      await page.getByRole('dialog').getByLabel('Protection').selectOption('confirm')
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
      await place(page, '/c/quay/configmaps?ns=shop')
      await page.getByRole('row', { name: /storefront/ }).click({ button: 'right' })
      await page.getByRole('menuitem', { name: /^Delete/ }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
      await expect(page.getByRole('dialog', { name: 'Change quay' })).toBeVisible()
    },
  },
]
