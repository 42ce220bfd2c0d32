/** What the programs of Debian and Ubuntu say to `--version`: by the release whose code name stands in /etc/os-release. */
import type { FileCalls } from '../fs-calls.js'

interface Versions {
  bash: string
  coreutils: string
  findutils: string
  grep: string
  sed: string
  tar: string
  gzip: string
  diffutils: string
  procps: string
  'util-linux': string
  mawk: string
  less: string
}

const COLUMNS = [
  'bash',
  'coreutils',
  'findutils',
  'grep',
  'sed',
  'tar',
  'gzip',
  'diffutils',
  'procps',
  'util-linux',
  'mawk',
  'less',
] as const

const RELEASES: Readonly<Record<string, string>> = {
  jessie: '4.3.30 8.23 4.4.2 2.20 4.2.2 1.27.1 1.6 3.3 3.3.9 2.25.2 1.3.3 458',
  stretch: '4.4.12 8.26 4.7.0-git 2.27 4.4 1.29 1.6 3.5 3.3.12 2.29.2 1.3.3 481',
  buster: '5.0.3 8.30 4.6.0.225-235f 3.3 4.7 1.30 1.9 3.7 3.3.15 2.33.1 1.3.3 487',
  bullseye: '5.1.4 8.32 4.8.0 3.6 4.7 1.34 1.10 3.7 3.3.17 2.36.1 1.3.4-20200120 551',
  bookworm: '5.2.15 9.1 4.9.0 3.8 4.9 1.34 1.12 3.8 4.0.2 2.38.1 1.3.4-20200120 590',
  trixie: '5.2.37 9.7 4.10.0 3.11 4.9 1.35 1.13 3.10 4.0.4 2.41 1.3.4-20250131 668',
  xenial: '4.3.48 8.25 4.7.0-git 2.25 4.2.2 1.28 1.6 3.3 3.3.10 2.27.1 1.3.3 481',
  bionic: '4.4.20 8.28 4.7.0-git 3.1 4.4 1.29 1.6 3.6 3.3.12 2.31.1 1.3.3 487',
  focal: '5.0.17 8.30 4.7.0 3.4 4.7 1.30 1.10 3.7 3.3.16 2.34 1.3.4-20200120 551',
  jammy: '5.1.16 8.32 4.8.0 3.7 4.8 1.34 1.10 3.8 3.3.17 2.37.2 1.3.4-20200120 590',
  noble: '5.2.21 9.4 4.9.0 3.11 4.9 1.35 1.12 3.10 4.0.4 2.39.3 1.3.4-20240123 590',
  questing: '5.2.37 9.7 4.10.0 3.11 4.9 1.35 1.13 3.10 4.0.4 2.41 1.3.4-20250131 668',
}

/** The release of a tree without a code name. */
const DEFAULT = 'bookworm'

function versions(fs: FileCalls): Versions {
  const text = fs.exists('/etc/os-release') ? fs.readText('/etc/os-release') : ''
  const named = /^VERSION_CODENAME=(\w+)/m.exec(text)?.[1] ?? /^VERSION=".*?\((\w+)\)"/m.exec(text)?.[1] ?? DEFAULT
  return packageVersions(named)
}

/** The packages of a release by its code name, with their upstream versions. */
export function packageVersions(codename: string): Versions {
  const row = (RELEASES[codename] ?? RELEASES[DEFAULT]!).split(' ')
  return Object.fromEntries(COLUMNS.map((column, i) => [column, row[i]])) as unknown as Versions
}

/** Programs that are not of coreutils. */
const PACKAGE: Readonly<Record<string, keyof Versions>> = {
  find: 'findutils', xargs: 'findutils', grep: 'grep', egrep: 'grep', fgrep: 'grep', sed: 'sed', tar: 'tar', gzip: 'gzip',
  gunzip: 'gzip', zcat: 'gzip', diff: 'diffutils', cmp: 'diffutils', ps: 'procps', free: 'procps', top: 'procps', uptime: 'procps',
  watch: 'procps', pgrep: 'procps', pkill: 'procps', pidof: 'procps', kill: 'procps', sysctl: 'procps', mount: 'util-linux',
  umount: 'util-linux', hexdump: 'util-linux', rev: 'util-linux', setsid: 'util-linux', awk: 'mawk', less: 'less', more: 'util-linux',
  taskset: 'util-linux', ionice: 'util-linux', flock: 'util-linux', getopt: 'util-linux', logger: 'util-linux', su: 'util-linux', lsblk: 'util-linux',
  lscpu: 'util-linux', dmesg: 'util-linux', last: 'util-linux', renice: 'util-linux', fallocate: 'util-linux', mountpoint: 'util-linux',
  nsenter: 'util-linux', whereis: 'util-linux', mesg: 'util-linux', w: 'procps', vmstat: 'procps', pmap: 'procps', pwdx: 'procps',
} // prettier-ignore

/** The packages whose programs say who wrote them under which licence. */
const GNU = new Set<keyof Versions>(['coreutils', 'findutils', 'grep', 'sed', 'tar', 'diffutils'])

/** Whether a program is of findutils, grep and the like: some of those read options in their own way. */
export function isOfPackage(name: string): boolean {
  return Object.hasOwn(PACKAGE, name)
}

/** Whether a program tells its version and its help at `-V` and `-h`, too. */
export function takesLetters(name: string): boolean {
  return PACKAGE[name] === 'procps' || PACKAGE[name] === 'util-linux'
}

/** What `NAME --version` prints. */
export function versionText(name: string, fs: FileCalls): string {
  const pack = PACKAGE[name] ?? 'coreutils'
  const version = versions(fs)[pack]
  if (pack === 'procps') return `${name} from procps-ng ${version}\n`
  if (pack === 'util-linux') return `${name} from util-linux ${version}\n`
  if (pack === 'gzip') return `${name} ${version}\n`
  if (pack === 'less') return `less ${version} (GNU regular expressions)\n`
  if (pack === 'mawk') return `mawk ${version.replace('-', ' ')}\n`
  const title =
    pack === name || (pack === 'grep' && name !== 'grep') ? `${pack} (GNU ${pack}) ${version}` : `${name} (GNU ${pack}) ${version}`
  return `${pack === 'tar' ? `tar (GNU tar) ${version}` : title}\n${GNU.has(pack) ? LICENCE : ''}`
}

const LICENCE = `License GPLv3+: GNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>.
This is free software: you are free to change and redistribute it.
There is NO WARRANTY, to the extent permitted by law.
`

/** The version of the release's bash, as `5.2.15`. */
export function bashVersion(fs: FileCalls): string {
  return versions(fs).bash
}
