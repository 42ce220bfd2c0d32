/** The panels of the dock: logs, terminals, the editor, what creates objects, and port-forwards. */
import { expect, type Page } from '@playwright/test'
import { screenOf } from './app.js'
import { harbour } from './harbour.js'
import { list, storefrontAction, type Panel } from './panel.js'

/** A tab that creates, with the keyboard in its editor. */
async function newCreateTab(page: Page): Promise<void> {
  await list('pods', 'storefront')(page)
  await page.getByRole('button', { name: 'Create from YAML' }).click()
  await expect(page.locator('.dock .cm-content')).toBeFocused()
}

export const dockPanels: Panel[] = [
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
      await storefrontAction(page, 'Logs')
      await page.getByRole('combobox', { name: 'Container' }).selectOption('orders')
      await expect(page.getByText(/order taken/).first()).toBeVisible()
    },
  },
  {
    name: 'terminal',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await storefrontAction(page, 'Shell')
      await expect(screenOf(page)).toContainText(/[#$]\s*$/)
      await page.keyboard.type('hostname; nginx -v; df -h /\n')
      await expect(screenOf(page)).toContainText(/nginx version/)
    },
  },
  {
    name: 'terminal-find',
    open: async (page) => {
      await list('pods', 'storefront-')(page)
      await storefrontAction(page, 'Shell')
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
      await storefrontAction(page, 'Logs')
      await storefrontAction(page, 'Shell')
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
    name: 'details-tab',
    open: async (page) => {
      await list('deployments.apps', 'storefront', 'deployments.apps/shop/storefront')(page)
      await page.getByRole('button', { name: 'Details in a tab' }).click()
      await expect(page.locator('.dock').getByRole('region', { name: 'Details: storefront' })).toBeVisible()
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
]
