/** apk, the packages of Alpine: from a mirror whose packages' programs the simulated machine knows. */
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Command } from '../programs/command.js'
import { reachMirror, unpack } from './mirror.js'
import { packagesOf, type Package } from './package-list.js'

const HOST = 'dl-cdn.alpinelinux.org'
/** Names and versions of what was added, a line each. */
const DATABASE = '/lib/apk/db/installed'
/** Packages and MiB of an image before anything was added. */
const BASE = { packages: 16, mebibytes: 8 }

function added(c: Command): Package[] {
  const lines = c.fs.exists(DATABASE) ? c.fs.readText(DATABASE).split('\n') : []
  return packagesOf('alpine').filter((p) => lines.includes(`P:${p.name}`))
}

export const apk: Program = command('coreutils', async (c) => {
  const words = c.task.argv.slice(1)
  const [action, ...names] = words.filter((w, i) => !w.startsWith('-') && !/^(-t|--virtual|-X|--repository)$/.test(words[i - 1] ?? ''))
  if (words.includes('--version') || words.includes('-V')) return void (await c.print('apk-tools 2.14.9, compiled for x86_64.\n'))
  try {
    switch (action) {
      case 'update':
        writable(c)
        return await update(c)
      case 'add':
        writable(c)
        return await add(c, names)
      case 'del':
        writable(c)
        return await remove(c, names)
      case 'upgrade':
        writable(c)
        if (!(await fetchIndexes(c))) return 1
        return void (await c.print(summary(added(c))))
      case 'info':
        return await info(c, names)
      case 'list':
        return void (await c.print(added(c).map((p) => `${p.name}-${p.version} x86_64 {${p.name}} [installed]\n`).join('')))
      case 'search':
        return void (await c.print(packagesOf('alpine').filter((p) => names.every((n) => p.name.includes(n))).map((p) => `${p.name}-${p.version}\n`).join('')))
      case undefined:
        throw new Fail('apk-tools 2.14.9, compiled for x86_64.\n\nusage: apk [<OPTIONS>...] COMMAND [<ARGUMENTS>...]')
      default:
        throw new Fail(`apk: '${action}' is not an apk command. See 'apk --help'.`)
    }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw unlocked(error.message)
  }
}) // prettier-ignore

function unlocked(why: string): Fail {
  return new Fail(`ERROR: Unable to lock database: ${why}\nERROR: Failed to open apk database: ${why}`, 99)
}

function writable(c: Command): void {
  if (c.task.uid !== 0) throw unlocked('Permission denied')
  if (!c.fs.access('/lib', 2)) throw unlocked('Read-only file system')
}

function repositories(c: Command): string[] {
  const file = '/etc/apk/repositories'
  return (c.fs.exists(file) ? c.fs.readText(file) : '').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

/** Fetches the index of each repository; false, with a warning for each, when the mirror is out of reach. */
async function fetchIndexes(c: Command): Promise<boolean> {
  const reached = await reachMirror(c.task, HOST)
  for (const url of repositories(c)) {
    await c.print(`fetch ${url}/x86_64/APKINDEX.tar.gz\n`)
    if (reached === 'reached') await c.task.sleep(300)
    else await c.task.writeError(`WARNING: fetching ${url}: ${reached === 'unresolved' ? 'temporary error (try again later)' : 'operation timed out'}\n`)
  }
  return reached === 'reached'
} // prettier-ignore

async function update(c: Command): Promise<number> {
  if (!(await fetchIndexes(c))) {
    await c.print('2 unavailable, 0 stale; 16 distinct packages available\n')
    return 2
  }
  const release = c.fs.exists('/etc/alpine-release') ? c.fs.readText('/etc/alpine-release').trim() : ''
  for (const url of repositories(c)) await c.print(`v${release} [${url}]\n`)
  await c.print('OK: 26326 distinct packages available\n')
  return 0
}

async function add(c: Command, names: readonly string[]): Promise<number> {
  const there = added(c)
  const reached = await fetchIndexes(c)
  const known = reached ? packagesOf('alpine') : there
  const wanted = [...new Set(names.map((n) => n.replace(/[=<>~].*$/, '')))]
  const missing = wanted.filter((name) => !known.some((p) => p.name === name))
  if (missing.length > 0)
    throw new Fail(
      `ERROR: unable to select packages:\n${missing.map((name) => `  ${name} (no such package):\n    required by: world[${name}]`).join('\n')}`,
      missing.length,
    )
  const fresh = known.filter((p) => wanted.includes(p.name) && !there.includes(p) && !there.some((t) => t.name === p.name))
  for (const [i, p] of fresh.entries()) {
    await c.print(`(${i + 1}/${fresh.length}) Installing ${p.name} (${p.version})\n`)
    unpack(c.task, p)
    await c.task.sleep(100)
  }
  await settle(c, [...there, ...fresh], fresh.length > 0)
  return 0
}

async function remove(c: Command, names: readonly string[]): Promise<number> {
  const there = added(c)
  const gone = there.filter((p) => names.includes(p.name))
  for (const [i, p] of gone.entries()) {
    await c.print(`(${i + 1}/${gone.length}) Purging ${p.name} (${p.version})\n`)
    for (const program of p.programs) if (c.fs.exists(`/usr/bin/${program}`)) c.fs.remove(`/usr/bin/${program}`)
  }
  await settle(c, there.filter((p) => !gone.includes(p)), gone.length > 0) // prettier-ignore
  return 0
}

/** Writes the database, and says what is installed now. */
async function settle(c: Command, packages: readonly Package[], changed: boolean): Promise<void> {
  if (changed) {
    c.fs.mkdir(DATABASE.slice(0, DATABASE.lastIndexOf('/')), { recursive: true })
    c.fs.writeFile(DATABASE, packages.map((p) => `P:${p.name}\nV:${p.version}\n\n`).join(''))
    const busybox = c.fs.exists('/bin/busybox') ? 'Executing busybox-1.37.0-r19.trigger\n' : ''
    await c.print(busybox)
  }
  await c.print(summary(packages))
}

function summary(packages: readonly Package[]): string {
  const mebibytes = BASE.mebibytes + packages.reduce((sum, p) => sum + p.size[1], 0) / 1024
  return `OK: ${Math.round(mebibytes)} MiB in ${BASE.packages + packages.length} packages\n`
}

async function info(c: Command, names: readonly string[]): Promise<number> {
  const there = added(c)
  if (names.length === 0) {
    const base = c.fs.exists('/etc/apk/world') ? c.fs.readText('/etc/apk/world').split('\n').filter(Boolean) : []
    await c.print([...base, ...there.map((p) => p.name)].map((name) => `${name}\n`).join(''))
    return 0
  }
  for (const p of there.filter((t) => names.includes(t.name))) await c.print(`${p.name}-${p.version} installed size:\n${p.size[1]} KiB\n\n`)
  return names.every((name) => there.some((p) => p.name === name)) ? 0 : 1
}
