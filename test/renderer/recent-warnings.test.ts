import { expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { ListEvent, ListParams, Row } from '../../src-main/backend/rpc/contract.js'
import { now } from '../../src-renderer/components/time.js'
import { app, fake, open, settle, withWindow } from './whole-window.js'

withWindow()

/** Tells all that follow the warnings of the cluster. */
function emit(event: ListEvent): void {
  for (const s of fake.open('list')) if ((s.params as ListParams).fieldSelector === 'type=Warning') s.emit(event)
}
/** A warning of a pod that was last seen so many seconds ago. */
const warning = (pod: string, ago: number): Row => ({
  id: `uid-${pod}`,
  name: `${pod}.1`,
  namespace: 'shop',
  cells: ['Warning', 'BackOff', `pod/${pod}`, `Back-off restarting ${pod}`, { text: `${ago}s`, sort: Date.now() - ago * 1000 }],
})
/** The pods that the warnings are about, from the top. */
const shown = () => app.findAll('.warnings .head a').map((a) => a.text())
const heading = () =>
  app
    .findAll('h2')
    .map((h) => h.text().replace(/\s+/g, ' '))
    .find((text) => text.startsWith('Recent warnings'))

async function warnings(...rows: Row[]): Promise<void> {
  await open('/c/drydock/overview')
  const titles = ['type', 'reason', 'object', 'message', 'last-seen']
  emit({ type: 'columns', columns: titles.map((id) => ({ id, title: id, type: 'text' })) })
  emit({ type: 'snapshot', rows, complete: true, total: rows.length })
  await settle()
}

it('the newest warning is first, and one that comes again moves there', async () => {
  await warnings(warning('cart', 20), warning('web', 40))
  expect(shown()).toEqual(['pod/cart', 'pod/web'])
  emit({ type: 'changes', upserts: [warning('web', 0)], removes: [] })
  await settle()
  expect(shown()).toEqual(['pod/web', 'pod/cart'])
})

it('while the pointer is on the warnings none of them moves, and those that come are counted; then they are shown', async () => {
  await warnings(warning('cart', 20), warning('web', 40))
  await app.get('.warnings').trigger('pointerenter')
  emit({ type: 'changes', upserts: [warning('web', 0), warning('mail', 1)], removes: [] })
  await settle()
  expect(shown()).toEqual(['pod/cart', 'pod/web'])
  now.value = Date.now()
  await nextTick()
  expect(app.findAll('.warnings .when').map((w) => w.text())).toEqual(['20s', '0s'])
  expect(heading()).toBe('Recent warnings 2 · 1 new, once nothing here is pointed at')
  await app.get('.warnings').trigger('pointerleave')
  expect(shown()).toEqual(['pod/web', 'pod/mail', 'pod/cart'])
  expect(heading()).toBe('Recent warnings 3')
})

it('so it is while the keyboard is on one of them', async () => {
  await warnings(warning('cart', 20), warning('web', 40))
  await app.get('.warnings a').trigger('focusin')
  emit({ type: 'changes', upserts: [warning('web', 0)], removes: [] })
  await settle()
  expect(shown()).toEqual(['pod/cart', 'pod/web'])
  await app.get('.warnings a').trigger('focusout')
  expect(shown()).toEqual(['pod/web', 'pod/cart'])
})
