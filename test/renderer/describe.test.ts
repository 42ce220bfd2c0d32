import { describe, expect, it, vi } from 'vitest'
import { router } from '../../src-renderer/app/router.js'
import { app, button, fake, open, press, settle, withWindow } from './whole-window.js'

vi.mock('../../src-renderer/editor/CodeEditor.vue', () => import('./fake-code-editor.js'))
withWindow()

/** What the tab shows, once the editor is loaded. */
async function shown(): Promise<string> {
  await vi.dynamicImportSettled()
  await settle()
  return app.find('.details [role=tabpanel][data-state=active]').text()
}
/** The times that the text was asked for. */
const asked = () => fake.calls.filter((c) => c.method === 'objects.describe')

describe('the text of kubectl describe', () => {
  it('has a tab of the details, and a key in lists', async () => {
    await open('/c/drydock/deployments.apps?ns=shop')
    press('j')
    await settle()
    press('D', { shiftKey: true })
    await settle()
    expect(router.currentRoute.value.query).toMatchObject({ o: 'deployments.apps/shop/cart', tab: 'describe' })
    expect(await shown()).toContain('Name: cart')
  })

  it('follows the object, but starts no more than one kubectl in three seconds', async () => {
    await open('/c/drydock/deployments.apps?ns=shop&o=deployments.apps/shop/cart&tab=describe')
    expect(asked()).toHaveLength(1)
    const cart = fake.find('deployments.apps', 'shop', 'cart')
    for (let i = 0; i < 5; i++) {
      fake.upsert('deployments.apps', structuredClone(cart))
      await settle(100)
    }
    expect(asked()).toHaveLength(1)
    await settle(3000)
    expect(asked()).toHaveLength(2)
    const { resourceVersion } = fake.find('deployments.apps', 'shop', 'cart').metadata
    expect(await shown()).toContain(`Version: ${resourceVersion}`)
  })

  it('says how to get kubectl where there is none, the command, and looks again', async () => {
    fake.kubectl = false
    await open('/c/drydock/deployments.apps?ns=shop&o=deployments.apps/shop/cart&tab=describe')
    expect(app.find('.details').text()).toContain('kubectl is not installed on this machine')
    expect(app.find('.details').text()).toContain('kubectl --context drydock -n shop describe deployment.apps/cart')
    fake.kubectl = true
    button('Look again', app.find('.details').element)!.click()
    await settle()
    expect(asked().at(-1)!.params).toMatchObject({ again: true })
    expect(await shown()).toContain('Name: cart')
  })
})
