/** apt and apt-get: the lists of a mirror, and packages from it whose programs the simulated machine knows. */
import { systemError } from '../errors.js'
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Command } from '../programs/command.js'
import { installed, writeInstalled } from './dpkg.js'
import { MIRROR_ADDRESS, reachMirror, unpack } from './mirror.js'
import { packagesOf, type Package } from './package-list.js'

/** The lists of a release are read into files here; without them no package is known. */
const LISTS = '/var/lib/apt/lists'

interface Release {
  codename: string
  host: string
  /** Its archives in the order in which they are asked: address and suite. */
  archives: readonly (readonly [url: string, suite: string, kilobytes: number])[]
}

function releaseOf(c: Command): Release {
  const text = c.fs.exists('/etc/os-release') ? c.fs.readText('/etc/os-release') : ''
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(text)?.[1] ?? /\((\w+)\)"/.exec(text)?.[1] ?? 'bookworm'
  if (/^ID=ubuntu/m.test(text)) {
    const [archive, security] = ['http://archive.ubuntu.com/ubuntu', 'http://security.ubuntu.com/ubuntu']
    return {
      codename,
      host: 'archive.ubuntu.com',
      archives: [
        [archive, codename, 256],
        [security, `${codename}-security`, 126],
        [archive, `${codename}-updates`, 126],
        [archive, `${codename}-backports`, 126],
      ],
    }
  }
  const archive = 'http://deb.debian.org/debian'
  return {
    codename,
    host: 'deb.debian.org',
    archives: [
      [archive, codename, 151],
      [archive, `${codename}-updates`, 55.4],
      ['http://deb.debian.org/debian-security', `${codename}-security`, 48],
    ],
  }
}

export const apt: Program = command('coreutils', async (c) => {
  const words = c.task.argv.slice(1)
  const operands = words.filter((w, i) => !w.startsWith('-') && words[i - 1] !== '-o')
  const [action, ...names] = operands
  if (words.includes('--version') || words.includes('-v')) return void (await c.print('apt 2.6.1 (amd64)\n'))
  if (c.name === 'apt' && action !== undefined)
    await c.task.writeError('\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n')
  const yes = words.some((w) => /^-[a-z]*y[a-z]*$/.test(w) || w === '--yes' || w === '--assume-yes') || words.some((w) => /^-q{2,}$/.test(w))
  const quiet = words.some((w) => /^-q{2,}$/.test(w))
  try {
    switch (action) {
      case 'update':
        return await update(c, quiet)
      case 'install':
        return await install(c, names, quiet)
      case 'remove':
      case 'purge':
      case 'autoremove':
        return await remove(c, names, yes)
      case 'upgrade':
      case 'dist-upgrade':
      case 'full-upgrade':
        lock(c, '/var/lib/dpkg/lock-frontend')
        return void (await c.print(`${reading(c)}0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n`))
      case 'clean':
      case 'autoclean':
        return
      case 'list':
        return void (await c.print(`Listing...\n${installed(c.fs).map((p) => `${p.name}/now ${p.version} amd64 [installed,local]\n`).join('')}`))
      case undefined:
        throw new Fail(`apt 2.6.1 (amd64)\nUsage: ${c.name} [options] command`)
      default:
        throw new Fail(`E: Invalid operation ${action}`, 100)
    }
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== 'EROFS') throw error
    throw new Fail(`E: List directory ${LISTS}/partial is missing. - Acquire (30: Read-only file system)`, 100)
  }
}) // prettier-ignore

/** Only root may; the words tell whose lock it is. */
function lock(c: Command, file: string): void {
  if (c.task.uid === 0) {
    if (!c.fs.access('/var/lib', 2)) throw systemError('EROFS')
    return
  }
  const what = file.startsWith(LISTS)
    ? `E: Unable to lock directory ${LISTS}/`
    : `E: Unable to acquire the dpkg frontend lock (${file}), are you root?`
  throw new Fail(`E: Could not open lock file ${file} - open (13: Permission denied)\n${what}`, 100)
}

/** What apt tells while it looks at what is there; a terminal sees each step end. */
function reading(c: Command): string {
  const end = c.task.fd(1)?.kind === 'tty' ? ' Done' : ''
  return `Reading package lists...${end}\nBuilding dependency tree...${end}\nReading state information...${end}\n`
}

async function update(c: Command, quiet: boolean): Promise<number> {
  lock(c, `${LISTS}/lock`)
  const release = releaseOf(c)
  const listFile = `${LISTS}/${release.host}_dists_${release.codename}_InRelease`
  const known = c.fs.exists(listFile)
  const reached = await reachMirror(c.task, release.host)
  if (reached !== 'reached') return complain(c, release, reached)
  const total = release.archives.reduce((sum, [, , size]) => sum + size, known ? 0 : 9_000)
  const lines = release.archives.map(
    ([url, suite, size], i) => `${known ? 'Hit' : 'Get'}:${i + 1} ${url} ${suite} InRelease${known ? '' : ` [${size} kB]`}\n`,
  )
  if (!known) {
    const [url, suite] = release.archives[0]!
    lines.push(`Get:${lines.length + 1} ${url} ${suite}/main amd64 Packages [8792 kB]\n`)
  }
  await c.task.sleep(known ? 300 : 1500)
  c.fs.mkdir(LISTS, { recursive: true })
  c.fs.writeFile(listFile, `Suite: ${release.codename}\n`)
  if (quiet) return 0
  await c.print(`${lines.join('')}${known ? '' : `Fetched ${Math.round(total)} kB in 2s (${Math.round(total / 1.5)} kB/s)\n`}`)
  await c.print(c.name === 'apt' ? `${reading(c)}All packages are up to date.\n` : reading(c).split('\n', 1)[0]! + '\n')
  return 0
}

/** Of a mirror that is not reached apt only warns: the lists it has stay as they were. */
async function complain(c: Command, { archives, host }: Release, why: 'unresolved' | 'timeout'): Promise<number> {
  const reason = why === 'unresolved' ? `Temporary failure resolving '${host}'` : `Could not connect to ${host}:80 (${MIRROR_ADDRESS}), connection timed out`
  await c.print(archives.map(([url, suite], i) => `${why === 'unresolved' ? 'Err' : 'Ign'}:${i + 1} ${url} ${suite} InRelease\n  ${reason}\n`).join(''))
  await c.print(`${reading(c).split('\n', 1)[0]}\n`)
  await c.task.writeError(
    `${archives.map(([url, suite]) => `W: Failed to fetch ${url}/dists/${suite}/InRelease  ${reason}\n`).join('')}W: Some index files failed to download. They have been ignored, or old ones used instead.\n`,
  )
  return 0
} // prettier-ignore

/** apt asks only before it brings along what was not named, and here nothing needs another package. */
async function install(c: Command, names: readonly string[], quiet: boolean): Promise<number> {
  lock(c, '/var/lib/dpkg/lock-frontend')
  const release = releaseOf(c)
  const say = (text: string): Promise<void> => (quiet ? Promise.resolve() : c.print(text))
  await say(reading(c))
  const there = installed(c.fs)
  const listed = c.fs.exists(LISTS) && c.fs.readdir(LISTS).length > 0 ? packagesOf(release.codename) : []
  const wanted: Package[] = []
  for (const name of new Set(names.map((n) => n.replace(/[=:/].*$/, '')))) {
    const old = there.find((p) => p.name === name)
    const found = listed.find((p) => p.name === name)
    if (old) await say(`${name} is already the newest version (${old.version}).\n`)
    else if (found) wanted.push(found)
    else throw new Fail(`E: Unable to locate package ${name}`, 100)
  }
  const counts = `0 upgraded, ${wanted.length} newly installed, 0 to remove and 0 not upgraded.\n`
  if (wanted.length === 0) return say(counts).then(() => 0)
  const [download, disk] = [0, 1].map((i) => wanted.reduce((sum, p) => sum + p.size[i as 0 | 1], 0)) as [number, number]
  await say(
    `The following NEW packages will be installed:\n  ${wanted.map((p) => p.name).join(' ')}\n${counts}Need to get ${download} kB of archives.\nAfter this operation, ${disk} kB of additional disk space will be used.\n`,
  )
  if ((await reachMirror(c.task, release.host)) !== 'reached') return unfetched(c, release, wanted)
  const [url, suite] = release.archives[0]!
  await say(wanted.map((p, i) => `Get:${i + 1} ${url} ${suite}/main amd64 ${p.name} amd64 ${p.version} [${p.size[0]} kB]\n`).join(''))
  await c.task.sleep(400 + download)
  await say(`Fetched ${download} kB in 1s (${Math.round(download / 0.7)} kB/s)\n`)
  await c.task.writeError('debconf: delaying package configuration, since apt-utils is not installed\n')
  const database = '(Reading database ... 6090 files and directories currently installed.)\n'
  for (const [i, p] of wanted.entries()) {
    const file = `${p.name}_${p.version.replace(':', '%3a')}_amd64.deb`
    await c.print(`Selecting previously unselected package ${p.name}.\n${i === 0 ? database : ''}Preparing to unpack .../${file} ...\nUnpacking ${p.name} (${p.version}) ...\n`)
    unpack(c.task, p)
    await c.task.sleep(150)
  }
  writeInstalled(c.fs, [...there, ...wanted])
  await c.print(wanted.map((p) => `Setting up ${p.name} (${p.version}) ...\n`).join(''))
  return 0
} // prettier-ignore

async function unfetched(c: Command, release: Release, wanted: readonly Package[]): Promise<number> {
  const [url, suite] = release.archives[0]!
  const reason = `Temporary failure resolving '${release.host}'`
  await c.print(wanted.map((p, i) => `Err:${i + 1} ${url} ${suite}/main amd64 ${p.name} amd64 ${p.version}\n  ${reason}\n`).join(''))
  const files = wanted.map((p) => `E: Failed to fetch ${url}/pool/main/${p.name[0]}/${p.name}/${p.name}_${p.version.replace(/^\d+:/, '')}_amd64.deb  ${reason}\n`)
  throw new Fail(`${files.join('')}E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?`, 100)
} // prettier-ignore

async function remove(c: Command, names: readonly string[], yes: boolean): Promise<number> {
  lock(c, '/var/lib/dpkg/lock-frontend')
  await c.print(reading(c))
  const there = installed(c.fs)
  const known = packagesOf(releaseOf(c).codename)
  const gone = there.filter((p) => names.includes(p.name))
  for (const name of names) {
    if (gone.some((p) => p.name === name)) continue
    if (!known.some((p) => p.name === name)) throw new Fail(`E: Unable to locate package ${name}`, 100)
    await c.print(`Package '${name}' is not installed, so not removed\n`)
  }
  const counts = `0 upgraded, 0 newly installed, ${gone.length} to remove and 0 not upgraded.\n`
  if (gone.length === 0) return c.print(counts).then(() => 0)
  const freed = gone.reduce((sum, p) => sum + (known.find((k) => k.name === p.name)?.size[1] ?? 0), 0)
  await c.print(
    `The following packages will be REMOVED:\n  ${gone.map((p) => p.name).join(' ')}\n${counts}After this operation, ${freed} kB disk space will be freed.\n`,
  )
  if (!yes && !(await agreed(c))) {
    await c.print('Abort.\n')
    return 1
  }
  await c.print('(Reading database ... 6090 files and directories currently installed.)\n')
  for (const { name, version } of gone) {
    await c.print(`Removing ${name} (${version}) ...\n`)
    for (const program of known.find((p) => p.name === name)?.programs ?? [])
      if (c.fs.exists(`/usr/bin/${program}`)) c.fs.remove(`/usr/bin/${program}`)
  }
  writeInstalled(c.fs, there.filter((p) => !gone.includes(p))) // prettier-ignore
  return 0
}

async function agreed(c: Command): Promise<boolean> {
  await c.print('Do you want to continue? [Y/n] ')
  const answer = await c.task.readLine()
  return answer !== undefined && /^(y.*|)$/i.test(answer)
}
