/** Runs a container's command in the place of an image that is not there, and judges whether it needed the image. */
import type { Process } from '../../process.js'

/** What a shell ends with whose last command was not there, or could not be run. */
const NOT_THERE = [126, 127]
const PASSED_ON = ['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2'] as const
/** Where programs leave files of their own, besides volumes: what is missing there no image would have brought. */
const SCRATCH = ['/tmp', '/var/tmp', '/run', '/var/run', '/dev', '/proc', '/sys']

/**
 * The exit code of a command. Undefined when it needed the image: its program is not there, or it failed and names a file
 * that only the image can have, as the init containers do that copy a program out of it.
 */
export async function runWithoutImage(process: Process, command: readonly string[]): Promise<number | undefined> {
  const [name] = command
  const places = name?.includes('/') ? [name] : ['/bin', '/usr/bin'].map((directory) => `${directory}/${name}`)
  if (!places.some((path) => process.fs.exists(path))) return undefined
  const child = await process.spawn({ argv: command })
  for (const signal of PASSED_ON) process.onSignal(signal, () => child.kill(signal))
  const code = await child.wait()
  if (code === 0) return code
  return NOT_THERE.includes(code) || namesFileOfImage(process, command) ? undefined : code
}

function namesFileOfImage(process: Process, command: readonly string[]): boolean {
  const elsewhere = [...SCRATCH, ...volumes(process)]
  const isElsewhere = (path: string): boolean => elsewhere.some((place) => path === place || path.startsWith(`${place}/`))
  const paths = command.flatMap((word) => word.match(/(?<![^\s'"=;|&<>(:])\/[^\s'"=;|&<>():*$]+/g) ?? [])
  return paths.some((path) => !isElsewhere(path) && !process.fs.exists(path))
}

/** The mount points besides the root. */
function volumes(process: Process): string[] {
  const lines = process.fs.readText('/proc/mounts').trimEnd().split('\n')
  return lines.map((line) => line.split(' ')[1]!).filter((path) => path !== '/')
}
