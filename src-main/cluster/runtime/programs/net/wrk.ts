/** wrk, a HTTP benchmarking tool, with the layout of its report. */
import { errorText } from '../../errors.js'
import { NetworkError } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { command, Fail } from '../command.js'
import { parseUrl } from './http-client.js'
import { lookUp, runLoad, statistics } from './load.js'

const SPEC = {
  short: 'c:d:t:s:H:LT:vh',
  long: {
    'connections=': 'c',
    'duration=': 'd',
    'threads=': 't',
    'script=': 's',
    'header=': 'H',
    latency: 'L',
    'timeout=': 'T',
    version: 'v',
    help: 'h',
  },
  usage: '',
}

const USAGE = `Usage: wrk <options> <url>                            
  Options:                                            
    -c, --connections <N>  Connections to keep open   
    -d, --duration    <T>  Duration of test           
    -t, --threads     <N>  Number of threads to use   
                                                      
    -s, --script      <S>  Load Lua script file       
    -H, --header      <H>  Add header to request      
        --latency          Print latency statistics   
        --timeout     <T>  Socket/request timeout     
    -v, --version          Print version details      
                                                      
  Numeric arguments may include a SI unit (1k, 1M, 1G)
  Time arguments may include a time unit (2s, 2m, 2h)`

/** `10`, `30s`, `2m`, `1h` in ms; undefined for what is none. */
function duration(text: string): number | undefined {
  const match = /^(\d+)([smh]?)$/.exec(text)
  return match ? Number(match[1]) * { '': 1, s: 1, m: 60, h: 3600 }[match[2]!]! * 1000 : undefined
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let n = value
  let i = 0
  for (; n >= base && i < units.length - 1; i++) n /= base
  return `${n.toFixed(2)}${units[i]}`
}

const microseconds = (us: number): string =>
  us >= 60e6
    ? `${(us / 60e6).toFixed(2)}m`
    : us >= 1e6
      ? `${(us / 1e6).toFixed(2)}s`
      : us >= 1e3
        ? `${(us / 1e3).toFixed(2)}ms`
        : `${us.toFixed(2)}us`
const metric = (n: number): string => scaled(n, 1000, ['', 'k', 'M', 'G'])
const binary = (n: number): string => scaled(n, 1024, ['B', 'KB', 'MB', 'GB', 'TB'])

/** A value in its column: units of one and two letters line up. */
function unit(text: string, width: number): string {
  const pad = 2 - (/[a-z]$/i.test(text) ? 1 : 0) - (/[a-z].$/i.test(text) ? 1 : 0)
  return text.padStart(width - pad) + ' '.repeat(pad)
}

function statsLine(name: string, values: readonly number[], show: (n: number) => string): string {
  const { mean, deviation, max } = statistics(values)
  const near = values.filter((v) => Math.abs(v - mean) <= deviation).length
  const share = values.length > 0 ? (near / values.length) * 100 : 0
  return `    ${name.padEnd(10)}${unit(show(mean), 8)}${unit(show(deviation), 10)}${unit(show(max), 9)}${share.toFixed(2).padStart(8)}%\n`
}

export function wrk(): Program {
  return command('coreutils', async (c) => {
    const o = await c.optionsOr(SPEC, (fault) => new Fail(`${fault}\n${USAGE}`))
    if (o.has('v')) {
      await c.print('wrk 4.2.0 [epoll] Copyright (C) 2012 Will Glozer\n')
      return 1
    }
    const connections = Number(o.get('c') ?? 10)
    const threads = Number(o.get('t') ?? 2)
    const time = duration(o.get('d') ?? '10s')
    const text = o.operands[0]
    if (o.has('h') || text === undefined || time === undefined || !threads) throw new Fail(USAGE)
    const url = parseUrl(text)
    if (!url || !/^https?:\/\//.test(text)) throw new Fail(`invalid URL: ${text}`)
    if (o.has('s')) throw new Fail(`${o.get('s')}: cannot open ${o.get('s')}`)
    if (!connections || connections < threads) throw new Fail('number of connections must be >= threads')
    const address = await lookUp(c, url.host)
    if (address === undefined) throw new Fail(`unable to resolve ${url.host}:${url.scheme} Name or service not known`)
    const { clock } = c.task
    const standard = url.port === (url.scheme === 'https' ? 443 : 80)
    const own = o.all('H')
    const head = [
      `GET ${url.path} HTTP/1.1`,
      ...(own.some((h) => /^host:/i.test(h)) ? [] : [`Host: ${url.host}${standard ? '' : `:${url.port}`}`]),
      ...own,
    ]
    try {
      ;(await c.task.net.connect(address, url.port, c.task.aborted)).destroy()
    } catch (error) {
      c.task.check()
      if (!(error instanceof NetworkError)) throw error
      throw new Fail(`unable to connect to ${url.host}:${standard ? url.scheme : url.port} ${errorText(error)}`)
    }
    await c.print(`Running ${o.get('d') ?? '10s'} test @ ${text}\n  ${threads} threads and ${connections} connections\n`)
    const started = clock.now()
    const latencies: number[] = []
    const perSecond = new Map<number, number>()
    let bytes = 0
    let wrong = 0
    const errors = { connect: 0, read: 0, write: 0, timeout: 0 }
    await runLoad(
      c,
      {
        url,
        address,
        request: Buffer.from(`${head.join('\r\n')}\r\n\r\n`),
        isHead: false,
        connections,
        keepAlive: true,
        count: undefined,
        until: started + time,
        patience: duration(o.get('T') ?? '2s') ?? 2000,
      },
      ({ total, answer }) => {
        latencies.push(total * 1000)
        bytes += answer.headBytes + answer.bodyBytes
        if (answer.status > 399) wrong++
        const second = Math.floor((clock.now() - started) / 1000)
        perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
      },
      (error) => {
        if ((error as Error).message === 'timeout') errors.timeout++
        else if (error instanceof NetworkError && error.message.startsWith('connect')) errors.connect++
        else errors.read++
      },
    )
    const seconds = (clock.now() - started) / 1000
    const rates = [...perSecond.values()].map((n) => n / threads)
    await c.print(
      `  Thread Stats${'Avg'.padStart(6)}${'Stdev'.padStart(11)}${'Max'.padStart(8)}${'+/- Stdev'.padStart(12)}\n` +
        statsLine('Latency', latencies, microseconds) +
        statsLine('Req/Sec', rates, metric),
    )
    if (o.has('L')) {
      const sorted = [...latencies].sort((a, b) => a - b)
      const at = (p: number): string => microseconds(sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? 0)
      await c.print(`  Latency Distribution\n${[50, 75, 90, 99].map((p) => `${String(p).padStart(6)}% ${unit(at(p), 10)}\n`).join('')}`)
    }
    await c.print(`  ${latencies.length} requests in ${microseconds(seconds * 1e6)}, ${binary(bytes)} read\n`)
    const { connect, read, write, timeout } = errors
    if (connect + read + write + timeout > 0)
      await c.print(`  Socket errors: connect ${connect}, read ${read}, write ${write}, timeout ${timeout}\n`)
    if (wrong > 0) await c.print(`  Non-2xx or 3xx responses: ${wrong}\n`)
    await c.print(
      `Requests/sec: ${(latencies.length / seconds).toFixed(2).padStart(9)}\nTransfer/sec: ${unit(binary(bytes / seconds), 10)
        .trimEnd()
        .padStart(10)}\n`,
    )
    return 0
  })
}
