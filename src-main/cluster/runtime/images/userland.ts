/** The file trees that images are built on: busybox, and Debian with bash and coreutils. */
import type { Program } from '../process.js'
import { busyboxPrograms, coreutilsPrograms, extraPrograms, networkPrograms } from '../programs/catalogue.js'
import { oldNslookup } from '../programs/net/nslookup.js'
import type { ImageFile } from './image.js'

type Files = Record<string, ImageFile>

/** Places programs in a directory. */
export function place(directory: string, programs: Readonly<Record<string, Program>>): Files {
  return Object.fromEntries(Object.entries(programs).map(([name, program]) => [`${directory}/${name}`, { program }]))
}

/** Lines of /etc/passwd for users besides root, with the groups of the same names. */
export interface Account {
  name: string
  id: number
  home?: string
  shell?: string
}

function accounts(shell: string, others: readonly Account[]): Files {
  const all: Account[] = [{ name: 'root', id: 0, home: '/root', shell }, ...others]
  return {
    '/etc/passwd': all
      .map((a) => `${a.name}:x:${a.id}:${a.id}:${a.name}:${a.home ?? '/nonexistent'}:${a.shell ?? '/usr/sbin/nologin'}\n`)
      .join(''),
    '/etc/group': all.map((a) => `${a.name}:x:${a.id}:\n`).join(''),
    '/etc/shadow': { data: all.map((a) => `${a.name}:*:19000:0:99999:7:::\n`).join(''), mode: 0o640 },
  }
}

const STANDARD_USERS: readonly Account[] = [
  { name: 'daemon', id: 1, home: '/usr/sbin' },
  { name: 'bin', id: 2, home: '/bin' },
  { name: 'sys', id: 3, home: '/dev' },
  { name: 'mail', id: 8, home: '/var/spool/mail' },
  { name: 'www-data', id: 33, home: '/var/www' },
]
const NOBODY: Account = { name: 'nobody', id: 65534, home: '/home' }

const COMMON: Files = {
  '/etc/nsswitch.conf': 'passwd:\tfiles\ngroup:\tfiles\nshadow:\tfiles\nhosts:\tfiles dns\n',
  '/etc/services': 'domain\t53/tcp\ndomain\t53/udp\nhttp\t80/tcp\nhttps\t443/tcp\nredis\t6379/tcp\n',
  '/home': { directory: true },
  '/tmp': { directory: true, mode: 0o1777 },
}

/** The tree of busybox: all applets in /bin. @param minor the version, as `1.36`: nslookup was another one up to 1.28 */
export function busyboxTree(minor?: string): Files {
  const old = minor !== undefined && Number(minor.split('.')[1]) <= 28
  return {
    ...COMMON,
    ...accounts('/bin/sh', [...STANDARD_USERS, NOBODY]),
    ...place('/bin', old ? { ...busyboxPrograms, nslookup: oldNslookup() } : busyboxPrograms),
    '/etc/localtime': 'TZif2',
    '/usr/sbin': { directory: true },
    '/var/spool/mail': { directory: true },
    '/var/www': { directory: true },
  }
}

/** The tree of Alpine: busybox with the layout and the marks of a distribution. */
export function alpineTree(version: string, extra: { accounts?: readonly Account[] } = {}): Files {
  return {
    ...COMMON,
    ...accounts('/bin/sh', [...STANDARD_USERS, ...(extra.accounts ?? []), NOBODY]),
    ...place('/bin', busyboxPrograms),
    // Of musl, not of busybox.
    ...place('/usr/bin', { getent: coreutilsPrograms['getent']! }),
    '/etc/alpine-release': `${version}\n`,
    '/etc/os-release': `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${version}\nPRETTY_NAME="Alpine Linux v${version.split('.').slice(0, 2).join('.')}"\nHOME_URL="https://alpinelinux.org/"\n`,
    '/etc/motd': 'Welcome to Alpine!\n',
    '/usr/sbin': { directory: true },
    '/var/log': { directory: true },
  }
}

export interface DebianOptions {
  /** `Debian GNU/Linux 12 (bookworm)`. */
  pretty: string
  id: 'debian' | 'ubuntu'
  /** `12`. */
  version: string
  codename: string
  accounts?: readonly Account[]
  /** Network tools besides the base system, as `curl`. */
  tools?: readonly string[]
}

/** The tree of a Debian-like system: coreutils in /usr/bin, with /bin a link to it. */
export function debianTree(options: DebianOptions): Files {
  const packages = { ...networkPrograms, ...extraPrograms }
  const tools = Object.fromEntries(Object.entries(packages).filter(([name]) => options.tools?.includes(name)))
  return {
    ...COMMON,
    ...accounts('/bin/bash', [...STANDARD_USERS, ...(options.accounts ?? []), NOBODY]),
    '/bin': { symlink: 'usr/bin' },
    '/sbin': { symlink: 'usr/sbin' },
    '/lib': { symlink: 'usr/lib' },
    '/usr/lib': { directory: true },
    '/usr/sbin': { directory: true },
    '/usr/local/bin': { directory: true },
    ...place('/usr/bin', { ...coreutilsPrograms, ...tools }),
    '/etc/debian_version': `${options.version}\n`,
    '/etc/os-release': `PRETTY_NAME="${options.pretty}"\nNAME="${options.id === 'debian' ? 'Debian GNU/Linux' : 'Ubuntu'}"\nVERSION_ID="${options.version}"\nVERSION_CODENAME=${options.codename}\nID=${options.id}\n`,
    '/etc/bash.bashrc': "PS1='\\u@\\h:\\w\\$ '\n",
    '/root/.bashrc': '# ~/.bashrc: executed by bash(1) for non-login shells.\n',
    '/var/log': { directory: true },
    '/var/lib': { directory: true },
    '/opt': { directory: true },
    '/srv': { directory: true },
    '/mnt': { directory: true },
  }
}
