import { expect, test } from '@playwright/test'
import type { WebApp } from './support/app.js'
import { startHarbour } from './support/harbour.js'
import { panels, tidy } from './support/panels.js'

/** A dialog that is not wanted is left by its button or by Escape: nothing has changed, and the keyboard is where it was. */

let app: WebApp

test.beforeAll(async () => {
  ;({ app } = await startHarbour())
})
test.afterAll(async () => {
  await app?.close()
})

/** Where the keyboard is: the page itself is nowhere. */
const focused = (): Promise<string> =>
  app.page.evaluate(() => {
    const on = document.activeElement
    return !on || on === document.body ? 'nowhere' : (on.getAttribute('aria-label') ?? on.textContent).trim().slice(0, 40) || on.tagName
  })

for (const { name, open } of panels.filter((p) => p.name.startsWith('dialog-') || ['about', 'settings', 'shortcuts'].includes(p.name)))
  test(`it is left with a button, and with Escape: ${name}`, async () => {
    const { page } = app
    const dialog = page.getByRole('dialog')
    for (const leave of ['button', 'Escape']) {
      await tidy(page)
      await open(page)
      await expect(dialog).toHaveCount(1)
      if (leave === 'Escape') await page.keyboard.press('Escape')
      else
        await dialog
          .locator('.foot')
          .getByRole('button', { name: /^(Cancel|Close)$/ })
          .click()
      await expect(dialog).toHaveCount(0)
      await expect.poll(focused, { message: `after ${leave}`, timeout: 3_000 }).not.toBe('nowhere')
    }
  })

for (const name of ['menu-cluster', 'row-menu', 'columns', 'namespaces', 'label-selector', 'column-filters', 'notifications', 'palette'])
  test(`it is left with Escape: ${name}`, async () => {
    const { page } = app
    const over = page.getByRole('dialog').or(page.getByRole('menu'))
    await tidy(page)
    await panels.find((p) => p.name === name)!.open(page)
    await expect(over).toHaveCount(1)
    await page.keyboard.press('Escape')
    await expect(over).toHaveCount(0)
    await expect.poll(focused, { timeout: 3_000 }).not.toBe('nowhere')
  })

test('nothing went wrong in the browser on the way', () => {
  expect(app.errors).toEqual([])
})
