/**
 * The programs that images are made of, by name. An image places them at /bin/NAME: busybox' applets are one program
 * per name; Debian-like images take coreutils and the others, and those of {@link networkPrograms} that they install.
 */
import { numfmt } from './numfmt.js'
import { csplit } from './documents/csplit.js'
import { fmt } from './documents/fmt.js'
import { pr } from './documents/pr.js'
import { tsort } from './documents/tsort.js'
import type { Program } from '../process.js'
import { shellProgram } from '../shell/script.js'
import { tar } from './archive.js'
import { compressor } from './compression.js'
import { addgroup, adduser, chpasswd, deluser, passwd } from './account-changes.js'
import { adduser as debianAdduser, deluser as debianDeluser } from './shadow/adduser.js'
import { gpasswd, groupadd, groupdel, groupmod } from './shadow/groups.js'
import { chage, chpasswd as debianChpasswd, chsh, passwd as debianPasswd } from './shadow/passwords.js'
import { useradd, userdel, usermod } from './shadow/users.js'
import { cksum, sum } from './checksums.js'
import { crond, crontab } from './cron.js'
import { df } from './disk-free.js'
import { factor } from './factor.js'
import { flock } from './flock.js'
import { getopt } from './getopt.js'
import { hostid, last, loggedOn, logname, nologin, su, w, who } from './logins.js'
import { arp, dnsdomainname, ipcalc } from './net/addresses.js'
import { httpd } from './net/httpd.js'
import { install } from './install.js'
import { fallocate, link, mknod, mountpoint, shred, sync, unlink } from './node-files.js'
import { fuser, lsof } from './open-files.js'
import { patch } from './patch.js'
import { chroot, ionice, renice, stdbuf, taskset } from './priorities.js'
import { nsenter } from './nsenter.js'
import { privilegedPrograms } from './privileged.js'
import { pstree, pwdx } from './process-tree.js'
import { runParts } from './run-parts.js'
import { dmesg, logger } from './system-log.js'
import { tree } from './tree.js'
import { unzip } from './unzip.js'
import { awk } from './awk.js'
import { cal } from './calendar.js'
import type { Flavour } from './command.js'
import { cmp } from './cmp.js'
import { uniq } from './uniq.js'
import { baseEncoding } from './base-encodings.js'
import { digest } from './digest.js'
import { strings, xxd } from './dump.js'
import { sysctl } from './sysctl.js'
import { echo, falseProgram, printf, trueProgram, yes } from './echo.js'
import { comm, cut, shuf, tr } from './fields.js'
import { sort } from './sort.js'
import { ln, mkdir, mkfifo, mktemp, rm, rmdir, touch, truncate } from './files.js'
import { chmod, chown } from './ownership.js'
import { cp, mv } from './copy.js'
import { find } from './find.js'
import { xargs } from './xargs.js'
import { grep } from './grep.js'
import { hexdump } from './hexdump.js'
import { arch, groups, hostname, id, nproc, tty, uname, whoami } from './identity.js'
import { env, printenv } from './env.js'
import { nice, nohup, setsid, which } from './launch.js'
import { jq } from './jq.js'
import { od } from './od.js'
import { expand, lineEnds, unexpand } from './lines.js'
import { split } from './split.js'
import { ls } from './ls.js'
import { test } from './test.js'
import { stty } from './stty.js'
import { clear, reset } from './terminal.js'
import { pager } from './pager/pager.js'
import { bc } from './bc/bc.js'
import { dc } from './bc/dc.js'
import { dd } from './dd.js'
import { diff } from './diff/diff.js'
import { expr } from './expr.js'
import { ab } from './net/ab.js'
import { curl } from './net/curl.js'
import { ifconfig, route } from './net/interfaces.js'
import { ip } from './net/ip.js'
import { dig } from './net/dig.js'
import { getent } from './net/getent.js'
import { host } from './net/names.js'
import { join } from './join.js'
import { nslookup } from './net/nslookup.js'
import { openbsdNc } from './net/nc-openbsd.js'
import { busyboxNc } from './net/nc.js'
import { ping } from './net/ping.js'
import { telnet } from './net/probe.js'
import { traceroute } from './net/traceroute.js'
import { netstat } from './net/sockets.js'
import { ss } from './net/ss.js'
import { tcpdump } from './net/capture/tcpdump.js'
import { drill } from './net/drill.js'
import { ethtool } from './net/ethtool.js'
import { conntrack } from './net/conntrack.js'
import { iptables } from './net/firewall.js'
import { iperf3 } from './net/iperf3.js'
import { nmap } from './net/nmap.js'
import { socat } from './net/socat.js'
import { mtr, tracepath } from './net/way.js'
import { openssl } from './openssl/openssl.js'
import { wget } from './net/wget.js'
import { wrk } from './net/wrk.js'
import { du } from './du.js'
import { basename, dirname, pwd, readlink, realpath } from './names.js'
import { mount, umount } from './mount.js'
import { stat } from './paths.js'
import { free, vmstat } from './memory.js'
import { lsblk, lscpu, pmap } from './hardware.js'
import { kill, killall, pgrep, pidof, top } from './processes.js'
import { ps } from './ps.js'
import { sed } from './sed.js'
import { fold } from './fold.js'
import { nl } from './nl.js'
import { paste } from './paste.js'
import { cat, rev, seq, tac, tee, wc } from './text.js'
import { head, tail } from './head-tail.js'
import { date, sleep, timeout, timeProgram, uptime, usleep } from './time.js'
import { tput } from './tput.js'
import { watch } from './watch.js'
import { mesg, whereis } from './whereis.js'
import { vi } from './vi.js'

/** Programs that both flavours have. */
function common(flavour: Flavour): Record<string, Program> {
  return {
    '[': test(flavour),
    awk: awk(flavour),
    base64: baseEncoding(flavour, 'base64'),
    base32: baseEncoding(flavour, 'base32'),
    basename: basename(flavour),
    cat: cat(flavour),
    chgrp: chown(flavour, true),
    chmod: chmod(flavour),
    chown: chown(flavour),
    clear: clear(),
    cmp: cmp(flavour),
    comm: comm(flavour),
    cp: cp(flavour),
    cut: cut(flavour),
    date: date(flavour),
    dd: dd(flavour),
    df: df(flavour),
    diff: diff(flavour),
    dirname: dirname(flavour),
    du: du(flavour),
    echo: echo(flavour),
    egrep: grep(flavour),
    env: env(flavour),
    expand: expand(flavour),
    expr: expr(flavour),
    false: falseProgram,
    fgrep: grep(flavour),
    find: find(flavour),
    fold: fold(flavour),
    free: free(flavour),
    grep: grep(flavour),
    groups: groups(flavour),
    gunzip: compressor(flavour, 'gzip'),
    gzip: compressor(flavour, 'gzip'),
    head: head(flavour),
    hexdump: hexdump(flavour),
    hostname: hostname(flavour),
    id: id(flavour),
    kill: kill(flavour),
    less: pager(flavour),
    ln: ln(flavour),
    ls: ls(flavour),
    md5sum: digest(flavour, 'md5'),
    mkdir: mkdir(flavour),
    mkfifo: mkfifo(flavour),
    mktemp: mktemp(flavour),
    more: pager(flavour),
    mount: mount(flavour),
    mv: mv(flavour),
    nice: nice(flavour),
    nl: nl(flavour),
    nohup: nohup(flavour),
    nproc: nproc(flavour),
    od: od(flavour),
    paste: paste(flavour),
    pgrep: pgrep(flavour),
    pidof: pidof(flavour),
    pkill: pgrep(flavour),
    printenv: printenv(flavour),
    printf: printf(flavour),
    ps: ps(flavour),
    pwd: pwd(flavour),
    readlink: readlink(flavour),
    realpath: realpath(flavour),
    reset: reset(),
    rev: rev(flavour),
    rm: rm(flavour),
    rmdir: rmdir(flavour),
    sed: sed(flavour),
    seq: seq(flavour),
    setsid: setsid(flavour),
    b2sum: digest(flavour, 'blake2b512'),
    sha1sum: digest(flavour, 'sha1'),
    sha224sum: digest(flavour, 'sha224'),
    sha256sum: digest(flavour, 'sha256'),
    sha384sum: digest(flavour, 'sha384'),
    sha512sum: digest(flavour, 'sha512'),
    shuf: shuf(flavour),
    sleep: sleep(flavour),
    sort: sort(flavour),
    split: split(flavour),
    stat: stat(flavour),
    stty: stty(flavour),
    sync: sync(flavour),
    sysctl: sysctl(flavour),
    tac: tac(flavour),
    tail: tail(flavour),
    tar: tar(flavour),
    tee: tee(flavour),
    test: test(flavour),
    timeout: timeout(flavour),
    top: top(flavour),
    touch: touch(flavour),
    tr: tr(flavour),
    true: trueProgram,
    truncate: truncate(flavour),
    tsort: tsort(flavour),
    tty: tty(flavour),
    umount: umount(flavour),
    uname: uname(flavour),
    unexpand: unexpand(flavour),
    uniq: uniq(flavour),
    uptime: uptime(flavour),
    watch: watch(flavour),
    wc: wc(flavour),
    which: which(flavour),
    whoami: whoami(flavour),
    xargs: xargs(flavour),
    arch: arch(flavour),
    chroot: chroot(flavour),
    cksum: cksum(flavour),
    dmesg: dmesg(flavour),
    dnsdomainname: dnsdomainname(flavour),
    factor: factor(flavour),
    fallocate: fallocate(flavour),
    flock: flock(flavour),
    getopt: getopt(flavour),
    hostid: hostid(flavour),
    install: install(flavour),
    ionice: ionice(flavour),
    last: last(flavour),
    link: link(flavour),
    logger: logger(flavour),
    logname: logname(flavour),
    mknod: mknod(flavour),
    mountpoint: mountpoint(flavour),
    nologin: nologin(flavour),
    nsenter: nsenter(flavour),
    pwdx: pwdx(flavour),
    renice: renice(flavour),
    'run-parts': runParts(flavour),
    shred: shred(flavour),
    su: su(flavour),
    sum: sum(flavour),
    taskset: taskset(flavour),
    unlink: unlink(flavour),
    users: loggedOn(flavour),
    w: w(flavour),
    who: who(flavour),
    yes: yes(flavour),
    zcat: compressor(flavour, 'gzip'),
  }
}

/** The applets of busybox, `sh` (ash) and its network programs included. */
export const busyboxPrograms: Readonly<Record<string, Program>> = {
  ...common('busybox'),
  ash: shellProgram('ash'),
  sh: shellProgram('ash'),
  addgroup: addgroup(),
  adduser: adduser(),
  arp: arp('busybox'),
  chpasswd: chpasswd(),
  crc32: cksum('busybox'),
  crond: crond(),
  crontab: crontab(),
  delgroup: deluser(),
  deluser: deluser(),
  fuser: fuser('busybox'),
  httpd: httpd(),
  ipcalc: ipcalc(),
  lsof: lsof('busybox'),
  passwd: passwd(),
  patch: patch('busybox'),
  pstree: pstree('busybox'),
  tree: tree('busybox'),
  unzip: unzip('busybox'),
  ...privilegedPrograms,
  bunzip2: compressor('busybox', 'bzip2'),
  bzcat: compressor('busybox', 'bzip2'),
  bzip2: compressor('busybox', 'bzip2'),
  lzcat: compressor('busybox', 'lzma'),
  unlzma: compressor('busybox', 'lzma'),
  unxz: compressor('busybox', 'xz'),
  xz: compressor('busybox', 'xz'),
  xzcat: compressor('busybox', 'xz'),
  bc: bc('busybox'),
  dc: dc('busybox'),
  cal: cal('busybox'),
  dos2unix: lineEnds('busybox'),
  hd: hexdump('busybox'),
  ifconfig: ifconfig('busybox'),
  ip: ip('busybox'),
  killall: killall('busybox'),
  nc: busyboxNc(),
  netstat: netstat('busybox'),
  nslookup: nslookup('busybox'),
  ping: ping('busybox'),
  ping6: ping('busybox'),
  route: route('busybox'),
  strings: strings('busybox'),
  telnet: telnet('busybox'),
  traceroute: traceroute('busybox'),
  unix2dos: lineEnds('busybox'),
  time: timeProgram(),
  usleep: usleep(),
  vi: vi('busybox'),
  wget: wget('busybox'),
  xxd: xxd('busybox'),
}

/** What a Debian base image has: coreutils, findutils, grep, sed, awk, procps, tar; `sh` is dash, and there is bash. */
export const coreutilsPrograms: Readonly<Record<string, Program>> = {
  ...common('coreutils'),
  bash: shellProgram('bash'),
  dash: shellProgram('dash'),
  getent: getent(),
  join: join(),
  sh: shellProgram('dash'),
  stdbuf: stdbuf(),
  basenc: baseEncoding('coreutils', 'basenc'),
  lsblk,
  lscpu,
  pmap,
  vmstat: vmstat(),
  numfmt: numfmt(),
  csplit: csplit(),
  dir: ls('coreutils'),
  vdir: ls('coreutils'),
  rbash: shellProgram('bash'),
  fmt: fmt(),
  mesg: mesg(),
  pr: pr(),
  tput: tput(),
  whereis: whereis(),
}

/** The accounts of a Debian: shadow and adduser. */
export const accountPrograms: Readonly<Record<string, Program>> = {
  addgroup: debianAdduser(),
  adduser: debianAdduser(),
  delgroup: debianDeluser(),
  deluser: debianDeluser(),
  groupadd: groupadd(),
  groupdel: groupdel(),
  groupmod: groupmod(),
  useradd: useradd(),
  userdel: userdel(),
  usermod: usermod(),
  chpasswd: debianChpasswd(),
  chage: chage(),
  chsh: chsh(),
  gpasswd: gpasswd(),
  passwd: debianPasswd(),
}

/** Packages that a Debian-like image may have besides: an image takes the ones it wants by name. */
export const networkPrograms: Readonly<Record<string, Program>> = {
  ab: ab(),
  arp: arp('coreutils'),
  curl: curl(),
  dig: dig(),
  host: host(),
  ifconfig: ifconfig('coreutils'),
  ip: ip('coreutils'),
  nc: openbsdNc(),
  netstat: netstat('coreutils'),
  nslookup: nslookup('coreutils'),
  ping: ping('coreutils'),
  route: route('coreutils'),
  ss: ss(),
  telnet: telnet('coreutils'),
  traceroute: traceroute('coreutils'),
  wget: wget('coreutils'),
  wrk: wrk(),
}

/** What people take a box of network tools for, besides {@link networkPrograms}. */
export const inspectionPrograms: Readonly<Record<string, Program>> = {
  conntrack: conntrack(),
  drill: drill(),
  ethtool: ethtool(),
  ip6tables: iptables(),
  'ip6tables-save': iptables(),
  iperf3: iperf3(),
  iptables: iptables(),
  'iptables-save': iptables(),
  mtr: mtr(),
  nmap: nmap(),
  openssl: openssl(),
  socat: socat(),
  tcpdump: tcpdump(),
  tracepath: tracepath(),
}

/** Other packages by name: editors and the like. */
export const extraPrograms: Readonly<Record<string, Program>> = {
  bunzip2: compressor('coreutils', 'bzip2'),
  bzcat: compressor('coreutils', 'bzip2'),
  bzip2: compressor('coreutils', 'bzip2'),
  unxz: compressor('coreutils', 'xz'),
  xz: compressor('coreutils', 'xz'),
  xzcat: compressor('coreutils', 'xz'),
  hd: hexdump('coreutils'),
  bc: bc('coreutils'),
  dc: dc('coreutils'),
  fuser: fuser('coreutils'),
  jq: jq(),
  killall: killall('coreutils'),
  lsof: lsof('coreutils'),
  patch: patch('coreutils'),
  pstree: pstree('coreutils'),
  strings: strings('coreutils'),
  tree: tree('coreutils'),
  unzip: unzip('coreutils'),
  vi: vi('coreutils'),
  vim: vi('coreutils'),
  xxd: xxd('coreutils'),
}
