/** The book of installed packages of Debian and Ubuntu, /var/lib/dpkg/status, and `dpkg`, which shows it. */
import type { Program } from '../process.js'
import { command, Fail, type Command } from '../programs/command.js'
import type { FileCalls } from '../fs-calls.js'
import { packageVersions } from '../programs/gnu-versions.js'

export const STATUS = '/var/lib/dpkg/status'

export interface Installed {
  name: string
  version: string
}

/** The book of an image as it comes: the essential packages of its release. @param codename such as `bookworm` */
export function baseStatus(codename: string): string {
  return Object.entries(packageVersions(codename))
    .map(([name, version]) => paragraph({ name, version: `${version}-1` }))
    .sort()
    .join('')
}

export function paragraph({ name, version }: Installed): string {
  return `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`
}

/** All packages in the book. */
export function installed(fs: FileCalls): Installed[] {
  if (!fs.exists(STATUS)) return []
  return [...fs.readText(STATUS).matchAll(/^Package: (.+)\n(?:.+\n)*?Version: (.+)$/gm)].map((m) => ({ name: m[1]!, version: m[2]! }))
}

/** Writes the book anew. */
export function writeInstalled(fs: FileCalls, packages: readonly Installed[]): void {
  const inOrder = [...packages].sort((a, b) => (a.name < b.name ? -1 : 1))
  fs.writeFile(STATUS, inOrder.map(paragraph).join(''))
}

const LIST_HEAD = `Desired=Unknown/Install/Remove/Purge/Hold
| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend
|/ Err?=(none)/Status,Err: uppercase=bad)
`

export const dpkg: Program = command('coreutils', async (c) => {
  const [action, ...names] = c.task.argv.slice(1)
  const all = installed(c.fs)
  if (action === '--version') return void (await c.print("Debian 'dpkg' package management program version 1.21.22 (amd64).\n"))
  if (action === '--print-architecture') return void (await c.print('amd64\n'))
  if (action === '-l' || action === '--list') return list(c, all, names)
  if (action === '-s' || action === '--status') {
    for (const name of names) {
      const found = all.find((p) => p.name === name)
      if (!found)
        throw new Fail(`dpkg-query: package '${name}' is not installed and no information is available\nUse dpkg --info (= dpkg-deb --info) to examine archive files.`)
      await c.print(paragraph(found).slice(0, -1))
    }
    return
  }
  throw new Fail(action === undefined ? 'dpkg: error: need an action option\n\nType dpkg --help for help about installing and deinstalling packages [*];' : `dpkg: error: unknown option ${action}`, 2)
}) // prettier-ignore

async function list(c: Command, all: readonly Installed[], names: readonly string[]): Promise<void> {
  const shown = names.length === 0 ? all : all.filter((p) => names.includes(p.name))
  for (const name of names)
    if (!all.some((p) => p.name === name)) await c.task.writeError(`dpkg-query: no packages found matching ${name}\n`)
  if (shown.length === 0) {
    c.status = 1
    return
  }
  const width = Math.max(14, ...shown.map((p) => p.name.length))
  const versionWidth = Math.max(12, ...shown.map((p) => p.version.length))
  const row = (state: string, name: string, version: string, architecture: string): string =>
    `${state} ${name.padEnd(width)} ${version.padEnd(versionWidth)} ${architecture.padEnd(12)}\n`
  await c.print(
    `${LIST_HEAD}${row('||/', 'Name', 'Version', 'Architecture').trimEnd()} Description\n+++-${'='.repeat(width)}-${'='.repeat(versionWidth)}-============-${'='.repeat(33)}\n${shown
      .map((p) => row('ii ', p.name, p.version, 'amd64').trimEnd())
      .join('\n')}\n`,
  )
}
