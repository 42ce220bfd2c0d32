import { describe, expect, it } from 'vitest'
import type { Kind } from '../../../../src-main/cluster/api/kinds/kind.js'
import { builtinKinds } from '../../../../src-main/cluster/api/kinds/registry.js'
import { decodeValue } from '../../../../src-main/cluster/api/schema/decode.js'
import { loadSchema, type Model, type Property } from '../../../../src-main/cluster/api/schema/schema.js'
import { StatusError } from '../../../../src-main/cluster/api/errors.js'
import { Random } from '../../../../src-main/cluster/random.js'
import { kindOf, NOW, ruleContext, type Loose } from './support.js'

const schema = loadSchema()
const modelOf = (kind: Kind): Model => (typeof kind.model === 'string' ? schema.model(kind.model) : kind.model)
const named = (kind: Kind): string => `${kind.group}/${kind.version} ${kind.kind}`.replace(/^\//, '')
const cases = builtinKinds.map((kind) => [named(kind), kind] as const)

describe('the registry', () => {
  it('names every resource once, with a model of the same name', () => {
    const paths = builtinKinds.map((k) => `${k.group}/${k.version}/${k.plural}`)
    expect(new Set(paths).size).toBe(paths.length)
    for (const kind of builtinKinds) expect([kind.model, modelOf(kind).goName]).toEqual([kind.model, kind.kind])
  })

  it('uses a short name for one resource only', () => {
    const owners = new Map<string, string>()
    for (const kind of builtinKinds)
      for (const short of [...(kind.shortNames ?? []), kind.plural, kind.singular]) {
        const owner = owners.get(short) ?? kind.plural
        expect([short, owner]).toEqual([short, kind.plural])
        owners.set(short, owner)
      }
  })

  it('has the short names and categories of kubectl', () => {
    const short = Object.fromEntries(builtinKinds.filter((k) => k.shortNames).map((k) => [k.plural, k.shortNames!.join(',')]))
    expect(short).toEqual({
      certificatesigningrequests: 'csr',
      componentstatuses: 'cs',
      configmaps: 'cm',
      cronjobs: 'cj',
      customresourcedefinitions: 'crd,crds',
      daemonsets: 'ds',
      deployments: 'deploy',
      endpoints: 'ep',
      events: 'ev',
      horizontalpodautoscalers: 'hpa',
      ingresses: 'ing',
      ipaddresses: 'ip',
      limitranges: 'limits',
      namespaces: 'ns',
      networkpolicies: 'netpol',
      nodes: 'no',
      persistentvolumeclaims: 'pvc',
      persistentvolumes: 'pv',
      poddisruptionbudgets: 'pdb',
      pods: 'po',
      priorityclasses: 'pc',
      replicasets: 'rs',
      replicationcontrollers: 'rc',
      resourcequotas: 'quota',
      serviceaccounts: 'sa',
      services: 'svc',
      statefulsets: 'sts',
      storageclasses: 'sc',
      volumeattributesclasses: 'vac',
    })
    const all = builtinKinds.filter((k) => k.categories?.includes('all')).map((k) => k.plural)
    expect([...new Set(all)].sort()).toEqual([
      'cronjobs',
      'daemonsets',
      'deployments',
      'horizontalpodautoscalers',
      'jobs',
      'pods',
      'replicasets',
      'replicationcontrollers',
      'services',
      'statefulsets',
    ])
  })

  it('knows the stored kind of every version that is not stored', () => {
    for (const { storedAs, kind, storageKey } of builtinKinds) {
      if (!storedAs) continue
      const stored = kindOf(`${storedAs.group}/${storedAs.version}`.replace(/^\//, ''), kind)
      expect(stored.storageKey).toBe(storageKey)
    }
  })

  it('gives every column a description but one, for which the API server has none either', () => {
    const described = (kind: Kind, path: string): string | undefined => {
      let model: Model | undefined = modelOf(kind)
      let property: Property | undefined
      for (const name of path.split('.')) {
        property = model?.properties.get(name)
        model = property?.model ?? property?.items?.model
      }
      return property?.description
    }
    const without = builtinKinds.flatMap((kind) =>
      (kind.columns ?? []).filter((c) => !(c.description ?? described(kind, c.describes ?? ''))).map((c) => `${named(kind)} ${c.name}`),
    )
    expect(without).toEqual(['node.k8s.io/v1 RuntimeClass Handler'])
  })
})

/** Values that are of the right type and mean nothing good. */
const TEXTS = [
  '',
  'a',
  'a-b.c',
  'A b',
  '-',
  '/',
  '..',
  'example.com/x',
  '10.0.0.1',
  '::',
  '10.0.0.0/8',
  'Always',
  'é',
  'x'.repeat(300),
  '__proto__',
  '%',
]
const QUANTITIES = ['0', '1', '-1', '1500m', '1Gi', '1e3', '100Ei']
const NUMBERS = [0, 1, -1, 80, 65536, 2147483647]

/** An object of a model, made by chance: fields may be missing or null, lists empty, numbers negative. */
class Odd {
  constructor(private readonly random: Random) {}

  private oneOf<T>(list: readonly T[]): T {
    return list[this.random.int(list.length)]!
  }

  object(model: Model, depth = 0): Loose {
    const out: Loose = {}
    for (const [name, property] of model.properties) {
      if (this.random.int(100) < 35 + depth * 6) continue
      out[name] = this.value(property, depth)
    }
    return out
  }

  private value(p: Property, depth: number): unknown {
    if (this.random.int(100) < 4) return null
    switch (p.type) {
      case 'object':
        return depth > 9 ? {} : this.object(p.model!, depth + 1)
      case 'array':
        return Array.from({ length: this.random.int(3) }, () => this.value(p.items!, depth + 1))
      case 'map':
        return Object.fromEntries(Array.from({ length: this.random.int(3) }, () => [this.oneOf(TEXTS), this.value(p.items!, depth + 1)]))
      case 'boolean':
        return this.random.int(2) === 0
      case 'integer':
      case 'number':
        return this.oneOf(NUMBERS)
      case 'quantity':
        return this.oneOf(QUANTITIES)
      case 'time':
        return this.oneOf(['2026-11-21T09:00:00Z', '1970-01-01T00:00:00Z'])
      case 'int-or-string':
        return this.oneOf([...NUMBERS, '10%', '-5%', '', 'http'])
      case 'bytes':
        return this.oneOf(['', 'YQ==', 'LS0tLS1CRUdJTg=='])
      case 'any':
        return this.oneOf([{}, { a: 1 }, [], 'x', 1])
      default:
        return this.oneOf(p.enum ?? TEXTS)
    }
  }
}

/** Everything of a kind that looks at objects. Refusals by a Status are answers, too. */
function useAll(kind: Kind, object: Loose, old: Loose): void {
  const ctx = ruleContext()
  const attempt = (run: () => unknown): void => {
    try {
      run()
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
    }
  }
  const stored = kind.storedAs ? kindOf(`${kind.storedAs.group}/${kind.storedAs.version}`.replace(/^\//, ''), kind.kind) : kind
  const inForm = (o: Loose): Loose => {
    kind.setDefaults?.(o)
    const s = kind.storedAs ? kind.storedAs.toStored(o) : o
    kind.storedAs?.fromStored(s)
    return s
  }
  const before = inForm(old)
  const now = inForm(object)
  const updating = structuredClone(now)
  attempt(() => stored.prepareForCreate?.(now, ctx))
  stored.validate?.(now, ctx)
  stored.validateCreate?.(now, ctx)
  stored.warnings?.(now, before)
  attempt(() => stored.prepareForUpdate?.(updating, before, ctx))
  stored.validate?.(updating, ctx)
  stored.validateUpdate?.(updating, before, ctx)
  stored.changesGeneration?.(updating, before)
  stored.gracefulDeletion?.(before, undefined, ctx)
  for (const c of stored.columns ?? []) c.cell(before, NOW)
  for (const read of Object.values(stored.fields ?? {})) read(before)
  stored.rowConditions?.(before)
  for (const part of Object.values(stored.subresources ?? {})) {
    if (part.type !== 'object') continue
    const changed = structuredClone(now)
    part.prepareForUpdate(changed, before, ctx)
    part.validateUpdate?.(changed, before, ctx)
  }
}

/** An object as the decoder hands it on; undefined when it answers that it cannot be read. */
function decoded(object: Loose, model: Model): Loose | undefined {
  try {
    return decodeValue(object, model).object
  } catch (error) {
    if (error instanceof StatusError) return undefined
    throw error
  }
}

describe('odd objects are answered, never tripped over:', () => {
  it.each(cases)('%s', (name, kind) => {
    const model = modelOf(kind)
    const odd = new Odd(new Random(name))
    const sent = (): Loose => ({
      ...odd.object(model),
      metadata: { ...decodeValue(odd.object(schema.model('V1ObjectMeta')), 'V1ObjectMeta').object, name: 'odd', namespace: 'default' },
    })
    for (let i = 0; i < 30; i++) useAll(kind, sent(), sent())
    // The same as the decoder hands them on: without nulls, if it does.
    for (let i = 0; i < 30; i++) {
      const old = decoded(sent(), model)
      const object = decoded(sent(), model)
      if (old && object) useAll(kind, old, object)
    }
    useAll(kind, { metadata: {} }, { metadata: {} })
  })
})
