import { describe, expect, it } from 'vitest'
import { router } from '../../src-renderer/app/router.js'
import { app, button, dialog, fake, goTo, names, open, press, settle, withWindow } from './whole-window.js'

withWindow()

const row = (name: string) => app.findAll('[role=grid] .row').find((r) => r.find('.cell.name').text() === name)!
const bulk = () => app.findAll('.bulk .button').map((b) => b.text())
async function select(...rows: string[]): Promise<void> {
  for (const name of rows) await row(name).find('input[type=checkbox]').trigger('click')
  await settle()
}

describe('the list of all workloads', () => {
  it('is reached from the sidebar and by its name in k9s, and shows what no other one controls', async () => {
    await open('/c/drydock/overview')
    await goTo('workload shop')
    expect(router.currentRoute.value.fullPath).toBe('/c/drydock/workloads?ns=shop')
    expect(app.find('h1').text()).toBe('Workloads')
    expect(names()).toEqual(['cart', 'db', 'frontend', 'payments', 'recommendations-with-a-rather-long-name', 'report', 'report-29394720'])
    expect(app.find('nav a[aria-current=page]').text()).toBe('Workloads')
    await router.push('/c/drydock/overview')
    await settle()
    expect(
      app
        .findAll('nav a')
        .find((a) => a.text() === 'Workloads')!
        .attributes('href'),
    ).toContain('/c/drydock/workloads')
  })

  it('shows what they control too when asked to', async () => {
    await open('/c/drydock/workloads?ns=shop')
    expect(names()).not.toContain('db-0')
    app.find('button[aria-label="Also what they control"]').element.dispatchEvent(new MouseEvent('click', { bubbles: true }))
    await settle()
    expect(router.currentRoute.value.fullPath).toBe('/c/drydock/workloads?ns=shop&controlled=1')
    expect(names()).toContain('db-0')
  })

  it('opens the details of a row as those of its own kind, and marks the row', async () => {
    await open('/c/drydock/workloads?ns=shop')
    await row('db').trigger('click')
    await settle()
    expect(router.currentRoute.value.query.o).toBe('statefulsets.apps/shop/db')
    expect(app.find('.details h2').text()).toContain('db')
    expect(row('db').classes()).toContain('current')
  })

  it('acts on a row as on its own kind', async () => {
    await open('/c/drydock/workloads?ns=shop&o=deployments.apps/shop/cart')
    press('c')
    await settle()
    const input = dialog()!.querySelector<HTMLInputElement>('input')!
    input.value = '5'
    input.dispatchEvent(new Event('input'))
    await settle()
    expect(dialog()!.textContent).toContain('kubectl --context drydock -n shop scale deployment.apps/cart --replicas=5')
    button('Scale', dialog()!)!.click()
    await settle()
    expect(fake.find('deployments.apps', 'shop', 'cart').spec.replicas).toBe(5)
  })

  it('offers for rows of several kinds what all of them can, in one command', async () => {
    await open('/c/drydock/workloads?ns=shop')
    await select('cart', 'db')
    expect(bulk()).toContain('Restart')
    expect(bulk()).not.toContain('Pause rollout')
    await select('report')
    expect(bulk()).not.toContain('Restart')
    await select('report')
    button('Restart', app.element)!.click()
    await settle()
    expect(dialog()!.textContent).toContain('Restart: 2 Workloads')
    expect(dialog()!.textContent).toContain('kubectl --context drydock -n shop rollout restart deployment.apps/cart statefulset.apps/db')
  })

  it('deletes rows of several kinds together', async () => {
    await open('/c/drydock/workloads?ns=shop')
    await select('cart', 'report')
    button('Delete', app.element)!.click()
    await settle()
    expect(dialog()!.textContent).toContain('Delete 2 Workloads')
    expect(dialog()!.textContent).toContain('kubectl --context drydock -n shop delete deployment.apps/cart cronjob.batch/report')
    button('Delete', dialog()!)!.click()
    await settle()
    expect(names()).toEqual(['db', 'frontend', 'payments', 'recommendations-with-a-rather-long-name', 'report-29394720'])
    expect(() => fake.find('cronjobs.batch', 'shop', 'report')).toThrow()
  })

  it('says why a bulk act is refused where the rights for one of the kinds are missing', async () => {
    fake.denied.add('delete cronjobs.batch')
    await open('/c/drydock/workloads?ns=shop')
    const remove = () => button('Delete', app.element)!
    await select('cart', 'db')
    expect(remove().disabled).toBe(false)
    await select('report')
    await settle()
    expect(remove().disabled).toBe(true)
    expect(remove().title).toBe('Not allowed: no RBAC policy matched')
  })
})
