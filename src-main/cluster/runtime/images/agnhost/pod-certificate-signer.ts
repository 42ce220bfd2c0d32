/**
 * agnhost podcertificatesigner: a signer of PodCertificateRequests
 * (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#pod-certificate-requests).
 */
import type { Process } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { ApiError, InClusterApi } from '../in-cluster-api.js'
import { klogLine } from '../klog.js'
import { Latch } from '../server-process.js'

const RESOURCE = 'podcertificaterequests.certificates.k8s.io'
/** client-go's reflector waits so long after the first failure, and at most so long, cluster ms. */
const [FIRST_WAIT, LONGEST_WAIT] = [800, 30_000]

/**
 * Follows the requests for `--signer-name`. Their API is behind a feature gate that the cluster leaves off, as clusters do
 * by default: as with any of these, the signer lists again and again, and its log says that there is no such resource.
 */
export async function podCertificateSigner(process: Process, args: readonly string[]): Promise<number> {
  const signer = goFlag(args, 'signer-name') ?? ''
  let api: InClusterApi
  try {
    api = new InClusterApi(process)
  } catch (error) {
    await process.writeError(`Error: while building client config: ${(error as Error).message}\n`)
    return 1
  }
  const end = new Latch<number>()
  for (const signal of ['INT', 'TERM'] as const) process.onSignal(signal, () => end.open(0))
  process.setMemory(14 * 1024 * 1024)
  // It ends with the process.
  void follow(process, api, signer).catch(() => undefined)
  return end.wait(process)
}

async function follow(process: Process, api: InClusterApi, signer: string): Promise<void> {
  const selector = encodeURIComponent(`spec.signerName=${signer}`)
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      await api.text(`/apis/certificates.k8s.io/v1alpha1/podcertificaterequests?fieldSelector=${selector}&limit=500&resourceVersion=0`)
    } catch (error) {
      const why = `failed to list *v1alpha1.PodCertificateRequest: ${listProblem(error)}`
      const what = `"Failed to watch" err=${JSON.stringify(why)}`
      await process.writeError(`${klogLine(process, 'reflector.go:205', `${what} type="*v1alpha1.PodCertificateRequest"`, 'E')}\n`)
    }
    await process.sleep(wait)
  }
}

/** Why a list failed, in client-go's words: the message of the answer's Status, if it is one. */
export function listProblem(error: unknown): string {
  if (!(error instanceof ApiError)) return (error as Error).message
  if (error.code === 404) return `the server could not find the requested resource (get ${RESOURCE})`
  try {
    return (JSON.parse(error.message) as { message?: string }).message ?? error.message
  } catch {
    return error.message
  }
}
