/** Runs the rules of definitions as the API server does, without a server. */
import { customResourceDefinition } from '../../../../src-main/cluster/api/kinds/customresourcedefinition.js'
import { ruleContext, type Loose } from '../kinds/support.js'
import { things, version } from './definition.js'

/** A definition as it is about to be stored. */
export function prepared(sent: Loose): Loose {
  const object = structuredClone(sent)
  customResourceDefinition.setDefaults!(object)
  customResourceDefinition.prepareForCreate!(object, ruleContext())
  return object
}
/** `field: message` of each error, in their order. */
export const told = (errors: readonly { field: string; body: string }[]): string[] => errors.map((e) => `${e.field}: ${e.body}`)
/** What a definition is refused for. */
export const faults = (sent: Loose): string[] => told(customResourceDefinition.validateCreate!(prepared(sent), ruleContext()))
/** The same of one with these versions. */
export const faultsOf = (versions: object[], spec: object = {}): string[] => faults(things(versions, spec))
/** The faults of a definition with this schema of its spec. */
export const schemaFaults = (spec: object): string[] => faultsOf([version('v1', spec)])

/** The faults of an update, of a definition that was accepted. */
export function updateFaults(sent: Loose, change: (object: Loose) => void): string[] {
  const old = prepared(sent)
  old.status.conditions = [{ type: 'Established', status: 'True' }]
  const object = structuredClone(old)
  change(object)
  customResourceDefinition.setDefaults!(object)
  customResourceDefinition.prepareForUpdate!(object, old, ruleContext())
  return told(customResourceDefinition.validateUpdate!(object, old, ruleContext()))
}
