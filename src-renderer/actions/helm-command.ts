import type { HelmOperation } from '../../src-main/backend/rpc/contract.js'
import { quote } from './kubectl.js'

/** The helm command that does the same as an operation: `helm --kube-context drydock -n shop rollback web 2 --wait`. */
export function helmCommand(context: string, o: HelmOperation): string {
  const words = ['helm', '--kube-context', context, '-n', o.namespace, o.act, o.name]
  switch (o.act) {
    case 'install':
    case 'upgrade':
      words.push(o.source.chart || 'CHART')
      if (o.source.repository) words.push('--repo', o.source.repository)
      if (o.source.version) words.push('--version', o.source.version)
      if (o.act === 'upgrade') words.push('--reset-values')
      if (o.values.trim()) words.push('-f', 'values.yaml')
      if (o.act === 'install' && o.createNamespace) words.push('--create-namespace')
      if (o.rollbackOnFailure) words.push('--rollback-on-failure')
      break
    case 'rollback':
      words.push(String(o.revision))
      break
    case 'uninstall':
      if (o.keepHistory) words.push('--keep-history')
      break
    case 'test':
      words.push('--logs')
  }
  if ('wait' in o && o.wait) words.push('--wait')
  return words.map(quote).join(' ')
}
