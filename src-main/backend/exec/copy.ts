/**
 * The `copy` stream: files between a container and this machine, by the container's own tar, as `kubectl cp` does it
 * (https://kubernetes.io/docs/reference/kubectl/generated/kubectl_cp/). Links are left out, as there: one that leads
 * elsewhere on this machine must not be followed.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as tar from 'tar'
import { withHome } from '../../directories.js'
import { BackendError, toRpcError, problem } from '../errors.js'
import type { CopyParams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { Session } from '../session/session.js'
import { startProcess, type ProcessExit } from './process.js'

/** Bytes that may wait for the connection before reading from the disk pauses. */
const MOST_WAITING = 4 * 1024 * 1024
/** How often the window is told how far it is, ms. */
const TELL_EVERY = 100

export async function streamCopy(session: Session, params: CopyParams, stream: StreamContext<'copy'>): Promise<void> {
  const progress = new Progress(stream)
  try {
    if (!params.remote.trim()) throw invalid('The path in the container is empty.')
    if (!params.local.trim()) throw invalid('The path on this machine is empty.')
    if (params.direction === 'from') await copyFrom(session, params, stream.signal, progress)
    else await copyTo(session, params, stream.signal, progress)
    progress.done()
  } catch (error) {
    session.report(error)
    progress.done(toRpcError(error))
  }
  stream.end()
}

/** Tells the window how far it is, not more often than a person can read. */
class Progress {
  private bytes = 0
  private files = 0
  private skipped = 0
  private told = 0

  constructor(private readonly stream: StreamContext<'copy'>) {}

  add(bytes: number): void {
    this.bytes += bytes
    if (performance.now() - this.told < TELL_EVERY) return
    this.told = performance.now()
    this.stream.emit({ type: 'progress', bytes: this.bytes, files: this.files })
  }

  /** Counts an entry; false for one that is left out. */
  take(type: string | undefined): boolean {
    if (type === 'SymbolicLink' || type === 'Link') this.skipped++
    else if (type !== 'Directory') this.files++
    return type !== 'SymbolicLink' && type !== 'Link'
  }

  done(error?: BackendError['rpc']): void {
    const { bytes, files, skipped } = this
    this.stream.emit({ type: 'end', bytes, files, skipped, ...(error ? { error } : {}) })
  }
}

async function copyFrom(session: Session, params: CopyParams, signal: AbortSignal, progress: Progress): Promise<void> {
  const local = onThisMachine(params.local)
  const remote = withoutSlash(params.remote)
  const base = path.posix.basename(remote) || '.'
  const intoFolder = fs.statSync(local, { throwIfNoEntry: false })?.isDirectory() === true
  const folder = intoFolder ? local : path.dirname(local)
  if (!fs.existsSync(folder)) throw problem('NotFound', 'folderMissing', { path: folder })
  const name = intoFolder ? base : path.basename(local)
  let failed: Error | undefined
  const unpack = new tar.Unpack({
    cwd: folder,
    filter: (_path, entry) => progress.take((entry as tar.ReadEntry).type),
    onReadEntry: (entry) => {
      // What was asked for comes under the name that was asked for.
      if (base !== '.') entry.path = name + entry.path.slice(base.length)
    },
    onwarn: (code, message) => {
      if (code !== 'TAR_ENTRY_INFO') failed ??= new Error(message)
    },
  })
  const unpacked = new Promise<void>((resolve, reject) => {
    unpack.once('close', resolve)
    unpack.once('error', reject)
  })
  const process = await startProcess(session, {
    ...params,
    command: ['tar', 'cf', '-', '-C', path.posix.dirname(remote), base],
    signal,
    onOutput(data, flow) {
      progress.add(data.length)
      if (unpack.write(data)) return
      flow.pause()
      unpack.once('drain', () => flow.resume())
    },
  })
  succeeded(await process.exit, params)
  unpack.end()
  await unpacked
  if (failed) throw failed
}

async function copyTo(session: Session, params: CopyParams, signal: AbortSignal, progress: Progress): Promise<void> {
  const local = onThisMachine(params.local)
  if (!fs.existsSync(local)) throw problem('NotFound', 'pathMissing', { path: local })
  const remote = withoutSlash(params.remote)
  const isFolder = await startProcess(session, { ...params, command: ['test', '-d', remote], signal })
  const intoFolder = (await isFolder.exit).code === 0
  const base = path.basename(local)
  const name = intoFolder ? base : path.posix.basename(remote)
  const folder = intoFolder ? remote : path.posix.dirname(remote)
  const process = await startProcess(session, { ...params, command: ['tar', 'xmf', '-', '-C', folder], stdin: true, signal })
  const pack = new tar.Pack({
    cwd: path.dirname(local),
    // The modes, not the owners of this machine.
    portable: true,
    filter: (_path, entry) => progress.take(typeOf(entry as fs.Stats)),
    onWriteEntry: (entry) => {
      entry.path = name + entry.path.slice(base.length)
    },
  })
  const send = async (): Promise<void> => {
    for await (const chunk of pack) {
      if (signal.aborted) return
      progress.add((chunk as Buffer).length)
      process.write(chunk as Buffer)
      while (process.waiting > MOST_WAITING && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    process.endInput()
  }
  pack.write(base)
  pack.end()
  // A tar that gives up early ends the sending too.
  await Promise.race([send(), process.exit])
  succeeded(await process.exit, params)
}

/** Throws what a container's tar said, unless it has done its work. */
function succeeded({ code, errors, error }: ProcessExit, { container }: CopyParams): void {
  if (code === 0) return
  if (code === 126 || code === 127 || /"tar": executable file not found/.test(error?.message ?? ''))
    throw problem('NoTar', 'noTar', { container })
  const words = errors.trim() || error?.message
  if (words) throw new BackendError({ reason: error?.reason ?? 'Failed', message: words })
  throw problem('Failed', 'tarFailed', { code: String(code) })
}

function withoutSlash(remote: string): string {
  return remote.trim().replace(/(?<=.)\/+$/, '')
}

function typeOf(stat: fs.Stats): string {
  if (stat.isSymbolicLink()) return 'SymbolicLink'
  return stat.isDirectory() ? 'Directory' : 'File'
}

/** An absolute path; `~` is the person's home, and what is relative begins there. */
function onThisMachine(given: string): string {
  return path.resolve(os.homedir(), withHome(given))
}

function invalid(message: string): BackendError {
  return new BackendError({ reason: 'Invalid', message })
}
