import { expect, it, vi } from 'vitest'
import type { Client, ResourceClient } from '../../../src-main/cluster/api/client.js'
import { notFound } from '../../../src-main/cluster/api/errors.js'
import { sharedInformers } from '../../../src-main/cluster/api/informer.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'

it('an informer whose kind is not served any more tells its objects as gone, stays quiet, and comes back with the kind', async () => {
  const clock = new VirtualClock({ start: 0, speed: 0 })
  const noise = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  let served = true
  let lists = 0
  let end: () => void = () => undefined
  const boat: KubeObject = { metadata: { name: 'argo', namespace: 'default', uid: 'u1' } }
  const boats = {
    list: () => {
      lists++
      return served
        ? Promise.resolve({ metadata: { resourceVersion: '5' }, items: [boat] })
        : Promise.reject(notFound({ group: 'example.com', resource: 'boats' }, ''))
    },
    watch: (_options: unknown, _onEvent: unknown, onEnd: () => void) => {
      end = onEnd
      return { stop: () => undefined }
    },
  }
  const client: Client = { user: { username: 'test', groups: [] }, resource: () => boats as never as ResourceClient<never> }
  const informers = sharedInformers(client, clock)
  const told: string[] = []
  informers.for({ group: 'example.com', version: 'v1', resource: 'boats' }).on({
    add: (o) => told.push(`add ${(o as KubeObject).metadata.name}`),
    delete: (o) => told.push(`delete ${(o as KubeObject).metadata.name}`),
  })
  await clock.settle()
  expect(told).toEqual(['add argo'])

  served = false
  end()
  await clock.advance(1000)
  expect(told).toEqual(['add argo', 'delete argo'])
  await clock.advance(60_000)
  expect(lists).toBe(8)
  expect(noise).not.toHaveBeenCalled()

  served = true
  await clock.advance(10_000)
  expect(told).toEqual(['add argo', 'delete argo', 'add argo'])
  informers.stop()
  noise.mockRestore()
})

it('an informer that keeps only a part of its objects tells and finds that part, beside one that keeps them whole', async () => {
  const clock = new VirtualClock({ start: 0, speed: 0 })
  const boat = (resourceVersion: string, sails: number): KubeObject & { sails: number } => ({
    metadata: { name: 'argo', namespace: 'default', resourceVersion },
    sails,
  })
  const tell: ((event: { type: string; object: KubeObject }) => void)[] = []
  const boats = {
    list: () => Promise.resolve({ metadata: { resourceVersion: '5' }, items: [boat('5', 2)] }),
    watch: (_options: unknown, onEvent: (typeof tell)[number]) => {
      tell.push(onEvent)
      return { stop: () => undefined }
    },
  }
  const client: Client = { user: { username: 'test', groups: [] }, resource: () => boats as never as ResourceClient<never> }
  const informers = sharedInformers(client, clock)
  const resource = { group: 'example.com', version: 'v1', resource: 'boats' }
  const whole = informers.for<KubeObject>(resource)
  const of = ({ metadata }: KubeObject): KubeObject => ({ metadata })
  const slim = informers.for<KubeObject>(resource, { slim: { name: 'harbour', of } })
  const told: unknown[] = []
  slim.on({ add: (o) => told.push(o), update: (_, o) => told.push(o) })
  await clock.settle()
  for (const fn of tell) fn({ type: 'MODIFIED', object: boat('6', 3) })
  expect(told).toEqual([of(boat('5', 2)), of(boat('6', 3))])
  expect(slim.get('default', 'argo')).toEqual(of(boat('6', 3)))
  expect(whole.get('default', 'argo')).toEqual(boat('6', 3))
  expect(informers.for<KubeObject>(resource, { slim: { name: 'harbour', of } })).toBe(slim)
  informers.stop()
})
