/** The end of an interactive shell, which jobs that are stopped hold up once. */
import { jobState } from './jobs.js'
import type { Shell } from './shell.js'

/**
 * Whether the shell can end now. Says that it ends, or that there are stopped jobs, where that was not said just before.
 * @param atEnd whether the input has ended, as by Ctrl-D
 */
export async function mayLeave(shell: Shell, atEnd = false): Promise<boolean> {
  const bash = shell.dialect === 'bash'
  const farewell = bash ? (shell.isLogin ? 'logout\n' : 'exit\n') : atEnd ? '\n' : ''
  const stopped = !shell.toldOfJobs && shell.jobs.list().some((job) => jobState(job) === 'stopped')
  // Only bash says that it leaves before it does not.
  if (!stopped || bash) await shell.task.writeError(farewell)
  if (stopped) await shell.task.writeError(bash ? 'There are stopped jobs.\n' : 'You have stopped jobs.\n')
  shell.toldOfJobs = stopped
  return !stopped
}
