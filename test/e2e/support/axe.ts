/** What axe finds amiss in a page (https://github.com/dequelabs/axe-core): names, roles, contrast. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

/** What is looked at, by selectors, and by which rules; all of the page and all rules when nothing is given. */
export interface AxeOptions {
  include?: string | undefined
  exclude?: readonly string[]
  rules?: readonly string[]
}

/** What was found: the violations, and the rules that something was held to. */
export type AxeAnswer = Pick<Awaited<ReturnType<AxeBuilder['analyze']>>, 'violations'> & { passed: string[] }

/**
 * Looks at a page. It has no frames, so that what was found needs no second page to be put together in (`setLegacyMode`), and what is
 * right is not described element by element (`resultTypes`): both take most of the time.
 */
export async function axe(page: Page, { include, exclude = [], rules }: AxeOptions = {}): Promise<AxeAnswer> {
  const builder = new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'], ...(rules ? { runOnly: { type: 'rule', values: [...rules] } } : {}) })
  for (const part of exclude) builder.exclude(part)
  if (include) builder.include(include)
  const { violations, passes } = await builder.analyze()
  return { violations, passed: passes.map((p) => p.id) }
}
