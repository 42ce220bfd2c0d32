/** conntrack: what the kernel remembers of the container's connections. */
import type { Program } from '../../process.js'
import { command, Fail } from '../command.js'
import { mayAdminister } from './firewall.js'

/** The connections that the kernel remembers: those of the container's network. */
export function conntrack(): Program {
  return command('coreutils', async (c) => {
    const args = c.task.argv.slice(1)
    if (args[0] === '-V' || args[0] === '--version') return void (await c.print('conntrack v1.4.8 (conntrack-tools)\n'))
    const actions = args.filter((a) => /^-(L|S|C|E|D|F|G|I|U)$|^--(dump|list|stats|count|event|delete|flush)$/.test(a))
    if (actions.length === 0)
      throw new Fail(
        "conntrack v1.4.8 (conntrack-tools): you need to supply an operation\nTry `conntrack -h' or 'conntrack --help' for more information.",
        2,
      )
    if (!mayAdminister(c))
      throw new Fail(
        'conntrack v1.4.8 (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this',
      )
    const option = (...names: string[]): string | undefined => {
      const at = args.findIndex((a) => names.includes(a))
      return at < 0 ? undefined : args[at + 1]
    }
    const wanted = {
      protocol: option('-p', '--proto'), source: option('-s', '--src', '--orig-src'), destination: option('-d', '--dst', '--orig-dst'),
      sport: option('--sport', '--orig-port-src'), dport: option('--dport', '--orig-port-dst'), state: option('--state'),
    } // prettier-ignore
    const entries = (c.task.net.tracked?.() ?? [])
      .map((flow) => ({ ...flow, state: flow.state === 'FIN_WAIT2' ? 'FIN_WAIT' : flow.state, protocol: flow.protocol.toLowerCase() }))
      .filter((e) => (wanted.protocol ?? e.protocol) === e.protocol && (wanted.state ?? e.state) === e.state)
      .filter(
        ({ original: { from, to } }) =>
          (wanted.source ?? from.address) === from.address && (wanted.destination ?? to.address) === to.address,
      )
      .filter(
        ({ original: { from, to } }) => Number(wanted.sport ?? from.port) === from.port && Number(wanted.dport ?? to.port) === to.port,
      )
    const action = actions[0]!
    if (action === '-C' || action === '--count') return void (await c.print(`${entries.length}\n`))
    if (action === '-S' || action === '--stats')
      return void (await c.print(
        'cpu=0   \tfound=0 invalid=0 insert=0 insert_failed=0 drop=0 early_drop=0 error=0 search_restart=0 clash_resolve=0 chaintoolong=0 \n',
      ))
    if (action !== '-L' && action !== '--dump' && action !== '--list')
      throw new Fail('conntrack v1.4.8 (conntrack-tools): Operation failed: Operation not supported')
    const timeout: Readonly<Record<string, number>> = { ESTABLISHED: 431_999, CLOSE_WAIT: 59, FIN_WAIT: 119, TIME_WAIT: 119 }
    for (const { protocol, state, original, reply, seconds } of entries) {
      const way = ({ from, to }: typeof original): string => `src=${from.address} dst=${to.address} sport=${from.port} dport=${to.port}`
      const [head, left] = protocol === 'tcp' ? ['tcp      6', `${timeout[state ?? ''] ?? 0} ${state}`] : ['udp      17', String(seconds)]
      await c.print(`${head} ${left} ${way(original)} ${way(reply)} [ASSURED] mark=0 use=1\n`)
    }
    await c.task.writeError(`conntrack v1.4.8 (conntrack-tools): ${entries.length} flow entries have been shown.\n`)
  })
}
