/** The settings that a Debian or Ubuntu comes with under /etc, and what a home begins with. */
import { debianReleases, type Codename } from './distributions.js'
import type { ImageFile } from './image.js'

const PROFILE = `# ~/.profile: read by login shells.
if [ -n "$BASH_VERSION" ] && [ -f "$HOME/.bashrc" ]; then
    . "$HOME/.bashrc"
fi
if [ -d "$HOME/bin" ]; then
    PATH="$HOME/bin:$PATH"
fi
`

const BASHRC = `# ~/.bashrc: read by interactive shells that are no login shells.
case $- in
    *i*) ;;
      *) return;;
esac
HISTCONTROL=ignoreboth
HISTSIZE=1000
HISTFILESIZE=2000
PS1='\${debian_chroot:+($debian_chroot)}\\u@\\h:\\w\\$ '
alias ls='ls --color=auto'
alias grep='grep --color=auto'
`

const LOGIN_DEFS = [
  'MAIL_DIR /var/mail', 'FAILLOG_ENAB yes', 'LOG_UNKFAIL_ENAB no', 'SYSLOG_SU_ENAB yes', 'ENV_SUPATH PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'ENV_PATH PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games', 'TTYGROUP tty', 'TTYPERM 0600', 'UMASK 022', 'PASS_MAX_DAYS 99999', 'PASS_MIN_DAYS 0',
  'PASS_WARN_AGE 7', 'UID_MIN 1000', 'UID_MAX 60000', 'GID_MIN 1000', 'GID_MAX 60000', 'SUB_UID_MIN 100000', 'SUB_UID_COUNT 65536', 'LOGIN_RETRIES 5', 'LOGIN_TIMEOUT 60',
  'CHFN_RESTRICT rwh', 'DEFAULT_HOME yes', 'USERGROUPS_ENAB yes', 'ENCRYPT_METHOD YESCRYPT',
].map((line) => line.replace(' ', '\t\t')) // prettier-ignore

/** Those up to which adduser belongs to the base system. */
const WITH_ADDUSER: ReadonlySet<Codename> = new Set([
  'jessie',
  'stretch',
  'buster',
  'bullseye',
  'bookworm',
  'xenial',
  'bionic',
  'focal',
  'jammy',
] as const)

/** Whether adduser and its like belong to the base system of a release. */
export function hasAdduser(codename: Codename): boolean {
  return WITH_ADDUSER.has(codename)
}

/** Where apt looks for packages. */
function sources(codename: Codename): Record<string, string> {
  const { id } = debianReleases[codename]
  const ubuntu = id === 'ubuntu'
  const key = ubuntu ? 'ubuntu-archive-keyring.gpg' : `debian-archive-keyring.${codename === 'trixie' ? 'pgp' : 'gpg'}`
  const signed = `Signed-By: /usr/share/keyrings/${key}\n`
  if (ubuntu) {
    const components = 'main universe restricted multiverse'
    if (codename === 'noble' || codename === 'questing')
      return {
        '/etc/apt/sources.list.d/ubuntu.sources': `Types: deb\nURIs: http://archive.ubuntu.com/ubuntu/\nSuites: ${codename} ${codename}-updates ${codename}-backports\nComponents: ${components}\n${signed}\nTypes: deb\nURIs: http://security.ubuntu.com/ubuntu/\nSuites: ${codename}-security\nComponents: ${components}\n${signed}`,
      }
    return {
      '/etc/apt/sources.list': ['', '-updates', '-backports'].map((suite) => `deb http://archive.ubuntu.com/ubuntu/ ${codename}${suite} ${components}\n`).join('') + `deb http://security.ubuntu.com/ubuntu/ ${codename}-security ${components}\n`,
    }
  }
  if (codename === 'trixie' || codename === 'bookworm')
    return {
      '/etc/apt/sources.list.d/debian.sources': `Types: deb\nURIs: http://deb.debian.org/debian\nSuites: ${codename} ${codename}-updates\nComponents: main\n${signed}\nTypes: deb\nURIs: http://deb.debian.org/debian-security\nSuites: ${codename}-security\nComponents: main\n${signed}`,
    }
  return {
    '/etc/apt/sources.list': `deb http://deb.debian.org/debian ${codename} main\ndeb http://deb.debian.org/debian-security ${codename}-security main\ndeb http://deb.debian.org/debian ${codename}-updates main\n`,
  }
} // prettier-ignore

/** The files, for a tree whose accounts are those of /etc/group as given. */
export function debianSettings(codename: Codename, group: string): Record<string, ImageFile> {
  const skeleton = {
    '.bash_logout': '# ~/.bash_logout: read when a login shell ends.\nif [ "$SHLVL" = 1 ]; then\n    [ -x /usr/bin/clear_console ] && /usr/bin/clear_console -q\nfi\n',
    '.bashrc': BASHRC,
    '.profile': PROFILE,
  }
  return {
    ...sources(codename),
    ...Object.fromEntries(Object.entries(skeleton).map(([name, text]) => [`/etc/skel/${name}`, text])),
    '/root/.profile': '# ~/.profile: executed by Bourne-compatible login shells.\n\nif [ "$BASH" ]; then\n  if [ -f ~/.bashrc ]; then\n    . ~/.bashrc\n  fi\nfi\n\nmesg n 2> /dev/null || true\n',
    '/etc/shells': '# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/rbash\n/usr/bin/rbash\n/bin/dash\n/usr/bin/dash\n',
    '/etc/profile': 'if [ "$(id -u)" -eq 0 ]; then\n  PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"\nelse\n  PATH="/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"\nfi\nexport PATH\n\nif [ "${PS1-}" ]; then\n  if [ "${BASH-}" ] && [ "$BASH" != "/bin/sh" ]; then\n    if [ -f /etc/bash.bashrc ]; then\n      . /etc/bash.bashrc\n    fi\n  elif [ "$(id -u)" -eq 0 ]; then\n    PS1=\'# \'\n  else\n    PS1=\'$ \'\n  fi\nfi\n',
    '/etc/fstab': '# UNCONFIGURED FSTAB FOR BASE SYSTEM\n',
    '/etc/host.conf': 'multi on\n',
    '/etc/environment': debianReleases[codename].id === 'debian' ? '' : 'PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games:/usr/local/games"\n',
    '/etc/ld.so.conf': 'include /etc/ld.so.conf.d/*.conf\n\n',
    '/etc/login.defs': `# Settings of the programs for accounts, see login.defs(5).\n${LOGIN_DEFS.join('\n')}\n`,
    '/etc/default/useradd': '# Default values for useradd(8)\nSHELL=/bin/sh\n',
    '/etc/gshadow': { data: group.replace(/^([^:]+):x:\d+:(.*)$/gm, '$1:*::$2'), mode: 0o640 },
    '/etc/subuid': '',
    '/etc/subgid': '',
    '/etc/timezone': 'Etc/UTC\n',
  }
} // prettier-ignore
