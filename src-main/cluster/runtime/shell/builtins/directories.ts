/** bash: the directory stack: `pushd`, `popd`, `dirs`. */
import type { Shell } from '../shell.js'
import { cd } from './environment.js'

/** The stack with the working directory on top, as it is shown: `~` for the home directory. */
function shown(shell: Shell): string[] {
  const home = shell.variables.get('HOME') ?? ''
  const tilde = (d: string): string => (home !== '' && (d === home || d.startsWith(`${home}/`)) ? `~${d.slice(home.length)}` : d)
  return [shell.task.cwd, ...shell.directories].map(tilde)
}

async function print(shell: Shell, separator = ' '): Promise<void> {
  await shell.task.write(`${shown(shell).join(separator)}\n`)
}

export async function dirs(shell: Shell, argv: readonly string[]): Promise<number> {
  if (argv[1] === '-c') shell.directories = []
  else if (argv[1] === '-v')
    await shell.task.write(
      shown(shell)
        .map((d, i) => `${String(i).padStart(2)}  ${d}\n`)
        .join(''),
    )
  else await print(shell, argv[1] === '-p' ? '\n' : ' ')
  return 0
}

/** Goes to a directory and puts the old one on the stack; without one, swaps the two on top; `+N` turns the stack. */
export async function pushd(shell: Shell, argv: readonly string[]): Promise<number> {
  const [, to] = argv
  const all = [shell.task.cwd, ...shell.directories]
  const turn = /^\+(\d+)$/.exec(to ?? '')
  if (to === undefined || turn) {
    const n = turn ? Number(turn[1]) : 1
    if (n >= all.length) {
      await shell.complainBuiltin('pushd', to === undefined ? 'no other directory' : `${to}: directory stack index out of range`)
      return 1
    }
    const [top, ...rest] = to === undefined ? [all[1]!, all[0]!, ...all.slice(2)] : [...all.slice(n), ...all.slice(0, n)]
    if ((await cd(shell, ['cd', top!])) !== 0) return 1
    shell.directories = rest
  } else {
    if ((await cd(shell, ['pushd', to])) !== 0) return 1
    shell.directories = all
  }
  await print(shell)
  return 0
}

export async function popd(shell: Shell): Promise<number> {
  const [top, ...rest] = shell.directories
  if (top === undefined) {
    await shell.complainBuiltin('popd', 'directory stack empty')
    return 1
  }
  if ((await cd(shell, ['popd', top])) !== 0) return 1
  shell.directories = rest
  await print(shell)
  return 0
}
