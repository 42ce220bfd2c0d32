/** What a panel is for pictures and checks, and the ways to one. */
import { expect, type Page } from '@playwright/test'
import { place } from './app.js'

/** One panel. `open` starts from any place and ends when the panel shows what it has to show. */
export interface Panel {
  name: string
  open(page: Page): Promise<void>
}

/** A list of the shop's objects, with the details of one if `object` names it. */
export const list =
  (resource: string, shows: string, object?: string, tab?: string) =>
  async (page: Page): Promise<void> => {
    const query = new URLSearchParams({ ns: 'shop', ...(object ? { o: object } : {}), ...(tab ? { tab } : {}) })
    await place(page, `/c/drydock/${resource}?${query.toString()}`)
    await expect(page.getByRole('grid').getByRole('row').filter({ hasText: shows }).first()).toBeVisible()
    if (object) await expect(page.getByRole('region', { name: /^Details/ })).toBeVisible()
  }

/** A dialog that the menu of a row opens. */
export const dialogOf =
  (resource: string, name: string, act: string) =>
  async (page: Page): Promise<void> => {
    await list(resource, name)(page)
    await page
      .getByRole('row')
      .filter({ hasText: new RegExp(`^${name}`) })
      .first()
      .click({ button: 'right' })
    await page.getByRole('menuitem', { name: act, exact: true }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
  }

/** The first pod of the storefront, whose name is made up. */
export const storefrontPod = (page: Page) =>
  page
    .getByRole('row')
    .filter({ hasText: /^storefront-/ })
    .first()

/** Presses a button in the details of that pod. */
export async function storefrontAction(page: Page, name: string): Promise<void> {
  await storefrontPod(page).click()
  await page
    .getByRole('region', { name: /^Details: storefront-/ })
    .getByRole('button', { name, exact: true })
    .click()
}

/** Opens the command palette. */
export async function palette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog')).toBeVisible()
}

/** Runs a command of the palette. */
export async function command(page: Page, text: string): Promise<void> {
  await palette(page)
  await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused()
  await page.keyboard.type(text)
  // What is found comes with the next frame, however late that is.
  await expect(page.getByRole('option', { selected: true })).toContainText(text)
  await page.keyboard.press('Enter')
}

/** Words what is shown anew, in place: the palette and the settings would close what is open. */
export const speak = (page: Page, language: string): Promise<void> =>
  page.evaluate((to) => {
    const root = document.querySelector('#app') as unknown as {
      __vue_app__: { config: { globalProperties: { $i18n: { locale: string } } } }
    }
    root.__vue_app__.config.globalProperties.$i18n.locale = to
  }, language)
