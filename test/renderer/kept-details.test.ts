import { beforeEach, describe, expect, it } from 'vitest'
import { router } from '../../src-renderer/app/router.js'
import { app, open, settle, withWindow } from './whole-window.js'

withWindow()

const regions = () => app.findAll('.details').map((d) => d.attributes('aria-label'))
const click = async (selector: string) => (await app.get(selector).trigger('click'), await settle())
const openRow = async (n: number) => (await app.findAll('.body .row')[n]!.trigger('click'), await settle())
const rowName = (n: number) => app.findAll('.body .row .cell.name')[n]!.text()
const escape = async () => {
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }))
  await settle()
}

beforeEach(() => open('/c/drydock/pods'))

describe('details that are kept', () => {
  it('stay beside those of the next object, each with its own tab, in the address and in other lists', async () => {
    const [first, second] = [rowName(0), rowName(1)]
    await openRow(0)
    expect(regions()).toEqual([`Details: ${first}`])
    await click('.details [aria-label="Keep beside the next object"]')
    expect(regions()).toEqual([`Kept details: ${first}`])
    await openRow(1)
    expect(regions()).toEqual([`Kept details: ${first}`, `Details: ${second}`])
    expect(router.currentRoute.value.query).toMatchObject({
      o2: expect.stringMatching(new RegExp(`^pods/.*/${first}$`)),
      o: expect.stringMatching(new RegExp(`^pods/.*/${second}$`)),
    })
    const tab = (panel: number, name: string) =>
      app
        .findAll('.details')
        [panel]!.findAll('[role=tab]')
        .find((x) => x.text() === name)!
    await tab(0, 'Events').trigger('mousedown')
    await settle()
    expect(router.currentRoute.value.query).toMatchObject({ tab2: 'events' })
    expect([tab(0, 'Events'), tab(1, 'Overview')].map((x) => x.attributes('aria-selected'))).toEqual(['true', 'true'])
    // Another list closes what is open, and leaves what is kept.
    const deployments = app.findAll('.sidebar a').find((a) => a.text().startsWith('Deployments'))!
    await deployments.trigger('click')
    await settle()
    expect(router.currentRoute.value.params.resource).toBe('deployments.apps')
    expect(regions()).toEqual([`Kept details: ${first}`])
  })

  it('are closed last by Escape, and by their own button', async () => {
    const first = rowName(0)
    await openRow(0)
    await click('.details [aria-label="Keep beside the next object"]')
    await openRow(1)
    await escape()
    expect(regions()).toEqual([`Kept details: ${first}`])
    await escape()
    expect(regions()).toEqual([])
    await openRow(0)
    await click('.details [aria-label="Keep beside the next object"]')
    await openRow(1)
    await click('.details [aria-label="Close"]')
    expect(regions()).toEqual([`Details: ${rowName(1)}`])
    expect(router.currentRoute.value.query).not.toHaveProperty('o2')
  })
})
