import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import type { WebApp } from '../e2e/support/app.js'
import { startHarbour } from '../e2e/support/harbour.js'
import { speak } from '../e2e/support/panel.js'
import { panels, tidy } from '../e2e/support/panels.js'

/** Pictures of every panel, as PNG files: in both themes in `.cache/screenshots/THEME/`, and in Chinese in `zh-CN/`. */

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
    for (const [folder, theme, language] of [
      ['light', 'light', 'en'],
      ['dark', 'dark', 'en'],
      ['zh-CN', 'light', 'zh-CN'],
    ] as const) {
      await page.emulateMedia({ colorScheme: theme })
      await speak(page, language)
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
      await page.waitForTimeout(150)
      await page.screenshot({ path: path.join(out, folder, `${panel.name}.png`) })
    }
    await speak(page, 'en')
  })
}
