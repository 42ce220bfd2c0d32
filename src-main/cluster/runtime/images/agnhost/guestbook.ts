/** agnhost guestbook: the three servers of the guestbook example, front end, primary and replicas, in one program. */
import type { ServerResponse } from 'node:http'
import { httpRequest } from '../../../network/http.js'
import { Killed, type Process } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { isAddressInUse, readBody, serveInProcess, untilTerminated } from '../server-process.js'
import { fatal, httpError, log } from './golog.js'

/** How long a replica tries to find its primary, and how long it waits between two tries, cluster ms. */
const PATIENCE = 15_000
const RETRY_AFTER = 1_000

interface Book {
  readonly process: Process
  /** Where primaries and replicas listen. */
  readonly port: number
  entries: Record<string, unknown>
  readonly replicas: string[]
}

async function ask({ process, port }: Book, host: string, request: string): Promise<string> {
  const answer = await httpRequest(process.net, { host, port, path: `/${request}`, signal: process.aborted })
  return readBody(answer)
}

/** Tells the primary of itself and takes over its entries. Undefined when that worked, else the exit code. */
async function register(book: Book, primary: string): Promise<number | undefined> {
  const { process, port } = book
  const until = process.clock.now() + PATIENCE
  for (; process.clock.now() < until; await process.sleep(RETRY_AFTER)) {
    try {
      await process.net.resolve(primary)
      const request = `register?host=${process.net.ip}`
      await log(process, `Registering to primary: ${primary}:${port}/${request}`)
      book.entries = (JSON.parse(await ask(book, primary, request)) as { data: Record<string, unknown> }).data
      await log(process, `Registered to node: ${primary}`)
      return undefined
    } catch (error) {
      if (error instanceof Killed) throw error
      await log(process, `encountered error while registering to primary: ${(error as Error).message}. Retrying in 1s.`)
    }
  }
  return fatal(process, 'Timed out while registering to primary.')
}

async function answer(book: Book, path: string, query: URLSearchParams, res: ServerResponse): Promise<void> {
  const { process, entries, replicas } = book
  const key = query.get('key') ?? ''
  const value = query.get('value') ?? ''
  switch (path) {
    case '/register': {
      const host = query.get('host') ?? ''
      await log(process, `GET /register?host=${host}`)
      res.end(JSON.stringify({ data: entries }))
      replicas.push(host)
      return log(process, `Node '${host}' registered.`)
    }
    case '/get':
      await log(process, `GET /get?key=${key}`)
      return void res.end(JSON.stringify({ data: key ? (entries[key] ?? '') : entries }))
    case '/set':
      await log(process, `GET /set?key=${key}&value=${value}`)
      if (!key) return httpError(res, 400, 'cannot set with empty key.')
      entries[key] = value
      for (const replica of replicas) {
        try {
          await ask(book, replica, `set?key=${key}&value=${value}`)
        } catch (error) {
          return httpError(res, 417, `encountered error while propagating to replica '${replica}': ${(error as Error).message}`)
        }
      }
      return void res.end(JSON.stringify({ message: 'Updated' }))
    case '/guestbook': {
      const command = (query.get('cmd') ?? '').toLowerCase()
      await log(process, `GET /guestbook?cmd=${command}&key=${key}&value=${value}`)
      if (command !== 'get' && command !== 'set') return httpError(res, 400, `unsupported cmd: '${command}'`)
      if (command === 'set' && !key) return httpError(res, 400, 'cannot set with empty key.')
      try {
        return void res.end(
          await ask(book, command === 'get' ? 'agnhost-replica' : 'agnhost-primary', `${command}?key=${key}&value=${value}`),
        )
      } catch (error) {
        return httpError(res, 417, `encountered error: ${(error as Error).message}`)
      }
    }
    default:
      httpError(res, 404, '404 page not found')
  }
}

/** Serves the book on `--http-port`; with `--replicaof` it is told of every entry of that primary. */
export async function guestbook(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, 'http-port') ?? 80)
  const primary = goFlag(args, 'replicaof') ?? ''
  const book: Book = {
    process,
    port: Number(goFlag(args, 'backend-port') ?? 6379),
    entries: Object.create(null) as Record<string, unknown>,
    replicas: [],
  }
  process.setMemory(12 * 1024 * 1024)
  try {
    serveInProcess(process, port, async (req, res) => {
      await process.compute(0.1)
      req.resume()
      const { pathname, searchParams } = new URL(req.url ?? '/', 'http://x')
      await answer(book, pathname, searchParams, res)
    })
  } catch (error) {
    if (isAddressInUse(error)) return fatal(process, `listen tcp :${port}: bind: address already in use`)
    throw error
  }
  const failed = primary ? await register(book, primary) : undefined
  return failed ?? untilTerminated(process)
}
