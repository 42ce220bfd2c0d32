/** The directives of strategic merge patches where they meet each other, lists that are not there, and mistakes. */
import { describe, expect, it } from 'vitest'
import { applyStrategicMergePatch } from '../../../../src-main/cluster/api/patch/strategic.js'
import { refusal, type Loose } from '../kinds/support.js'

const named = (...names: string[]): Loose[] => names.map((name) => ({ name }))
const podSpec = (before: Loose, patch: Loose): Loose => (applyStrategicMergePatch({ spec: before }, { spec: patch }, 'V1Pod') as Loose).spec
const metadata = (before: Loose, patch: Loose): Loose =>
  (applyStrategicMergePatch({ metadata: before }, { metadata: patch }, 'V1Pod') as Loose).metadata

describe('a list that merges', () => {
  it.each([
    ['the order of the patch, the others before what stood after them', ['a', 'b', 'c'], { containers: named('c', 'a') }, ['b', 'c', 'a']],
    [
      'the order that is set, with the others where they stood',
      ['a', 'b', 'x', 'c', 'd'],
      { '$setElementOrder/containers': named('b', 'a', 'd', 'c') },
      ['b', 'a', 'x', 'd', 'c'],
    ],
    [
      'what is added where the order has it, what is deleted nowhere',
      ['a', 'c', 'b'],
      { '$setElementOrder/containers': named('d', 'b', 'a'), containers: [{ name: 'd' }, { name: 'c', $patch: 'delete' }] },
      ['d', 'b', 'a'],
    ],
    ['of an order what there is', ['a', 'c'], { '$setElementOrder/containers': named('c', 'b', 'a') }, ['c', 'a']],
    ['all but those that are deleted, also those of one name', ['a', 'a', 'b'], { containers: [{ name: 'a', $patch: 'delete' }] }, ['b']],
    ['nothing when it is replaced by nothing', ['a', 'b'], { containers: [{ $patch: 'replace' }] }, []],
    [
      'only what replaces it, when something else is deleted too',
      ['a', 'b'],
      { containers: [{ name: 'b', $patch: 'delete' }, { name: 'c' }, { $patch: 'replace' }] },
      ['c'],
    ],
    ['nothing when both are empty', [], { containers: [] }, []],
  ] as [string, string[], Loose, string[]][])('has %s', (_what, before, patch, after) => {
    expect(podSpec({ containers: named(...before) }, patch).containers.map((c: Loose) => c.name)).toEqual(after)
  })
})

describe('a list of values that merges', () => {
  it.each([
    ['each once', ['a', 'b'], { finalizers: ['b', 'c'] }, ['a', 'b', 'c']],
    ['in the order of the patch', ['a', 'b', 'c'], { finalizers: ['c', 'a'] }, ['b', 'c', 'a']],
    [
      'in the order that is set',
      ['a', 'x', 'b'],
      { '$setElementOrder/finalizers': ['n', 'a', 'b'], finalizers: ['n'] },
      ['n', 'a', 'x', 'b'],
    ],
    [
      'without those that are deleted, in the order that is set',
      ['a', 'b', 'c', 'c'],
      { '$setElementOrder/finalizers': ['b', 'a'], '$deleteFromPrimitiveList/finalizers': ['c'] },
      ['b', 'a'],
    ],
    ['none when the deletion is null', ['a'], { '$deleteFromPrimitiveList/finalizers': null }, undefined],
    ['all when the deletion is no list', ['a'], { '$deleteFromPrimitiveList/finalizers': 'a' }, ['a']],
    ['none that are to be deleted when there were none', undefined, { '$deleteFromPrimitiveList/finalizers': ['a'] }, undefined],
  ] as [string, string[] | undefined, Loose, string[] | undefined][])('has its values %s', (_what, before, patch, after) => {
    expect(metadata(before ? { finalizers: before } : {}, patch).finalizers).toEqual(after)
  })
})

describe('what is new to an object', () => {
  it('does not come when it is a map with a directive, whichever', () => {
    expect(podSpec({}, { securityContext: { $patch: 'replace', runAsUser: 1 }, affinity: { $patch: 'delete' } })).toEqual({})
    expect(podSpec({}, { affinity: { podAffinity: { $patch: 'merge' }, nodeAffinity: {} } })).toEqual({ affinity: { nodeAffinity: {} } })
    expect(podSpec({}, { containers: [{ name: 'a', $patch: 'delete' }, { name: 'b' }, { $patch: 'replace' }] })).toEqual({
      containers: named('b'),
    })
  })

  it('takes the place of what it replaces also when that was empty or of another type', () => {
    expect(podSpec({ securityContext: { runAsUser: 1 } }, { securityContext: { $patch: 'replace' } })).toEqual({ securityContext: {} })
    expect(podSpec({ nodeName: 'n' }, { nodeName: { $patch: 'replace' } })).toEqual({})
  })

  it('comes in the order that is set for it', () => {
    expect(podSpec({}, { '$setElementOrder/containers': named('b', 'a'), containers: named('b', 'a') })).toEqual({
      containers: named('b', 'a'),
    })
  })
})

describe('a patch that makes no sense is refused', () => {
  const before = { containers: named('a', 'b'), tolerations: [{ key: 'k' }], securityContext: { runAsUser: 1 } }
  it.each([
    [{ securityContext: { $patch: 'merge' } }, 'unknown patch type: merge in map: map[$patch:merge]'],
    [{ containers: [{ name: 'a', $patch: 'merge' }] }, 'merging lists cannot yet be specified in the patch'],
    [{ containers: [{ $patch: 'delete' }] }, 'map: map[$patch:delete] does not contain declared merge key: name'],
    [{ containers: [{ image: 'i' }] }, 'map: map[image:i] does not contain declared merge key: name'],
    [{ containers: ['a'] }, 'list element types are not identical: [[map[name:a] map[name:b]] [a]]'],
    [{ '$setElementOrder/containers': 'a' }, 'expected a []interface {}, but received a string'],
    [{ '$setElementOrder/securityContext': [] }, 'expected a []interface {}, but received a map[string]interface {}'],
    [
      { '$setElementOrder/containers': [{ image: 'i' }], containers: named('a') },
      'map: map[image:i] does not contain declared merge key: name',
    ],
    [{ '$setElementOrder/initContainers': [], initContainers: [] }, 'no elements in any of the given slices'],
    [{ '$setElementOrder/bogus': [] }, 'unable to find api field in struct PodSpec for the json field "bogus"'],
    [
      { '$setElementOrder/containers': named('a', 'b'), containers: named('b', 'a') },
      "The order in patch list:\n[map[name:b] map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:a] map[name:b]]\n",
    ],
    [{ securityContext: { $retainKeys: 'runAsUser' } }, 'invalid patch format of retainKeys'],
    [{ securityContext: { $retainKeys: ['runAsUser'], fsGroup: 1 } }, 'invalid patch format of retainKeys'],
  ])('%j', (patch, message) => {
    expect(refusal(() => podSpec(before, patch))).toBe(message)
  })
})
