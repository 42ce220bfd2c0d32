import { describe, expect, it } from 'vitest'
import { router } from '../../src-renderer/app/router.js'
import { useDock } from '../../src-renderer/stores/dock.js'
import { app, button, fake, open, settle, withWindow } from './whole-window.js'

withWindow()

const inDock = () => app.findAll('.dock .details')
const click = async (selector: string) => (await app.get(selector).trigger('click'), await settle())

describe('details in tabs of the dock', () => {
  it('take over from those at the side, and stay when another list is shown', async () => {
    await open('/c/drydock/deployments.apps?ns=shop&o=deployments.apps/shop/cart')
    await click('.details [aria-label="Details in a tab"]')
    expect(router.currentRoute.value.query.o).toBeUndefined()
    expect(inDock().map((d) => d.attributes('aria-label'))).toEqual(['Details: cart'])
    await router.push('/c/drydock/services')
    await settle()
    expect(inDock()[0]!.text()).toContain('cart')
    fake.remove('deployments.apps', fake.find('deployments.apps', 'shop', 'cart').metadata.uid)
    await settle()
    expect(inDock()[0]!.text()).toContain('Deleted. This is how it was last.')
  })

  it('are as many as there are objects, each with its own part in front and live', async () => {
    await open('/c/drydock/deployments.apps?ns=shop')
    for (const box of app.findAll('[role=grid] .body .row input[type=checkbox]').slice(0, 3)) await box.trigger('click')
    await settle()
    button('Details in a tab', app.element)!.click()
    await settle()
    expect(inDock().map((d) => d.attributes('aria-label'))).toEqual(['Details: cart', 'Details: frontend', 'Details: payments'])
    const events = inDock()[1]!
      .findAll('[role=tab]')
      .find((x) => x.text() === 'Events')!
    await events.trigger('mousedown')
    await settle()
    expect(inDock().map((d) => d.find('[role=tab][aria-selected=true]').text())).toEqual(['Overview', 'Events', 'Overview'])
    expect(router.currentRoute.value.query.tab).toBeUndefined()
    expect(
      useDock()
        .kept()
        .tabs.map((tab) => tab.content.type),
    ).toEqual(['details', 'details', 'details'])
  })
})
