import { expect, it } from 'vitest'
import { nextTick } from 'vue'
import { router } from '../../src-renderer/app/router.js'
import { app, fake, open, settle, withWindow } from './whole-window.js'

withWindow()

const details = () => app.find('.details')

it('a Secret hides its values, and one edited key is saved as a patch of that key', async () => {
  await open('/c/drydock/secrets?o=secrets/shop/db')
  expect(details().text()).not.toContain('correct horse')
  await details().find('button[aria-label="Edit password"]').trigger('click')
  await details().find('textarea').setValue('hunter2')
  await details().find('form').trigger('submit')
  await settle()
  const patches = fake.calls.filter((c) => c.method === 'objects.patch').map((c) => (c.params as { patch: unknown }).patch)
  expect(patches).toEqual([{ data: { password: btoa('hunter2') } }])
  expect(details().text()).not.toContain('hunter2')
})

it('a key cannot be edited on a read-only context, and the reason is told', async () => {
  fake.settings.clusters = { drydock: { protection: 'read-only' } }
  await open('/c/drydock/configmaps?o=configmaps/shop/app-config')
  const edit = details().find('button[aria-label="Edit CURRENCY"]')
  expect(edit.attributes('disabled')).toBe('')
  expect(edit.attributes('title')).toContain('read-only')
})

it('a node shows what its pods ask for of what it can give', async () => {
  await open('/c/drydock/nodes?o=nodes/drydock-worker')
  const meters = details().findAll('[role=meter]')
  expect(meters.map((m) => m.attributes('aria-label'))).toEqual([
    'CPU · Requests',
    'CPU · Limits',
    'Memory · Requests',
    'Memory · Limits',
    'Pods',
  ])
})

it('the pods of a node are told with their namespaces and what each asks for', async () => {
  await open('/c/drydock/nodes?o=nodes/drydock-worker')
  await settle()
  const below = details()
    .findAll('.below')
    .map((line) => line.text())
  expect(below.filter((text) => /^[\w-]+ · CPU \S+ \/ \S+ · Memory .+ \/ .+$/.test(text)).length).toBeGreaterThan(1)
})

it('what can be done with an object is offered once it is read: a node is cordoned or uncordoned, never both', async () => {
  await open('/c/drydock/nodes')
  await router.push('/c/drydock/nodes?o=nodes/drydock-worker')
  await nextTick()
  expect(details().get('[role=toolbar]').classes()).toContain('waiting')
  await settle()
  expect(details().get('[role=toolbar]').classes()).not.toContain('waiting')
  const offered = details()
    .findAll('[role=toolbar] button')
    .map((b) => b.text())
  expect(offered).toEqual(['Cordon', 'Drain', 'Delete', ''])
})
