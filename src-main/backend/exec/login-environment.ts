/**
 * The environment that a person's own terminal has. An app that is started from a dock or a menu has a short PATH and none of what
 * their profile exports: credential plugins, KUBECONFIG, AWS_PROFILE and proxies are only known to their login shell.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { loginShell } from './login-shell.js'

/** How long the shell may take, ms: profiles may do a lot. */
const PATIENCE = 10_000
/** What is the shell's own, or of the moment in which it was asked. */
const OWN = /^(_|PWD|OLDPWD|SHLVL|TERM|PS1|PROMPT|ELECTRON_.*|DRYDOCK_.*|NODE_.*|BASH_FUNC_.*)$/

/** The lines `NAME=value` of `env` between two marks; a line that begins no variable goes on with the value before. */
export function variablesIn(output: string, mark: string): Record<string, string> | undefined {
  const [, text] = output.split(`${mark}\n`)
  if (text === undefined) return undefined
  const found: Record<string, string> = {}
  let last = ''
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_%]*)=(.*)$/s.exec(line) ?? []
    if (name !== undefined) found[(last = name)] = value!
    else if (last) found[last] += `\n${line}`
  }
  return found
}

/**
 * Asks the login shell, as an interactive one: many set their PATH only there. Undefined where it does not answer.
 * On Windows every program has the person's environment already.
 */
export function loginEnvironment(env: NodeJS.ProcessEnv = process.env): Promise<Record<string, string> | undefined> {
  if (process.platform === 'win32') return Promise.resolve(undefined)
  const mark = `drydock-${randomBytes(8).toString('hex')}`
  return new Promise((resolve) => {
    // In a session of its own: an interactive shell would take the terminal that the app was started from.
    const child = spawn(loginShell(env), ['-i', '-l', '-c', `echo ${mark}; env; echo ${mark}`], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    })
    let output = ''
    const done = (): void => {
      child.stdout.destroy()
      resolve(variablesIn(output, mark))
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      // What the profile left in the background may hold the pipe open.
      if (output.split(`${mark}\n`).length > 2) done()
    })
    child.on('error', () => resolve(undefined))
    child.on('exit', () => setImmediate(done))
  })
}

/** Takes over into `env` what the login shell has and it lacks; of PATH the shell's entries come first. */
export function adopt(login: Record<string, string>, env: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of Object.entries(login)) {
    if (name === 'PATH')
      env.PATH = [...new Set([value, env.PATH ?? ''].join(path.delimiter).split(path.delimiter).filter(Boolean))].join(path.delimiter)
    else if (env[name] === undefined && !OWN.test(name)) env[name] = value
  }
}
