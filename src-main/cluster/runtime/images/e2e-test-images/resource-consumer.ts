/**
 * resource-consumer: uses as much CPU and memory as it is told, for tests of autoscaling.
 * https://github.com/kubernetes/kubernetes/tree/master/test/images/resource-consumer
 */
import type { Image } from '../image.js'
import type { Program } from '../../process.js'
import { taskOf } from '../../task.js'
import { goFlag } from '../http-echo/family.js'
import { readBody, serveInProcess, untilTerminated } from '../server-process.js'
import { busyboxTree } from '../userland.js'

/** CPU is used in slices of this length, cluster ms. */
const SLICE = 100
const OWN_MEMORY = 8 * 1024 * 1024

/** What a request may be asked to bring. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  '/ConsumeCPU': ['millicores', 'durationSec'],
  '/ConsumeMem': ['megabytes', 'durationSec'],
}

/** Serves on `--port` and consumes what it is asked to. */
export const consumer: Program = async (process) => {
  const port = Number(goFlag(process.argv.slice(1), 'port') ?? 8080)
  process.setMemory(OWN_MEMORY)
  let megabytes = 0

  const consume = (what: string, amount: number, seconds: number): void => {
    if (what === '/ConsumeMem') {
      megabytes += amount
      process.setMemory(OWN_MEMORY + megabytes * 1024 * 1024)
      process.clock.after(seconds * 1000, () => {
        megabytes -= amount
        process.setMemory(OWN_MEMORY + megabytes * 1024 * 1024)
      })
      return
    }
    const until = process.clock.now() + seconds * 1000
    taskOf(process).fork(async (child) => {
      while (child.clock.now() < until) {
        const began = child.clock.now()
        await child.compute((amount / 1000) * SLICE)
        await child.sleep(Math.max(0, SLICE - (child.clock.now() - began)))
      }
      return 0
    })
  }

  serveInProcess(process, port, async (req, res) => {
    const refuse = (status: number, why: string): void => {
      res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' })
      res.end(`${why}\n`)
    }
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://x')
    const form = new URLSearchParams(await readBody(req))
    if (req.method !== 'POST') return refuse(400, 'Bad request. Not a POST request')
    const names = ARGUMENTS[pathname]
    if (!names) return refuse(404, 'unknown function')
    const values = names.map((name) => form.get(name) ?? searchParams.get(name) ?? '')
    if (values.includes('')) return refuse(400, 'not given function argument')
    if (!values.every((value) => /^\d+$/.test(value))) return refuse(400, 'incorrect function argument')
    const [amount, seconds] = values.map(Number) as [number, number]
    consume(pathname, amount, seconds)
    res.end(`${pathname.slice(1)}\n${amount} ${names[0]}\n${seconds} ${names[1]}\n`)
  })
  return untilTerminated(process)
}

export const resourceConsumer: Image = {
  entrypoint: ['/consumer'],
  exposedPorts: [8080],
  size: 27_000_000,
  baseMemory: 4_000_000,
  files: () => ({ ...busyboxTree(), '/consumer': { program: consumer } }),
}
