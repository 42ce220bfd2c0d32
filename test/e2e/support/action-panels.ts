/** The panels of what is done to objects and to the app: dialogs of actions, searches, notifications; and the details of rarer kinds. */
import { expect } from '@playwright/test'
import { place } from './app.js'
import { command, dialogOf, list, type Panel } from './panel.js'

/** The details of an object of the shop. */
const details = (resource: string, name: string): Panel['open'] => list(resource, name, `${resource}/shop/${name}`)

export const actionPanels: Panel[] = [
  {
    name: 'search-everywhere',
    open: async (page) => {
      await place(page, `/search?q=${encodeURIComponent('storefront kind:deploy')}`)
      await expect(page.getByRole('main').getByRole('rowheader', { name: /^Deployments 1/ })).toBeVisible()
    },
  },
  {
    name: 'notifications',
    open: async (page) => {
      await list('pods', 'storefront')(page)
      await page
        .getByRole('contentinfo')
        .getByRole('button', { name: /notification/i })
        .click()
      await expect(page.getByRole('dialog', { name: 'Notifications' })).toBeVisible()
    },
  },
  {
    name: 'column-filters',
    open: async (page) => {
      await list('pods', 'storefront')(page)
      await page.getByRole('button', { name: 'Filter by column' }).click()
      await expect(page.getByRole('dialog', { name: 'Filter by column' })).toBeVisible()
    },
  },
  {
    name: 'details-kept',
    open: async (page) => {
      await place(page, '/c/drydock/pods?ns=shop&o2=pods/shop/basket-0&o=pods/shop/basket-1')
      await expect(page.getByRole('region', { name: 'Kept details: basket-0' }).getByRole('heading', { name: 'Containers' })).toBeVisible()
      await expect(page.getByRole('region', { name: 'Details: basket-1' }).getByRole('heading', { name: 'Containers' })).toBeVisible()
    },
  },
  { name: 'details-ingress', open: details('ingresses.networking.k8s.io', 'shop') },
  { name: 'details-network-policy', open: details('networkpolicies.networking.k8s.io', 'basket') },
  { name: 'details-quota', open: details('resourcequotas', 'team') },
  { name: 'details-budget', open: details('poddisruptionbudgets.policy', 'storefront') },
  { name: 'details-namespace', open: list('namespaces', 'shop', 'namespaces/shop') },
  { name: 'details-role', open: details('roles.rbac.authorization.k8s.io', 'till') },
  { name: 'details-account', open: details('serviceaccounts', 'till') },
  { name: 'details-cronjob', open: details('cronjobs.batch', 'nightly-report') },
  { name: 'dialog-image', open: dialogOf('deployments.apps', 'storefront', 'Set image') },
  { name: 'dialog-labels', open: dialogOf('deployments.apps', 'storefront', 'Edit labels') },
  { name: 'dialog-debug', open: dialogOf('pods', 'storefront', 'Debug container') },
  { name: 'dialog-benchmark', open: dialogOf('services', 'storefront', 'Benchmark over HTTP') },
  {
    name: 'dialog-drain',
    open: async (page) => {
      await place(page, '/c/drydock/nodes')
      await page.getByRole('row', { name: /drydock-m02/ }).click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Drain', exact: true }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
  {
    name: 'dialog-kubeconfigs',
    open: async (page) => {
      await place(page, '/')
      await page.getByRole('button', { name: 'Kubeconfigs' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
  {
    name: 'about',
    open: async (page) => {
      await list('pods', 'storefront')(page)
      await command(page, 'About Drydock')
      await expect(page.getByRole('dialog', { name: /About/ })).toBeVisible()
    },
  },
]
