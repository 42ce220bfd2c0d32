import { expect, test, type Page } from '@playwright/test'
import type { WebApp } from './support/app.js'
import { axe } from './support/axe.js'
import { startHarbour } from './support/harbour.js'
import { speak } from './support/panel.js'
import { panels, tidy } from './support/panels.js'

/** Names, roles and contrast of every panel, as axe sees them: in the light theme and English, and in the dark theme and Chinese. */

let app: WebApp

test.beforeAll(async () => {
  ;({ app } = await startHarbour())
  await app.page.emulateMedia({ reducedMotion: 'reduce' })
})
test.afterAll(async () => {
  await app?.close()
})

/** What may change with the language and the theme: the names of things, and their colours. */
const NAMES_AND_COLOURS = [
  'aria-command-name',
  'aria-dialog-name',
  'aria-input-field-name',
  'aria-meter-name',
  'aria-progressbar-name',
  'aria-toggle-field-name',
  'aria-tooltip-name',
  'aria-treeitem-name',
  'button-name',
  'color-contrast',
  'document-title',
  'html-has-lang',
  'html-lang-valid',
  'image-alt',
  'input-button-name',
  'label',
  'link-name',
  'select-name',
  'summary-name',
  'svg-img-alt',
]

/** What a panel has in front: the lists that dialogs and details stand over or beside are panels of their own. */
async function front(page: Page): Promise<string | undefined> {
  for (const selector of ['[role="dialog"]', 'section.details']) if (await page.locator(selector).count()) return selector
  return undefined
}

test('axe finds a button without a name, and a text that is hardly seen', async () => {
  const { page } = app
  await page.evaluate(() => {
    const part = document.createElement('main')
    part.id = 'amiss'
    part.style.cssText = 'position: fixed; inset: 0; z-index: 99; background: #fff'
    part.innerHTML = '<button></button><p>Words</p>'
    part.querySelector('p')!.style.cssText = 'color: #ccc; background: #ddd'
    document.body.append(part)
  })
  const { violations } = await axe(page, { include: '#amiss' })
  expect(violations.filter((v) => v.impact === 'critical' || v.impact === 'serious').map((v) => v.id)).toEqual([
    'button-name',
    'color-contrast',
  ])
  await page.evaluate(() => document.querySelector('#amiss')!.remove())
})

for (const panel of panels) {
  test(`axe finds nothing serious: ${panel.name}`, async () => {
    const { page } = app
    await speak(page, 'en')
    await tidy(page)
    await panel.open(page)
    await page.mouse.move(700, 890)
    const part = await front(page)
    for (const [theme, language] of [
      ['light', 'en'],
      ['dark', 'zh-CN'],
    ] as const) {
      await page.emulateMedia({ colorScheme: theme })
      await speak(page, language)
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
      const { violations, passed } = await axe(page, {
        include: part,
        // What stands around every panel is looked at once.
        exclude: panel === panels[0] ? [] : ['.rail', '.side', '.status-bar'],
        // Roles are the same in both.
        ...(theme === 'light' ? {} : { rules: NAMES_AND_COLOURS }),
      })
      expect(passed).toContain('color-contrast')
      const serious = violations
        .filter((v) => v.impact === 'serious' || v.impact === 'critical')
        .flatMap((v) => v.nodes.map((n) => `${theme} ${language}: ${v.id}: ${n.target.join(' ')}: ${n.any[0]?.message ?? v.help}`))
      expect.soft(serious).toEqual([])
    }
  })
}
