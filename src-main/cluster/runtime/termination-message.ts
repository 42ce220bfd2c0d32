/** What a container that has ended leaves as its last words ("Determine the Reason for Pod Failure"). */
import type { ContainerLog } from './container-log.js'
import type { ContainerConfig } from './cri.js'
import type { FileCalls } from './fs-calls.js'

/** The longest termination message, and what FallbackToLogsOnError takes of the log, by Kubernetes' documentation. */
const MESSAGE_LIMIT = 4096
const FALLBACK_BYTES = 2048
const FALLBACK_LINES = 80

/**
 * The termination message; empty for none.
 *
 * @param code the exit code
 * @param files the files of the container; undefined when nobody has looked at one
 */
export function terminationMessage(config: ContainerConfig, code: number, files: FileCalls | undefined, log: ContainerLog): string {
  const { terminationMessagePath: path, terminationMessagePolicy: policy } = config
  let text = ''
  if (path && files?.exists(path)) text = Buffer.from(files.readFile(path)).subarray(0, MESSAGE_LIMIT).toString('utf8')
  if (text === '' && code !== 0 && policy === 'FallbackToLogsOnError') text = log.tail(FALLBACK_BYTES, FALLBACK_LINES)
  return text
}
