/** What the devices of one claim must have in common, or must not. */
import { jsonText } from '../../../exact-json.js'
import type { ResourceClaim } from '../../api/kinds/resourceclaim.js'
import type { OfferedDevice } from './model.js'

type Declared = NonNullable<NonNullable<ResourceClaim['spec']['devices']>['constraints']>[number]

/** Watches over the devices that are chosen for a claim, one after another. */
export class Constraint {
  private readonly values: string[] = []

  constructor(private readonly declared: Declared) {}

  /** Takes a device for a request, if that may be; `names` are what the request is called by. */
  add(names: readonly string[], offered: OfferedDevice): boolean {
    if (!this.isAbout(names)) return true
    const { matchAttribute, distinctAttribute } = this.declared
    const value = attributeOf(offered, matchAttribute ?? distinctAttribute ?? '')
    if (value === undefined) return false
    const fits = matchAttribute ? this.values.every((v) => v === value) : !this.values.includes(value)
    if (fits) this.values.push(value)
    return fits
  }

  /** Gives back the device that was taken last for a request. */
  remove(names: readonly string[]): void {
    if (this.isAbout(names)) this.values.pop()
  }

  private isAbout(names: readonly string[]): boolean {
    const { requests } = this.declared
    return !requests?.length || names.some((name) => requests.includes(name))
  }
}

/** The value of an attribute by its full name, as a text that two values share only if they are equal; undefined for none. */
function attributeOf({ device, pool }: OfferedDevice, name: string): string | undefined {
  const slash = name.indexOf('/')
  const own = name.slice(0, slash) === pool.driver ? device.attributes?.[name.slice(slash + 1)] : undefined
  const attribute = device.attributes?.[name] ?? own
  return attribute && jsonText(attribute)
}
