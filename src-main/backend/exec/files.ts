/**
 * The files of a container. Kubernetes has no API for them: a shell in the container reads them, with the programs that busybox and
 * every distribution have. An image without a shell cannot tell; that is said, for a person to look through a debug container instead.
 */
import { BackendError, problem } from '../errors.js'
import type { ContainerFile, ContainerFileText, ContainerFolder, ContainerPlace } from '../rpc/contract.js'
import type { Session } from '../session/session.js'
import { startProcess, type ProcessExit } from './process.js'

/** How long a container may take, ms. */
const PATIENCE = 30_000
/** The most entries of a folder that are told, and the most bytes that are read of what lists it. */
const MOST_ENTRIES = 5_000
const MOST_LISTED = 4 * 1024 * 1024
/** The most bytes of a file that are read. */
const MOST_READ = 1024 * 1024

/**
 * Prints the folder's path, a line per entry, an empty line, and the names of links that lead to folders. No name holds a slash, so that
 * two of them end it; after them comes the name again, in quotes and with where a link leads. xargs is for folders with more names than
 * a command line takes. The kinds of files are told in English.
 */
const LIST = `export LC_ALL=C.UTF-8
cd "$1" && pwd && {
command -v stat >/dev/null || exit 127
set -- '%F|%a|%s|%Y|%U|%G|%n//%N'
if command -v xargs >/dev/null; then printf '%s\\000' .* * | xargs -0 stat -c "$1" --; else stat -c "$1" -- .* *; fi 2>/dev/null
echo
for f in .* *; do [ -L "$f" ] && [ -d "$f" ] && printf '%s\\n' "$f"; done
:
}`

/** Lists a folder. */
export async function listFiles(session: Session, { path, ...place }: ContainerPlace & { path: string }): Promise<ContainerFolder> {
  const { output, exit, cut } = await run(session, place, ['sh', '-c', LIST, 'sh', path], MOST_LISTED)
  if (!cut) succeeded(exit, place.container)
  const [folder = '', ...lines] = output.toString('utf8').split('\n')
  const end = lines.indexOf('')
  const toFolders = new Set(end < 0 ? [] : lines.slice(end + 1))
  const files = lines
    .slice(0, end < 0 ? -1 : end)
    .flatMap(parseEntry)
    .map((file): ContainerFile => (file.type === 'link' && toFolders.has(file.name) ? { ...file, toFolder: true } : file))
  return { path: folder, files: files.slice(0, MOST_ENTRIES), cut: cut || files.length > MOST_ENTRIES }
}

/** Reads the beginning of a file. */
export async function readFile(session: Session, { path, ...place }: ContainerPlace & { path: string }): Promise<ContainerFileText> {
  const { output, exit } = await run(session, place, ['head', '-c', String(MOST_READ + 1), path], MOST_READ + 1)
  if (output.length <= MOST_READ) succeeded(exit, place.container)
  return { bytes: new Uint8Array(output.subarray(0, MOST_READ)), cut: output.length > MOST_READ }
}

/** The entry that a line of {@link LIST} tells of; none for the folder itself, its parent, and what is no such line. */
export function parseEntry(line: string): ContainerFile[] {
  const match = /^([^|]*)\|([0-7]+)\|(\d+)\|(-?\d+)\|([^|]*)\|([^|]*)\|(.*?)\/\/(.*)$/s.exec(line)
  if (!match) return []
  const [, kind = '', mode = '', size, modified, owner = '', group = '', name = '', quoted = ''] = match
  if (name === '.' || name === '..') return []
  const type = kind === 'directory' ? 'folder' : kind.startsWith('regular') ? 'file' : kind === 'symbolic link' ? 'link' : 'other'
  const file: ContainerFile = { name, type, size: Number(size), modified: Number(modified) * 1000, mode, owner, group }
  if (type === 'link') {
    const at = quoted.indexOf(' -> ', name.length)
    if (at >= 0) file.target = quoted.slice(at + 4).replace(/^(['"])(.*)\1$/s, '$2')
  }
  return [file]
}

/** Runs a command in a container to its end, or until it has said enough. */
async function run(
  session: Session,
  place: Omit<ContainerPlace, 'context'>,
  command: string[],
  most: number,
): Promise<{ output: Buffer; exit: ProcessExit; cut: boolean }> {
  const parts: Buffer[] = []
  let size = 0
  const enough = new AbortController()
  const late = setTimeout(() => enough.abort(), PATIENCE)
  try {
    const process = await startProcess(session, {
      ...place,
      command,
      signal: enough.signal,
      onOutput(data) {
        parts.push(data)
        size += data.length
        if (size >= most) enough.abort()
      },
    })
    const exit = await process.exit
    const cut = size >= most
    if (enough.signal.aborted && !cut) throw problem('Timeout', 'filesSlow', { container: place.container, seconds: PATIENCE / 1000 })
    return { output: Buffer.concat(parts).subarray(0, most), exit, cut }
  } catch (error) {
    session.report(error)
    throw error
  } finally {
    clearTimeout(late)
  }
}

/** Throws what the container said, unless it has done its work. */
function succeeded({ code, errors, error }: ProcessExit, container: string): void {
  if (code === 0) return
  if (code === 126 || code === 127 || /executable file not found|no such file or directory/i.test(error?.message ?? ''))
    throw problem('NoShell', 'noShell', { container })
  // `sh: 1: cd: can't cd to /nope`: where it was said is the shell's own affair.
  const words = errors.trim().replace(/^(\/bin\/)?(sh|head): ((line )?\d+: )?/, '') || error?.message
  if (words) throw new BackendError({ reason: error?.reason ?? 'Failed', message: words })
  throw problem('Failed', 'commandFailed')
}
