/** Why a container's command could not be started, in the words of containerd and runc. */
import type { FileCalls } from './fs-calls.js'
import type { SystemError } from './process.js'

const PREFIX =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: '

/** The error of a command that cannot be run. */
export function startError(fs: FileCalls, name: string, error: SystemError): Error {
  return new Error(`${PREFIX}exec: "${name}": ${reason(fs, name, error)}: unknown`)
}

function reason(fs: FileCalls, name: string, error: SystemError): string {
  if (error.code === 'ENOENT') return name.includes('/') ? `stat ${name}: no such file or directory` : 'executable file not found in $PATH'
  if (error.code === 'ENOTDIR') return `stat ${name}: not a directory`
  if (error.code === 'EACCES') return fs.exists(name) && fs.stat(name).type === 'directory' ? 'is a directory' : 'permission denied'
  return error.message.toLowerCase()
}
