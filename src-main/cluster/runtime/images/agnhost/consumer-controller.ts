/** agnhost resource-consumer-controller: splits what is to be consumed over the pods of a Service of resource-consumers. */
import { httpRequest } from '../../../network/http.js'
import { parseResolvConf } from '../../../network/resolver.js'
import { errorText } from '../../errors.js'
import type { Process } from '../../process.js'
import { goFlag, goLogTime } from '../http-echo/family.js'
import { endAsGoDoes, isAddressInUse, Latch, readBody, serveInProcess } from '../server-process.js'
import { httpError } from './golog.js'

/** One thing that can be consumed: the fields of its form and its words. */
interface Kind {
  /** The field with the amount, and the one with the share of one request. */
  readonly amount: string
  readonly share: string
  /** A field that is handed on as it is. */
  readonly name?: string
  readonly plan: (share: number, rest: number) => string
  readonly done: (amount: number, name: string) => string
}

const kinds: Readonly<Record<string, Kind>> = {
  '/ConsumeCPU': {
    amount: 'millicores',
    share: 'requestSizeMillicores',
    plan: (share, rest) => `consume ${share} millicores each and 1 request to consume ${rest} millicores`,
    done: (amount) => `Consumed ${amount} millicores`,
  },
  '/ConsumeMem': {
    amount: 'megabytes',
    share: 'requestSizeMegabytes',
    plan: (share, rest) => `consume ${share} MB each and 1 request to consume ${rest} MB`,
    done: (amount) => `Consumed ${amount} megabytes`,
  },
  '/BumpMetric': {
    amount: 'delta',
    share: 'requestSizeMetrics',
    name: 'metric',
    plan: (share, rest) => `bump custom metric by ${share} each and 1 request to bump by ${rest}`,
    done: (amount, name) => `Bumped metric ${name} by ${amount}`,
  },
}

/** How many requests of one share are under way at once. */
const AT_ONCE = 100

/** Serves on `--port`; `--consumer-service-name`, `--consumer-service-namespace` and `--consumer-port` say who consumes. */
export async function consumerController(process: Process, args: readonly string[]): Promise<number> {
  const flag = (name: string, otherwise: string): string => goFlag(args, name) ?? otherwise
  const port = Number(flag('port', '8080'))
  const consumerPort = Number(flag('consumer-port', '8080'))
  const service = `${flag('consumer-service-name', 'resource-consumer')}.${flag('consumer-service-namespace', 'default')}`
  const end = new Latch<number>()
  endAsGoDoes(process, end)
  process.setMemory(10 * 1024 * 1024)

  /** Sends one share to whoever the Service picks; gives the line for the answer. */
  const send = async (path: string, form: Readonly<Record<string, string>>, done: string): Promise<string> => {
    const domain = parseResolvConf(process.net.resolvConf).search.find((suffix) => suffix.startsWith('svc.'))
    if (domain === undefined) {
      await process.writeError("panic: Could not find DNS suffix starting with 'svc.' substring\n")
      end.open(2)
      return ''
    }
    const host = `${service}.${domain}`
    try {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      const body = new URLSearchParams(form).toString()
      const request = { host, port: consumerPort, method: 'POST', path, headers, body, signal: process.aborted }
      await readBody(await httpRequest(process.net, request))
      return `${done}\n`
    } catch (error) {
      return `Failed to connect to consumer: Post "http://${host}:${consumerPort}${path}": ${errorText(error)}\n`
    }
  }

  try {
    serveInProcess(process, port, async (req, res) => {
      await process.compute(0.1)
      const { pathname, searchParams } = new URL(req.url ?? '/', 'http://x')
      const form = new URLSearchParams(await readBody(req))
      if (req.method !== 'POST') return httpError(res, 400, 'Bad request. Not a POST request')
      const kind = Object.hasOwn(kinds, pathname) ? kinds[pathname]! : undefined
      if (!kind) return httpError(res, 404, 'unknown function')
      const value = (name: string): string => form.get(name) ?? searchParams.get(name) ?? ''
      const numbers = ['durationSec', kind.amount, kind.share].map(value)
      const name = kind.name === undefined ? undefined : value(kind.name)
      if (numbers.includes('') || name === '') return httpError(res, 400, 'not given function argument')
      if (!numbers.every((text) => /^[+-]?\d+$/.test(text)) || Number(numbers[2]) <= 0)
        return httpError(res, 400, 'incorrect function argument')
      const [duration, amount, share] = numbers.map(Number) as [number, number, number]
      const count = Math.trunc(amount / share)
      const rest = amount - count * share
      res.setHeader('Content-Type', 'text/plain; charset=utf-8')
      res.write(`RC manager: sending ${count} requests to ${kind.plan(share, rest)}\n`)
      const ask = async (part: number): Promise<void> => {
        const fields = { [kind.amount]: String(part), durationSec: String(duration), ...(kind.name ? { [kind.name]: name! } : {}) }
        res.write(await send(pathname, fields, kind.done(part, name ?? '')))
      }
      let left = count
      const some = async (): Promise<void> => {
        while (left-- > 0) await ask(share)
      }
      const asked = Array.from({ length: Math.max(0, Math.min(count, AT_ONCE)) }, some)
      if (rest > 0) asked.push(ask(rest))
      await Promise.all(asked)
      res.end()
    })
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await process.writeError(`${goLogTime(process)} listen tcp :${port}: bind: address already in use\n`)
    return 1
  }
  return end.wait(process)
}
