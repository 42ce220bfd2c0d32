/** What is thrown to leave the commands that run: errors of the shell, `exit`, `return`, `break` and `continue`, Ctrl-C. */

/** An error of the shell itself: printed, and fatal for a shell that is not interactive. */
export class ShellError extends Error {
  constructor(
    message: string,
    readonly status: number,
    /** bash: only the command it is found in is given up; the script goes on with the next line. */
    readonly discards = false,
  ) {
    super(message)
    this.name = 'ShellError'
  }
}

/** `exit`, or the end of a shell for another reason. */
export class ShellExit {
  constructor(readonly status: number) {}
}

/** `break` and `continue`. */
export class LoopControl {
  constructor(
    readonly kind: 'break' | 'continue',
    public levels: number,
  ) {}
}

/** `return` from a function or a sourced file. */
export class Return {
  constructor(readonly status: number) {}
}

/** Ctrl-C in an interactive shell: back to the prompt. */
export class Interrupted {}
