/** agnhost mounttest: tells of files in volumes, and makes some. */
import type { Process } from '../../process.js'
import { SystemError } from '../../process.js'
import { goFlag } from '../http-echo/family.js'

const CONTENT = 'mount-tester new file\n'
const EXT4_MAGIC = 0xef53
/** How often a file that is read in a loop is looked at, cluster ms. */
const LOOK_EVERY = 2_000

/** The permissions as Go prints them: `-rw-r--r--`. */
function permissions(mode: number): string {
  return `-${[...'rwxrwxrwx'].map((letter, i) => (mode & (0o400 >> i) ? letter : '-')).join('')}`
}

/** The mode as Go prints it: `dtrwxrwxrwx` for a directory with the sticky bit. */
function goMode(type: string, mode: number): string {
  const marks = `${type === 'directory' ? 'd' : type === 'symlink' ? 'L' : ''}${mode & 0o4000 ? 'u' : ''}${mode & 0o2000 ? 'g' : ''}${mode & 0o1000 ? 't' : ''}`
  return marks ? marks + permissions(mode).slice(1) : permissions(mode)
}

/** The file system that a path is on, as /proc/mounts says: `tmpfs`, or the number that ext4 has. */
function fileSystemOf(process: Process, path: string): string {
  const mounts = process.fs
    .readText('/proc/mounts')
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at]) => path === at || path.startsWith(at === '/' ? '/' : `${at}/`))
  const innermost = mounts.reduce((best, mount) => (mount[1]!.length >= (best[1]?.length ?? 0) ? mount : best), [] as string[])
  return innermost[2] === 'tmpfs' ? 'tmpfs' : String(EXT4_MAGIC)
}

/** Says what went wrong, as Go's os package would. */
const why = (call: string, path: string, error: unknown): string =>
  `${call} ${path}: ${(error as Error).message.replace(/^[A-Z]/, (letter) => letter.toLowerCase())}`

/** Does what the flags say, in the order that upstream documents; 1 when something could not be done. */
export async function mounttest(process: Process, args: readonly string[]): Promise<number> {
  let failed = false
  const each = async (flag: string, work: (path: string) => Promise<void> | void, fault: (path: string, error: unknown) => string) => {
    const path = goFlag(args, flag)
    if (!path) return
    try {
      await work(path)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      failed = true
      await process.write(fault(path, error))
    }
  }
  const read = async (path: string): Promise<void> =>
    process.write(`content of file ${JSON.stringify(path)}: ${process.fs.readText(path)}\n`)
  const unread = (path: string, error: unknown): string =>
    `error reading file content for ${JSON.stringify(path)}: ${why('open', path, error)}\n`

  await each(
    'fs_type',
    (path) => process.write(`mount type of ${JSON.stringify(path)}: ${fileSystemOf(process, process.fs.realpath(path))}\n`),
    (path, error) => `error from statfs(${JSON.stringify(path)}): ${why('statfs', path, error)}\n`,
  )
  for (const mode of ['0644', '0666', '0660', '0777']) {
    await each(
      `new_file_${mode}`,
      async (path) => {
        const existed = process.fs.exists(path)
        process.fs.writeFile(path, CONTENT, { mode: parseInt(mode, 8) })
        // Its umask is 0: a new file has the very mode.
        if (!existed) process.fs.chmod(path, parseInt(mode, 8))
        await read(path)
      },
      (path, error) => `error writing new file ${JSON.stringify(path)}: ${why('open', path, error)}\n`,
    )
  }
  // What a link leads to is told, not the link: the names in volumes of ConfigMaps and Secrets are links.
  const unstated = (path: string, error: unknown): string => `error from Stat(${JSON.stringify(path)}): ${why('stat', path, error)}\n`
  await each(
    'file_mode',
    (path) => {
      const { type, mode } = process.fs.stat(path)
      return process.write(`mode of file ${JSON.stringify(path)}: ${goMode(type, mode)}\n`)
    },
    unstated,
  )
  await each(
    'file_perm',
    (path) => process.write(`perms of file ${JSON.stringify(path)}: ${permissions(process.fs.stat(path).mode)}\n`),
    unstated,
  )
  await each(
    'file_owner',
    (path) => {
      const { uid, gid } = process.fs.stat(path)
      return process.write(`owner UID of ${JSON.stringify(path)}: ${uid}\nowner GID of ${JSON.stringify(path)}: ${gid}\n`)
    },
    unstated,
  )
  await each('file_content', read, unread)
  const looped = goFlag(args, 'file_content_in_loop')
  if (looped && !(await readInLoop(process, args, looped))) failed = true
  return failed ? 1 : 0
}

/** Reads a file again and again, until it holds what mounttest writes, or the time is over. */
async function readInLoop(process: Process, args: readonly string[], path: string): Promise<boolean> {
  const until = process.clock.now() + Number(goFlag(args, 'retry_time') ?? 180) * 1000
  const breaks = goFlag(args, 'break_on_expected_content') !== 'false'
  let there = true
  for (; process.clock.now() < until; await process.sleep(LOOK_EVERY)) {
    try {
      const content = process.fs.readText(path)
      there = true
      await process.write(`content of file ${JSON.stringify(path)}: ${content}\n`)
      if (breaks && content === CONTENT) break
      if (breaks) await process.write(`Unexpected content. Expected: ${CONTENT}. Retrying`)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      there = false
      await process.write(`Error reading file ${path}: ${why('open', path, error)}, retrying\n`)
    }
  }
  return there
}
