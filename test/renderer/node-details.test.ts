import { expect, it } from 'vitest'
import { nextTick } from 'vue'
import { now } from '../../src-renderer/components/time.js'
import { app, fake, open, settle, withWindow } from './whole-window.js'

withWindow()

const node = 'drydock-worker'
const details = () => app.get('.details')
/** What the details say after a word. */
const fact = (word: string) =>
  details()
    .findAll('dt')
    .find((dt) => dt.text() === word)!
    .element.nextElementSibling!.textContent!.replace(/\s+/g, ' ')
    .trim()
const lease = (renewTime: string) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: node, namespace: 'kube-node-lease', uid: 'lease', resourceVersion: '1', creationTimestamp: '2026-11-12T09:00:00Z' },
  spec: { holderIdentity: node, leaseDurationSeconds: 40, renewTime },
})

it('a node tells when its Lease was renewed, and leads to it', async () => {
  fake.upsert('leases.coordination.k8s.io', lease('2026-11-21T08:59:53.000000Z'))
  await open(`/c/drydock/nodes?o=nodes/${node}`)
  now.value = Date.parse('2026-11-21T09:00:00Z')
  await nextTick()
  expect(fact('Lease')).toBe('drydock-worker · renewed 7s ago')
  const link = details()
    .findAll('dd a')
    .find((a) => a.text() === node)!
  expect(link.attributes('href')).toContain(`o=leases.coordination.k8s.io/kube-node-lease/${node}`)
})

it('of a node without a Lease that is said', async () => {
  await open(`/c/drydock/nodes?o=nodes/${node}`)
  expect(fact('Lease')).toBe('None')
})

it('of more pods than fifty the next ones and all that are left are shown on request', async () => {
  const pod = [...fake.world.get('pods')!.values()].find((p) => p.spec.nodeName === node)!
  for (let i = 100; i < 300; i++)
    fake.upsert('pods', { ...pod, metadata: { ...pod.metadata, name: `many-${i}`, uid: `many-${i}`, ownerReferences: [] } })
  await open(`/c/drydock/nodes?o=nodes/${node}`)
  await settle()
  const shown = () => details().findAll('.below').length
  const more = (text: RegExp) =>
    details()
      .findAll('button')
      .find((b) => text.test(b.text()))!
  expect(shown()).toBe(50)
  await more(/^Show 50 more$/).trigger('click')
  expect(shown()).toBe(100)
  const rest = more(/^Show all \d+ that are left$/)
  const left = Number(/\d+/.exec(rest.text())![0])
  expect(left).toBeGreaterThan(100)
  await rest.trigger('click')
  expect(shown()).toBe(100 + left)
  expect(details().text()).not.toMatch(/Show (all )?\d+/)
})
