/**
 * The packages that the simulated mirrors of Debian, Ubuntu and Alpine have: those whose programs the simulated machine
 * knows, under the names and in the versions of the real ones.
 */
import type { Program } from '../process.js'
import { accountPrograms, coreutilsPrograms, extraPrograms, inspectionPrograms, networkPrograms } from '../programs/catalogue.js'

export interface Package {
  name: string
  /** In the release that asks; undefined when the release does not have it. */
  version: string
  /** Compressed and installed, in kB. */
  size: readonly [download: number, installed: number]
  /** Names of programs in /usr/bin. */
  programs: readonly string[]
}

/** name, versions, sizes in kB, programs. An empty version: not in that release. */
type Row = readonly [name: string, versions: Readonly<Record<string, string>>, size: readonly [number, number], programs: string]

const DEBIAN: readonly Row[] = [
  ['adduser', { trixie: '3.152', noble: '3.137ubuntu1' }, [191, 477], 'addgroup adduser delgroup deluser'],
  ['apache2-utils', { bookworm: '2.4.65-1~deb12u1', trixie: '2.4.65-2', jammy: '2.4.52-1ubuntu4.16', noble: '2.4.58-1ubuntu8.8' }, [210, 407], 'ab'],
  ['bc', { bookworm: '1.07.1-3+b1', trixie: '1.07.1-4', jammy: '1.07.1-3build1', noble: '1.07.1-3ubuntu4' }, [109, 248], 'bc'],
  ['bind9-dnsutils', { bookworm: '1:9.18.33-1~deb12u2', trixie: '1:9.20.11-4', jammy: '1:9.18.39-0ubuntu0.22.04.1', noble: '1:9.18.39-0ubuntu0.24.04.1' }, [403, 1044], 'dig nslookup host'],
  ['binutils', { bookworm: '2.40-2', trixie: '2.44-3', jammy: '2.38-4ubuntu2.10', noble: '2.42-4ubuntu2.5' }, [65, 117], 'strings'],
  ['bsdextrautils', { bookworm: '2.38.1-5+deb12u3', trixie: '2.41-5', jammy: '2.37.2-4ubuntu3.4', noble: '2.39.3-9ubuntu6.3' }, [87, 339], 'hd hexdump'],
  ['bzip2', { bookworm: '1.0.8-5+b1', trixie: '1.0.8-6', jammy: '1.0.8-5build1', noble: '1.0.8-5.1build0.1' }, [50, 115], 'bunzip2 bzcat bzip2'],
  ['ca-certificates', { bookworm: '20230311+deb12u1', trixie: '20250419', jammy: '20240203~22.04.1', noble: '20240203' }, [155, 388], ''],
  ['conntrack', { bookworm: '1:1.4.7-1+b2', trixie: '1:1.4.8-2', jammy: '1:1.4.6-2build2', noble: '1:1.4.8-1ubuntu1' }, [34, 104], 'conntrack'],
  ['curl', { bookworm: '7.88.1-10+deb12u14', trixie: '8.14.1-2', jammy: '7.81.0-1ubuntu1.21', noble: '8.5.0-2ubuntu10.6' }, [315, 501], 'curl'],
  ['dnsutils', { bookworm: '1:9.18.33-1~deb12u2', trixie: '1:9.20.11-4', jammy: '1:9.18.39-0ubuntu0.22.04.1', noble: '1:9.18.39-0ubuntu0.24.04.1' }, [267, 286], 'dig nslookup host'],
  ['ethtool', { bookworm: '1:6.1-1', trixie: '1:6.14.2-1', jammy: '1:5.16-1ubuntu0.2', noble: '1:6.7-1build1' }, [197, 620], 'ethtool'],
  ['iperf3', { bookworm: '3.12-1+deb12u2', trixie: '3.18-2', jammy: '3.9-1+deb11u1build0.22.04.1', noble: '3.16-1build2' }, [33, 63], 'iperf3'],
  ['iproute2', { bookworm: '6.1.0-3', trixie: '6.15.0-1', jammy: '5.15.0-1ubuntu2', noble: '6.1.0-1ubuntu6' }, [1046, 3700], 'ip ss'],
  ['iptables', { bookworm: '1.8.9-2', trixie: '1.8.11-2', jammy: '1.8.7-1ubuntu5.2', noble: '1.8.10-3ubuntu2' }, [360, 2577], 'iptables iptables-save ip6tables ip6tables-save'],
  ['iputils-ping', { bookworm: '3:20221126-1+deb12u1', trixie: '3:20240905-3', jammy: '3:20211215-1', noble: '3:20240117-1build1' }, [47, 124], 'ping'],
  ['iputils-tracepath', { bookworm: '3:20221126-1+deb12u1', trixie: '3:20240905-3', jammy: '3:20211215-1', noble: '3:20240117-1build1' }, [19, 61], 'tracepath'],
  ['jq', { bookworm: '1.6-2.1+deb12u1', trixie: '1.7.1-6', jammy: '1.6-2.1ubuntu3', noble: '1.7.1-3build1' }, [65, 110], 'jq'],
  ['ldnsutils', { bookworm: '1.8.3-1+b1', trixie: '1.8.4-2', jammy: '1.7.1-2ubuntu4', noble: '1.8.3-2build1' }, [134, 620], 'drill'],
  ['less', { bookworm: '590-2.1~deb12u2', trixie: '668-1', jammy: '590-1ubuntu0.22.04.3', noble: '590-2ubuntu2.1' }, [131, 325], 'less'],
  ['lsof', { bookworm: '4.95.0-1', trixie: '4.99.4+dfsg-2', jammy: '4.93.2+dfsg-1.1build2', noble: '4.95.0-1build3' }, [314, 482], 'lsof'],
  ['mtr-tiny', { bookworm: '0.95-1', trixie: '0.95-1.1', jammy: '0.95-1', noble: '0.95-1.1build2' }, [63, 171], 'mtr'],
  ['net-tools', { bookworm: '2.10-0.1+deb12u2', trixie: '2.10-1.3', jammy: '1.60+git20181103.0eebece-1ubuntu5', noble: '2.10-0.1ubuntu4' }, [243, 1019], 'arp ifconfig netstat route'],
  ['netcat-openbsd', { bookworm: '1.219-1', trixie: '1.229-1', jammy: '1.218-4ubuntu1', noble: '1.226-1ubuntu2' }, [42, 110], 'nc'],
  ['netcat-traditional', { bookworm: '1.10-47', trixie: '1.10-50', jammy: '1.10-47', noble: '1.10-48' }, [67, 138], 'nc'],
  ['nmap', { bookworm: '7.93+dfsg1-1', trixie: '7.95+dfsg-3', jammy: '7.91+dfsg1+really7.80+dfsg1-2ubuntu0.1', noble: '7.94+git20230807.3be01efb1+dfsg-3build2' }, [1870, 4409], 'nmap'],
  ['openssl', { bookworm: '3.0.17-1~deb12u3', trixie: '3.5.4-1', jammy: '3.0.2-0ubuntu1.20', noble: '3.0.13-0ubuntu3.6' }, [1430, 2294], 'openssl'],
  ['patch', { bookworm: '2.7.6-7', trixie: '2.8-2', jammy: '2.7.6-7build2', noble: '2.7.6-7build3' }, [128, 243], 'patch'],
  ['procps', { bookworm: '2:4.0.2-3', trixie: '2:4.0.4-9', jammy: '2:3.3.17-6ubuntu2.1', noble: '2:4.0.4-4ubuntu3.2' }, [709, 2373], 'free kill pgrep pidof pkill pmap ps sysctl top uptime vmstat watch'],
  ['psmisc', { bookworm: '23.6-1', trixie: '23.7-2', jammy: '23.4-2build3', noble: '23.7-1build1' }, [259, 949], 'fuser killall pstree'],
  ['socat', { bookworm: '1.7.4.4-2', trixie: '1.8.0.3-1', jammy: '1.7.4.1-3ubuntu4', noble: '1.8.0.0-4build3' }, [375, 1612], 'socat'],
  ['tcpdump', { bookworm: '4.99.3-1', trixie: '4.99.5-2', jammy: '4.99.1-3ubuntu0.2', noble: '4.99.4-3ubuntu4' }, [464, 1314], 'tcpdump'],
  ['telnet', { bookworm: '0.17+2.4-2+deb12u1', trixie: '0.17+2.6-3+deb13u1', jammy: '0.17-44build1', noble: '0.17+2.5-3ubuntu4' }, [37, 51], 'telnet'],
  ['traceroute', { bookworm: '1:2.1.2-1', trixie: '1:2.1.6-1', jammy: '1:2.1.0-2', noble: '1:2.1.5-1' }, [57, 161], 'traceroute'],
  ['tree', { bookworm: '2.1.0-1', trixie: '2.2.1-1', jammy: '2.0.2-1', noble: '2.1.1-2ubuntu3' }, [50, 116], 'tree'],
  ['unzip', { bookworm: '6.0-28', trixie: '6.0-29', jammy: '6.0-26ubuntu3.2', noble: '6.0-28ubuntu4.1' }, [166, 388], 'unzip'],
  ['vim', { bookworm: '2:9.0.1378-2+deb12u2', trixie: '2:9.1.1230-2', jammy: '2:8.2.3995-1ubuntu2.24', noble: '2:9.1.0016-1ubuntu7.9' }, [1568, 3738], 'vi vim'],
  ['wget', { bookworm: '1.21.3-1+deb12u1', trixie: '1.25.0-2', jammy: '1.21.2-2ubuntu1.1', noble: '1.21.4-1ubuntu4.1' }, [937, 3691], 'wget'],
  ['wrk', { bookworm: '4.1.0-3+b2', trixie: '4.1.0-4+b2', jammy: '4.1.0-3build1', noble: '4.1.0-4build2' }, [236, 601], 'wrk'],
  ['xxd', { bookworm: '2:9.0.1378-2+deb12u2', trixie: '2:9.1.1230-2', jammy: '2:8.2.3995-1ubuntu2.24', noble: '2:9.1.0016-1ubuntu7.9' }, [83, 293], 'xxd'],
  ['xz-utils', { bookworm: '5.4.1-1', trixie: '5.8.1-1', jammy: '5.2.5-2ubuntu1', noble: '5.6.1+really5.4.5-1ubuntu0.2' }, [471, 1257], 'unxz xz xzcat'],
] // prettier-ignore

const ALPINE: readonly Row[] = [
  ['apache2-utils', { alpine: '2.4.65-r0' }, [82, 184], 'ab'],
  ['bash', { alpine: '5.2.37-r0' }, [480, 1356], 'bash'],
  ['bc', { alpine: '1.08.2-r0' }, [45, 100], 'bc'],
  ['bind-tools', { alpine: '9.20.13-r0' }, [160, 456], 'dig host nslookup'],
  ['ca-certificates', { alpine: '20250911-r0' }, [148, 680], ''],
  ['conntrack-tools', { alpine: '1.4.8-r0' }, [160, 392], 'conntrack'],
  ['coreutils', { alpine: '9.7-r1' }, [580, 1100], 'cat cp date df du head ls mkdir mv rm sort stat tail touch uniq wc'],
  ['curl', { alpine: '8.14.1-r2' }, [138, 272], 'curl'],
  ['drill', { alpine: '1.8.4-r0' }, [26, 72], 'drill'],
  ['ethtool', { alpine: '6.14-r0' }, [160, 412], 'ethtool'],
  ['iperf3', { alpine: '3.19.1-r0' }, [80, 200], 'iperf3'],
  ['iproute2', { alpine: '6.15.0-r0' }, [5, 5], 'ip ss'],
  ['iptables', { alpine: '1.8.11-r1' }, [170, 540], 'iptables iptables-save ip6tables ip6tables-save'],
  ['iputils', { alpine: '20240905-r0' }, [1, 1], 'ping'],
  ['jq', { alpine: '1.8.1-r0' }, [160, 424], 'jq'],
  ['less', { alpine: '679-r0' }, [105, 252], 'less'],
  ['mtr', { alpine: '0.96-r0' }, [60, 148], 'mtr'],
  ['net-tools', { alpine: '2.10-r3' }, [180, 568], 'ifconfig netstat route'],
  ['netcat-openbsd', { alpine: '1.229.1-r0' }, [22, 56], 'nc'],
  ['nmap', { alpine: '7.97-r0' }, [2010, 5880], 'nmap'],
  ['openssl', { alpine: '3.5.4-r0' }, [330, 760], 'openssl'],
  ['procps', { alpine: '4.0.4-r3' }, [9, 24], 'free pgrep pkill ps top uptime watch'],
  ['socat', { alpine: '1.8.0.3-r1' }, [160, 444], 'socat'],
  ['tcpdump', { alpine: '4.99.5-r1' }, [270, 700], 'tcpdump'],
  ['vim', { alpine: '9.1.1415-r0' }, [1500, 3600], 'vi vim'],
  ['wget', { alpine: '1.25.0-r1' }, [190, 460], 'wget'],
  ['wrk', { alpine: '4.2.0-r2' }, [240, 620], 'wrk'],
] // prettier-ignore

/** The release whose versions stand for those of a code name that has no column. */
const STANDS_FOR: Readonly<Record<string, string>> = {
  jessie: 'bookworm',
  stretch: 'bookworm',
  buster: 'bookworm',
  bullseye: 'bookworm',
  xenial: 'jammy',
  bionic: 'jammy',
  focal: 'jammy',
  questing: 'noble',
}

/** All packages of a release in the order of their names. @param release a code name, or `alpine` */
export function packagesOf(release: string): Package[] {
  const column = STANDS_FOR[release] ?? release
  return (release === 'alpine' ? ALPINE : DEBIAN).flatMap(([name, versions, size, programs]) => {
    const version = versions[column]
    return version === undefined ? [] : [{ name, version, size, programs: programs.split(' ').filter(Boolean) }]
  })
}

/** A program of a package by its name. */
export function packagedProgram(name: string): Program {
  const program =
    networkPrograms[name] ?? inspectionPrograms[name] ?? extraPrograms[name] ?? coreutilsPrograms[name] ?? accountPrograms[name]
  if (!program) throw new Error(`no package has a program ${name}`)
  return program
}
