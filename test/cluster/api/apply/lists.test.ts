/** Lists under server-side apply: the order in which they merge, and elements that an object has more than once. */
import { describe, expect, it } from 'vitest'
import { applyServerSide } from '../../../../src-main/cluster/api/apply/apply.js'
import { trackUpdate } from '../../../../src-main/cluster/api/apply/update.js'
import type { KubeObject } from '../../../../src-main/cluster/api/object.js'
import { refusal, type Loose } from '../kinds/support.js'

const COMMON = { subresource: '', model: 'V1Pod', apiVersion: 'v1', time: '2026-11-21T09:00:00Z' }

const pod = (env: Loose[], finalizers?: string[]): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', ...(finalizers ? { finalizers } : {}) },
    spec: { containers: [{ name: 'c', env }] },
  }) as never

const apply = (live: KubeObject | undefined, config: KubeObject, force = false): Loose =>
  applyServerSide({ ...COMMON, live, config, manager: 'applier', force })

function update(old: KubeObject | undefined, changed: KubeObject, manager = 'updater'): Loose {
  const managedFields = trackUpdate({ ...COMMON, old, new: changed, manager })
  return { ...changed, metadata: { ...changed.metadata, managedFields } }
}

const vars = (...texts: string[]): Loose[] =>
  texts.map((text) => {
    const [name, value] = text.split('=')
    return { name, value }
  })
const env = (object: Loose): string[] => object.spec.containers[0].env.map((e: Loose) => `${e.name}=${e.value}`)
/** What each manager owns of the list: the list itself as `.`, its elements, and their fields behind them. */
function owners(object: Loose): Record<string, string> {
  const parts = (set: Loose): string[] =>
    Object.entries(set as Record<string, Loose>).map(([key, fields]) =>
      key === '.' ? '.' : [JSON.parse(key.slice(2)).name, ...Object.keys(fields)].join(' ').replaceAll('f:', ''),
    )
  const listOf = (entry: Loose): Loose => entry.fieldsV1['f:spec']['f:containers']['k:{"name":"c"}']['f:env'] ?? {}
  return Object.fromEntries(object.metadata.managedFields.map((entry: Loose) => [entry.manager, parts(listOf(entry)).join(', ')]))
}

describe('the elements of a list that is applied', () => {
  it.each([
    ['abc', 'de', 'abcde'],
    ['abc', 'abd', 'abcd'],
    ['abc', 'bad', 'bcad'],
    ['abcd', 'dba', 'cdba'],
    ['abcde', 'edba', 'cedba'],
    ['abcde', 'adbe', 'acdbe'],
    ['abc', 'axyzb', 'axyzbc'],
    ['abc', 'cx', 'abcx'],
    ['', 'ba', 'ba'],
    ['abax', 'ay', 'abyx'],
  ])('%s under %s come as %s', (live, config, merged) => {
    const made = update(undefined, pod(vars(...[...live].map((name) => `${name}=1`))))
    const applied = apply(made, pod(vars(...[...config].map((name) => `${name}=1`))), true)
    expect(applied.spec.containers[0].env.map((e: Loose) => e.name).join('')).toBe(merged)
  })

  it('of a set come in the same order', () => {
    const made = update(undefined, pod([], ['x.io/a', 'x.io/b', 'x.io/c']))
    expect(apply(made, pod([], ['x.io/c', 'x.io/a'])).metadata.finalizers).toEqual(['x.io/b', 'x.io/c', 'x.io/a'])
  })
})

describe('an element that an object has more than once', () => {
  const twice = (): Loose => update(undefined, pod(vars('A=1', 'A=2', 'B=3')))

  it('is owned as a whole', () => {
    expect(owners(twice())).toEqual({ updater: '., A, B . name value' })
  })

  it('belongs to who changes one of them, makes two of one, or one of two', () => {
    expect(owners(update(twice(), pod(vars('A=1', 'A=9', 'B=3')), 'second'))).toEqual({ updater: '., B . name value', second: 'A' })
    expect(owners(update(twice(), pod(vars('A=1', 'B=3')), 'second'))).toEqual({ updater: '., B . name value', second: 'A . name value' })
    const once = update(undefined, pod(vars('A=1', 'B=3')))
    expect(owners(update(once, pod(vars('A=1', 'A=2', 'B=3')), 'second'))).toEqual({ updater: '., B . name value', second: 'A' })
  })

  it('stays with who had it while others change', () => {
    expect(owners(update(twice(), pod(vars('A=1', 'A=2', 'B=4')), 'second'))).toEqual({ updater: '., A, B . name', second: 'B value' })
    const applied = apply(twice(), pod(vars('C=5')))
    expect(env(applied)).toEqual(['A=1', 'A=2', 'B=3', 'C=5'])
    expect(owners(applied)).toEqual({ updater: '., A, B . name value', applier: 'C . name value' })
  })

  it('is in conflict with one that is applied, even one like it, which replaces it by force', () => {
    const at = '.spec.containers[name="c"].env[name="A"]'
    for (const value of ['1', '2', '7']) {
      expect(refusal(() => apply(twice(), pod(vars(`A=${value}`))))).toBe(
        `Apply failed with 1 conflict: conflict with "updater" using v1: ${at}`,
      )
    }
    const forced = apply(twice(), pod(vars('A=2')), true)
    expect(env(forced)).toEqual(['A=2', 'B=3'])
    expect(owners(forced)).toEqual({ updater: '., B . name value', applier: 'A . name value' })
  })

  it('stays when the applier that made the first of them applies it no more', () => {
    const doubled = update(apply(undefined, pod(vars('A=1', 'B=3'))), pod(vars('A=1', 'A=2', 'B=3')))
    const applied = apply(doubled, pod(vars('B=3')))
    expect(env(applied)).toEqual(['A=1', 'A=2', 'B=3'])
    expect(owners(applied)).toEqual({ updater: 'A', applier: 'B . name value' })
  })
})
