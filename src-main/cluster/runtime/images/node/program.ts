/** The `node` command line. The engine itself is loaded by the first script that runs. */
import { SystemError, type Process, type Program } from '../../process.js'
import type { Start } from './run.js'

const HELP = `Usage: node [options] [ script.js ] [arguments]
       node inspect [options] [ script.js | host:port ] [arguments]
`

/** @param version of Node.js, without `v` */
export function nodeProgram(version: string): Program {
  return async (process) => {
    const parsed = parseArguments(process.argv.slice(1))
    if ('print' in parsed) {
      await process.write(parsed.print === 'version' ? `v${version}\n` : HELP)
      return 0
    }
    if ('error' in parsed) {
      await process.writeError(`node: ${parsed.error}\n`)
      return 9
    }
    const prompt = parsed.interactive || (!parsed.start && !parsed.dash && process.fd(0)?.kind === 'tty')
    const start: Start = prompt
      ? { kind: 'repl', text: '', args: [] }
      : (parsed.start ?? { kind: 'stdin', text: await readAll(process), args: ['-'] })
    const { runScript } = await process.clock.track(import('./run.js'))
    return runScript(process, version, start)
  }
}

type Parsed = { print: 'version' | 'help' } | { error: string } | { start: Start | undefined; interactive?: boolean; dash?: boolean }

/** Options that take the next argument, besides those that are looked at here. */
const WITH_VALUE = new Set(['-r', '--require', '--import', '--loader', '-C', '--conditions', '--env-file', '--max-old-space-size'])

/** The beginnings of options that change nothing here. */
const ACCEPTED =
  /^--(?:abort|allow|check|conditions|cpu-prof|deprecation|diagnostic|disable|dns|enable|es-module|experimental|expose|extra|force|frozen|harmony|heap|icu|insecure|inspect|interpreted|jitless|max|min|napi|network|no-|node|openssl|optimize|pending|perf|permission|preserve|prof|redirect|report|secure|security|single|snapshot|stack|test|throw|title|tls|trace|track|unhandled|use|v8|verify|warnings|watch|zero)/

function parseArguments(args: readonly string[]): Parsed {
  let [isModule, i] = [false, 0]
  for (; i < args.length; i++) {
    const arg = args[i]!
    const rest = args.slice(i + 1)
    if (arg === '-v' || arg === '--version') return { print: 'version' }
    if (arg === '-h' || arg === '--help') return { print: 'help' }
    if (arg === '-') return { start: undefined, dash: true }
    if (arg === '-i' || arg === '--interactive') return { start: undefined, interactive: true }
    if (arg === '--input-type=module') isModule = true
    else if (/^(-e|--eval|-p|-pe|--print)$/.test(arg)) {
      if (rest[0] === undefined) return { error: `${arg} requires an argument` }
      const kind = isModule ? 'module' : arg.startsWith('-p') || arg === '--print' ? 'print' : 'eval'
      return { start: { kind, text: rest[0], args: rest.slice(1) } }
    } else if (arg.startsWith('--eval=')) return { start: { kind: isModule ? 'module' : 'eval', text: arg.slice(7), args: rest } }
    else if (WITH_VALUE.has(arg)) i++
    else if (arg === '--') return { start: rest[0] === undefined ? undefined : { kind: 'file', text: rest[0], args: rest } }
    else if (ACCEPTED.test(arg)) continue
    else if (arg.startsWith('-')) return { error: `bad option: ${arg}` }
    else return { start: { kind: 'file', text: arg, args: args.slice(i) } }
  }
  return { start: undefined }
}

async function readAll(process: Process): Promise<string> {
  const parts: Uint8Array[] = []
  for (;;) {
    let part: Uint8Array
    try {
      part = await process.read()
    } catch (error) {
      if (error instanceof SystemError) break
      throw error
    }
    if (part.length === 0) break
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
