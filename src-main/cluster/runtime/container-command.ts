/** What a container runs, and with what: command line, environment, working directory and the program they lead to. */
import type { ContainerConfig } from './cri.js'
import { badFormat, fileCalls } from './container-streams.js'
import type { Identity } from './identity.js'
import type { Image } from './images/image.js'
import { ENDS } from './images/placeholder/image.js'
import type { MountTable } from './mounts.js'
import { SystemError } from './process.js'
import { DEFAULT_PATH, resolveProgram, type Resolved } from './program-file.js'
import { startError } from './start-errors.js'

export function workingDirectory(config: ContainerConfig, image: Image): string {
  return config.workingDir || image.workingDir || '/'
}

/** Kubernetes' rules for command and args over the image's entrypoint and cmd. */
export function commandLine(config: ContainerConfig, image: Image, placeholder: boolean): string[] {
  const { command = [], args = [] } = config
  // A placeholder stands in for an image that is not there. It gets the ports to listen on, and tries what it shall run.
  if (placeholder) {
    const ports = config.ports.filter((p) => p.protocol !== 'UDP').map((p) => String(p.containerPort))
    const instead = ports.length === 0 && config.runsToCompletion ? [ENDS] : ports
    return [...(image.entrypoint ?? []), ...instead, ...(command.length > 0 ? ['--', ...command, ...args] : [])]
  }
  if (command.length > 0) return [...command, ...args]
  return [...(image.entrypoint ?? []), ...(args.length > 0 ? args : (image.cmd ?? []))]
}

/** The variables of its processes: the runtime's own, the image's, then those of the manifest. */
export function containerEnvironment(config: ContainerConfig, image: Image, hostname: string): Record<string, string> {
  const env = Object.assign(Object.create(null) as Record<string, string>, { PATH: DEFAULT_PATH, HOSTNAME: hostname })
  if (config.tty) env['TERM'] = 'xterm'
  Object.assign(env, image.env)
  for (const { name, value } of config.env) env[name] = value
  return env
}

/** The program of a command line, as this user finds it. Throws an Error in the runtime's words. */
export function resolveCommand(
  mounts: MountTable,
  argv: readonly string[],
  path: string | undefined,
  identity: Identity,
  cwd: string,
): Resolved {
  const fs = fileCalls(mounts, identity.uid, identity.gid, cwd)
  try {
    return resolveProgram({ fs }, argv, { path })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    // A file that is no program starts, and only then fails.
    if (error.code === 'ENOEXEC') return { program: badFormat, argv, path: argv[0]! }
    throw startError(fs, argv[0]!, error)
  }
}
