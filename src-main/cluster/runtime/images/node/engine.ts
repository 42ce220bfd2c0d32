/**
 * A JavaScript engine of its own for one simulated process: QuickJS as WebAssembly. A script sees nothing but the
 * functions it is handed, which take and give plain values; its heap is a WebAssembly memory with a maximum, and a turn
 * that does not end is broken off. Nothing of the host's own engine is in its reach.
 */
import quickjsVariant from '@jitl/quickjs-singlefile-cjs-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core'
import { hostCpu } from '../../../host.js'
import { SystemError } from '../../process.js'
import { TurnRecord } from './turn-record.js'

/** What passes between the host and a script: plain data, with bytes as an ArrayBuffer in the script. */
export type Value = undefined | null | boolean | number | string | Uint8Array | readonly Value[] | { readonly [name: string]: Value }

/** A function of the host for scripts. A {@link SystemError} it throws becomes an Error with `code`. */
export type HostFunction = (...args: never[]) => Value | void

/** A function of the host that takes its time while the script stands still. */
export type WaitingFunction = (...args: never[]) => Promise<Value>

/** A script broke off: it asked to end, or its turn went on for too long. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/** The engine itself gave up, as a process that hits a wild address or has no stack left. */
export class EngineCrashed extends Error {
  override name = 'EngineCrashed'
}

const PAGE = 65_536
/** Pages that the engine starts with, before a script has allocated. */
const INITIAL_PAGES = 256
/** The heap grows by a twentieth at least: beyond this part of what it may be it does not. */
const FULL = 0.94
const STACK_BYTES = 128 * 1024
/** CPU ms of the simulated machine for one check of the interrupt handler, which is some 10,000 steps of a script. */
const CPU_PER_CHECK = 0.5
/** A turn with more checks than this is taken for an endless loop; about half a second of the host. */
const CHECKS_PER_TURN = 1000
/** A turn that takes more CPU ms of the host than this is taken for an endless loop, too: not all steps are cheap ones. */
const HOST_CPU_PER_TURN = 2000

/** What a script that may wait in a turn has in its text. */
const WAITS = /child_process/

// The package is CommonJS: what `default` is depends on who loads it.
const variant = ('default' in quickjsVariant ? quickjsVariant.default : quickjsVariant) as QuickJSSyncVariant

/** How modules of a script are found: absolute names, and the text for a name. */
export interface ModuleSource {
  resolve(base: string, name: string): string
  source(name: string): string
}

/** A function or an object inside the engine. */
export type EntryPoint = QuickJSHandle

export class Engine {
  /** CPU ms that scripts used and that nobody has accounted for yet. */
  cpuMs = 0
  /** The turn that runs goes on for ever. */
  endless = false
  /** Whether a script may wait in its turns from now on; those of others are not worth recording. */
  recordsTurns = false
  private record: TurnRecord | undefined
  private turns = 0
  private checks = 0
  private turnBegan = hostCpu()
  private stopping = false

  private constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly maxHeapBytes: number,
    private readonly runtime: QuickJSRuntime,
    private readonly vm: QuickJSContext,
  ) {
    runtime.setMaxStackSize(STACK_BYTES)
    runtime.setInterruptHandler(() => {
      this.cpuMs += CPU_PER_CHECK
      // A stack that overflows again and again makes each step take as long as a thousand others.
      if (++this.checks > CHECKS_PER_TURN || hostCpu() - this.turnBegan > HOST_CPU_PER_TURN) this.endless = true
      return this.ending
    })
  }

  /** @param maxHeapBytes what a script may allocate; more makes its allocation fail. */
  static async create(maxHeapBytes: number): Promise<Engine> {
    const maximum = INITIAL_PAGES + Math.ceil(maxHeapBytes / PAGE)
    const wasmMemory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum })
    const module = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmMemory }))
    const runtime = module.newRuntime()
    return new Engine(wasmMemory, maxHeapBytes, runtime, runtime.newContext())
  }

  /** Bytes that the script's heap has grown to. */
  get heapBytes(): number {
    return this.memory.buffer.byteLength - INITIAL_PAGES * PAGE
  }

  /** Whether the heap cannot grow any more: some allocation has failed, or the next one will. */
  get exhausted(): boolean {
    return this.heapBytes > this.maxHeapBytes * FULL
  }

  /** Whether what runs is broken off at its next step. */
  get ending(): boolean {
    return this.endless || this.stopping
  }

  /** From now on, what runs breaks off at its next step. */
  stop(): void {
    this.stopping = true
  }

  /** The limit on the length of a turn starts anew. The first one is recorded always: only its end tells what it loads. */
  beginTurn(): void {
    this.restartTurn()
    this.record = this.recordsTurns || this.turns++ === 0 ? new TurnRecord(this.memory) : undefined
  }

  endTurn(): void {
    this.record = undefined
  }

  /** What the turn was broken off for: once that is there, the turn is to be run again after {@link rewind}. */
  get awaited(): Promise<void> | undefined {
    return this.record?.awaited
  }

  /** Everything in the engine is again as it was when the turn began. */
  rewind(): void {
    this.record?.rewind()
    this.stopping = false
    this.restartTurn()
  }

  private restartTurn(): void {
    this.checks = 0
    this.turnBegan = hostCpu()
  }

  /** Runs a script and gives its value. Throws {@link Interrupted}; what the script throws becomes an Error. */
  evaluate(code: string, filename: string): QuickJSHandle {
    return this.guard(() => this.vm.evalCode(code, filename))
  }

  /** A function of the script called with values of the host. */
  call(fn: QuickJSHandle, ...args: Value[]): Value {
    const handles = args.map((arg) => this.toGuest(arg))
    const result = this.guard(() => this.vm.callFunction(fn, this.vm.undefined, handles))
    for (const handle of handles) handle.dispose()
    return result.consume((handle) => this.fromGuest(handle))
  }

  property(object: QuickJSHandle, name: string): QuickJSHandle {
    return this.vm.getProp(object, name)
  }

  /** As {@link call}, with arguments and a result that stay in the engine. */
  apply(fn: QuickJSHandle, ...args: QuickJSHandle[]): QuickJSHandle {
    return this.guard(() => this.vm.callFunction(fn, this.vm.undefined, args))
  }

  /** A value of the host inside the engine. */
  handle(value: Value): QuickJSHandle {
    return this.toGuest(value)
  }

  /** An object of host functions for scripts, and of `compile`, which they can call with a text and its file name. */
  hostObject(functions: Readonly<Record<string, HostFunction>>, waiting: Readonly<Record<string, WaitingFunction>> = {}): QuickJSHandle {
    const { vm } = this
    const object = vm.newObject()
    const add = (name: string, answer: (values: () => Value[]) => Value): void => {
      const wrapped = vm.newFunction(name, (...args) => {
        try {
          return this.toGuest(answer(() => args.map((arg) => this.fromGuest(arg))))
        } catch (error) {
          return { error: this.errorToGuest(error) }
        }
      })
      wrapped.consume((handle) => vm.setProp(object, name, handle))
    }
    for (const [name, fn] of Object.entries(functions))
      add(name, (values) => {
        const call = (): Value => (fn as (...all: Value[]) => Value | void)(...values()) as Value
        return this.record ? this.record.answer(name, call) : call()
      })
    // The script goes round in a loop when it gets nothing, and breaks off there.
    for (const [name, fn] of Object.entries(waiting))
      add(name, (values) => {
        if (!this.record) throw new SystemError('ENOSYS', 'Function not implemented')
        const answer = this.record.wait(name, () => (fn as (...all: Value[]) => Promise<Value>)(...values()))
        if (!answer) this.stopping = true
        return answer?.value
      })
    const evaluate = (type: 'global' | 'module') =>
      vm.newFunction('compile', (code, filename) => {
        const text = vm.getString(code)
        if (WAITS.test(text)) this.recordsTurns = true
        return vm.evalCode(text, vm.getString(filename), { type })
      })
    evaluate('global').consume((handle) => vm.setProp(object, 'compile', handle))
    evaluate('module').consume((handle) => vm.setProp(object, 'compileModule', handle))
    return object
  }

  /** Promise reactions that wait, until there are none. */
  runJobs(): void {
    while (this.runtime.hasPendingJob()) {
      const result = this.guardHost(() => this.runtime.executePendingJobs(200))
      if (result.error) {
        result.error.dispose()
        if (this.ending) throw new Interrupted()
      } else result.dispose()
    }
  }

  /** ES modules come from here. */
  loadModulesFrom(modules: ModuleSource): void {
    const failing = (work: () => string): string | { error: QuickJSHandle } => {
      try {
        return work()
      } catch (error) {
        return { error: this.errorToGuest(error) }
      }
    }
    this.runtime.setModuleLoader(
      (name) => failing(() => modules.source(name)),
      (base, name) => failing(() => modules.resolve(base, name)),
    )
  }

  private guardHost<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw new EngineCrashed(error instanceof Error ? error.message : String(error))
    }
  }

  private guard(work: () => { value: QuickJSHandle; error?: undefined } | { error: QuickJSHandle }): QuickJSHandle {
    const result = this.guardHost(work)
    if (!result.error) return result.value
    if (this.ending) {
      result.error.dispose()
      throw new Interrupted()
    }
    const error = result.error.consume((handle) => this.guardHost(() => this.vm.dump(handle) as unknown))
    throw errorFromDump(error)
  }

  private errorToGuest(error: unknown): QuickJSHandle {
    const { code, message } = error as { code?: unknown; message?: unknown }
    const handle = this.vm.newError(String(message))
    if (typeof code === 'string') this.vm.newString(code).consume((text) => this.vm.setProp(handle, 'code', text))
    return handle
  }

  private toGuest(value: Value): QuickJSHandle {
    const { vm } = this
    if (value === undefined) return vm.undefined
    if (value === null) return vm.null
    switch (typeof value) {
      case 'boolean':
        return value ? vm.true : vm.false
      case 'number':
        return vm.newNumber(value)
      case 'string':
        return vm.newString(value)
    }
    // A copy: the engine frees what it is given.
    if (value instanceof Uint8Array) return vm.newArrayBuffer(new Uint8Array(value).buffer)
    const object = Array.isArray(value) ? vm.newArray() : vm.newObject()
    for (const [name, item] of Object.entries(value))
      this.toGuest(item as Value).consume((handle) => vm.setProp(object, Array.isArray(value) ? Number(name) : name, handle))
    return object
  }

  private fromGuest(handle: QuickJSHandle): Value {
    const { vm } = this
    switch (vm.typeof(handle)) {
      case 'undefined':
        return undefined
      case 'boolean':
        return vm.sameValue(handle, vm.true)
      case 'number':
        return vm.getNumber(handle)
      case 'string':
        return vm.getString(handle)
      case 'object':
        if (vm.sameValue(handle, vm.null)) return null
        return vm.getArrayBuffer(handle).consume((bytes) => bytes.value.slice())
      default:
        throw new SystemError('EINVAL', 'Invalid argument')
    }
  }
}

function errorFromDump(dumped: unknown): Error {
  if (typeof dumped !== 'object' || dumped === null) return new Error(String(dumped))
  const { message, code } = dumped as { message?: unknown; code?: unknown }
  return Object.assign(new Error(String(message)), typeof code === 'string' ? { code } : {})
}
