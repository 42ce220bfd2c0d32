import type { ContextSummary } from '../../src-main/backend/rpc/contract.js'
import { quote } from './kubectl.js'

/**
 * A command of kubectl or helm with the kubeconfig file of each context that needs it named: one that another file has by the same name,
 * and, for a terminal outside of the window, one that kubectl does not read by itself.
 * @param command with `kubectl --context ID` or `helm --kube-context ID`, as `kubectl.ts` writes them
 * @param outside the command is for any terminal of this machine, not for those of the window alone
 */
export function withKubeconfig(command: string, contexts: readonly ContextSummary[], outside: boolean): string {
  return contexts.reduce((text, { id, name, source, ofKubectl }) => {
    if (name === id && !(outside && !ofKubectl)) return text
    return programs.reduce((line, [program, flag]) => {
      const named = `${program} --kubeconfig ${quote(source)} ${flag} ${quote(name)}`
      return line.replace(callOf(`${program} ${flag} ${quote(id)}`), (found, call: string | undefined) => (call ? named : found))
    }, text)
  }, command)
}

const programs = [
  ['kubectl', '--context'],
  ['helm', '--kube-context'],
] as const

/** Where a command begins with these words, alone, in a pipe or in `$(…)`; and what is quoted, so that nothing is found inside of it. */
const callOf = (words: string): RegExp =>
  new RegExp(`(?<=^|[\\s(])(${words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')})(?=[\\s)]|$)|'[^']*'`, 'gm')
