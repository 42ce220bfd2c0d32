/** What agnhost's two webhooks share: a server of HTTPS with a certificate of their own, and klog's levels. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SecureContext } from 'node:tls'
import { errorText } from '../../errors.js'
import { SystemError, type Process } from '../../process.js'
import { describeSyntaxError } from '../../../api/schema/json.js'
import { goFlag } from '../http-echo/family.js'
import { klogLine } from '../klog.js'
import { isAddressInUse, serveInProcess, untilTerminated } from '../server-process.js'
import { certificateOf } from './certificate.js'

/** klog's lines: errors always, the others with `-v=2` and more. */
export interface WebhookLog {
  error(text: string): Promise<void>
  verbose(text: string): Promise<void>
}

/** How klog ends a program: a line of level F and code 255. */
export async function die(process: Process, where: string, why: string): Promise<number> {
  await process.writeError(`${klogLine(process, where, why, 'F')}\n`)
  return 255
}

/** Serves HTTPS on `--port`, 443 by itself, until the end. */
export async function serveSecurely(
  process: Process,
  args: readonly string[],
  handler: (req: IncomingMessage, res: ServerResponse, log: WebhookLog) => Promise<void>,
): Promise<number> {
  const port = Number(goFlag(args, 'port') ?? 443)
  const verbosity = Number(goFlag(args, 'v') ?? 0)
  const line = (level: string, text: string): Promise<void> => process.writeError(`${klogLine(process, 'main.go:118', text, level)}\n`)
  const log: WebhookLog = {
    error: (text) => line('E', text),
    verbose: async (text) => (verbosity >= 2 ? line('I', text) : undefined),
  }
  process.setMemory(14 * 1024 * 1024)
  const certificate = goFlag(args, 'tls-cert-file') ?? ''
  const key = goFlag(args, 'tls-private-key-file') ?? ''
  let context: SecureContext
  try {
    context = await certificateOf(process, certificate, key)
  } catch (error) {
    return die(process, 'config.go:35', certificateProblem(process, certificate, key, error))
  }
  try {
    serveInProcess(
      process,
      port,
      async (req, res) => {
        await process.compute(0.2)
        await handler(req, res, log)
      },
      { tls: { contextOf: () => context } },
    )
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await process.writeError(`panic: listen tcp :${port}: bind: address already in use\n\ngoroutine 1 [running]:\n`)
    return 2
  }
  return untilTerminated(process)
}

/** Go's words for a certificate or key that cannot be read. */
function certificateProblem(process: Process, certificate: string, key: string, error: unknown): string {
  if (!(error instanceof SystemError)) return 'tls: failed to find any PEM data in certificate input'
  const missing = [certificate, key].find((path) => path === '' || !process.fs.exists(path)) ?? certificate
  return `open ${missing}: ${errorText(error).toLowerCase()}`
}

/** What is wrong with text that is to be an object of the API, in the words of its decoder. */
export function goJsonProblem(text: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return `couldn't get version/kind; json parse error: ${describeSyntaxError(text)}`
  }
  const kind = (value as { kind?: unknown } | null)?.kind
  return typeof kind === 'string' && kind !== '' ? undefined : `Object 'Kind' is missing in '${text}'`
}

/** `admission.k8s.io/v1, Kind=AdmissionReview`. */
export function kindOf({ apiVersion, kind }: { apiVersion?: string; kind: string }): string {
  const [group, version] = (apiVersion ?? '').includes('/') ? apiVersion!.split('/') : ['', apiVersion ?? '']
  return `${group}/${version}, Kind=${kind}`
}
