/** The tone of a release's status: a record that is no more in force is calm. */
export function releaseTone(status: string): 'ok' | 'warn' | 'bad' | 'busy' | 'off' {
  if (status === 'deployed') return 'ok'
  if (status === 'failed') return 'bad'
  if (status === 'unknown') return 'warn'
  return /^(pending-|uninstalling)/.test(status) ? 'busy' : 'off'
}
