/** The file trees that images are built on: busybox, Alpine, and Debian with bash and coreutils. */
import type { Program } from '../process.js'
import { busyboxBinary, busyboxRelease, type BusyboxRelease } from '../programs/busybox.js'
import { accountPrograms, busyboxPrograms, coreutilsPrograms, extraPrograms, networkPrograms } from '../programs/catalogue.js'
import { oldNslookup } from '../programs/net/nslookup.js'
import { apk } from '../packages/apk.js'
import { apt } from '../packages/apt.js'
import { baseStatus, dpkg, STATUS } from '../packages/dpkg.js'
import { accountFiles, type Account } from './accounts.js'
import { debianScripts } from './debian-scripts.js'
import { debianSettings, hasAdduser } from './debian-etc.js'
import { alpineBusybox, alpineMarks, debianMarks, type Codename } from './distributions.js'
import type { ImageFile } from './image.js'

type Files = Record<string, ImageFile>

/** Places programs in a directory. */
export function place(directory: string, programs: Readonly<Record<string, Program>>): Files {
  return Object.fromEntries(Object.entries(programs).map(([name, program]) => [`${directory}/${name}`, { program }]))
}

/** The ports that /etc/services names, as IANA has them. */
const SERVICES = (
  'echo 7/tcp 7/udp,discard 9/tcp 9/udp,daytime 13/tcp 13/udp,ftp-data 20/tcp,ftp 21/tcp,ssh 22/tcp,telnet 23/tcp,smtp 25/tcp,' +
  'time 37/tcp 37/udp,whois 43/tcp,domain 53/tcp 53/udp,bootps 67/udp,bootpc 68/udp,tftp 69/udp,gopher 70/tcp,finger 79/tcp,http 80/tcp,' +
  'kerberos 88/tcp 88/udp,pop3 110/tcp,sunrpc 111/tcp 111/udp,nntp 119/tcp,ntp 123/udp,imap2 143/tcp,snmp 161/tcp 161/udp,' +
  'snmp-trap 162/tcp 162/udp,bgp 179/tcp,ldap 389/tcp 389/udp,https 443/tcp 443/udp,microsoft-ds 445/tcp 445/udp,submissions 465/tcp,' +
  'syslog 514/udp,submission 587/tcp,ldaps 636/tcp 636/udp,domain-s 853/tcp 853/udp,rsync 873/tcp,imaps 993/tcp,pop3s 995/tcp,' +
  'socks 1080/tcp,openvpn 1194/tcp 1194/udp,ms-sql-s 1433/tcp,nfs 2049/tcp 2049/udp,mysql 3306/tcp,svn 3690/tcp,sip 5060/tcp 5060/udp,' +
  'xmpp-client 5222/tcp,postgresql 5432/tcp,amqp 5672/tcp,x11 6000/tcp,redis 6379/tcp,git 9418/tcp,http-alt 8080/tcp 8080/udp'
)
  .split(',')
  .map((entry) => entry.split(' '))
  .map(([name, ...ports]) => [name!, ports] as const)

const COMMON: Files = {
  '/etc/nsswitch.conf': 'passwd:\tfiles\ngroup:\tfiles\nshadow:\tfiles\nhosts:\tfiles dns\n',
  '/etc/services': SERVICES.map(([name, ports]) => ports.map((port) => `${name}\t${port}\n`).join('')).join(''),
  '/home': { directory: true },
  '/tmp': { directory: true, mode: 0o1777 },
}

function directories(...paths: string[]): Files {
  return Object.fromEntries(paths.map((path) => [path, { directory: true as const }]))
}

/** Applets that a full installation does not have in usr/bin. */
const APPLET_DIRECTORIES: Readonly<Record<string, string>> = {
  sbin: 'arp fdisk halt hwclock ifconfig insmod ip losetup lsmod mke2fs mkswap modprobe pivot_root poweroff reboot rmmod route swapoff swapon sysctl',
  'usr/sbin': 'addgroup adduser chpasswd chroot crond delgroup deluser httpd nologin',
  bin: 'arch ash base64 cat chgrp chmod chown cp date dd df dmesg dnsdomainname echo egrep false fgrep getopt grep gunzip gzip hostname ionice ipcalc kill link ln ls mkdir mknod mktemp more mount mountpoint mv netstat nice pidof ping ping6 printenv ps pwd rev rm rmdir run-parts sed setsid sh sleep stat stty su sync tar touch true umount uname usleep vi watch zcat',
}

function appletDirectory(name: string): string {
  return Object.entries(APPLET_DIRECTORIES).find(([, names]) => names.split(' ').includes(name))?.[0] ?? 'usr/bin'
}

function applets({ version }: BusyboxRelease): Readonly<Record<string, Program>> {
  // nslookup was another one up to 1.28.
  return Number(version.split('.')[1]) <= 28 ? { ...busyboxPrograms, nslookup: oldNslookup() } : busyboxPrograms
}

/** The tree of busybox: one binary under all its names in /bin. @param version such as `1.36.1` */
export function busyboxTree(version = '1.36.1'): Files {
  const release = busyboxRelease(version)
  const programs = applets(release)
  const binary = busyboxBinary(release, programs, appletDirectory)
  return {
    ...COMMON,
    ...accountFiles('busybox'),
    ...Object.fromEntries(['busybox', ...Object.keys(programs)].map((name) => [`/bin/${name}`, { program: binary }])),
    '/etc/localtime': 'TZif2',
    '/lib64': { symlink: 'lib' },
    ...directories('/lib', '/usr/sbin', '/var/spool/mail', '/var/www'),
    '/usr/bin/env': { symlink: '../../bin/env' },
  }
}

/** What Alpine's crond runs for root. */
const CRONTAB = `# do daily/weekly/monthly maintenance
# min	hour	day	month	weekday	command
*/15	*	*	*	*	run-parts /etc/periodic/15min
0	*	*	*	*	run-parts /etc/periodic/hourly
0	2	*	*	*	run-parts /etc/periodic/daily
0	3	*	*	6	run-parts /etc/periodic/weekly
0	5	1	*	*	run-parts /etc/periodic/monthly

`

/** The tree of Alpine: links to busybox, with the layout and the marks of a distribution. @param version such as `3.22.2` */
export function alpineTree(version: string, extra: { accounts?: readonly Account[] } = {}): Files {
  const release = alpineBusybox(version)
  const programs = applets(release)
  const links = Object.keys(programs).map((name) => [`/${appletDirectory(name)}/${name}`, { symlink: '/bin/busybox' }] as const)
  return {
    ...COMMON,
    ...accountFiles('alpine', extra.accounts),
    ...alpineMarks(version),
    '/bin/busybox': { program: busyboxBinary(release, programs, appletDirectory) },
    ...Object.fromEntries(links),
    // Of musl, not of busybox.
    ...place('/usr/bin', { getent: coreutilsPrograms['getent']! }),
    '/sbin/apk': { program: apk },
    '/etc/crontabs/root': { data: CRONTAB, mode: 0o600 },
    '/var/spool/cron/crontabs': { symlink: '../../../etc/crontabs' },
    ...directories('/etc/periodic/15min', '/etc/periodic/daily', '/etc/periodic/hourly', '/etc/periodic/monthly', '/etc/periodic/weekly', '/lib', '/media', '/mnt', '/opt', '/srv', '/usr/lib', '/usr/local/bin', '/usr/sbin', '/var/cache/apk', '/var/log', '/var/www'),
    '/var/run': { symlink: '../run' },
    '/etc/shells': '# valid login shells\n/bin/sh\n/bin/ash\n',
  } // prettier-ignore
}

export interface DebianOptions {
  accounts?: readonly Account[]
  /** Network tools besides the base system, as `curl`. */
  tools?: readonly string[]
}

/** The tree of a Debian or Ubuntu: coreutils in /usr/bin, with /bin a link to it. */
export function debianTree(codename: Codename, options: DebianOptions = {}): Files {
  const packages = { ...networkPrograms, ...extraPrograms }
  const tools = Object.fromEntries(Object.entries(packages).filter(([name]) => options.tools?.includes(name)))
  const accounts = accountFiles('debian', options.accounts)
  const forAccounts = Object.entries(accountPrograms).filter(([name]) => hasAdduser(codename) || !/^(add|del)(user|group)$/.test(name))
  const byAnyone = ['passwd', 'chage', 'chsh', 'gpasswd']
  return {
    ...COMMON,
    ...accounts,
    ...debianMarks(codename),
    ...debianSettings(codename, accounts['/etc/group']),
    ...debianScripts,
    '/bin': { symlink: 'usr/bin' },
    '/sbin': { symlink: 'usr/sbin' },
    '/lib': { symlink: 'usr/lib' },
    '/lib64': { symlink: 'usr/lib64' },
    ...place('/usr/bin', { ...coreutilsPrograms, ...tools, apt, 'apt-get': apt, dpkg }),
    ...Object.fromEntries(forAccounts.map(([name, program]) => [`/usr/${byAnyone.includes(name) ? 'bin' : 'sbin'}/${name}`, { program }])),
    [STATUS]: baseStatus(codename),
    ...directories('/boot', '/media', '/mnt', '/opt', '/srv', '/usr/games', '/usr/include', '/usr/lib64', '/usr/libexec', '/usr/local/bin', '/usr/local/sbin', '/usr/sbin', '/usr/share', '/usr/src', '/var/backups', '/var/cache', '/etc/ld.so.conf.d', '/var/lib/apt/lists', '/var/local', '/var/log', '/var/mail', '/var/spool'),
    '/var/run': { symlink: '/run' },
    '/var/lock': { symlink: '/run/lock' },
    '/var/tmp': { directory: true, mode: 0o1777 },
    '/etc/bash.bashrc': "PS1='\\u@\\h:\\w\\$ '\n",
    '/root/.bashrc': '# ~/.bashrc: executed by bash(1) for non-login shells.\n',
  } // prettier-ignore
}
