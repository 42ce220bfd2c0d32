import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import type { WebApp } from '../e2e/support/app.js'
import { startHarbour } from '../e2e/support/harbour.js'
import { panels, tidy } from '../e2e/support/panels.js'

/** A picture of every panel in both themes, as PNG files in `.cache/screenshots/THEME/`. */

const out = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../.cache/screenshots')
let app: WebApp

test.beforeAll(async () => {
  ;({ app } = await startHarbour())
  await app.page.emulateMedia({ reducedMotion: 'reduce' })
})
test.afterAll(async () => {
  await app?.close()
})

for (const panel of panels) {
  test(panel.name, async () => {
    const { page } = app
    await tidy(page)
    await panel.open(page)
    // Nothing lies under the pointer.
    await page.mouse.move(700, 890)
    await expect(page.locator('.late')).toHaveCount(0)
    // What came late, such as the icons of a menu or an editor's first highlighting.
    await page.waitForTimeout(300)
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme })
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
      await page.waitForTimeout(150)
      await page.screenshot({ path: path.join(out, theme, `${panel.name}.png`) })
    }
  })
}
