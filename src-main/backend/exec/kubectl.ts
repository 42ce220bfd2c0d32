/** The person's own kubectl, for what only it can say: the text of `kubectl describe`, which is made in the client. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { BackendError, problem } from '../errors.js'
import type { ContextSummary, ObjectRef } from '../rpc/contract.js'
import { environmentOn, terminalKubeconfig } from './local-terminals.js'
import { OwnFolders, ownFile, removeFolder } from './own-folders.js'
import { findProgram, type OwnProgram } from './own-program.js'

/** How long an answer may take, ms. */
const ANSWER_TIMEOUT = 30_000
/** The most that is shown of one. */
const MOST_ANSWER = 16 * 1024 * 1024

export class Kubectl {
  private found: Promise<OwnProgram | undefined> | undefined
  private readonly folders: OwnFolders

  /** @param data the app's data directory; what an earlier run left there is removed */
  constructor(data: string) {
    this.folders = new OwnFolders(data, 'kubectl')
  }

  /**
   * The text of `kubectl describe`. Rejects with `NoKubectl` where there is none, and with what kubectl said when it fails.
   * @param again looks for kubectl anew: it may have been installed meanwhile
   */
  async describe(context: ContextSummary, ref: ObjectRef, again = false): Promise<string> {
    const { group, version, resource, namespace, name } = ref
    const type = group ? `${resource}.${version}.${group}` : resource
    return this.run(context, ['describe', `${type}/${name}`, ...(namespace ? ['--namespace', namespace] : [])], again)
  }

  close(): void {
    this.folders.removeAll()
  }

  private async run(context: ContextSummary, args: readonly string[], again: boolean): Promise<string> {
    if (again) this.found = undefined
    const found = await (this.found ??= findProgram('kubectl'))
    if (!found) throw problem('NoKubectl', 'kubectlMissing')
    const own = this.folders.make()
    try {
      const kubeconfig = ownFile(own, 'kubeconfig', terminalKubeconfig(context))
      const env = { ...environmentOn(context), PATH: found.path, KUBECONFIG: [kubeconfig, ...context.files].join(path.delimiter) }
      return await new Promise((resolve, reject) => {
        execFile(found.file, args, { env, timeout: ANSWER_TIMEOUT, maxBuffer: MOST_ANSWER, windowsHide: true }, (error, stdout, stderr) =>
          error ? reject(failure(error, stderr)) : resolve(stdout),
        ).stdin?.end()
      })
    } finally {
      removeFolder(own)
    }
  }
}

function failure({ code, killed }: { code?: string | number | null; killed?: boolean }, said: string): BackendError {
  if (killed) return problem('Timeout', 'kubectlSilent')
  const message = said.trim()
  return message ? new BackendError({ reason: 'Kubectl', message }) : problem('Kubectl', 'kubectlEnded', { code: code ?? 'a signal' })
}
