/** What is asked for: the resources of all kinds and where they are. */
import fc from 'fast-check'
import type { Kind } from '../../src-main/cluster/api/kinds/kind.js'
import { builtinKinds } from '../../src-main/cluster/api/kinds/registry.js'
import { manifests, type Manifest } from './manifests.js'
import { escaped } from './options.js'
import { NAMES, nastyString } from './values.js'

/** Nothing but requests of the fuzz writes here, and its quiet kinds are compared at the end. */
export const LEDGER = 'ledger'
/** Here everything may happen: the namespace itself may be deleted. */
export const YARD = 'yard'

/** What the paths and bodies of a kind are made of. */
export interface Resource {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly namespaced: boolean
  readonly subresources: readonly string[]
  readonly manifests: readonly Manifest[]
  readonly model: Kind['model'] | undefined
  readonly apiVersion: string
  readonly kind: string
}

/** Right objects by `apiVersion kind`. */
export const known = manifests(YARD)

export const resources: readonly Resource[] = [
  ...(builtinKinds as readonly Kind[])
    // Its clock would take the whole cluster through a year.
    .filter((k) => k.group !== 'drydock.dev')
    .map((k) => {
      const apiVersion = k.group ? `${k.group}/${k.version}` : k.version
      return {
        group: k.group,
        version: k.version,
        plural: k.plural,
        namespaced: k.namespaced,
        subresources: Object.keys(k.subresources ?? {}),
        manifests: known.get(`${apiVersion} ${k.kind}`) ?? [],
        model: k.model,
        apiVersion,
        kind: k.kind,
      }
    }),
  ...['v1', 'v2'].map((version) => ({
    group: 'fuzz.example',
    version,
    plural: 'widgets',
    namespaced: true,
    subresources: ['status', 'scale'],
    manifests: known.get('fuzz.example/v1 Widget')!.map((m) => ({ ...m, apiVersion: `fuzz.example/${version}` })),
    model: undefined,
    apiVersion: `fuzz.example/${version}`,
    kind: 'Widget',
  })),
]

export const namespace = fc.oneof(
  { weight: 20, arbitrary: fc.constant(LEDGER) },
  { weight: 12, arbitrary: fc.constant(YARD) },
  { weight: 1, arbitrary: fc.constantFrom('none', 'kube-system', '') },
  { weight: 1, arbitrary: nastyString },
)
export const objectName = fc.oneof(
  { weight: 24, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.constantFrom('widgets.fuzz.example', 'default', 'kubernetes', 'kube-root-ca.crt') },
  { weight: 1, arbitrary: nastyString },
)

/** The path of a collection, an object or a subresource. */
export function pathOf(resource: Resource, at: { namespace: string; name?: string; subresource?: string }): string {
  const root = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`
  const where = resource.namespaced && at.namespace ? `/namespaces/${escaped(at.namespace)}` : ''
  const name = at.name === undefined ? '' : `/${escaped(at.name.slice(0, 4000))}`
  return `${root}${where}/${resource.plural}${name}${at.subresource ? `/${at.subresource}` : ''}`
}
