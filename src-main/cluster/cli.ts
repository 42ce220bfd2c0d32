/**
 * `npm run cluster -- [--name N] [--data DIR] [--port N] [--kubeconfig FILE] [--nodes N] [--speed X] [--seed N]`: one
 * embedded cluster alone. Also the entry of the process that the app runs its embedded cluster in, and of the one that
 * takes or restores a snapshot.
 */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { clusterDirectory, defaultDataDirectory } from '../directories.js'
import { startCluster, type Cluster, type ClusterOptions } from './cluster.js'
import { keepLargeHeapTight } from './large-heap.js'
import { restoreSnapshot, seedFromSnapshot, takeSnapshot } from './snapshots.js'

const USAGE = `usage: npm run cluster -- [options]
  --name N           name of the cluster and of its kubeconfig context (default: drydock)
  --data DIR         where it keeps its state; the same directory brings back the same cluster
  --port N           HTTPS port on 127.0.0.1 (default: the one it had, or a free one)
  --kubeconfig FILE  where the kubeconfig is written (default: DIR/kubeconfig)
  --nodes N          number of nodes when it is created (default: 3)
  --speed X          cluster seconds per second (default: 1; 0 stands still)
  --seed N           seed of everything random (default: chosen when it is created)
  --from DIR         the snapshot that it is made from when it is created
  --snapshot NAME    take a snapshot of the cluster, running or not, into DIR/snapshots/NAME, and end
  --restore NAME     put back what a snapshot holds, while the cluster does not run, and end
`

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

/** What to do with the cluster's directory before, or instead of, running it. */
interface SnapshotOptions {
  from?: string
  take?: string
  restore?: string
}

/** Reads the command line; ends the process with a sentence that names the option when one is wrong. */
function readOptions(): ClusterOptions & SnapshotOptions {
  const text = { type: 'string' } as const
  let values: Record<string, string | boolean | undefined>
  try {
    values = parseArgs({
      options: {
        name: text,
        data: text,
        port: text,
        kubeconfig: text,
        nodes: text,
        speed: text,
        seed: text,
        from: text,
        snapshot: text,
        restore: text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    fail(`${(error as Error).message}\n${USAGE}`)
  }
  if (values.help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  const number = (option: string, least: number, most: number, whole = true): number | undefined => {
    const value = values[option]
    if (value === undefined) return undefined
    const n = Number(value)
    if (value === '' || !Number.isFinite(n) || (whole && !Number.isInteger(n)) || n < least || n > most)
      fail(`--${option} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}, got ${String(value)}`)
    return n
  }
  const name = String(values.name ?? 'drydock')
  if (!/^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$/.test(name)) fail(`--name must be lower-case letters, digits and '-', at most 52, got ${name}`)
  const directory = values.data ? path.resolve(String(values.data)) : clusterDirectory(defaultDataDirectory(), name)
  const options: ClusterOptions = {
    name,
    directory,
    kubeconfig: values.kubeconfig ? path.resolve(String(values.kubeconfig)) : path.join(directory, 'kubeconfig'),
  }
  const port = number('port', 0, 65535)
  const nodes = number('nodes', 1, 5000)
  const speed = number('speed', 0, 1_000_000, false)
  const seed = number('seed', 0, Number.MAX_SAFE_INTEGER)
  return {
    ...options,
    ...(port !== undefined ? { port } : {}),
    ...(nodes !== undefined ? { nodes } : {}),
    ...(speed !== undefined ? { speed } : {}),
    ...(seed !== undefined ? { seed } : {}),
    ...(values.from !== undefined ? { from: path.resolve(String(values.from)) } : {}),
    ...(values.snapshot !== undefined ? { take: String(values.snapshot) } : {}),
    ...(values.restore !== undefined ? { restore: String(values.restore) } : {}),
  }
}

async function main(): Promise<void> {
  const { from, take, restore, ...options } = readOptions()
  let cluster: Cluster | undefined
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) return
    stopping = true
    await cluster?.stop()
    process.exit(0)
  }
  // Whoever reads the output may leave (`| head -1`), and the cluster goes on.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)
  process.on('SIGINT', () => void stop())
  process.on('SIGTERM', () => void stop())
  // Whoever runs it as a child is gone, killed it may be: nobody else would stop it, and it would keep its directory from the next one.
  process.on('disconnect', () => void stop())
  // As a utility process of the app, which cannot send signals on every OS.
  process.parentPort?.on('message', (event) => {
    if ((event.data as { type?: string }).type === 'stop') void stop()
  })
  try {
    if (take !== undefined) {
      await takeSnapshot(options.directory, take)
      process.stdout.write(`snapshot ${path.join(options.directory, 'snapshots', take)}\n`)
    }
    if (restore !== undefined) {
      await restoreSnapshot(options.directory, restore)
      process.stdout.write(`restored ${options.directory}\n`)
    }
    if (take !== undefined || restore !== undefined) process.exit(0)
    if (from !== undefined) seedFromSnapshot(from, options.directory, options.name)
    keepLargeHeapTight()
    cluster = await startCluster(options)
    await cluster.ready
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    await cluster?.stop().catch(() => undefined)
    process.exit(1)
  }
  if (!stopping) process.stdout.write(`ready ${cluster.server} kubeconfig ${options.kubeconfig}\n`)
}

void main()
