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

/** Whether an applet has a long option. @param option its name, without the dashes */
export function appletTakes(applet: string, option: string): boolean {
  return !Object.hasOwn(LONG, applet) || LONG[applet]!.includes(option)
}
