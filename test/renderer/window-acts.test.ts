import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { actionOf } from '../../src-renderer/actions/actions.js'
import { prepareOwn } from '../../src-renderer/actions/own-commands.js'
import { refusal } from '../../src-renderer/actions/refusal.js'
import { targetOf } from '../../src-renderer/actions/run.js'
import { backend } from '../../src-renderer/app/rpc.js'
import { router } from '../../src-renderer/app/router.js'
import { guardWrites } from '../../src-renderer/app/write-guard.js'
import { useContexts } from '../../src-renderer/stores/contexts.js'
import { useDialogs } from '../../src-renderer/stores/dialogs.js'
import { useDock } from '../../src-renderer/stores/dock.js'
import { useSettings } from '../../src-renderer/stores/settings.js'
import { app, button, dialog, fake, names, open, press, settle, withWindow } from './whole-window.js'

/** What is done to objects, and what their details tell, in the whole window. */

withWindow()

describe('a dock that covers the list', () => {
  const main = () => app.get('main').element as HTMLElement
  const link = (to: string) => app.findAll('.sidebar a').find((a) => a.text().startsWith(to))!
  const click = async (to: string) => (await link(to).trigger('click'), await settle())

  it('gives it room when a person goes to a list, also to the one that is covered', async () => {
    await open('/c/drydock/pods')
    const dock = useDock()
    dock.open('drydock', 'Create', { type: 'create', namespace: 'default', form: 'Deployment' })
    await settle()
    dock.maximised = true
    await nextTick()
    expect(main().style.display).toBe('none')
    await click('Deployments')
    expect(main().style.display).toBe('')
    expect(dock.tabs).toHaveLength(1)
    dock.maximised = true
    await nextTick()
    await click('Deployments')
    expect(main().style.display).toBe('')
  })
})

describe('a workload', () => {
  it('gives a shell in one of its pods that is ready', async () => {
    await open('/c/drydock/deployments.apps?ns=shop')
    press('j')
    await nextTick()
    const name = names()[0]!
    press('s')
    await settle()
    const tab = useDock().tabs.at(-1)!
    expect(tab.content).toMatchObject({ type: 'shell', mode: 'exec', namespace: 'shop', pod: expect.stringMatching(`^${name}-`) })
    const { labelSelector } = fake.calls.filter((c) => c.method === 'objects.list').at(-1)!.params as { labelSelector: string }
    expect(labelSelector).toBe(`app=${name}`)
  })

  it('says so where none of its pods runs', async () => {
    await open('/c/drydock/deployments.apps?ns=shop')
    for (const pod of fake.world.get('pods')!.values()) pod.status!.phase = 'Pending'
    press('j')
    await nextTick()
    press('s')
    await settle()
    expect(useDock().tabs).toHaveLength(0)
    expect(app.text()).toContain(`No pod of ${names()[0]} is running.`)
  })

  it('leads to what it controls: a CronJob to its Jobs, a Deployment to its ReplicaSets', async () => {
    await open('/c/drydock/deployments.apps?ns=shop')
    const deployment = targetOf('drydock', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'storefront', namespace: 'shop' })!
    await actionOf('replicasets')!.run([deployment])
    expect(decodeURIComponent(router.currentRoute.value.fullPath)).toBe(
      '/c/drydock/replicasets.apps?ns=shop&f=owner|=Deployment/storefront',
    )
    const cronJob = targetOf('drydock', { apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly', namespace: 'shop' })!
    await actionOf('jobs')!.run([cronJob])
    expect(decodeURIComponent(router.currentRoute.value.fullPath)).toBe('/c/drydock/jobs.batch?ns=shop&f=owner|=CronJob/nightly')
  })
})

describe('dialogs', () => {
  it('scale a Deployment and name the kubectl command that does the same', async () => {
    await open('/c/drydock/deployments.apps?ns=shop')
    press('j')
    await nextTick()
    press('c')
    await settle()
    const input = dialog()!.querySelector<HTMLInputElement>('input')!
    expect(input.value).toBe('2')
    input.value = '5'
    input.dispatchEvent(new Event('input'))
    await settle()
    expect(dialog()!.textContent).toContain('kubectl --context drydock -n shop scale deployment.apps/cart --replicas=5')
    button('Scale', dialog()!)!.click()
    await settle()
    expect(fake.find('deployments.apps', 'shop', 'cart').spec.replicas).toBe(5)
  })

  it('roll a Deployment back to the template of an earlier revision, without its hash', async () => {
    await open('/c/drydock/deployments.apps?o=deployments.apps/shop/cart')
    await settle()
    button('Roll back', app.find('.details').element)!.click()
    await settle()
    expect(dialog()!.textContent).toContain('Roll Deployment cart back to revision 2')
    expect(dialog()!.textContent).toContain('rollout undo deployment.apps/cart --to-revision=2')
    button('Roll back', dialog()!)!.click()
    await settle()
    const { template } = fake.find('deployments.apps', 'shop', 'cart').spec
    expect(template.spec.containers[0].image).toBe('registry.example.com/shop/cart:2.13.0')
    expect(template.metadata.labels).toEqual({ app: 'cart' })
  })

  it('change the labels of an object, and take the change back', async () => {
    await open('/c/drydock/deployments.apps?o=deployments.apps/shop/cart')
    const before = structuredClone(fake.find('deployments.apps', 'shop', 'cart').metadata.labels)
    useDialogs().open({
      type: 'action',
      action: 'label',
      targets: [targetOf('drydock', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart', namespace: 'shop' })!],
    })
    await settle()
    button('Add', dialog()!)!.click()
    await settle()
    const [key, value] = [...dialog()!.querySelectorAll<HTMLInputElement>('.pair:last-of-type input')]
    for (const [input, text] of [
      [key!, 'team'],
      [value!, 'blue'],
    ] as const) {
      input.value = text
      input.dispatchEvent(new Event('input'))
      await nextTick()
    }
    await settle()
    expect(dialog()!.textContent).toContain('kubectl --context drydock -n shop label deployment.apps/cart team=blue')
    button('Edit labels', dialog()!)!.click()
    await settle()
    expect(fake.find('deployments.apps', 'shop', 'cart').metadata.labels).toEqual({ ...before, team: 'blue' })
    button('Undo')!.click()
    await settle()
    expect(fake.find('deployments.apps', 'shop', 'cart').metadata.labels ?? {}).toEqual(before ?? {})
  })

  it('of deleting say that it can be undone where the object can be created again, and do that', async () => {
    await open('/c/drydock/configmaps?o=configmaps/shop/app-config')
    await settle()
    const before = structuredClone(fake.find('configmaps', 'shop', 'app-config'))
    button('Delete', app.find('.details').element)!.click()
    await settle()
    expect(dialog()!.textContent).toContain('Pods that use it fail when they start again.')
    button('Delete', dialog()!)!.click()
    await settle()
    expect(() => fake.find('configmaps', 'shop', 'app-config')).toThrow()
    button('Undo')!.click()
    await settle()
    const { uid: _uid, creationTimestamp: _created, resourceVersion: _version, ...metadata } = before.metadata as Record<string, unknown>
    const { metadata: again, ...rest } = fake.find('configmaps', 'shop', 'app-config')
    expect({ ...rest, metadata: again }).toMatchObject({ ...before, metadata })
    expect(again.uid).not.toBe(before.metadata.uid)
    expect(app.find('.toasts').text()).toContain('Delete undone: ConfigMap app-config')
  })

  it('are refused with the reason where the user lacks the right or the context is read-only', async () => {
    fake.denied.add('delete deployments.apps')
    await open('/c/drydock/deployments.apps?o=deployments.apps/shop/cart')
    await settle()
    const remove = () => button('Delete', app.find('.details').element)!
    expect([remove().disabled, remove().title]).toEqual([true, 'Not allowed: no RBAC policy matched'])
    expect(button('Restart', app.find('.details').element)!.disabled).toBe(false)
    useContexts().choose('drydock', { protection: 'read-only' })
    await settle()
    const restart = button('Restart', app.find('.details').element)!
    expect([restart.disabled, restart.title]).toEqual([true, 'This cluster is read-only (its protection is set in the catalogue).'])
    expect(button('Logs', app.find('.details').element)!.disabled).toBe(false)
  })

  it('lead to what the user may look at: from a pod to its node only with the right to get nodes', async () => {
    fake.denied.add('get nodes')
    await open('/c/drydock/pods')
    const target = targetOf('drydock', { apiVersion: 'v1', kind: 'Pod', name: 'web-0', namespace: 'shop' })!
    const why = () => refusal(actionOf('node')!, [target])
    expect(why()).toBeUndefined()
    await settle()
    expect(why()).toBe('Not allowed: no RBAC policy matched')
    expect(refusal(actionOf('logs')!, [target])).toBeUndefined()
  })

  it('of a protected context go out when its name has been typed', async () => {
    await open('/c/drydock/deployments.apps?o=deployments.apps/shop/cart')
    guardWrites(backend)
    useContexts().choose('drydock', { protection: 'confirm' })
    const ref = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'cart' }
    const scaled = backend.call('workloads.scale', { context: 'drydock', ref, replicas: 7 })
    await settle()
    const input = dialog()!.querySelector<HTMLInputElement>('.field input')!
    expect(button('Confirm', dialog()!)!.disabled).toBe(true)
    expect(fake.find('deployments.apps', 'shop', 'cart').spec.replicas).toBe(2)
    input.value = 'drydock'
    input.dispatchEvent(new Event('input'))
    await settle()
    button('Confirm', dialog()!)!.click()
    await scaled
    expect(fake.find('deployments.apps', 'shop', 'cart').spec.replicas).toBe(7)
  })

  it('delete a namespace only after its name has been typed', async () => {
    await open('/c/drydock/namespaces')
    press('G')
    await nextTick()
    press('d', { ctrlKey: true })
    await settle()
    expect(dialog()!.textContent).toContain('Everything in the namespace is deleted with it.')
    expect(button('Delete', dialog()!)!.disabled).toBe(true)
    const input = dialog()!.querySelector<HTMLInputElement>('.field input')!
    input.value = 'team-observability-production'
    input.dispatchEvent(new Event('input'))
    await settle()
    button('Delete', dialog()!)!.click()
    await settle()
    expect(names()).not.toContain('team-observability-production')
  })
})

describe('a command of the person’s own', () => {
  it('is prepared once the settings that it is in are kept', async () => {
    await open('/c/drydock/deployments.apps')
    const command = { name: 'Greet', scopes: ['deployments'], command: 'greet', confirm: true }
    useSettings().set({ commands: [command] })
    const target = targetOf('drydock', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'frontend', namespace: 'shop' })!
    void prepareOwn(command, target)
    await flushPromises()
    expect(fake.calls.slice(-2).map((c) => c.method)).toEqual(['settings.set', 'commands.prepare'])
  })
})

describe('the dialog of an action', () => {
  it('does what Enter asks for once the object has been read, when that came first', async () => {
    await open('/c/drydock/serviceaccounts')
    const target = targetOf('drydock', { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace: 'shop' })!
    useDialogs().open({ type: 'action', action: 'token', targets: [target] })
    await nextTick()
    const make = button('Create token', dialog()!)!
    expect(make.disabled).toBe(true)
    dialog()!
      .querySelector('input')!
      .dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    await settle()
    expect(dialog()!.querySelector('[aria-label=Reveal]')).not.toBeNull()
  })

  it('forwards the first port of a workload at an Enter that came before the port was known', async () => {
    const one = structuredClone(fake.find('deployments.apps', 'shop', 'frontend'))
    one.spec.template.spec.containers[0].ports = [{ containerPort: 8080 }]
    fake.upsert('deployments.apps', one)
    await open('/c/drydock/deployments.apps')
    const target = targetOf('drydock', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'frontend', namespace: 'shop' })!
    useDialogs().open({ type: 'forward', target })
    await nextTick()
    dialog()!
      .querySelector('input')!
      .dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    await settle()
    expect(dialog()).toBeNull()
    expect(fake.calls.filter((c) => c.method === 'forwards.start').map((c) => c.params)).toEqual([
      { context: 'drydock', namespace: 'shop', target: 'deployment/frontend', remotePort: 8080 },
    ])
  })
})

describe('details', () => {
  it('keep the values of a Secret hidden until each is asked for', async () => {
    await open('/c/drydock/secrets?o=secrets/shop/db')
    expect(app.find('.details').text()).not.toContain('correct horse battery staple')
    await app.find('.details [aria-label="Reveal password"]').trigger('click')
    await settle()
    expect(app.find('.details').text()).toContain('correct horse battery staple')
    expect(app.findAll('.details .entry pre').map((p) => p.text())).toEqual(['••••••••••••', 'correct horse battery staple'])
  })

  it('of a pod tell the state of a container and the one before', async () => {
    await open('/c/drydock/pods?o=pods/shop/payments-6d4cf56db6-7svx9')
    const text = app.find('.details .card').text()
    expect(text).toContain('14 restarts')
    expect(text).toContain('CrashLoopBackOff')
    expect(text).toContain('back-off 5m0s restarting failed container=payments')
    expect(text).toMatch(/Error\s*exit code 1 · for .* · 40s ago/)
  })

  it('say that the object is gone, and keep showing it', async () => {
    await open('/c/drydock/pods?o=pods/default/gpu-training')
    fake.remove('pods', fake.find('pods', 'default', 'gpu-training').metadata.uid)
    await settle()
    expect(app.find('.details .banner').text()).toBe('Deleted. This is how it was last.')
    expect(app.find('.details h2').text()).toBe('gpu-training')
  })

  it('of a kind without a view of its own come from the object', async () => {
    await open('/c/drydock/certificates.cert-manager.io?o=certificates.cert-manager.io/shop/frontend')
    expect(app.find('.details').text()).toContain('Certificate is up to date and has not expired')
    expect(app.find('.details').text()).toContain('shop.example.com')
  })
})
