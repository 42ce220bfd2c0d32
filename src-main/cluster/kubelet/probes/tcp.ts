/** TCP probes: the port accepts a connection. */
import type { Clock } from '../../clock.js'
import type { NetworkNamespace } from '../../network/network.js'
import { dial } from './dial.js'
import type { ProbeOutcome } from './outcome.js'

export async function probeTcp(
  from: NetworkNamespace,
  clock: Clock,
  call: { host: string; port: number; timeoutMs: number },
): Promise<ProbeOutcome> {
  try {
    const connection = await dial(from, call.host, call.port, clock, call.timeoutMs)
    connection.destroy()
    return { result: 'success', output: '' }
  } catch (error) {
    return { result: 'failure', output: (error as Error).message }
  }
}
