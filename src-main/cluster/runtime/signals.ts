/** What signals do by default, and their names and numbers as shells and `kill -l` know them. */
import { signalNumbers, type Signal } from './process.js'

export type DefaultAction = 'terminate' | 'ignore' | 'stop' | 'continue'

const special: Partial<Record<Signal, DefaultAction>> = {
  CHLD: 'ignore',
  WINCH: 'ignore',
  URG: 'ignore',
  CONT: 'continue',
  STOP: 'stop',
  TSTP: 'stop',
  TTIN: 'stop',
  TTOU: 'stop',
}

/** signal(7): what happens to a process that has no handler. */
export function defaultAction(signal: Signal): DefaultAction {
  return special[signal] ?? 'terminate'
}

const byNumber = new Map<number, Signal>(Object.entries(signalNumbers).map(([name, n]) => [n, name as Signal]))

/** The signal of a number, such as 15. */
export function signalOfNumber(n: number): Signal | undefined {
  return byNumber.get(n)
}

/** A signal as a person writes it: `15`, `TERM`, `SIGTERM`, `term`. */
export function parseSignal(text: string): Signal | undefined {
  if (/^\d+$/.test(text)) return byNumber.get(Number(text))
  const name = text.toUpperCase().replace(/^SIG/, '')
  return Object.hasOwn(signalNumbers, name) ? (name as Signal) : undefined
}

/** What a shell prints of a child that a signal ended: `Terminated`, `Killed`. */
export function signalText(signal: Signal): string {
  return descriptions[signal]
}

const descriptions: Record<Signal, string> = {
  HUP: 'Hangup',
  INT: 'Interrupt',
  QUIT: 'Quit',
  ILL: 'Illegal instruction',
  TRAP: 'Trace/breakpoint trap',
  ABRT: 'Aborted',
  BUS: 'Bus error',
  FPE: 'Floating point exception',
  KILL: 'Killed',
  USR1: 'User defined signal 1',
  SEGV: 'Segmentation fault',
  USR2: 'User defined signal 2',
  PIPE: 'Broken pipe',
  ALRM: 'Alarm clock',
  TERM: 'Terminated',
  STKFLT: 'Stack fault',
  CHLD: 'Child exited',
  CONT: 'Continued',
  STOP: 'Stopped (signal)',
  TSTP: 'Stopped',
  TTIN: 'Stopped (tty input)',
  TTOU: 'Stopped (tty output)',
  URG: 'Urgent I/O condition',
  XCPU: 'CPU time limit exceeded',
  XFSZ: 'File size limit exceeded',
  VTALRM: 'Virtual timer expired',
  PROF: 'Profiling timer expired',
  WINCH: 'Window changed',
  IO: 'I/O possible',
  PWR: 'Power failure',
  SYS: 'Bad system call',
}
