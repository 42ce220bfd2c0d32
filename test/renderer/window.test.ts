import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import App from '../../src-renderer/app/App.vue'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { router } from '../../src-renderer/app/router.js'
import { actions } from '../../src-renderer/actions/actions.js'
import { targetOf } from '../../src-renderer/actions/run.js'
import { keyLabel } from '../../src-renderer/app/key-labels.js'
import { sortKeys } from '../../src-renderer/app/key-commands.js'
import { guardWrites } from '../../src-renderer/app/write-guard.js'
import { backend, Rpc, setBackend } from '../../src-renderer/app/rpc.js'
import { useContexts } from '../../src-renderer/stores/contexts.js'
import { useDialogs } from '../../src-renderer/stores/dialogs.js'
import { useNamespaces } from '../../src-renderer/stores/namespaces.js'
import { useSettings } from '../../src-renderer/stores/settings.js'
import './loaded-views.js'
import { FakeBackend } from './fake-backend.js'
import { fakeKinds } from './fake-kinds.js'

// What happy-dom has not.
globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
} as typeof ResizeObserver
Element.prototype.scrollIntoView = () => {}

let fake: FakeBackend
let app: VueWrapper

/** Lets promises, microtask frames and the list's timers run. */
async function settle(ms = 300): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await flushPromises()
    await vi.advanceTimersByTimeAsync(ms / 5)
  }
  await nextTick()
}

async function open(path: string): Promise<void> {
  const pinia = createPinia()
  setActivePinia(pinia)
  setBackend(new Rpc(fake.connect))
  await router.push(path)
  app = mount(App, { global: { plugins: [pinia, i18n, router] }, attachTo: document.body })
  await Promise.all([useSettings().load(), useContexts().load()])
  await settle()
}

const names = () => app.findAll('.row .cell.name').map((c) => c.text())
const press = (key: string, init: KeyboardEventInit = {}) =>
  (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }))
/** Types a line after `:` and takes the first thing that it leads to. */
async function goTo(line: string): Promise<void> {
  press(':')
  await settle()
  const input = document.querySelector<HTMLInputElement>('.palette input')!
  input.value = line
  input.dispatchEvent(new Event('input'))
  await settle()
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
  await settle()
}
const dialog = () => document.querySelector<HTMLElement>('[role=dialog]')
const button = (text: string, within: ParentNode = document) =>
  [...within.querySelectorAll<HTMLButtonElement>('button')].find((b) => b.textContent?.trim() === text)

beforeEach(async () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T09:00:00Z') })
  fake = new FakeBackend({ time: Date.now() })
  await router.push('/')
})
afterEach(() => {
  app.unmount()
  fake.close()
  document.body.innerHTML = ''
  vi.useRealTimers()
})

describe('a list', () => {
  it('shows the pods of the chosen namespaces and follows their changes', async () => {
    await open('/c/drydock/pods?ns=default')
    expect(names()).toEqual([
      'gpu-training',
      'kubia-6d4cf56db6-f7lhw',
      'kubia-6d4cf56db6-mcx7s',
      'kubia-6d4cf56db6-xxlmf',
      'web-6d4cf56db6-7fsw7',
      'web-6d4cf56db6-85v99',
    ])
    fake.remove('pods', fake.find('pods', 'default', 'gpu-training').metadata.uid)
    await settle()
    expect(names()[0]).toBe('kubia-6d4cf56db6-f7lhw')
    expect(app.find('.page-head .count').text()).toBe('5 items')
  })

  it('is narrowed by a search in the address, and says so when nothing matches', async () => {
    await open('/c/drydock/pods?q=crashloop')
    expect(names()).toEqual(['payments-6d4cf56db6-7svx9', 'payments-6d4cf56db6-v75cg'])
    await router.push('/c/drydock/pods?q=nothing-like-this')
    await settle()
    expect(app.find('.content').text()).toContain('Nothing matches “nothing-like-this”')
    button('Clear search')!.click()
    await settle()
    expect(app.find('.page-head .count').text()).toBe('23 items')
  })

  it('tells why it may not be seen, in the words of the server', async () => {
    fake.denied.add('list secrets')
    await open('/c/drydock/secrets')
    expect(app.find('.content').text()).toContain('Not allowed to list Secrets')
    expect(app.find('.content').text()).toContain('User "jane" cannot list resource "secrets"')
  })

  it('stays as it was, and says it is stale, when the backend is lost', async () => {
    await open('/c/drydock/pods?ns=default')
    fake.drop(Date.now() + 4000)
    await settle(10)
    expect(names()).toHaveLength(6)
    expect(app.find('.list .banner').text()).toContain('Connection lost')
    expect(app.find('.status-bar').text()).toContain('The Drydock backend does not answer')
    fake.restore()
    await settle()
    expect(app.find('.list .banner').exists()).toBe(false)
  })

  it('is walked with j and k, opened with Enter and left with Escape', async () => {
    await open('/c/drydock/deployments.apps?ns=shop')
    press('j')
    await nextTick()
    press('j')
    await settle()
    expect(app.find('.row.focused .cell.name').text()).toBe('frontend')
    press('Enter')
    await settle()
    expect(router.currentRoute.value.query.o).toBe('deployments.apps/shop/frontend')
    expect(app.find('.details h2').text()).toBe('frontend')
    press('Escape')
    await settle()
    expect(app.find('.details').exists()).toBe(false)
  })

  it('selects a range with Shift, and acts on all of it', async () => {
    await open('/c/drydock/pods?ns=default')
    press('j')
    await nextTick()
    press('ArrowDown', { shiftKey: true })
    await nextTick()
    press('ArrowDown', { shiftKey: true })
    await settle()
    expect(app.find('.bulk').text()).toContain('3 selected')
    press('d', { ctrlKey: true })
    await settle()
    expect(dialog()!.textContent).toContain('Delete 3 Pods')
    button('Delete', dialog()!)!.click()
    await settle()
    expect(names()).toEqual(['kubia-6d4cf56db6-xxlmf', 'web-6d4cf56db6-7fsw7', 'web-6d4cf56db6-85v99'])
  })
})

describe('kinds', () => {
  it('that a CustomResourceDefinition brings or takes are known at once', async () => {
    await open('/c/drydock/pods')
    const boat = { group: 'harbour.example.com', version: 'v1', resource: 'boats', kind: 'Boat', namespaced: true }
    const known = () => useContexts().kind('drydock', 'boats.harbour.example.com')?.kind
    expect(known()).toBeUndefined()
    fake.setKinds([...fakeKinds, { ...boat, verbs: ['list', 'watch'], shortNames: [], categories: [] }])
    await settle()
    expect(known()).toBe('Boat')
    fake.setKinds(fakeKinds)
    await settle()
    expect(known()).toBeUndefined()
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

  it('of a protected context go out when its name has been typed', async () => {
    await open('/c/drydock/deployments.apps?o=deployments.apps/shop/cart')
    guardWrites(backend)
    useContexts().choose('drydock', { protection: 'confirm' })
    const ref = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'cart' }
    const scaled = backend.call('workloads.scale', { context: 'drydock', ref, replicas: 7 })
    await settle()
    const input = dialog()!.querySelector<HTMLInputElement>('#protection-name')!
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
    const input = dialog()!.querySelector<HTMLInputElement>('#confirm-name')!
    input.value = 'team-observability-production'
    input.dispatchEvent(new Event('input'))
    await settle()
    button('Delete', dialog()!)!.click()
    await settle()
    expect(names()).not.toContain('team-observability-production')
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

describe('the window', () => {
  it('remembers where a cluster was left', async () => {
    await open('/c/drydock/services')
    await vi.advanceTimersByTimeAsync(500)
    expect(fake.settings).toMatchObject({ lastContext: 'drydock', open: ['drydock'] })
  })

  it('speaks Chinese when asked to', async () => {
    await open('/c/drydock/pods')
    i18n.global.locale.value = 'zh-CN'
    await settle()
    expect(app.find('.heads').text()).toContain('命名空间')
    i18n.global.locale.value = 'en'
  })

  it('names every key of an action and of sorting in the help', async () => {
    await open('/c/drydock/pods')
    press('?')
    await settle()
    const keys = [...dialog()!.querySelectorAll('kbd')].map((k) => k.textContent)
    for (const a of actions) if (a.key) expect(keys, a.id).toContain(keyLabel(a.key))
    expect(keys).toEqual(expect.arrayContaining(Object.keys(sortKeys)))
  })

  it('gives recent namespaces the keys 1 to 9 in the order in which they came, and all of them 0', async () => {
    await open('/c/drydock/pods?ns=default')
    const namespaces = useNamespaces()
    namespaces.choose('drydock', ['shop'])
    namespaces.choose('drydock', ['kube-system'])
    await settle()
    expect(namespaces.recent('drydock')).toEqual(['shop', 'kube-system'])
    document.querySelector<HTMLElement>('#list')!.focus()
    press('1')
    await settle()
    expect(router.currentRoute.value.query.ns).toBe('shop')
    press('2')
    await settle()
    expect(router.currentRoute.value.query.ns).toBe('kube-system')
    press('3')
    await settle()
    expect(router.currentRoute.value.query.ns).toBe('kube-system')
    press('0')
    await settle()
    expect(router.currentRoute.value.query.ns).toBeUndefined()
  })

  it('keeps pinned kinds at the top of the sidebar', async () => {
    await open('/c/drydock/pods')
    const firstKind = () => app.find('.sidebar .item.kind').text()
    expect(firstKind()).toMatch(/^Pods/)
    await app.find('[aria-label="Pin Secrets"]').trigger('click')
    await settle()
    expect(firstKind()).toMatch(/^Secrets/)
    expect(useSettings().value.pinnedKinds).toEqual(['secrets'])
    await app.find('[aria-label="Unpin Secrets"]').trigger('click')
    await settle()
    expect(firstKind()).toMatch(/^Pods/)
  })

  it('goes to a kind by its short name from the palette', async () => {
    await open('/c/drydock/pods')
    await goTo('svc')
    expect(router.currentRoute.value.params.resource).toBe('services')
  })

  it('goes where a line after the colon says, as in k9s: to a kind of a namespace, narrowed, or of another cluster', async () => {
    await open('/c/drydock/pods?ns=shop')
    await goTo('dp data app=web /front')
    expect(router.currentRoute.value.fullPath).toBe('/c/drydock/deployments.apps?ns=data&q=front&label=app=web')
    await goTo('po @kind-staging')
    expect(router.currentRoute.value.fullPath).toBe('/c/kind-staging/pods')
  }, 20_000)

  it('chooses a namespace by a line after the colon', async () => {
    await open('/c/drydock/pods?ns=shop')
    await goTo('ns kube-system')
    expect(router.currentRoute.value.fullPath).toBe('/c/drydock/pods?ns=kube-system')
  }, 20_000)

  it('shows why a cluster cannot be reached and when it is tried again', async () => {
    await open('/c/prod-eu/overview')
    expect(app.text()).toContain('prod-eu cannot be reached')
    expect(app.text()).toContain('connect ECONNREFUSED 203.0.113.7:6443')
    expect(app.text()).toContain('The server refused the connection.')
  })
})
