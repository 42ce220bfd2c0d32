/** `npm run web -- [--port N] [--data DIR] [--no-open]`: the window in a browser, with the embedded cluster behind it. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createBackend } from '../backend.js'
import { spawnCluster } from '../embedded/child.js'
import { clusterKubeconfig, defaultDataDirectory } from '../../directories.js'
import { ClusterFleet, reportCrashes } from '../embedded/fleet.js'
import { assistantCommand } from '../mcp/install.js'
import { version } from '../version.js'
import { serveWeb, type WebServer } from './server.js'

const USAGE = 'usage: npm run web -- [--port N] [--data DIR] [--no-open]'

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

function options(): { port: number; data: string; open: boolean } {
  let values: { port?: string | undefined; data?: string | undefined; 'no-open'?: boolean | undefined; help?: boolean | undefined }
  try {
    values = parseArgs({
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        'no-open': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    fail(`${(error as Error).message}\n${USAGE}`)
  }
  if (values.help) {
    process.stdout.write(`${USAGE}\n`)
    process.exit(0)
  }
  const port = Number(values.port ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65535) fail(`--port must be a number from 0 to 65535, got ${values.port}`)
  return { port, data: values.data ? path.resolve(values.data) : defaultDataDirectory(), open: !values['no-open'] }
}

/** Opens the default browser where there is one and somebody to see it. */
function openBrowser(url: string): void {
  const command =
    process.platform === 'darwin'
      ? 'open'
      : process.platform === 'win32'
        ? 'explorer'
        : process.env.DISPLAY || process.env.WAYLAND_DISPLAY
          ? 'xdg-open'
          : undefined
  if (!command) return
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
}

async function main(): Promise<void> {
  const { port, data, open } = options()
  const name = 'drydock'
  const kubeconfig = clusterKubeconfig(data, name)
  const fleet = new ClusterFleet(data, (args) => spawnCluster(path.join(__dirname, 'cluster.cjs'), args))
  fleet.listen(reportCrashes((line) => process.stderr.write(`${line}\n`)))
  fleet.startAll(name)
  const backend = createBackend({
    app: {
      version,
      mode: 'web',
      platform: process.platform,
      dataDirectory: data,
      kubeconfig,
      assistant: assistantCommand(process.execPath, [path.join(__dirname, 'mcp.cjs')], data),
    },
    embedded: fleet,
  })
  let web: WebServer
  try {
    web = await serveWeb({ backend, directory: path.join(__dirname, '../renderer'), port })
  } catch (error) {
    await fleet.close()
    fail(
      (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
        ? `port ${port} is in use; choose another with --port`
        : (error as Error).message,
    )
  }
  process.stdout.write(`open ${web.url}\n`)
  if (open) openBrowser(web.url)
  let ending = false
  const end = async (): Promise<void> => {
    if (ending) return
    ending = true
    await web.close()
    backend.close()
    await fleet.close()
    process.exit(0)
  }
  process.on('SIGINT', () => void end())
  process.on('SIGTERM', () => void end())
}

void main()
