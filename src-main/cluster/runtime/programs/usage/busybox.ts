/** The usage of busybox' applets. */
import { archivesUsage } from './archives.js'
import { filesUsage } from './files.js'
import { networkUsage } from './network.js'
import { processesUsage } from './processes.js'
import { textUsage } from './text.js'

const TABLES = [filesUsage, textUsage, processesUsage, networkUsage, archivesUsage]

/** What follows `Usage: ` of an applet, its name included; undefined when it does not say. */
export function busyboxUsage(name: string): string | undefined {
  const table = TABLES.find((each) => Object.hasOwn(each, name))
  return table && `${name} ${table[name]}`.replace(' \n', '\n').trimEnd()
}
