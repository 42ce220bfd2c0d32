/** The usage of busybox' applets. */
import { accountsUsage } from './accounts.js'
import { archivesUsage } from './archives.js'
import { devicesUsage } from './devices.js'
import { filesUsage } from './files.js'
import { networkUsage } from './network.js'
import { processesUsage } from './processes.js'
import { textUsage } from './text.js'
import { valuesUsage } from './values.js'

const TABLES = [filesUsage, textUsage, valuesUsage, processesUsage, networkUsage, accountsUsage, devicesUsage, archivesUsage]

/** What follows `Usage: ` of an applet, its name included; undefined when it does not say. */
export function busyboxUsage(name: string): string | undefined {
  const table = TABLES.find((each) => Object.hasOwn(each, name))
  return table && `${name} ${table[name]}`.replace(' \n', '\n').trimEnd()
}
