/** The users and groups that the distributions come with, as /etc/passwd, /etc/group and /etc/shadow. */
import type { ImageFile } from './image.js'

/** A user of an image besides those of its distribution, with the group of the same name and number. */
export interface Account {
  name: string
  id: number
  home?: string
  shell?: string
  /** Group, when it is not the one of the user's own number. */
  group?: number
}

/** One line of /etc/passwd: name, uid, gid, comment, home, shell. */
type User = readonly [name: string, uid: number, gid: number, comment: string, home: string, shell: string]

interface Base {
  users: readonly User[]
  /** Lines of /etc/group without the `x`: `wheel:10:root`. */
  groups: readonly string[]
}

const NOLOGIN = '/usr/sbin/nologin'

const DEBIAN: Base = {
  users: [
    ['root', 0, 0, 'root', '/root', '/bin/bash'],
    ['daemon', 1, 1, 'daemon', '/usr/sbin', NOLOGIN],
    ['bin', 2, 2, 'bin', '/bin', NOLOGIN],
    ['sys', 3, 3, 'sys', '/dev', NOLOGIN],
    ['sync', 4, 65534, 'sync', '/bin', '/bin/sync'],
    ['games', 5, 60, 'games', '/usr/games', NOLOGIN],
    ['man', 6, 12, 'man', '/var/cache/man', NOLOGIN],
    ['lp', 7, 7, 'lp', '/var/spool/lpd', NOLOGIN],
    ['mail', 8, 8, 'mail', '/var/mail', NOLOGIN],
    ['news', 9, 9, 'news', '/var/spool/news', NOLOGIN],
    ['uucp', 10, 10, 'uucp', '/var/spool/uucp', NOLOGIN],
    ['proxy', 13, 13, 'proxy', '/bin', NOLOGIN],
    ['www-data', 33, 33, 'www-data', '/var/www', NOLOGIN],
    ['backup', 34, 34, 'backup', '/var/backups', NOLOGIN],
    ['list', 38, 38, 'Mailing List Manager', '/var/list', NOLOGIN],
    ['irc', 39, 39, 'ircd', '/run/ircd', NOLOGIN],
    ['_apt', 42, 65534, '', '/nonexistent', NOLOGIN],
    ['nobody', 65534, 65534, 'nobody', '/nonexistent', NOLOGIN],
  ],
  groups:
    'root:0: daemon:1: bin:2: sys:3: adm:4: tty:5: disk:6: lp:7: mail:8: news:9: uucp:10: man:12: proxy:13: kmem:15: dialout:20: fax:21: voice:22: cdrom:24: floppy:25: tape:26: sudo:27: audio:29: dip:30: www-data:33: backup:34: operator:37: list:38: irc:39: src:40: shadow:42: utmp:43: video:44: sasl:45: plugdev:46: staff:50: games:60: users:100: nogroup:65534:'.split(
      ' ',
    ),
}

const ALPINE: Base = {
  users: [
    ['root', 0, 0, 'root', '/root', '/bin/sh'],
    ['bin', 1, 1, 'bin', '/bin', '/sbin/nologin'],
    ['daemon', 2, 2, 'daemon', '/sbin', '/sbin/nologin'],
    ['lp', 4, 7, 'lp', '/var/spool/lpd', '/sbin/nologin'],
    ['sync', 5, 0, 'sync', '/sbin', '/bin/sync'],
    ['shutdown', 6, 0, 'shutdown', '/sbin', '/sbin/shutdown'],
    ['halt', 7, 0, 'halt', '/sbin', '/sbin/halt'],
    ['mail', 8, 12, 'mail', '/var/mail', '/sbin/nologin'],
    ['news', 9, 13, 'news', '/usr/lib/news', '/sbin/nologin'],
    ['uucp', 10, 14, 'uucp', '/var/spool/uucppublic', '/sbin/nologin'],
    ['cron', 16, 16, 'cron', '/var/spool/cron', '/sbin/nologin'],
    ['ftp', 21, 21, '', '/var/lib/ftp', '/sbin/nologin'],
    ['sshd', 22, 22, 'sshd', '/dev/null', '/sbin/nologin'],
    ['games', 35, 35, 'games', '/usr/games', '/sbin/nologin'],
    ['ntp', 123, 123, 'NTP', '/var/empty', '/sbin/nologin'],
    ['guest', 405, 100, 'guest', '/dev/null', '/sbin/nologin'],
    ['nobody', 65534, 65534, 'nobody', '/', '/sbin/nologin'],
  ],
  groups:
    'root:0:root bin:1:root,bin,daemon daemon:2:root,bin,daemon sys:3:root,bin adm:4:root,daemon tty:5: disk:6:root lp:7:lp kmem:9: wheel:10:root floppy:11:root mail:12:mail news:13:news uucp:14:uucp cron:16:cron audio:18: cdrom:19: dialout:20:root ftp:21: sshd:22: input:23: tape:26:root video:27:root netdev:28: kvm:34:kvm games:35: shadow:42: www-data:82: users:100:games ntp:123: abuild:300: utmp:406: ping:999: nogroup:65533: nobody:65534:'.split(
      ' ',
    ),
}

const BUSYBOX: Base = {
  users: [
    ['root', 0, 0, 'root', '/root', '/bin/sh'],
    ['daemon', 1, 1, 'daemon', '/usr/sbin', '/bin/false'],
    ['bin', 2, 2, 'bin', '/bin', '/bin/false'],
    ['sys', 3, 3, 'sys', '/dev', '/bin/false'],
    ['sync', 4, 100, 'sync', '/bin', '/bin/sync'],
    ['mail', 8, 8, 'mail', '/var/spool/mail', '/bin/false'],
    ['www-data', 33, 33, 'www-data', '/var/www', '/bin/false'],
    ['operator', 37, 37, 'Operator', '/var', '/bin/false'],
    ['nobody', 65534, 65534, 'nobody', '/home', '/bin/false'],
  ],
  groups:
    'root:0: daemon:1: bin:2: sys:3: adm:4: tty:5: disk:6: lp:7: mail:8: kmem:9: wheel:10:root cdrom:11: dialout:18: floppy:19: video:28: audio:29: tape:32: www-data:33: operator:37: utmp:43: plugdev:46: staff:50: lock:54: netdev:82: users:100: nobody:65534:'.split(
      ' ',
    ),
}

const BASES = { debian: DEBIAN, alpine: ALPINE, busybox: BUSYBOX }

/** The three files of a distribution with further users of an image. */
export function accountFiles(
  distribution: keyof typeof BASES,
  others: readonly Account[] = [],
): Record<string, ImageFile> & { '/etc/group': string } {
  const base = BASES[distribution]
  const users: User[] = [
    ...base.users,
    ...others.map((a): User => [a.name, a.id, a.group ?? a.id, '', a.home ?? '/nonexistent', a.shell ?? (distribution === 'alpine' ? '/sbin/nologin' : NOLOGIN)]),
  ] // prettier-ignore
  const groups = [...base.groups, ...others.map((a) => `${a.name}:${a.group ?? a.id}:`)].map((line) => line.replace(':', ':x:'))
  return {
    '/etc/passwd': users.map(([name, uid, gid, ...rest]) => `${name}:x:${uid}:${gid}:${rest.join(':')}\n`).join(''),
    '/etc/group': groups.map((line) => `${line}\n`).join(''),
    '/etc/shadow': { data: users.map(([name]) => `${name}:*:19000:0:99999:7:::\n`).join(''), mode: 0o640 },
  }
}
