/**
 * busybox: one binary that acts like the name it was called by. Every name of it in an image leads here, and so what it
 * says of itself is the release of the image.
 */
import type { Process, Program } from '../process.js'
import { taskOf, type Task } from '../task.js'
import { busyboxUsage } from './usage/busybox.js'

/** One build of busybox. */
export interface BusyboxRelease {
  /** Such as `1.36.1`. */
  version: string
  /** When it was built, as it says itself. */
  built: string
}

/** Characters of a line of the overview before it ends, on a terminal of 80. */
const WIDTH = 63

const DEFAULT: BusyboxRelease = { version: '1.36.1', built: '2023-05-18 22:34:17 UTC' }

/** When the releases were built that the busybox image and Alpine have. */
const BUILT: Readonly<Record<string, string>> = {
  '1.28.4': '2018-05-22 17:00:17 UTC',
  '1.30.1': '2019-02-14 18:11:50 UTC',
  '1.31.1': '2019-10-28 18:40:01 UTC',
  '1.34.1': '2021-09-30 21:20:52 UTC',
  '1.35.0': '2021-12-26 16:53:07 UTC',
  '1.36.0': '2023-01-03 22:31:33 UTC',
  '1.36.1': '2023-05-18 22:34:17 UTC',
  '1.37.0': '2024-09-26 21:31:42 UTC',
}

/** The build of a version. */
export function busyboxRelease(version: string): BusyboxRelease {
  return { version, built: BUILT[version] ?? '2017-11-03 21:38:12 UTC' }
}

/** Which busybox a process runs, once it was called. */
const running = new WeakMap<Task, BusyboxRelease>()

/** The first line of every usage text: `BusyBox v1.36.1 (…) multi-call binary.` */
export function busyboxBanner(process: Process): string {
  const { version, built } = running.get(taskOf(process)) ?? DEFAULT
  return `BusyBox v${version} (${built}) multi-call binary.`
}

/** What an applet says of its use, and whatever it is called with that it does not take: on standard error. */
export function usageText(process: Process, name: string, otherwise = ''): string {
  return `${busyboxBanner(process)}\n\nUsage: ${busyboxUsage(name) ?? `${name} ${otherwise}`}\n`
}

/** The binary. @param directories where each of its names is in a full installation, as `usr/bin` */
export function busyboxBinary(
  release: BusyboxRelease,
  applets: Readonly<Record<string, Program>>,
  directories: (name: string) => string,
): Program {
  const names = Object.keys(applets).sort()
  return async (process) => {
    const task = taskOf(process)
    running.set(task, release)
    const called = baseName(process.argv[0] ?? '')
    if (called !== 'busybox') return run(process, applets, called)
    const [first, ...rest] = process.argv.slice(1)
    if (first === undefined || first === '--help') return process.write(overview(process, names)).then(() => 0)
    if (first === '--list') return process.write(names.map((name) => `${name}\n`).join('')).then(() => 0)
    if (first === '--list-full') return process.write(names.map((name) => `${directories(name)}/${name}\n`).join('')).then(() => 0)
    if (first === '--install') return install(process, names, directories, rest)
    task.argv = [first, ...rest]
    return run(process, applets, baseName(first))
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/^-/, '')
}

async function run(process: Process, applets: Readonly<Record<string, Program>>, name: string): Promise<number> {
  const applet = Object.hasOwn(applets, name) ? applets[name] : undefined
  if (applet && process.argv[1] === '--help' && busyboxUsage(name)) {
    await process.writeError(usageText(process, name))
    return 0
  }
  if (applet) return applet(process)
  await process.writeError(`${name}: applet not found\n`)
  return 127
}

/** Links every name to the binary: into one directory, or where a full installation has them. */
async function install(process: Process, names: readonly string[], directories: (name: string) => string, args: string[]): Promise<number> {
  const task = taskOf(process)
  const into = args.find((arg) => arg !== '-s')
  const [self] = ['/bin/busybox', '/usr/bin/busybox'].filter((path) => task.fs.exists(path))
  for (const name of names) {
    const path = `${into ?? `/${directories(name)}`}/${name}`
    if (!task.fs.exists(path)) task.fs.symlink(self ?? '/bin/busybox', path)
  }
  return 0
}

function overview(process: Process, names: readonly string[]): string {
  return `${busyboxBanner(process)}
BusyBox is copyrighted by many authors between 1998-2015.
Licensed under GPLv2. See source distribution for detailed
copyright notices.

Usage: busybox [function [arguments]...]
   or: busybox --list[-full]
   or: busybox --show SCRIPT
   or: busybox --install [-s] [DIR]
   or: function [arguments]...

	BusyBox is a multi-call binary that combines many common Unix
	utilities into a single executable.  Most people will create a
	link to busybox for each function they wish to use and BusyBox
	will act like whatever it was invoked as.

Currently defined functions:
${columns(names)}
`
}

/** The names with commas between them; a line ends with the first name that goes beyond its width. */
function columns(names: readonly string[]): string {
  const lines: string[] = []
  let line = ''
  for (const name of names) {
    line += line === '' ? `\t${name}` : `, ${name}`
    if (line.length <= WIDTH) continue
    lines.push(line)
    line = ''
  }
  return [...lines, ...(line === '' ? [] : [line])].join(',\n')
}
