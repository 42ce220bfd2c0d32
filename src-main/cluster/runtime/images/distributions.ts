/** The releases of the distributions that images are built on, and the files by which they say which one they are. */
import type { ImageFile } from './image.js'

export interface DebianRelease {
  id: 'debian' | 'ubuntu'
  /** `12`, or `24.04` of Ubuntu. */
  version: string
  /** The last point release, `12.12`, as in /etc/debian_version. */
  point: string
  /** How the release is called in full. */
  title: string
}

/** By code name, oldest first. */
export const debianReleases = {
  jessie: { id: 'debian', version: '8', point: '8.11', title: '8 (jessie)' },
  stretch: { id: 'debian', version: '9', point: '9.13', title: '9 (stretch)' },
  buster: { id: 'debian', version: '10', point: '10.13', title: '10 (buster)' },
  bullseye: { id: 'debian', version: '11', point: '11.11', title: '11 (bullseye)' },
  bookworm: { id: 'debian', version: '12', point: '12.12', title: '12 (bookworm)' },
  trixie: { id: 'debian', version: '13', point: '13.1', title: '13 (trixie)' },
  xenial: { id: 'ubuntu', version: '16.04', point: 'stretch/sid', title: '16.04.7 LTS (Xenial Xerus)' },
  bionic: { id: 'ubuntu', version: '18.04', point: 'buster/sid', title: '18.04.6 LTS (Bionic Beaver)' },
  focal: { id: 'ubuntu', version: '20.04', point: 'bullseye/sid', title: '20.04.6 LTS (Focal Fossa)' },
  jammy: { id: 'ubuntu', version: '22.04', point: 'bookworm/sid', title: '22.04.5 LTS (Jammy Jellyfish)' },
  noble: { id: 'ubuntu', version: '24.04', point: 'trixie/sid', title: '24.04.3 LTS (Noble Numbat)' },
  questing: { id: 'ubuntu', version: '25.10', point: 'trixie/sid', title: '25.10 (Questing Quokka)' },
} as const satisfies Readonly<Record<string, DebianRelease>>

export type Codename = keyof typeof debianReleases

/** /etc/os-release, /etc/debian_version, /etc/issue and the like of a Debian or Ubuntu. */
export function debianMarks(codename: Codename): Record<string, ImageFile> {
  const { id, version, point, title }: DebianRelease = debianReleases[codename]
  const name = id === 'debian' ? 'Debian GNU/Linux' : 'Ubuntu'
  const pretty = `${name} ${id === 'debian' ? title : title.replace(/ \(.*\)$/, '')}`
  // Debian told its code name from 9 on.
  const named = codename === 'jessie' ? '' : `VERSION_CODENAME=${codename}\n`
  const rest =
    id === 'debian'
      ? 'ID=debian\nHOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n'
      : `ID=ubuntu\nID_LIKE=debian\nHOME_URL="https://www.ubuntu.com/"\nSUPPORT_URL="https://help.ubuntu.com/"\nBUG_REPORT_URL="https://bugs.launchpad.net/ubuntu/"\nPRIVACY_POLICY_URL="https://www.ubuntu.com/legal/terms-and-policies/privacy-policy"\nUBUNTU_CODENAME=${codename}\n`
  return {
    '/etc/os-release': { symlink: '../usr/lib/os-release' },
    '/usr/lib/os-release': `PRETTY_NAME="${pretty}"\nNAME="${name}"\nVERSION_ID="${version}"\nVERSION="${title}"\n${named}${rest}`,
    '/etc/debian_version': `${point}\n`,
    '/etc/issue': `${id === 'debian' ? `${name} ${version}` : pretty} \\n \\l\n\n`,
    '/etc/issue.net': `${id === 'debian' ? `${name} ${version}` : pretty}\n`,
    ...(id === 'ubuntu'
      ? {
          '/etc/lsb-release': `DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=${version}\nDISTRIB_CODENAME=${codename}\nDISTRIB_DESCRIPTION="${pretty}"\n`,
        }
      : {}),
  }
}

/** /etc/alpine-release and what else tells an Alpine. @param version such as `3.22.2` */
export function alpineMarks(version: string): Record<string, ImageFile> {
  const minor = alpineBranch(version)
  return {
    '/etc/alpine-release': `${version}\n`,
    '/etc/os-release': { symlink: '../usr/lib/os-release' },
    '/usr/lib/os-release': `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${version}\nPRETTY_NAME="Alpine Linux v${minor}"\nHOME_URL="https://alpinelinux.org/"\nBUG_REPORT_URL="https://gitlab.alpinelinux.org/alpine/aports/-/issues"\n`,
    '/etc/issue': `Welcome to Alpine Linux ${minor}\nKernel \\r on an \\m (\\l)\n\n`,
    '/etc/motd':
      'Welcome to Alpine!\n\nThe Alpine Wiki contains a large amount of how-to guides and general\ninformation about administrating Alpine systems.\nSee <https://wiki.alpinelinux.org/>.\n\nYou can setup the system with the command: setup-alpine\n\nYou may change this message by editing /etc/motd.\n\n',
    '/etc/apk/repositories': `https://dl-cdn.alpinelinux.org/alpine/v${minor}/main\nhttps://dl-cdn.alpinelinux.org/alpine/v${minor}/community\n`,
    '/etc/apk/arch': 'x86_64\n',
    '/etc/apk/world': 'alpine-baselayout\nalpine-keys\nalpine-release\napk-tools\nbusybox\nlibc-utils\n',
  }
}

/** `3.22` of `3.22.2`. */
export function alpineBranch(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

/** The busybox of an Alpine, by its branch: version and when it was built. */
const ALPINE_BUSYBOX: Readonly<Record<string, string>> = {
  '3.5': '1.25.1 2016-10-26 16:15:20 GMT',
  '3.6': '1.26.2 2017-06-11 06:38:32 GMT',
  '3.7': '1.27.2 2017-12-12 10:41:50 GMT',
  '3.8': '1.28.4 2018-05-30 10:45:57 UTC',
  '3.9': '1.29.3 2019-01-24 07:45:07 UTC',
  '3.10': '1.30.1 2019-06-12 17:51:55 UTC',
  '3.11': '1.31.1 2019-12-18 21:18:25 UTC',
  '3.12': '1.31.1 2020-05-21 19:07:44 UTC',
  '3.13': '1.32.1 2021-01-14 13:25:36 UTC',
  '3.14': '1.33.1 2021-06-07 17:33:50 UTC',
  '3.15': '1.34.1 2021-11-23 00:57:35 UTC',
  '3.16': '1.35.0 2022-05-09 17:27:12 UTC',
  '3.17': '1.35.0 2022-11-19 10:13:10 UTC',
  '3.18': '1.36.1 2023-07-27 17:12:24 UTC',
  '3.19': '1.36.1 2023-11-07 18:53:09 UTC',
  '3.20': '1.36.1 2024-06-10 07:11:47 UTC',
  '3.21': '1.37.0 2025-01-17 18:12:01 UTC',
  '3.22': '1.37.0 2025-01-17 18:12:01 UTC',
}

/** @param version of Alpine */
export function alpineBusybox(version: string): { version: string; built: string } {
  const [busybox = '', ...built] = (ALPINE_BUSYBOX[alpineBranch(version)] ?? ALPINE_BUSYBOX['3.22']!).split(' ')
  return { version: busybox, built: built.join(' ') }
}
