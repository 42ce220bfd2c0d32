import { afterEach, describe, expect, it } from 'vitest'
import { actionOf } from '../../src-renderer/actions/actions.js'
import { targetOf } from '../../src-renderer/actions/run.js'
import { changeQuery } from '../../src-renderer/app/navigation.js'
import { rememberPlace } from '../../src-renderer/app/places.js'
import { router } from '../../src-renderer/app/router.js'
import { useNamespaces } from '../../src-renderer/stores/namespaces.js'
import { app, fake, open, settle, withWindow } from './whole-window.js'

/** Where a person clicked last is where the window ends, however slow what was asked for before is. */

withWindow()

const place = () => decodeURIComponent(router.currentRoute.value.fullPath)
const click = async (to: string) => (
  await app
    .findAll('.sidebar a')
    .find((a) => a.text().startsWith(to))!
    .trigger('click'),
  await settle()
)

/** Sets out for a place whose view is loaded only when `arrive` is called. */
async function setOut(): Promise<() => Promise<void>> {
  let arrive = (): void => undefined
  const view = new Promise<object>((done) => (arrive = () => done({ render: () => null })))
  const remove = router.addRoute({ path: '/c/:context/slow', component: () => view })
  void router.push('/c/drydock/slow?ns=shop')
  await settle()
  return async () => {
    arrive()
    await settle()
    remove()
  }
}

describe('an answer that comes late', () => {
  it('takes nobody away from the place that was gone to meanwhile', async () => {
    await open('/c/drydock/pods?ns=shop')
    const pod = [...fake.world.get('pods')!.values()].find((o) => o.metadata.namespace === 'shop')!.metadata.name
    const asked: [string, Parameters<typeof targetOf>[1]][] = [
      ['owner', { apiVersion: 'v1', kind: 'Pod', name: pod, namespace: 'shop' }],
      ['pods', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'storefront', namespace: 'shop' }],
    ]
    for (const [act, object] of asked) {
      let answer = (): void => undefined
      fake.held.set('objects.get', new Promise<void>((done) => (answer = done)))
      const done = actionOf(act)!.run([targetOf('drydock', object)!])
      await settle()
      await click('Services')
      answer()
      await done
      await settle()
      expect(place()).toBe('/c/drydock/services?ns=shop')
    }
  })
})

describe('a change of what is shown', () => {
  it('is one with another of the same moment', async () => {
    await open('/c/drydock/pods')
    void changeQuery((q) => ({ ...q, q: 'web' }))
    void changeQuery((q) => ({ ...q, sort: '-age' }))
    await settle()
    expect(place()).toBe('/c/drydock/pods?q=web&sort=-age')
  })

  it('does not call back who is on the way to another place', async () => {
    await open('/c/drydock/pods')
    const arrive = await setOut()
    await changeQuery((q) => ({ ...q, sort: '-age' }))
    await arrive()
    expect(place()).toBe('/c/drydock/slow?ns=shop')
  })

  it('goes along with who is on the way when it holds for all places, such as the namespace', async () => {
    await open('/c/drydock/pods')
    const arrive = await setOut()
    useNamespaces().choose('drydock', ['data'])
    await arrive()
    expect(place()).toBe('/c/drydock/slow?ns=data')
  })
})

describe('a list that is come back to from the sidebar', () => {
  let forget = (): void => undefined
  /** Opens the window, which remembers places from then on. */
  async function openAt(path: string): Promise<void> {
    await open('/c/drydock/overview')
    forget = router.afterEach((to, from) => rememberPlace(to, from))
    await router.push(path)
    await settle()
  }
  afterEach(() => forget())

  it('is narrowed and sorted as it was left, each for itself, and shows all once it is asked for again', async () => {
    await openAt('/c/drydock/pods?ns=default')
    await router.push('/c/drydock/pods?q=web&sort=-age&f=status%7CRunning&ns=default')
    await click('Services')
    expect(place()).toBe('/c/drydock/services?ns=default')
    await router.push('/c/drydock/services?q=front&ns=default')
    await click('Pods')
    expect(place()).toBe('/c/drydock/pods?q=web&sort=-age&f=status|Running&ns=default')
    await click('Services')
    expect(place()).toBe('/c/drydock/services?q=front&ns=default')
    await click('Services')
    expect(place()).toBe('/c/drydock/services?ns=default')
    await click('Pods')
    await click('Services')
    expect(place()).toBe('/c/drydock/services?ns=default')
  })

  it('is not narrowed by what an action asked for, such as the pods of a Service', async () => {
    await openAt('/c/drydock/pods?label=app%3Dweb')
    await router.push('/c/drydock/pods?label=app%3Dweb&sort=-age')
    await click('Services')
    await click('Pods')
    expect(place()).toBe('/c/drydock/pods?sort=-age')
  })
})
