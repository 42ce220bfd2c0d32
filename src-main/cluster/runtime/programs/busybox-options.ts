/** The long options of busybox' applets, where they are fewer than those of the program that GNU has by the name. */

const NONE: readonly string[] = []
const OWNERS = ['recursive', 'verbose', 'changes', 'silent', 'quiet', 'no-dereference', 'dereference', 'preserve-root', 'no-preserve-root']
const GREP = ['color']
const MOVES = ['force', 'interactive', 'no-clobber', 'verbose', 'target-directory', 'no-target-directory']

const LONG: Readonly<Record<string, readonly string[]>> = {
  base64: NONE, cat: NONE, chmod: NONE, cut: NONE, df: NONE, du: NONE, head: NONE, ln: NONE, md5sum: NONE, rm: NONE, sha1sum: NONE,
  sha256sum: NONE, sha512sum: NONE, sort: NONE, stat: NONE, tail: NONE, tee: NONE, timeout: NONE, tr: NONE, uniq: NONE, wc: NONE,
  chgrp: OWNERS, chown: OWNERS, egrep: GREP, fgrep: GREP, grep: GREP, mv: MOVES,
  ls: ['color', 'full-time', 'group-directories-first'],
  mkdir: ['parents', 'mode', 'verbose'],
  rmdir: ['parents', 'ignore-fail-on-non-empty', 'verbose'],
  sed: ['expression', 'quiet', 'silent', 'in-place', 'regexp-extended', 'version'],
  touch: ['reference', 'date', 'no-create'],
  xargs: ['no-run-if-empty'],
} // prettier-ignore

/** The applets that read no options: whatever is not an operand shows how they are called. */
const WITHOUT_OPTIONS: ReadonlySet<string> = new Set(['whoami', 'dirname', 'logname', 'hostid', 'factor', 'free', 'last'])

/** How many operands an applet takes, where more show how it is called. */
const MOST_OPERANDS: Readonly<Record<string, number>> = {
  whoami: 0, logname: 0, hostid: 0, uname: 0, who: 0, w: 0, last: 0, id: 1, unlink: 1, link: 2, xxd: 1, date: 1,
} // prettier-ignore

/** Whether an applet shows how it is called for any option. */
export function hasNoOptions(applet: string): boolean {
  return WITHOUT_OPTIONS.has(applet)
}

/** How many operands an applet takes at most. */
export function mostOperands(applet: string): number {
  return MOST_OPERANDS[applet] ?? Infinity
}

/** Whether an applet has a long option. @param option its name, without the dashes */
export function appletTakes(applet: string, option: string): boolean {
  return !Object.hasOwn(LONG, applet) || LONG[applet]!.includes(option)
}
