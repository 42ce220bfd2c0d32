/** agnhost inclusterclient: asks the API server for /healthz again and again, and says with which token. */
import { createHash } from 'node:crypto'
import type { Process } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { InClusterApi } from '../in-cluster-api.js'
import { fatal, log } from './golog.js'

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** Asks every `--poll-interval` seconds. The token itself is never printed, only its salted hash. */
export async function inClusterClient(process: Process, args: readonly string[]): Promise<number> {
  const interval = Number(goFlag(args, 'poll-interval') ?? 30) * 1000
  await log(process, 'started')
  let api: InClusterApi
  try {
    api = new InClusterApi(process)
  } catch (error) {
    return fatal(process, `err: ${(error as Error).message}`)
  }
  for (;;) {
    await process.sleep(interval)
    await log(process, 'calling /healthz')
    const token = process.fs.readText(TOKEN).trim()
    await log(process, `authz_header=${createHash('sha256').update(`salt|Bearer ${token}`).digest('base64url')}`)
    try {
      await api.text('/healthz')
    } catch (error) {
      await log(process, 'status=failed')
      await log(process, `error checking /healthz: ${(error as Error).message}\n\n`)
    }
  }
}
