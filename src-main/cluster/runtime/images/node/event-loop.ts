/** Node's event loop for a simulated process: one turn of the script at a time, and CPU, memory and output in between. */
import { taskOf, type Task } from '../../task.js'
import type { Process } from '../../process.js'
import { WaitQueue } from '../../waiting.js'
import { Interrupted, type Engine } from './engine.js'

/** Resident bytes of a Node.js process before its script allocates. */
const BASE_MEMORY = 38 * 1024 * 1024
/** CPU ms that any turn takes at least. */
const CPU_PER_TURN = 0.05
/** CPU ms for waiting in the middle of a turn: about what starting a program and waiting for it takes Node.js. */
const CPU_PER_WAIT = 5
/** How a script that never yields is billed: it takes all it gets, this many CPU ms at a time. */
const SPIN = 50

export class EventLoop {
  readonly task: Task
  private readonly queue: (() => void)[] = []
  private readonly arrived = new WaitQueue()
  private readonly output: { fd: 1 | 2; data: Uint8Array }[] = []
  private exitCode: number | undefined
  /** Things that may still call back; the process ends when there is none. */
  private held = 0

  constructor(
    process: Process,
    private readonly engine: Engine,
    private readonly hooks: {
      /** Runs what process.nextTick has queued; tells whether there was something. */
      ticks(): boolean
      /** Nothing is left to do; the exit code if the script does not find more. */
      idle(): number | undefined
    },
  ) {
    this.task = taskOf(process)
  }

  /** Something may call back later: a timer, a listener. Returns how to take that back. */
  hold(): () => void {
    this.held++
    let released = false
    return () => {
      if (released) return
      released = true
      this.held--
      this.arrived.wake()
    }
  }

  /** Whether something is left to do. */
  get busy(): boolean {
    return this.queue.length > 0 || this.held > 0
  }

  /** Runs `turn` when the script is not running. What it does outside of the engine may be done twice. */
  post(turn: () => void): void {
    if (this.exitCode !== undefined) return
    this.queue.push(turn)
    this.arrived.wake()
  }

  /** Work outside of the script that ends with a turn, or with nothing when the process is killed. */
  follow(work: Promise<() => void>): void {
    const release = this.hold()
    work.then(
      (turn) =>
        this.post(() => {
          release()
          turn()
        }),
      () => release(),
    )
  }

  print(fd: 1 | 2, data: Uint8Array): void {
    this.output.push({ fd, data })
  }

  /** Ends the process with a code; what runs of the script breaks off. */
  exit(code: number): void {
    this.exitCode ??= code
    this.engine.stop()
  }

  /** Runs until nothing is left to do, or the script exits. Resolves with the exit code. */
  async run(first: () => void): Promise<number> {
    this.queue.push(first)
    for (;;) {
      const next = this.queue.shift()
      if (next) {
        await this.turn(next)
      } else if (this.held > 0) {
        await this.arrived.wait(this.task)
        continue
      } else {
        let code: number | undefined
        await this.turn(() => (code = this.hooks.idle()))
        if (!this.busy) return this.exitCode ?? code ?? 0
      }
      if (this.exitCode !== undefined) return this.exitCode
    }
  }

  /** One turn, from its beginning again whenever it has waited for something in the middle. */
  private async turn(work: () => void): Promise<void> {
    const { engine } = this
    engine.beginTurn()
    this.attempt(work)
    while (engine.awaited && this.exitCode === undefined) {
      await this.settle()
      await engine.awaited
      engine.cpuMs += CPU_PER_WAIT
      engine.rewind()
      this.attempt(work)
    }
    engine.endTurn()
    await this.settle()
  }

  private attempt(work: () => void): void {
    try {
      work()
      do {
        this.hooks.ticks()
        this.engine.runJobs()
      } while (this.hooks.ticks())
    } catch (error) {
      if (!(error instanceof Interrupted) && !this.engine.exhausted) throw error
    }
    if (this.engine.exhausted) this.outOfMemory()
  }

  /** Ends the process as V8 does when its heap is full: a script cannot catch that. */
  outOfMemory(): void {
    if (this.exitCode !== undefined) return
    this.print(2, Buffer.from('\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\nAborted\n'))
    this.exit(134)
  }

  /** Pays for what the turn used, and waits until its output is taken. */
  private async settle(): Promise<void> {
    const { engine, task } = this
    task.setMemory(BASE_MEMORY + engine.heapBytes)
    for (let part = this.output.shift(); part; part = this.output.shift()) {
      try {
        await task.fd(part.fd)?.write(part.data)
      } catch (error) {
        task.check()
        void error // nobody reads any more: Node.js goes on without a reader
      }
    }
    const cpu = engine.cpuMs + CPU_PER_TURN
    engine.cpuMs = 0
    if (cpu > 5) await task.compute(cpu)
    else await task.tick(cpu)
    if (this.exitCode === undefined) while (engine.endless) await task.compute(SPIN)
  }
}
