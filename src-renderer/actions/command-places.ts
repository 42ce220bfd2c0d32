import type { ContextSummary } from '../../src-main/backend/rpc/contract.js'
import { quote } from './kubectl.js'

/**
 * A command of kubectl or helm with the kubeconfig file of each context that needs it named: one that another file has by the same name,
 * and, for a terminal outside of the window, one that kubectl does not read by itself.
 * @param command lines that begin `kubectl --context ID` or `helm --kube-context ID`, as `kubectl.ts` writes them
 * @param outside the command is for any terminal of this machine, not for those of the window alone
 */
export function withKubeconfig(command: string, contexts: readonly ContextSummary[], outside: boolean): string {
  return command
    .split('\n')
    .map((line) => {
      for (const { id, name, source, ofKubectl } of contexts) {
        if (name === id && !(outside && !ofKubectl)) continue
        for (const [program, flag] of [
          ['kubectl', '--context'],
          ['helm', '--kube-context'],
        ]) {
          const start = `${program} ${flag} ${quote(id)}`
          if (line === start || line.startsWith(`${start} `))
            return `${program} --kubeconfig ${quote(source)} ${flag} ${quote(name)}${line.slice(start.length)}`
        }
      }
      return line
    })
    .join('\n')
}
