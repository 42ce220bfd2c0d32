import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { embeddedKubeconfig, kubectlOn, live, startWeb, type WebApp } from './support/app.js'
import { harbour, settled } from './support/harbour.js'
import { panels, tidy } from './support/panels.js'

/** Names, roles and contrast of every panel in both themes, as axe sees them. */

let app: WebApp

test.beforeAll(async () => {
  app = await startWeb()
  await app.page.emulateMedia({ reducedMotion: 'reduce' })
  await live(app.page)
  const kubectl = await kubectlOn(embeddedKubeconfig(app.data))
  kubectl('apply -f -', harbour())
  await expect.poll(() => settled(kubectl), { timeout: 90_000 }).toBe(true)
})
test.afterAll(async () => {
  await app?.close()
})

for (const panel of panels) {
  test(`axe finds nothing serious: ${panel.name}`, async () => {
    const { page } = app
    await tidy(page)
    await panel.open(page)
    await page.mouse.move(700, 890)
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme })
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
      // Colours may fade over; a colour on its way is not one that is read. A cursor blinks for ever.
      await page.evaluate(() =>
        Promise.all(
          document
            .getAnimations()
            .filter((a) => a.effect?.getComputedTiming().endTime !== Infinity)
            .map((a) => a.finished.catch(() => undefined)),
        ),
      )
      // Names and roles are the same in both themes: in the second only the colours are looked at again.
      const axe = new AxeBuilder({ page })
      // What stands around every panel is looked at once.
      if (panel !== panels[0]) for (const around of ['.rail', '.side', '.status-bar']) axe.exclude(around)
      const { violations, passes } = await (theme === 'light' ? axe : axe.withRules(['color-contrast'])).analyze()
      expect(passes.map((p) => p.id)).toContain('color-contrast')
      const serious = violations
        .filter((v) => v.impact === 'serious' || v.impact === 'critical')
        .flatMap((v) => v.nodes.map((n) => `${theme}: ${v.id}: ${n.target.join(' ')}: ${n.any[0]?.message ?? v.help}`))
      expect.soft(serious).toEqual([])
    }
  })
}
