/** iptables and conntrack: what the kernel filters and remembers for the container's network. */
import type { Program } from '../../process.js'
import { hasCapability } from '../../security.js'
import { command, Fail, type Command } from '../command.js'
import { formatTime } from '../strftime.js'
import { listed, listing, ruleLines, savedTable, tablesOf } from './iptables-format.js'

const mayAdminister = (c: Command): boolean => {
  const { security } = c.task.namespaces
  return security ? hasCapability(security, c.task.uid, 'NET_ADMIN') : c.task.uid === 0
}

/** A pod's own tables are empty: what Services do to its traffic is done by the node, in chains of kube-proxy's. */
export function iptables(): Program {
  return command('coreutils', async (c) => {
    const saves = c.name.endsWith('-save')
    const args = c.task.argv.slice(1)
    let table = 'filter'
    let [action, chain] = ['', undefined as string | undefined]
    let [numeric, verbose, numbered] = [false, false, false]
    for (let i = 0; i < args.length; i++) {
      const a = args[i]!
      if (a === '-V' || a === '--version') return c.print(`${c.name} v1.8.11 (nf_tables)\n`)
      if (a === '-t' || a === '--table') table = args[++i] ?? ''
      else if (a.startsWith('--table=')) table = a.slice(8)
      else if (a === '-n' || a === '--numeric') numeric = true
      else if (a === '-v' || a === '--verbose') verbose = true
      else if (a === '--line-numbers') numbered = true
      else if (a === '-x' || a === '-w' || a === '--wait' || a === '-c') continue
      else if (
        /^(-L|-S|-A|-I|-D|-R|-F|-Z|-N|-X|-P|-E|-C|--list|--list-rules|--append|--insert|--delete|--flush|--new-chain|--policy)$/.test(a)
      ) {
        action = a
        if (args[i + 1] !== undefined && !args[i + 1]!.startsWith('-')) chain = args[++i]
      } else if (/^-[LSvnxt]+$/.test(a)) {
        if (a.includes('L')) action = '-L'
        if (a.includes('S')) action = '-S'
        numeric ||= a.includes('n')
        verbose ||= a.includes('v')
        if (a.endsWith('t')) table = args[++i] ?? ''
        else if (args[i + 1] !== undefined && !args[i + 1]!.startsWith('-')) chain = args[++i]
      } else if (action === '')
        throw new Fail(
          `${c.name} v1.8.11 (nf_tables): unknown option "${a}"\nTry \`${c.name} -h' or '${c.name} --help' for more information.`,
          2,
        )
    }
    if (!saves && action === '')
      throw new Fail(
        `${c.name} v1.8.11 (nf_tables): no command specified\nTry \`${c.name} -h' or '${c.name} --help' for more information.`,
        2,
      )
    if (!mayAdminister(c))
      throw new Fail(`${c.name} v1.8.11 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)`, 4)
    const tables = tablesOf(c)
    if (saves) {
      const asked = args.includes('-t') || args.some((a) => a.startsWith('--table='))
      const now = formatTime('%a %b %e %H:%M:%S %Y', c.task.clock.now())
      return c.print(
        tables
          .filter((t) => (asked ? t.name === table : t.chains.size > 0))
          .map((t) => savedTable(t, c.name, now))
          .join(''),
      )
    }
    const chains = tables.find((t) => t.name === table)?.chains
    if (!chains)
      throw new Fail(
        `${c.name} v1.8.11 (nf_tables): table '${table}' does not exist\nPerhaps ${c.name} or your kernel needs to be upgraded.`,
        3,
      )
    if (chain !== undefined && !chains.has(chain) && !/^(-N|--new-chain)$/.test(action))
      throw new Fail(`${c.name}: No chain/target/match by that name.`, 1)
    const shown = listed(table, chains).filter((each) => chain === undefined || each === chain)
    if (/^(-S|--list-rules)$/.test(action)) return c.print(ruleLines(table, chains, shown).join(''))
    if (!/^(-L|--list)$/.test(action)) {
      if (/^(-F|-Z|-X|--flush)$/.test(action)) return
      throw new Fail(`${c.name} v1.8.11 (nf_tables):  RULE_APPEND failed (Operation not supported): rule in chain ${chain ?? ''}`, 4)
    }
    await c.print(shown.map((each) => listing(c, table, each, chains, { numeric, verbose, numbered })).join('\n'))
  })
}

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
