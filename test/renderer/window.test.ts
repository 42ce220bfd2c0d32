import { describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { EmbeddedState, RpcError } from '../../src-main/backend/rpc/contract.js'
import { said } from '../../src-main/backend/sentences.js'
import { actions } from '../../src-renderer/actions/actions.js'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { keyLabel } from '../../src-renderer/app/key-labels.js'
import { sortKeys } from '../../src-renderer/app/key-commands.js'
import { router } from '../../src-renderer/app/router.js'
import { useApp } from '../../src-renderer/stores/app.js'
import { useContexts } from '../../src-renderer/stores/contexts.js'
import { useDialogs } from '../../src-renderer/stores/dialogs.js'
import { useNamespaces } from '../../src-renderer/stores/namespaces.js'
import { useSettings } from '../../src-renderer/stores/settings.js'
import { fakeContexts } from './fake-contexts.js'
import { fakeKinds } from './fake-kinds.js'
import { app, button, dialog, fake, goTo, names, open, press, settle, withWindow } from './whole-window.js'

withWindow()

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

describe('rows that are clicked', () => {
  it('begin a selection with the one that is open: Ctrl adds another to it, Shift all up to another', async () => {
    await open('/c/drydock/pods?ns=default')
    const click = async (n: number, keys: object = {}) => {
      await app.findAll('.row .cell.name')[n]!.trigger('click', keys)
      await settle()
    }
    const selected = () => app.findAll('.row[aria-selected=true] .cell.name').map((c) => c.text())
    await click(1)
    expect(selected()).toEqual([])
    await click(3, { ctrlKey: true })
    expect(selected()).toEqual([names()[1], names()[3]])
    await click(3, { ctrlKey: true })
    await click(1, { ctrlKey: true })
    expect(selected()).toEqual([])
    // A box that is ticked is that row alone.
    app.findAll('.row .cell.name')[3]!.element.closest('.row')!.querySelector<HTMLElement>('input')!.click()
    await settle()
    expect(selected()).toEqual([names()[3]])
    await click(0)
    await click(2, { shiftKey: true })
    expect(selected()).toEqual([names()[0], names()[1], names()[2]])
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

  it('opens the settings of a cluster from the palette by what is set there', async () => {
    await open('/c/drydock/pods')
    press('k', { ctrlKey: true })
    await settle()
    const input = document.querySelector<HTMLInputElement>('.palette .query')!
    input.value = 'protection'
    input.dispatchEvent(new Event('input'))
    await settle()
    document.querySelector<HTMLElement>('.palette [role=option]')!.click()
    await settle()
    expect(useDialogs().current).toMatchObject({ type: 'cluster', context: 'drydock' })
  }, 20_000)

  it('chooses a namespace by a line after the colon', async () => {
    await open('/c/drydock/pods?ns=shop')
    await goTo('ns kube-system')
    expect(router.currentRoute.value.fullPath).toBe('/c/drydock/pods?ns=kube-system')
  }, 20_000)

  it('shows why a cluster cannot be reached and when it is tried again', async () => {
    await open('/c/prod-eu/overview')
    expect(app.text()).toContain('No connection to prod-eu')
    expect(app.text()).toContain('connect ECONNREFUSED 203.0.113.7:6443')
    expect(app.text()).toContain('The server refused the connection.')
  })

  it('says what helps with the very thing that is wrong, where there is more to say than of its like', async () => {
    await open('/c/prod-eu/overview')
    const advice = async (error: RpcError) => {
      fake.setConnection('prod-eu', { phase: 'failed', error })
      await settle()
      return app.find('main .advice').text()
    }
    const name = said('BadCertificate', 'certificateName')
    expect(await advice(name)).toContain('tls-server-name')
    expect(await advice(said('BadCertificate', 'certificateAuthority'))).toContain('does not match the certificate authority')
    expect(await advice(said('Refused', 'noTls', { server: 'a:1' }))).toBe(
      'Check the address of the server and its port in the kubeconfig.',
    )
    const forbidden = (user: string) => ({ reason: 'Forbidden', message: `forbidden: User "${user}" cannot get path "/api"`, code: 403 })
    expect(await advice(forbidden('system:anonymous'))).toContain('no credentials for this context')
    expect(await advice(forbidden('jane'))).toBe('The user of this context has no right to do this.')
  })

  it('does not call an embedded cluster unreachable while it starts, and starts one that has stopped', async () => {
    await open('/c/prod-eu/overview')
    for (const s of fake.open('contexts')) s.emit(fakeContexts.map((c) => (c.id === 'prod-eu' ? { ...c, embedded: true } : c)))
    const tell = async (phase: EmbeddedState['phase']) => {
      useApp().embedded = [{ name: 'prod-eu', phase }]
      await settle()
    }
    await tell('starting')
    expect(app.find('main').text()).toContain('The embedded cluster is starting')
    expect(app.find('main').text()).not.toContain('No connection to')
    expect(app.find('.status-bar').classes()).not.toContain('trouble')
    await tell('stopped')
    expect(app.find('main').text()).toContain('The embedded cluster is stopped')
    await app.find('main .button.primary').trigger('click')
    expect(fake.calls.find((c) => c.method === 'embedded.start')?.params).toEqual({ name: 'prod-eu' })
  })
})
