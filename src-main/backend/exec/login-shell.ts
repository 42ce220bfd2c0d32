/**
 * How to start a person's login shell so that it has variables of ours after their own profile has been read: a profile that exports
 * KUBECONFIG must not turn the terminal away from its cluster.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export interface ShellStart {
  file: string
  args: string[]
  /** Set besides the variables that were asked for. */
  env: Record<string, string>
}

/** The login shell: `$SHELL`, else what the user database says; PowerShell on Windows. */
export function loginShell(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return path.win32.join(env.SystemRoot ?? 'C:\\Windows', 'System32\\WindowsPowerShell\\v1.0\\powershell.exe')
  if (env.SHELL) return env.SHELL
  try {
    return os.userInfo().shell || '/bin/sh'
  } catch {
    return '/bin/sh'
  }
}

/** A word that every POSIX shell, and fish, reads as it is. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const exports = (variables: Record<string, string>): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('')

/**
 * Prepares the start of `shell` with `variables`.
 * @param directory of this terminal alone; files that the shell reads are written to it
 */
export function startOf(shell: string, variables: Record<string, string>, directory: string, env: NodeJS.ProcessEnv): ShellStart {
  const write = (name: string, text: string): string => {
    const file = path.join(directory, name)
    fs.writeFileSync(file, text, { mode: 0o600 })
    return file
  }
  const name = path
    .basename(shell)
    .toLowerCase()
    .replace(/\.exe$/, '')
  switch (name) {
    case 'bash': {
      // bash reads no other file after the profile of a login shell, so this file does what a login shell does, and then ours.
      const rc = write(
        'bashrc',
        `[ -r /etc/profile ] && . /etc/profile
for profile in ~/.bash_profile ~/.bash_login ~/.profile; do
  [ -r "$profile" ] && . "$profile" && break
done
unset profile
${exports(variables)}`,
      )
      return { file: shell, args: ['--init-file', rc, '-i'], env: {} }
    }
    case 'zsh': {
      // zsh reads its files from ZDOTDIR: ours read the person's own first.
      const own = quoted(env.ZDOTDIR ?? env.HOME ?? os.homedir())
      for (const file of ['.zshenv', '.zprofile', '.zshrc'])
        write(
          file,
          `ZDOTDIR=${own}
[[ "$HISTFILE" == ${quoted(directory)}/* ]] && HISTFILE=${own}/.zsh_history
[[ -r ${own}/${file} ]] && source ${own}/${file}
ZDOTDIR=${quoted(directory)}
`,
        )
      write('.zlogin', `ZDOTDIR=${own}\n[[ -r ${own}/.zlogin ]] && source ${own}/.zlogin\n${exports(variables)}`)
      return { file: shell, args: ['-l', '-i'], env: { ZDOTDIR: directory } }
    }
    case 'fish':
      return {
        file: shell,
        args: [
          '-l',
          '-C',
          Object.entries(variables)
            .map(([k, v]) => `set -gx ${k} ${quoted(v)}`)
            .join('; '),
        ],
        env: {},
      }
    case 'powershell':
    case 'pwsh':
      return {
        file: shell,
        args: [
          '-NoLogo',
          '-NoExit',
          '-Command',
          Object.entries(variables)
            .map(([k, v]) => `$env:${k}='${v.replaceAll("'", "''")}'`)
            .join('; '),
        ],
        env: {},
      }
    default: {
      // POSIX: an interactive shell reads the file that ENV names, after the profile.
      const rc = write('shrc', `${env.ENV ? `[ -r ${quoted(env.ENV)} ] && . ${quoted(env.ENV)}\n` : ''}${exports(variables)}`)
      return { file: shell, args: ['-l'], env: { ENV: rc } }
    }
  }
}
