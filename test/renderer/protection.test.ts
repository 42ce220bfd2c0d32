import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { actionOf } from '../../src-renderer/actions/actions.js'
import { refusal } from '../../src-renderer/actions/refusal.js'
import { kubectlOn, names } from '../../src-renderer/actions/kubectl.js'
import type { Target } from '../../src-renderer/stores/dialogs.js'
import { useProtection } from '../../src-renderer/stores/protection.js'
import { useSettings } from '../../src-renderer/stores/settings.js'
import type { ClusterSettings, KindInfo } from '../../src-main/backend/rpc/contract.js'
import { StreamStub } from './stream-stub.js'

const kind: KindInfo = {
  kind: 'Pod',
  group: '',
  version: 'v1',
  resource: 'pods',
  namespaced: true,
  verbs: ['list', 'delete', 'patch'],
  shortNames: ['po'],
  categories: [],
}
const pod = (context: string, namespace: string, name: string): Target => ({
  context,
  kind,
  ref: { group: '', version: 'v1', resource: 'pods', namespace, name },
})
const guard = (clusters: Record<string, ClusterSettings>) => (useSettings().value = { ...useSettings().value, clusters })

beforeEach(() => {
  new StreamStub()
  setActivePinia(createPinia())
})

describe('an act on objects of several clusters', () => {
  it('is refused where one of them is read-only, and says which', () => {
    guard({ prod: { protection: 'read-only', title: 'Production' } })
    const remove = actionOf('delete')!
    expect(refusal(remove, [pod('staging', 'shop', 'a')])).toBeUndefined()
    expect(refusal(remove, [pod('prod', 'shop', 'a')])).toBe('This cluster is read-only (its protection is set in the catalogue).')
    expect(refusal(remove, [pod('staging', 'shop', 'a'), pod('prod', 'shop', 'a')])).toBe(
      'Production: This cluster is read-only (its protection is set in the catalogue).',
    )
    expect(refusal(actionOf('logs')!, [pod('staging', 'shop', 'a'), pod('prod', 'shop', 'a')])).toBeUndefined()
  })

  it('has a kubectl command for each cluster and namespace', () => {
    const targets = [pod('staging', 'shop', 'a'), pod('prod', 'shop', 'a'), pod('staging', 'shop', 'b'), pod('staging', 'till', 'c')]
    expect(kubectlOn(targets, (group) => ['delete', ...names(group)])).toBe(
      [
        'kubectl --context staging -n shop delete pods a b',
        'kubectl --context prod -n shop delete pod/a',
        'kubectl --context staging -n till delete pod/c',
      ].join('\n'),
    )
  })

  it('asks for each protected cluster by itself: a yes for one is none for another', async () => {
    guard({ prod: { protection: 'confirm' }, live: { protection: 'confirm' } })
    const protection = useProtection()
    const answers: string[] = []
    const ask = (context: string) => protection.allow(context).then((yes) => answers.push(`${context} ${yes}`))
    const all = [ask('prod'), ask('live'), ask('prod'), ask('staging')]
    expect(protection.asking?.context).toBe('prod')
    protection.asking!.answer(true)
    expect(protection.asking?.context).toBe('live')
    protection.asking!.answer(false)
    expect(protection.asking).toBeNull()
    await Promise.all(all)
    expect(answers.sort()).toEqual(['live false', 'prod true', 'prod true', 'staging true'])
  })
})
