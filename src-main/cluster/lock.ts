/** One process per data directory: a lock file that holds the process id, and knows a stale one when it sees it. */
import fs from 'node:fs'
import path from 'node:path'

/** Takes the lock. Throws a sentence that names the process when another one has it. Gives a function that releases it. */
export function lockDirectory(directory: string): () => void {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = path.join(directory, 'lock')
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      fs.writeFileSync(file, `${process.pid} ${startOf(process.pid)}\n`, { flag: 'wx' })
      return () => fs.rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const owner = ownerOf(file)
      if (owner !== undefined && owner !== process.pid)
        throw new Error(`${directory} is in use by process ${owner}; stop that one first, or choose another directory with --data`)
      // Its process is gone: it was killed and could not tidy up.
      fs.rmSync(file, { force: true })
    }
  }
  throw new Error(`cannot lock ${file}`)
}

/** Whether a running process holds a directory. */
export function isLocked(directory: string): boolean {
  const file = path.join(directory, 'lock')
  return fs.existsSync(file) && ownerOf(file) !== undefined
}

/** The running process that a lock file names; undefined when that one is gone. */
function ownerOf(file: string): number | undefined {
  const [pid = '', start = ''] = fs.readFileSync(file, 'utf8').trim().split(' ')
  const owner = Number(pid)
  return owner && isRunning(owner) && startOf(owner) === start ? owner : undefined
}

/** When a process began, as the OS counts it: tells a process from a later one with the same id. Empty where it is not told. */
function startOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command in parentheses may hold spaces; the start time is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
