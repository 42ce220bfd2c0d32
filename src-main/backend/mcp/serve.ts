/** Serves one assistant over the stdin and stdout of this process, until it closes them. Nothing listens on the network. */
import fs from 'node:fs'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { adopt, loginEnvironment } from '../exec/login-environment.js'
import { Clusters } from './clusters.js'
import { USAGE, mcpOptions } from './options.js'
import { createMcpServer } from './server.js'

/**
 * @param args the command line after the program
 * @param exit ends the process, with what it is to end with
 */
export function serveAssistant(args: readonly string[], exit: (code: number) => void): void {
  // stdout is the protocol's alone.
  console.log = console.info = console.debug = console.error
  let options: ReturnType<typeof mcpOptions>
  try {
    options = mcpOptions(args)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return exit(2)
  }
  if (!options) {
    process.stderr.write(`${USAGE}\n`)
    return exit(0)
  }
  // An assistant that was started from a dock or a menu has none of what the person's profile exports.
  const environment = loginEnvironment().then((login) => login && adopt(login))
  const clusters = new Clusters({ ...options, environment })
  // Electron takes the stdin of a process away on Windows, but not its handle.
  const stdin = process.versions.electron && process.platform === 'win32' ? fs.createReadStream('', { fd: 0 }) : process.stdin
  let ended = false
  const end = (): void => {
    if (ended) return
    ended = true
    clusters.close()
    exit(0)
  }
  serveStdio(() => createMcpServer(clusters), {
    transport: new StdioServerTransport(stdin, process.stdout),
    onerror: (error) => void process.stderr.write(`${error.message}\n`),
  })
  for (const event of ['end', 'close']) stdin.on(event, end)
  process.stdout.on('error', end)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
}
