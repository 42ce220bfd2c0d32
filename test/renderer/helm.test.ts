import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Component } from 'vue'
import type { HelmRelease, HelmRevision } from '../../src-main/backend/rpc/contract.js'
import { actionsFor } from '../../src-renderer/actions/actions.js'
import { helmCommand } from '../../src-renderer/actions/helm-command.js'
import { refusal } from '../../src-renderer/actions/refusal.js'
import { runHelm } from '../../src-renderer/actions/run-helm.js'
import { revisionBefore } from '../../src-renderer/actions/table/helm.js'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { releaseKind } from '../../src-renderer/app/release-kind.js'
import { parseObjectKey } from '../../src-renderer/app/routes.js'
import { router } from '../../src-renderer/app/router.js'
import { backend } from '../../src-renderer/app/rpc.js'
import { useDialogs } from '../../src-renderer/stores/dialogs.js'
import { useDock } from '../../src-renderer/stores/dock.js'
import { useProtection } from '../../src-renderer/stores/protection.js'
import { useSettings } from '../../src-renderer/stores/settings.js'
import HelmTab from '../../src-renderer/views/helm/HelmTab.vue'
import ReleaseDetails from '../../src-renderer/views/helm/ReleaseDetails.vue'
import ReleaseHistory from '../../src-renderer/views/helm/ReleaseHistory.vue'
import ReleaseTexts from '../../src-renderer/views/helm/ReleaseTexts.vue'

vi.mock('../../src-renderer/editor/CodeEditor.vue', () => import('./fake-code-editor.js'))
vi.mock('../../src-renderer/app/rpc.js', () => ({
  backend: { call: vi.fn(), open: vi.fn() },
  asRpcError: (e: unknown) => e,
}))

const revision = (n: number, status: string): HelmRevision => ({
  revision: n,
  status,
  updated: 1795255200000,
  chart: 'shop',
  chartVersion: `0.${n}.0`,
  appVersion: '1.0',
  description: '',
})
const release = (history: HelmRevision[]): HelmRelease => ({
  apiVersion: 'helm.sh/v1',
  kind: 'Release',
  metadata: { name: 'web', namespace: 'shop', uid: 'shop/web', resourceVersion: '1' },
  ...history[0]!,
  notes: 'Open the shop.',
  about: {},
  storage: 'Secret',
  history,
})
const two = release([revision(2, 'deployed'), revision(1, 'superseded')])
const target = { context: 'drydock', ...parseObjectKey('releases.helm.sh/shop/web', [])! }
const texts = { values: '', computed: 'replicas: 1\n', manifest: 'kind: Secret\n', secrets: true, hooks: '', notes: '' }

/** What the backend answers, by method. */
let answers: Record<string, unknown>
let view: VueWrapper | undefined
beforeEach(() => {
  setActivePinia(createPinia())
  answers = {}
  vi.mocked(backend.call).mockReset()
  vi.mocked(backend.call).mockImplementation((async (method: string) => {
    const answer = answers[method]
    if (answer instanceof Error) throw answer
    return answer
  }) as never)
})
afterEach(() => view?.unmount())

async function show(component: unknown, props: Record<string, unknown>): Promise<VueWrapper> {
  view = mount(component as Component, { props, global: { plugins: [router, i18n] } }) as VueWrapper
  await flushPromises()
  await flushPromises()
  return view
}

it('a release offers what is made for it and nothing that asks the server', () => {
  expect(actionsFor(releaseKind, 1).map((a) => a.id)).toEqual(['helm-upgrade', 'helm-rollback', 'helm-test', 'helm-uninstall'])
  expect(actionsFor(releaseKind, 2).map((a) => a.id)).toEqual(['helm-uninstall'])
})

it('a rollback without a choice goes to the newest revision that was in force before', () => {
  expect(
    revisionBefore(release([revision(4, 'deployed'), revision(3, 'failed'), revision(2, 'superseded'), revision(1, 'superseded')])),
  ).toBe(2)
  expect(revisionBefore(release([revision(1, 'deployed')]))).toBe(0)
})

it('each operation shows the helm command that does the same', () => {
  const where = { namespace: 'shop', name: 'web' }
  const source = { chart: 'my charts/shop', version: '1.2' }
  expect(
    [
      { act: 'upgrade' as const, ...where, source, values: 'a: 1', rollbackOnFailure: true },
      { act: 'install' as const, ...where, source: { chart: 'shop', repository: 'https://x.example' }, values: '', createNamespace: true },
      { act: 'rollback' as const, ...where, revision: 2, wait: true },
      { act: 'uninstall' as const, ...where, keepHistory: true },
      { act: 'test' as const, ...where },
    ].map((o) => helmCommand('prod', o).replace('helm --kube-context prod -n shop ', '')),
  ).toEqual([
    "upgrade web 'my charts/shop' --version 1.2 --reset-values -f values.yaml --rollback-on-failure",
    'install web shop --repo https://x.example --create-namespace',
    'rollback web 2 --wait',
    'uninstall web --keep-history',
    'test web --logs',
  ])
})

it('without helm an action says how to get it, and nothing is run', async () => {
  answers['helm.program'] = {}
  const [upgrade] = actionsFor(releaseKind, 1)
  await upgrade!.run([target])
  expect(useDialogs().current).toEqual({ type: 'helm-missing' })
  answers['helm.program'] = { path: '/bin/helm', version: 'v4.1.4' }
  await upgrade!.run([target])
  expect(useDialogs().current).toEqual({ type: 'helm-deploy', context: 'drydock', act: 'upgrade', namespace: 'shop', name: 'web' })
})

it('a context that asks for confirmation is asked for before helm is run', async () => {
  useSettings().value = { ...useSettings().value, clusters: { drydock: { protection: 'confirm' } } }
  const operation = { act: 'rollback' as const, namespace: 'shop', name: 'web', revision: 1 }
  const refused = runHelm('drydock', operation)
  useProtection().asking!.answer(false)
  expect(await refused).toBe(false)
  expect(useDock().tabs).toEqual([])
  const allowed = runHelm('drydock', operation)
  useProtection().asking!.answer(true)
  expect(await allowed).toBe(true)
  expect(useDock().tabs.map((tab) => tab.content)).toEqual([{ type: 'helm', operation }])
})

it('on a context that is read-only the actions say so', () => {
  useSettings().value = { ...useSettings().value, clusters: { drydock: { protection: 'read-only' } } }
  expect(actionsFor(releaseKind, 1).map((a) => refusal(a, [target]))).toEqual(
    Array.from({ length: 4 }, () => i18n.global.t('action.readOnly')),
  )
})

it('what helm was given is not remembered between two runs of the window', () => {
  const operation = { act: 'upgrade' as const, namespace: 'shop', name: 'web', source: { chart: 'x' }, values: 'password: hunter2' }
  useDock().open('drydock', 'helm', { type: 'helm', operation })
  expect(useDock().kept().tabs).toEqual([])
})

it('details tell of each object how it is, and why nothing is told of it', async () => {
  const kind = {
    group: '',
    version: 'v1',
    resource: 'services',
    kind: 'Service',
    namespaced: true,
    verbs: [],
    shortNames: [],
    categories: [],
  }
  const of = { apiVersion: 'v1', kind: 'Service', namespace: 'shop' }
  const live = { kind, ref: { group: '', version: 'v1', resource: 'services', namespace: 'shop', name: 'a' } }
  answers['helm.objects'] = [
    { ...of, name: 'a', live, status: '2/2', tone: 'ok' },
    { ...of, name: 'b', live, status: '', missing: true, tone: 'bad' },
    { ...of, name: 'c', live, status: '', forbidden: true },
    { ...of, kind: 'Gadget', name: 'd', status: '' },
  ]
  const shown = await show(ReleaseDetails, { target, object: two })
  expect(shown.findAll('li').map((l) => l.text().replace(/\s+/g, ' '))).toEqual([
    'Servicea2/2',
    'Servicebmissing',
    'Servicecnot allowed to see it',
    'Gadgetdthe cluster does not have this kind',
  ])
  expect(shown.findAll('li a').map((a) => a.text())).toEqual(['a', 'c'])
})

it('details whose objects cannot be read say why', async () => {
  answers['helm.objects'] = new Error('secrets is forbidden')
  expect((await show(ReleaseDetails, { target, object: two })).text()).toContain('secrets is forbidden')
})

it('the history compares the newest two revisions at first, and says when two are the same', async () => {
  answers['helm.compare'] = [
    { ...texts, manifest: 'a', values: 'x' },
    { ...texts, manifest: 'b', values: 'x' },
  ]
  const shown = await show(ReleaseHistory, { target, object: two })
  expect(vi.mocked(backend.call).mock.calls[0]).toEqual([
    'helm.compare',
    { context: 'drydock', namespace: 'shop', name: 'web', revision: 1, with: 2 },
  ])
  await vi.waitFor(() => expect(shown.find('pre').text()).toBe('a -> b'), 15_000)
  await shown.find('select[aria-label="What to compare"]').setValue('values')
  expect(shown.text()).toContain('Both are the same.')
})

it('values that were not given are told as such, and Secrets of a manifest are revealed when that is asked for', async () => {
  answers['helm.revision'] = texts
  const values = await show(ReleaseTexts, { target, object: two, show: 'values' })
  expect(values.text()).toContain('No values were given')
  values.unmount()
  const manifest = await show(ReleaseTexts, { target, object: two, show: 'manifest' })
  await manifest.find('input[type=checkbox]').setValue(true)
  expect(vi.mocked(backend.call).mock.calls.at(-1)).toEqual([
    'helm.revision',
    { context: 'drydock', namespace: 'shop', name: 'web', revision: 2, reveal: true },
  ])
})

it('a run of helm shows what it says and how it ended', async () => {
  let tell: (event: unknown) => void = () => undefined
  vi.mocked(backend.open).mockImplementation(((_s: string, _p: unknown, onEvent: typeof tell) => {
    tell = onEvent
    return { close: vi.fn() }
  }) as never)
  const shown = await show(HelmTab, { context: 'drydock', operation: { act: 'rollback', namespace: 'shop', name: 'web', revision: 1 } })
  expect(shown.find('[role=status]').text()).toBe('helm is working')
  tell({ type: 'output', text: 'one', from: 'stdout' })
  tell({ type: 'exit', code: 1, error: { reason: 'Helm', message: 'release: not found' } })
  await flushPromises()
  expect(shown.find('[role=log]').text()).toBe('one')
  expect(shown.find('[role=alert]').text()).toContain('release: not found')
  expect(shown.find('[role=status]').text()).toBe('helm rollback of web failed')
})
