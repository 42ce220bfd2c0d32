/**
 * What Debian's programs say to `--help`: how each is called, and its options. The forms are a table; the options are
 * those that the program knows, with what busybox' usage says of a letter where it has one.
 */

/** The forms in which programs are called, after their names, with `|` between them. */
const FORMS: Readonly<Record<string, string>> = {
  '[': 'EXPRESSION ]| ]| OPTION', arch: '[OPTION]...', b2sum: '[OPTION]... [FILE]...', base32: '[OPTION]... [FILE]', base64: '[OPTION]... [FILE]',
  basename: 'NAME [SUFFIX]|OPTION... NAME...', basenc: '[OPTION]... [FILE]', cat: '[OPTION]... [FILE]...',
  chgrp: '[OPTION]... GROUP FILE...|[OPTION]... --reference=RFILE FILE...',
  chmod: '[OPTION]... MODE[,MODE]... FILE...|[OPTION]... OCTAL-MODE FILE...|[OPTION]... --reference=RFILE FILE...',
  chown: '[OPTION]... [OWNER][:[GROUP]] FILE...|[OPTION]... --reference=RFILE FILE...',
  chroot: '[OPTION] NEWROOT [COMMAND [ARG]...]|OPTION', cksum: '[OPTION]... [FILE]...', cmp: '[OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]',
  comm: '[OPTION]... FILE1 FILE2',
  cp: '[OPTION]... [-T] SOURCE DEST|[OPTION]... SOURCE... DIRECTORY|[OPTION]... -t DIRECTORY SOURCE...',
  csplit: '[OPTION]... FILE PATTERN...', cut: 'OPTION... [FILE]...',
  date: '[OPTION]... [+FORMAT]|[-u|--utc|--universal] [MMDDhhmm[[CC]YY][.ss]]', dd: '[OPERAND]...|OPTION', df: '[OPTION]... [FILE]...',
  diff: '[OPTION]... FILES', dir: '[OPTION]... [FILE]...', dirname: '[OPTION] NAME...', du: '[OPTION]... [FILE]...|[OPTION]... --files0-from=F',
  echo: '[SHORT-OPTION]... [STRING]...|LONG-OPTION', egrep: '[OPTION]... PATTERNS [FILE]...',
  env: '[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]', expand: '[OPTION]... [FILE]...', expr: 'EXPRESSION|OPTION',
  factor: '[NUMBER]...|OPTION', false: '[ignored command line arguments]|OPTION', fgrep: '[OPTION]... PATTERNS [FILE]...',
  find: '[-H] [-L] [-P] [-Olevel] [-D debugopts] [path...] [expression]', fmt: '[-WIDTH] [OPTION]... [FILE]...', fold: '[OPTION]... [FILE]...',
  grep: '[OPTION]... PATTERNS [FILE]...', groups: '[OPTION]... [USERNAME]...', gunzip: '[OPTION]... [FILE]...', gzip: '[OPTION]... [FILE]...',
  head: '[OPTION]... [FILE]...', hostid: '[OPTION]', id: '[OPTION]... [USER]...',
  install: '[OPTION]... [-T] SOURCE DEST|[OPTION]... SOURCE... DIRECTORY|[OPTION]... -t DIRECTORY SOURCE...|[OPTION]... -d DIRECTORY...',
  join: '[OPTION]... FILE1 FILE2', link: 'FILE1 FILE2|OPTION',
  ln: '[OPTION]... [-T] TARGET LINK_NAME|[OPTION]... TARGET|[OPTION]... TARGET... DIRECTORY|[OPTION]... -t DIRECTORY TARGET...',
  logname: '[OPTION]', ls: '[OPTION]... [FILE]...', md5sum: '[OPTION]... [FILE]...', mkdir: '[OPTION]... DIRECTORY...', mkfifo: '[OPTION]... NAME...',
  mknod: '[OPTION]... NAME TYPE [MAJOR MINOR]', mktemp: '[OPTION]... [TEMPLATE]',
  mv: '[OPTION]... [-T] SOURCE DEST|[OPTION]... SOURCE... DIRECTORY|[OPTION]... -t DIRECTORY SOURCE...', nice: '[OPTION] [COMMAND [ARG]...]',
  nl: '[OPTION]... [FILE]...', nohup: 'COMMAND [ARG]...|OPTION', nproc: '[OPTION]...', numfmt: '[OPTION]... [NUMBER]...',
  od: '[OPTION]... [FILE]...|[-abcdfilosx]... [FILE] [[+]OFFSET[.][b]]|--traditional [OPTION]... [FILE] [[+]OFFSET[.][b] [+][LABEL][.][b]]',
  paste: '[OPTION]... [FILE]...', patch: '[OPTION]... [ORIGFILE [PATCHFILE]]', pathchk: '[OPTION]... NAME...', pr: '[OPTION]... [FILE]...',
  printenv: '[OPTION]... [VARIABLE]...', printf: 'FORMAT [ARGUMENT]...|OPTION', pwd: '[OPTION]...', readlink: '[OPTION]... FILE...',
  realpath: '[OPTION]... FILE...', rm: '[OPTION]... [FILE]...', rmdir: '[OPTION]... DIRECTORY...', 'run-parts': '[OPTION]... DIRECTORY',
  sed: '[OPTION]... {script-only-if-no-other-script} [input-file]...',
  seq: '[OPTION]... LAST|[OPTION]... FIRST LAST|[OPTION]... FIRST INCREMENT LAST', sha1sum: '[OPTION]... [FILE]...',
  sha224sum: '[OPTION]... [FILE]...', sha256sum: '[OPTION]... [FILE]...', sha384sum: '[OPTION]... [FILE]...', sha512sum: '[OPTION]... [FILE]...',
  shred: '[OPTION]... FILE...', shuf: '[OPTION]... [FILE]|-e [OPTION]... [ARG]...|-i LO-HI [OPTION]...', sleep: 'NUMBER[SUFFIX]...|OPTION',
  sort: '[OPTION]... [FILE]...|[OPTION]... --files0-from=F', split: '[OPTION]... [FILE [PREFIX]]', stat: '[OPTION]... FILE...',
  stdbuf: 'OPTION... COMMAND', strings: '[option(s)] [file(s)]',
  stty: '[-F DEVICE | --file=DEVICE] [SETTING]...|[-F DEVICE | --file=DEVICE] [-a|--all]|[-F DEVICE | --file=DEVICE] [-g|--save]',
  sum: '[OPTION]... [FILE]...', sync: '[OPTION] [FILE]...', tac: '[OPTION]... [FILE]...', tail: '[OPTION]... [FILE]...', tar: '[OPTION...] [FILE]...',
  taskset: '[options] [mask | cpu-list] [pid|cmd [args...]]', tee: '[OPTION]... [FILE]...', test: 'EXPRESSION|',
  timeout: '[OPTION] DURATION COMMAND [ARG]...|[OPTION]', touch: '[OPTION]... FILE...', tr: '[OPTION]... STRING1 [STRING2]',
  true: '[ignored command line arguments]|OPTION', truncate: 'OPTION... FILE...', tsort: '[OPTION] [FILE]', tty: '[OPTION]...',
  uname: '[OPTION]...', unexpand: '[OPTION]... [FILE]...', uniq: '[OPTION]... [INPUT [OUTPUT]]', unlink: 'FILE|OPTION', users: '[OPTION]... [FILE]',
  vdir: '[OPTION]... [FILE]...', wc: '[OPTION]... [FILE]...|[OPTION]... --files0-from=F', which: '[-a] args',
  who: '[OPTION]... [ FILE | ARG1 ARG2 ]', whoami: '[OPTION]...', xargs: '[OPTION]... COMMAND [INITIAL-ARGS]...', xz: '[OPTION]... [FILE]...',
  yes: '[STRING]...|OPTION', zcat: '[OPTION]... [FILE]...',
} // prettier-ignore

const HOSTNAME = [
  'Usage: hostname [-b] {hostname|-F file}         set host name (from file)',
  '       hostname [-a|-A|-d|-f|-i|-I|-s|-y]       display formatted name',
  '       hostname                                 display host name\n',
].join('\n')

/** Those of util-linux and procps, which write a line `Usage:` first. */
const INDENTED: Readonly<Record<string, string>> = {
  column: '[options] [<file>...]', dmesg: '[options]', fallocate: '[options] <filename>', findmnt: '[options]|[options] <device> | <mountpoint>',
  flock: '[options] <file>|<directory> <command> [<argument>...]'.replaceAll('|', '¦') + '|[options] <file>¦<directory> -c <command>|[options] <file descriptor number>',
  free: '[options]', getopt: '<optstring> <parameters>|[options] [--] <optstring> <parameters>|[options] -o¦--options <optstring> [options] [--] <parameters>',
  hd: '[options] <file>...', hexdump: '[options] <file>...', ionice: '[options] -p <pid>...|[options] -P <pgid>...|[options] -u <uid>...|[options] <command>',
  kill: '[options] <pid> [...]', last: '[options] [<username>...] [<tty>...]', logger: '[options] [<message>]', look: '[options] <string> [<file>...]',
  lsblk: '[options] [<device> ...]', lscpu: '[options]', more: '[options] <file>...',
  mount: '[-lhV]|-a [options]|[options] [--source] <source> ¦ [--target] <directory>|[options] <source> <directory>|<operation> <mountpoint> [<target>]',
  mountpoint: '[-qd] /path/to/directory|-x /dev/device', nsenter: '[options] [<program> [<argument>...]]', pgrep: '[options] <pattern>',
  pkill: '[options] <pattern>', pmap: '[options] PID [PID ...]', ps: '[options]', pwdx: '[options] pid...',
  renice: '[-n] <priority> [-p¦--pid] <pid>...|[-n] <priority>  -g¦--pgrp <pgid>...|[-n] <priority>  -u¦--user <user>...',
  script: '[options] [file]', setsid: '[options] <program> [arguments ...]', su: '[options] [-] [<user> [<argument>...]]',
  sysctl: '[options] [variable[=value] ...]', top: '[options]', umount: '[-hV]|-a [options]|[options] <source> ¦ <directory>',
  unshare: '[options] [<program> [<argument>...]]', uptime: '[options]', vmstat: '[options] [delay [count]]', w: '[options] [user]',
  watch: '[options] command',
} // prettier-ignore

/** The lines that tell how a program is called, or undefined where it is none of Debian's. */
export function gnuForms(name: string): string | undefined {
  if (Object.hasOwn(INDENTED, name)) {
    const forms = INDENTED[name]!.split('|').map((form) => ` ${name} ${form.replaceAll('¦', '|')}\n`)
    return `\nUsage:\n${forms.join('')}`
  }
  if (name === 'hostname') return HOSTNAME
  if (!Object.hasOwn(FORMS, name)) return undefined
  // The names under which another program is called.
  const called = name === 'egrep' || name === 'fgrep' ? 'grep' : name
  const forms = FORMS[name]!.split('|')
  if (name === 'date' || name === 'stty') return `Usage: ${joinForms(called, FORMS[name]!.split(/\|(?=\[-[uF])/))}`
  return `Usage: ${joinForms(called, forms)}`
}

function joinForms(name: string, forms: readonly string[]): string {
  return forms.map((form, i) => `${i === 0 ? '' : '  or:  '}${`${name} ${form}`.trimEnd()}\n`).join('')
}

/** What a usage text of busybox says of an option: by its letter. */
function described(usage: string): ReadonlyMap<string, string> {
  const out = new Map<string, string>()
  for (const line of usage.split('\n')) {
    const [, letters, text] = /^\t-(\w(?:,-\w)*)(?: \[?[A-Z][A-Z\d[\]]*)?\t+(.+)$/.exec(line) ?? []
    for (const letter of letters?.split(',-') ?? []) out.set(letter, text!)
  }
  return out
}

/**
 * The help of one of Debian's programs.
 * @param short its letters, as for getopt(3)
 * @param long its long names, as in {@link OptionSpec}
 * @param usage the usage text of busybox' program of that name: what it does, and what its letters do
 */
export function gnuHelp(name: string, short: string, long: Readonly<Record<string, string>>, usage: string): string | undefined {
  const forms = gnuForms(name)
  if (forms === undefined) return undefined
  const words = described(usage)
  const options = new Map<string, string[]>()
  for (const letter of short.match(/[A-Za-z\d]/g) ?? []) options.set(letter, [])
  for (const [key, letter] of Object.entries(long)) options.set(letter, [...(options.get(letter) ?? []), key])
  const lines = [...options].map(([letter, names]) => {
    const shown = names.map((key) => `--${key.replace(/(=\??)$/, (mark) => (mark === '=' ? `=${argument(key)}` : `[=${argument(key)}]`))}`)
    const dash = letter.length === 1 ? [`-${letter}`, ...shown].join(', ') : `    ${shown.join(', ')}`
    return {
      sort: letter.length === 1 ? letter : shown[0]!.slice(2),
      text: `  ${dash}`,
      words: letter.length === 1 ? (words.get(letter) ?? '') : '',
    }
  })
  lines.push(
    { sort: 'help', text: '      --help', words: 'Tell this and end' },
    { sort: 'version', text: '      --version', words: 'Tell the version and end' },
  )
  lines.sort((a, b) => a.sort.localeCompare(b.sort, 'en'))
  const purpose = usage.split('\n').find((line, i) => i > 0 && /^[A-Z]/.test(line))
  const about = purpose === undefined ? '' : `${purpose}\n`
  const list = lines.map(({ text, words: what }) => (what === '' ? text : `${text.padEnd(28)} ${what}`)).join('\n')
  if (Object.hasOwn(INDENTED, name))
    return `${forms}\n${about === '' ? '' : `${about.trimEnd().replace(/\.?$/, '.')}\n\n`}Options:\n${list}\n`
  return `${forms}${about}\n${list}\n`
}

/** `block-size=` takes a SIZE. */
function argument(key: string): string {
  return key.replace(/=\??$/, '').split('-').at(-1)!.toUpperCase()
}
