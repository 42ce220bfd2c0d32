/** wget as busybox has it, which is what most small images bring. */
import type { IncomingMessage } from 'node:http'
import type { Process, Program } from '../../process.js'
import { BadOption, parseArguments, type Parsed, type Takes } from './arguments.js'
import { deadline, FetchError, fetchHead, parseTarget, type Target } from './fetch.js'

const spec: Record<string, Takes> = {
  quiet: 'flag',
  spider: 'flag',
  continue: 'flag',
  'server-response': 'flag',
  'no-check-certificate': 'flag',
  'output-document': 'value',
  timeout: 'value',
  'user-agent': 'value',
  'post-data': 'value',
  'directory-prefix': 'value',
  tries: 'value',
  proxy: 'value',
  header: 'list',
  'no-verbose': 'flag',
}
const letters: Record<string, string> = {
  q: 'quiet',
  c: 'continue',
  S: 'server-response',
  O: 'output-document',
  T: 'timeout',
  U: 'user-agent',
  P: 'directory-prefix',
  t: 'tries',
  Y: 'proxy',
}

const USAGE = `BusyBox v1.36.1 (2024-06-13 09:00:00 UTC) multi-call binary.

Usage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
	[--post-data STR | --post-file FILE] [-Y on/off]
	[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...

Retrieve files via HTTP or FTP
`

export const wget: Program = async (p) => {
  let args: Parsed
  try {
    args = parseArguments(p.argv.slice(1), spec, letters)
  } catch (error) {
    if (!(error instanceof BadOption)) throw error
    const name = error.option.replace(/^-+/, '')
    await p.writeError(
      `wget: ${error.missingValue ? 'option requires an argument' : error.option.startsWith('--') ? 'unrecognized option' : 'unrecognized option'}: ${error.option.startsWith('--') ? error.option.slice(2) : name}\n${USAGE}`,
    )
    return 1
  }
  if (!args.operands.length) {
    await p.writeError(USAGE)
    return 1
  }
  let code = 0
  for (const url of args.operands) code = (await retrieve(p, args, url)) || code
  return code
}

function explain(error: FetchError): string {
  const { host, port, address } = error.target
  if (error.stage === 'resolve') return `bad address '${host}'`
  if (error.stage === 'connect') {
    const why = {
      ECONNREFUSED: 'Connection refused',
      EHOSTUNREACH: 'No route to host',
      ENETUNREACH: 'Network unreachable',
      ETIMEDOUT: 'Operation timed out',
    }[error.reason]
    return why ? `can't connect to remote host (${address ?? host}): ${why}` : 'download timed out'
  }
  if (error.stage === 'tls') return `TLS error from peer (alert code 0): ${error.reason}`
  return error.reason === 'TIMEOUT'
    ? 'download timed out'
    : `error getting response: ${error.reason === 'ECONNRESET' ? 'Connection reset by peer' : `Connection to ${host}:${port} closed`}`
}

async function retrieve(p: Process, { flags, values, lists }: Parsed, url: string): Promise<number> {
  const quiet = flags.has('quiet')
  const fail = async (text: string): Promise<number> => {
    await p.writeError(`wget: ${text}\n`)
    return 1
  }
  if (/^[a-z]+:\/\//i.test(url) && !/^https?:\/\//i.test(url)) return fail(`not an http or ftp url: ${url}`)
  let target = parseTarget(url)
  if (!target) return fail(`not an http or ftp url: ${url}`)
  const post = values.get('post-data')
  const headers: Record<string, string> = { 'User-Agent': values.get('user-agent') ?? 'Wget', Connection: 'close' }
  if (post !== undefined) headers['Content-Type'] = 'application/x-www-form-urlencoded'
  for (const h of lists.get('header') ?? []) {
    const colon = h.indexOf(':')
    if (colon > 0) headers[h.slice(0, colon).trim()] = h.slice(colon + 1).trim()
  }
  const timeout = values.has('timeout') ? Number(values.get('timeout')) * 1000 : 900_000
  const limit = deadline(p, timeout, target)
  try {
    let response: IncomingMessage
    for (let redirects = 0; ; redirects++) {
      if (!quiet) {
        const address = await p.net.resolve(target.host).catch(() => undefined)
        if (address)
          await p.writeError(
            `Connecting to ${target.host}${target.host === address[0] ? `:${target.port}` : ''} (${address[0]}:${target.port})\n`,
          )
      }
      response = await fetchHead(p, target, {
        method: post !== undefined ? 'POST' : flags.has('spider') ? 'HEAD' : 'GET',
        headers,
        ...(post !== undefined ? { body: post } : {}),
        insecure: true,
        connectTimeout: timeout,
        signal: limit.signal,
      })
      if (flags.has('server-response')) {
        await p.writeError(`  HTTP/${response.httpVersion} ${response.statusCode} ${response.statusMessage}\n`)
        for (let i = 0; i < response.rawHeaders.length; i += 2)
          await p.writeError(`  ${response.rawHeaders[i]}: ${response.rawHeaders[i + 1]}\n`)
      }
      const status = response.statusCode ?? 0
      const to = response.headers.location
      if (status < 300 || status >= 400 || !to) break
      response.resume()
      if (redirects >= 5) return await fail('too many redirections')
      const next: Target | undefined = /^https?:\/\//.test(to) ? parseTarget(to) : { ...target, path: to.startsWith('/') ? to : `/${to}` }
      if (!next) return await fail(`not an http or ftp url: ${to}`)
      target = next
    }
    if ((response.statusCode ?? 0) >= 300) {
      response.destroy()
      return await fail(`server returned error: HTTP/${response.httpVersion} ${response.statusCode} ${response.statusMessage}`)
    }
    if (flags.has('spider')) {
      response.destroy()
      if (!quiet) await p.writeError('remote file exists\n')
      return 0
    }
    return await save(p, response, target, quiet, values)
  } catch (error) {
    if (error instanceof FetchError) return fail(explain(error))
    throw error
  } finally {
    limit.cancel()
  }
}

async function save(p: Process, response: IncomingMessage, target: Target, quiet: boolean, values: Map<string, string>): Promise<number> {
  const last = target.path.split('?')[0]!.split('/').pop() || 'index.html'
  const name = values.get('output-document') ?? (values.has('directory-prefix') ? `${values.get('directory-prefix')}/${last}` : last)
  const toStdout = name === '-'
  if (!toStdout && !values.has('output-document') && p.fs.exists(name)) {
    response.destroy()
    await p.writeError(`wget: can't open '${name}': File exists\n`)
    return 1
  }
  const file = toStdout ? undefined : p.fs.open(name, 'w')
  if (!quiet) await p.writeError(toStdout ? 'writing to stdout\n' : `saving to '${name}'\n`)
  let size = 0
  try {
    for await (const chunk of response) {
      size += (chunk as Uint8Array).length
      if (file) await file.write(chunk as Uint8Array)
      else await p.write(chunk as Uint8Array)
    }
  } finally {
    file?.close?.()
  }
  if (!quiet) {
    const label = (toStdout ? '-' : name).slice(0, 20).padEnd(20)
    await p.writeError(
      `${label} 100% |${'*'.repeat(32)}| ${String(size).padStart(5)}  0:00:00 ETA\n${toStdout ? 'written to stdout' : `'${name}' saved`}\n`,
    )
  }
  return 0
}
