/** ab, the Apache HTTP server benchmarking tool, with the layout of its report. */
import { NetworkError } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { parseUrl, type Url } from './http-client.js'
import { lookUp, runLoad, statistics, type Sample } from './load.js'

const SHORT = 'n:c:t:s:b:B:p:u:T:v:lwim:x:y:z:C:H:A:P:X:VkdSqg:e:rhZ:f:E:I'

/** Errno of what ab prints after the text. */
const ERRNO: Readonly<Record<string, number>> = { ECONNREFUSED: 111, ETIMEDOUT: 110, EHOSTUNREACH: 113, ECONNRESET: 104, ENETUNREACH: 101 }

const USAGE = `Usage: %s [options] [http[s]://]hostname[:port]/path
Options are:
    -n requests     Number of requests to perform
    -c concurrency  Number of multiple requests to make at a time
    -t timelimit    Seconds to max. to spend on benchmarking
                    This implies -n 50000
    -s timeout      Seconds to max. wait for each response
                    Default is 30 seconds
    -b windowsize   Size of TCP send/receive buffer, in bytes
    -B address      Address to bind to when making outgoing connections
    -p postfile     File containing data to POST. Remember also to set -T
    -u putfile      File containing data to PUT. Remember also to set -T
    -T content-type Content-type header to use for POST/PUT data, eg.
                    'application/x-www-form-urlencoded'
                    Default is 'text/plain'
    -v verbosity    How much troubleshooting info to print
    -w              Print out results in HTML tables
    -i              Use HEAD instead of GET
    -x attributes   String to insert as table attributes
    -y attributes   String to insert as tr attributes
    -z attributes   String to insert as td or th attributes
    -C attribute    Add cookie, eg. 'Apache=1234'. (repeatable)
    -H attribute    Add Arbitrary header line, eg. 'Accept-Encoding: gzip'
                    Inserted after all normal header lines. (repeatable)
    -A attribute    Add Basic WWW Authentication, the attributes
                    are a colon separated username and password.
    -P attribute    Add Basic Proxy Authentication, the attributes
                    are a colon separated username and password.
    -X proxy:port   Proxyserver and port number to use
    -V              Print version number and exit
    -k              Use HTTP KeepAlive feature
    -d              Do not show percentiles served table.
    -S              Do not show confidence estimators and warnings.
    -q              Do not show progress when doing more than 150 requests
    -l              Accept variable document length (use this for dynamic pages)
    -g filename     Output collected data to gnuplot format file.
    -e filename     Output CSV file with percentages served
    -r              Don't exit on socket receive errors.
    -m method       Method name
    -h              Display usage information (this message)
    -I              Disable TLS Server Name Indication (SNI) extension
    -Z ciphersuite  Specify SSL/TLS cipher suite (See openssl ciphers)
    -f protocol     Specify SSL/TLS protocol
                    (SSL2, TLS1, TLS1.1, TLS1.2, TLS1.3 or ALL)
    -E certfile     Specify optional client certificate chain and private key`

const VERSION = `This is ApacheBench, Version 2.3 <$Revision: 1913912 $>
Copyright 1996 Adam Twiss, Zeus Technology Ltd, http://www.zeustech.net/
Licensed to The Apache Software Foundation, http://www.apache.org/

`

interface Report {
  samples: Sample[]
  server: string
  length: number
  wrongLength: number
  failed: number
  received: number
  non2xx: number
  kept: number
  transferred: number
  html: number
}

export function ab(): Program {
  return command('coreutils', async (c) => {
    const usage = (message?: string): Fail => new Fail(`${message ? `ab: ${message}\n` : ''}${USAGE.replace('%s', 'ab')}`, 22)
    // getopt's word for it, then everything.
    const o = await c.optionsOr({ short: SHORT, usage: '' }, (fault) => usage(fault.replace(/^ab: /, '')))
    if (o.has('h')) throw usage()
    if (o.has('V')) return void (await c.print(VERSION.trimEnd() + '\n'))
    if (o.operands.length !== 1) throw usage('wrong number of arguments')
    const text = o.operands[0]!
    const url = /^(https?:\/\/)?[^/:]+(:\d+)?\//.test(text) ? parseUrl(text) : undefined
    if (!url) throw usage('invalid URL')
    const concurrency = Number(o.get('c') ?? 1)
    const count = o.has('n') ? Number(o.get('n')) : o.has('t') ? 50_000 : 1
    if (!(concurrency >= 1 && concurrency <= 20_000)) throw usage(`Invalid Concurrency [Range 0..20000]`)
    if (!(count >= 1)) throw usage('Invalid number of requests')
    if (concurrency > count) throw usage('Cannot use concurrency level greater than total number of requests')
    return run(c, o, url, count, concurrency)
  })
}

async function run(c: Command, o: Options, url: Url, count: number, concurrency: number): Promise<number> {
  const { clock } = c.task
  const every = !o.has('q') && count > 150 ? Math.max(100, Math.floor(count / 10)) : 0
  await c.print(VERSION)
  await c.print(`Benchmarking ${url.host} (be patient)${every ? '\n' : '...'}`)
  const address = await lookUp(c, url.host)
  if (address === undefined) throw new Fail(`\nab: Could not resolve host ${url.host}: Name or service not known (670002)`, 1)
  const keepAlive = o.has('k')
  const report: Report = {
    samples: [],
    server: '',
    length: -1,
    wrongLength: 0,
    failed: 0,
    received: 0,
    non2xx: 0,
    kept: 0,
    transferred: 0,
    html: 0,
  }
  const started = clock.now()
  let fatal: Fail | undefined
  await runLoad(
    c,
    {
      url,
      address,
      request: requestBytes(c, o, url, keepAlive),
      isHead: o.has('i'),
      connections: concurrency,
      keepAlive,
      count,
      until: o.has('t') ? started + Number(o.get('t')) * 1000 : Infinity,
      patience: Number(o.get('s') ?? 30) * 1000,
    },
    async (sample) => {
      record(report, sample, o.has('l'))
      if (every && report.samples.length % every === 0) await c.task.writeError(`Completed ${report.samples.length} requests\n`)
    },
    (error) => {
      report.failed++
      const code = error instanceof NetworkError ? error.code : (error as Error).message === 'timeout' ? 'ETIMEDOUT' : 'ECONNRESET'
      const where = code === 'ETIMEDOUT' ? 'apr_pollset_poll: The timeout specified has expired (70007)' : undefined
      if (o.has('r') && code !== 'ECONNREFUSED') {
        report.received++
        return
      }
      const total = report.samples.length > 0 ? `\nTotal of ${report.samples.length} requests completed` : ''
      fatal = new Fail(
        (where ??
          `apr_socket_recv: ${errorText(error instanceof NetworkError ? error : new NetworkError(code, ''))} (${ERRNO[code] ?? 104})`) +
          total,
        where ? 7 : (ERRNO[code] ?? 104),
      )
      throw fatal
    },
  ).catch((error: unknown) => {
    if (fatal) throw fatal
    throw error
  })
  if (every) await c.task.writeError(`Finished ${report.samples.length} requests\n`)
  else await c.print('..done\n')
  await c.print(layout(o, url, report, concurrency, (clock.now() - started) / 1000))
  return 0
}

function requestBytes(c: Command, o: Options, url: Url, keepAlive: boolean): Uint8Array {
  const body = o.has('p') ? c.fs.readFile(o.get('p')!) : o.has('u') ? c.fs.readFile(o.get('u')!) : undefined
  const method = o.get('m') ?? (o.has('i') ? 'HEAD' : o.has('p') ? 'POST' : o.has('u') ? 'PUT' : 'GET')
  const standard = url.port === (url.scheme === 'https' ? 443 : 80)
  const own = o.all('H').map((h) => h.trim())
  const named = (name: string): boolean => own.some((h) => h.toLowerCase().startsWith(`${name}:`))
  const basic = (value: string): string => Buffer.from(value).toString('base64')
  const lines = [
    `${method} ${url.path} HTTP/1.0`,
    ...(keepAlive ? ['Connection: Keep-Alive'] : []),
    ...o.all('C').map((cookie) => `Cookie: ${cookie}`),
    ...(o.has('A') ? [`Authorization: Basic ${basic(o.get('A')!)}`] : []),
    ...(named('host') ? [] : [`Host: ${url.host}${standard ? '' : `:${url.port}`}`]),
    ...(named('user-agent') ? [] : ['User-Agent: ApacheBench/2.3']),
    ...(named('accept') ? [] : ['Accept: */*']),
    ...(body ? [`Content-length: ${body.length}`, `Content-type: ${o.get('T') ?? 'text/plain'}`] : []),
    ...own,
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body ?? Buffer.alloc(0)])
}

function record(report: Report, sample: Sample, variable: boolean): void {
  const { answer } = sample
  report.samples.push(sample)
  report.server ||= answer.headers['server'] ?? ''
  if (report.length < 0) report.length = answer.bodyBytes
  else if (!variable && answer.bodyBytes !== report.length) report.wrongLength++
  if (answer.status < 200 || answer.status > 299) report.non2xx++
  if (answer.reusable && answer.headers['connection']?.toLowerCase() === 'keep-alive') report.kept++
  report.transferred += answer.headBytes + answer.bodyBytes
  report.html += answer.bodyBytes
}

function layout(o: Options, url: Url, report: Report, concurrency: number, seconds: number): string {
  const { samples } = report
  const done = samples.length
  const time = Math.max(seconds, 0.000001)
  const row = (name: string, value: string | number, unit = ''): string => `${`${name}:`.padEnd(24)}${value}${unit}\n`
  const failures = report.failed + report.wrongLength
  let text =
    `\n\n${row('Server Software', report.server)}${row('Server Hostname', url.host)}${row('Server Port', url.port)}` +
    (url.scheme === 'https' ? row('SSL/TLS Protocol', 'TLSv1.3,TLS_AES_256_GCM_SHA384,2048,256') + row('TLS Server Name', url.host) : '') +
    `\n${row('Document Path', url.path)}${row('Document Length', o.has('l') ? 'Variable' : `${Math.max(0, report.length)} bytes`)}` +
    `\n${row('Concurrency Level', concurrency)}${row('Time taken for tests', `${seconds.toFixed(3)} seconds`)}` +
    `${row('Complete requests', done)}${row('Failed requests', failures)}`
  if (failures > 0)
    text += `   (Connect: 0, Receive: ${report.received}, Length: ${report.wrongLength}, Exceptions: ${report.failed - report.received})\n`
  if (report.non2xx > 0) text += row('Non-2xx responses', report.non2xx)
  if (o.has('k')) text += row('Keep-Alive requests', report.kept)
  text += `${row('Total transferred', `${report.transferred} bytes`)}${row('HTML transferred', `${report.html} bytes`)}`
  if (done === 0) return text
  text +=
    row('Requests per second', `${(done / time).toFixed(2)} [#/sec] (mean)`) +
    row('Time per request', `${((concurrency * seconds * 1000) / done).toFixed(3)} [ms] (mean)`) +
    row('Time per request', `${((seconds * 1000) / done).toFixed(3)} [ms] (mean, across all concurrent requests)`) +
    row('Transfer rate', `${(report.transferred / 1024 / time).toFixed(2)} [Kbytes/sec] received`)
  const line = (name: string, values: number[]): string => {
    const s = statistics(values)
    const n = (value: number, width: number): string => String(Math.round(value)).padStart(width)
    return `${`${name}:`.padEnd(12)}${n(s.min, 5)} ${n(s.mean, 4)} ${s.deviation.toFixed(1).padStart(5)} ${n(s.median, 6)} ${n(s.max, 7)}\n`
  }
  text +=
    '\nConnection Times (ms)\n              min  mean[+/-sd] median   max\n' +
    line(
      'Connect',
      samples.map((s) => s.connect),
    ) +
    line(
      'Processing',
      samples.map((s) => s.total - s.connect),
    ) +
    line(
      'Waiting',
      samples.map((s) => s.wait),
    ) +
    line(
      'Total',
      samples.map((s) => s.total),
    )
  if (o.has('d') || done < 2) return text
  const totals = samples.map((s) => s.total).sort((a, b) => a - b)
  const shares = [50, 66, 75, 80, 90, 95, 98, 99].map((p) => {
    const value = totals[Math.min(done - 1, Math.floor((done * p) / 100))]!
    return `  ${p}%  ${String(Math.round(value)).padStart(5)}\n`
  })
  return `${text}\nPercentage of the requests served within a certain time (ms)\n${shares.join('')} 100%  ${String(Math.round(totals.at(-1)!)).padStart(5)} (longest request)\n`
}
