/** The calls behind `http`, `net` and `dns`: sockets of the pod. HTTP itself is spoken by the network's own implementation. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { httpRequest, type HttpListener } from '../../../network/http.js'
import type { Connection, Listener } from '../../../network/network.js'
import { mapped } from '../node-app.js'
import { listenInProcess, serveInProcess } from '../server-process.js'
import type { HostFunction, Value } from './engine.js'
import { failure, type Script } from './script.js'
import { connectAs } from '../../own-sockets.js'

/** Every address, as a server hears that names none. */
const isAny = (address: string): boolean => address === '' || address === '::' || address === '0.0.0.0'
const listened = (port: number, address: string): string =>
  JSON.stringify(isAny(address) && address !== '0.0.0.0' ? { address: '::', family: 'IPv6', port } : { address, family: 'IPv4', port })
const hostOf = (address: string): string => (address === '' ? '::' : address === 'localhost' ? '127.0.0.1' : address)

function headOf(id: number, message: IncomingMessage): Value {
  const socket = message.socket as unknown as Connection
  const headers = Object.fromEntries(Object.entries(message.headers).filter(([, value]) => value !== undefined)) as Record<string, Value>
  const { method, url, statusCode, statusMessage, httpVersion, rawHeaders } = message
  return {
    id,
    httpVersion,
    headers,
    rawHeaders,
    ...(statusCode ? { statusCode, statusMessage: statusMessage ?? '' } : { method: method ?? '', url: url ?? '' }),
    remoteAddress: mapped(socket.remoteAddress),
    remotePort: socket.remotePort,
    localAddress: mapped(socket.localAddress),
    localPort: socket.localPort,
  }
}

export function httpCalls({ process, loop, dispatch }: Script): Record<string, HostFunction> {
  const servers = new Map<number, { listener: HttpListener; release: () => void }>()
  const answers = new Map<number, ServerResponse>()
  const requests = new Map<number, AbortController>()
  let last = 0

  const onRequest = (server: number, req: IncomingMessage, res: ServerResponse): void => {
    const id = ++last
    answers.set(id, res)
    if (res.shouldKeepAlive) {
      res.setHeader('Connection', 'keep-alive')
      res.setHeader('Keep-Alive', 'timeout=5')
    }
    const head = headOf(id, req)
    loop.post(() => dispatch(server, 'request', id, head))
    req.on('data', (data: Buffer) => loop.post(() => dispatch(server, 'data', id, data)))
    req.on('end', () => loop.post(() => dispatch(server, 'end', id)))
    res.on('close', () => {
      answers.delete(id)
      loop.post(() => dispatch(server, 'close', id))
    })
  }
  return {
    httpListen: (id: number, port: number, address: string) => {
      const listener = serveInProcess(process, port, (req, res) => onRequest(id, req, res), { address: hostOf(address) })
      servers.set(id, { listener, release: loop.hold() })
      return listened(listener.port, address)
    },
    httpClose: (id: number) => {
      const server = servers.get(id)
      servers.delete(id)
      server?.listener.close()
      loop.post(() => {
        server?.release()
        dispatch(id, 'closed')
      })
    },
    answerHead: (id: number, status: number, message: string, headersJson: string, explicit: boolean) => {
      const res = answers.get(id)
      if (!res || res.headersSent) return
      for (const [name, value] of JSON.parse(headersJson) as [string, string | string[]][]) res.setHeader(name, value)
      if (explicit) res.writeHead(status, message)
      else {
        res.statusCode = status
        res.statusMessage = message
      }
    },
    answerWrite: (id: number, data: Uint8Array) => void answers.get(id)?.write(data),
    answerEnd: (id: number, data?: Uint8Array) => void answers.get(id)?.end(data),
    // The connection goes with it, whatever was answered until then.
    answerDestroy: (id: number) => void answers.get(id)?.destroy(),
    httpRequest: (id: number, json: string, body?: Uint8Array) => {
      const options = JSON.parse(json) as { method: string; path: string; host: string; port: number; headers: Headers }
      const abort = new AbortController()
      requests.set(id, abort)
      const ask = async (): Promise<() => void> => {
        const stop = (): void => abort.abort()
        process.aborted.addEventListener('abort', stop, { once: true })
        const [address] = await process.net.resolve(options.host)
        try {
          const answer = await httpRequest(process.net, { ...options, headers: named(options), host: address!, body, signal: abort.signal })
          const head = headOf(id, answer)
          loop.post(() => dispatch(id, 'response', head))
          for await (const part of answer) loop.post(() => dispatch(id, 'data', part as Buffer))
          return () => dispatch(id, 'end')
        } catch (error) {
          return () => dispatch(id, 'error', failure(error, address))
        } finally {
          process.aborted.removeEventListener('abort', stop)
          requests.delete(id)
        }
      }
      loop.follow(ask().catch((error: unknown) => () => dispatch(id, 'error', failure(error))))
    },
    httpAbort: (id: number) => requests.get(id)?.abort(),
    resolveName: (id: number, name: string) =>
      loop.follow(
        process.net.resolve(name).then(
          (addresses) => () => dispatch(id, 'found', addresses),
          (error: unknown) => () => dispatch(id, 'error', failure(error)),
        ),
      ),
  }
}

type Headers = [name: string, value: string | string[]][]

/** The headers with the name in `Host`, which the address that it stands for is not to replace. */
function named({ host, port, headers }: { host: string; port: number; headers: Headers }): Record<string, string | string[]> {
  return { Host: port === 80 ? host : `${host}:${port}`, Connection: 'keep-alive', ...Object.fromEntries(headers) }
}

export function socketCalls({ process, loop, dispatch }: Script): Record<string, HostFunction> {
  const listeners = new Map<number, { listener: Listener; release: () => void }>()
  const waiting = new Map<number, Connection>()
  const open = new Map<number, Connection>()
  let last = 0

  const describe = ({ remoteAddress, remotePort, localAddress, localPort }: Connection): Record<string, Value> => ({
    remoteAddress,
    remotePort,
    localAddress,
    localPort,
  })
  const follow = (id: number, connection: Connection): void => {
    // The turn that told of it ran again.
    if (open.has(id)) return
    const release = loop.hold()
    open.set(id, connection)
    connection.on('data', (data: Buffer) => loop.post(() => dispatch(id, 'data', data)))
    connection.on('end', () => loop.post(() => dispatch(id, 'end')))
    connection.on('error', (error) => loop.post(() => dispatch(id, 'error', failure(error))))
    connection.on('close', () => {
      open.delete(id)
      loop.post(() => {
        release()
        dispatch(id, 'close')
      })
    })
    process.aborted.addEventListener('abort', () => connection.destroy(), { once: true })
  }
  return {
    socketListen: (id: number, port: number, address: string) => {
      const accept = (connection: Connection): void => {
        const number = ++last
        waiting.set(number, connection)
        const about = { ...describe(connection), remoteAddress: mapped(connection.remoteAddress), id: number }
        loop.post(() => dispatch(id, 'connection', about))
      }
      const listener = listenInProcess(process, port, accept, hostOf(address))
      listeners.set(id, { listener, release: loop.hold() })
      return listened(listener.port, address)
    },
    socketAccept: (_server: number, waitingId: number, id: number) => {
      const connection = waiting.get(waitingId)
      waiting.delete(waitingId)
      if (connection) follow(id, connection)
    },
    socketClose: (id: number) => {
      const found = listeners.get(id)
      listeners.delete(id)
      found?.listener.close()
      loop.post(() => {
        found?.release()
        dispatch(id, 'closed')
      })
    },
    socketConnect: (id: number, host: string, port: number) => {
      const connect = async (): Promise<() => void> => {
        let address: string | undefined
        try {
          ;[address] = await process.net.resolve(host)
          const connection = await connectAs(process, address!, port, process.aborted)
          const about = describe(connection)
          return () => {
            follow(id, connection)
            dispatch(id, 'connect', about)
          }
        } catch (error) {
          return () => {
            dispatch(id, 'error', failure(error, address))
            dispatch(id, 'close')
          }
        }
      }
      loop.follow(connect())
    },
    socketWrite: (id: number, data: Uint8Array) => void open.get(id)?.write(data),
    socketEnd: (id: number) => void open.get(id)?.end(),
    socketDestroy: (id: number) => void open.get(id)?.destroy(),
  }
}
