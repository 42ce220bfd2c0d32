/** iptables: what the kernel filters for the container's network, and the rules that are written by hand. */
import type { OwnChain, OwnRule, OwnRules } from '../../../network/own-rules.js'
import { BUILT_IN, type FilterRule } from '../../../network/packet-filter.js'
import type { Program } from '../../process.js'
import { hasCapability } from '../../security.js'
import { command, Fail, type Command } from '../command.js'
import { formatTime } from '../strftime.js'
import { listed, listing, ruleLines, saved, savedTable, tablesOf } from './iptables-format.js'
import { called, misused, RuleReader, unsupported } from './iptables-rule.js'

export const mayAdminister = (c: Command): boolean => {
  const { security } = c.task.namespaces
  return security ? hasCapability(security, c.task.uid, 'NET_ADMIN') : c.task.uid === 0
}

/** The commands by their long names; `N` may be followed by the number of a rule. */
const COMMANDS: Readonly<Record<string, string>> = {
  append: 'A', check: 'C', delete: 'D', insert: 'I', replace: 'R', list: 'L', 'list-rules': 'S', flush: 'F', zero: 'Z', 'new-chain': 'N',
  'delete-chain': 'X', policy: 'P', 'rename-chain': 'E',
} // prettier-ignore

/** Commands that want a chain, and those that take one. */
const WANT_CHAIN = 'ACDIRNPE'
const TAKE_CHAIN = 'LSFZX'

interface Asked {
  table: string
  command: string
  chain?: string
  /** The number of a rule, the policy, or another name. */
  argument?: string
  rule: RuleReader
  /** Words of a rule were given. */
  described: boolean
  how: { numeric: boolean; verbose: boolean; numbered: boolean }
}

/** Reads the command line. Throws Fail in the words of iptables. */
function read(c: Command, args: readonly string[]): Asked {
  const at = args.findIndex((a) => a === '-t' || a === '--table')
  const table = args.find((a) => a.startsWith('--table='))?.slice(8) ?? (at < 0 ? 'filter' : (args[at + 1] ?? ''))
  const isChain = (name: string): boolean =>
    tablesOf(c)
      .find((t) => t.name === table)
      ?.chains.has(name) ?? false
  const rule = new RuleReader(c, table, isChain)
  const asked: Asked = { table, command: '', rule, described: false, how: { numeric: false, verbose: false, numbered: false } }
  const words = args.flatMap((a) => (/^-[LSFZXnvx]{2,}t?$/.test(a) ? Array.from(a.slice(1), (letter) => `-${letter}`) : [a]))
  // In `-nvL INPUT` the chain comes after the last letter, whichever that is.
  const named: string[] = []
  let not = false
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const equals = /^(--[a-z-]+)=(.*)$/.exec(word)
    const option = equals?.[1] ?? word
    const next = (): string => {
      const value = equals?.[2] ?? words[++i]
      if (value === undefined) throw misused(c, `option "${option}" requires an argument`)
      return value
    }
    const letter = COMMANDS[option.replace(/^--/, '')] ?? (/^-[ACDIRLSFZNXPE]$/.test(option) ? option[1]! : undefined)
    if (word === '!') {
      not = true
      continue
    }
    if (letter !== undefined && word.startsWith('-')) {
      asked.command = letter
      if (WANT_CHAIN.includes(letter)) asked.chain = next()
      const follows = words[i + 1]
      if (letter === 'P' && follows === undefined) throw misused(c, '-P requires a chain and a policy')
      if ('PEDIR'.includes(letter) && follows !== undefined && (letter === 'P' || letter === 'E' || /^\d+$/.test(follows)))
        asked.argument = words[++i]
    } else if (option === '-t' || option === '--table') next()
    else if (option === '-n' || option === '--numeric') asked.how.numeric = true
    else if (option === '-v' || option === '--verbose') asked.how.verbose = true
    else if (option === '--line-numbers') asked.how.numbered = true
    else if (/^(-x|--exact|-w|--wait|-c|-4|--ipv4)$/.test(option)) {
      if (/^(-w|--wait)$/.test(option) && /^\d+$/.test(words[i + 1] ?? '')) i++
    } else if (rule.take(option, next, not)) asked.described = true
    else if (word.startsWith('-')) throw misused(c, `unknown option "${word}"`)
    else named.push(word)
    not = false
  }
  if (TAKE_CHAIN.includes(asked.command) && named[0] !== undefined) asked.chain = named.shift()
  if (named.length > 0) throw misused(c, `Bad argument \`${named[0]}'`)
  return asked
}

/** Kube-proxy writes its own rules to a node; a pod has only those that somebody writes there. */
export function iptables(): Program {
  return command('coreutils', async (c) => {
    const saves = c.name.endsWith('-save')
    const args = c.task.argv.slice(1)
    if (args.includes('-V') || args.includes('--version')) return c.print(`${c.name} v1.8.11 (nf_tables)\n`)
    const asked = saves ? undefined : read(c, args)
    if (asked?.command === '') throw misused(c, 'no command specified')
    if (!mayAdminister(c)) throw new Fail(`${called(c)}: Could not fetch rule set generation id: Permission denied (you must be root)`, 4)
    const own = c.name.startsWith('ip6') ? undefined : c.task.net.ownRules?.()
    if (!asked) {
      const at = args.findIndex((a) => a === '-t' || a.startsWith('--table='))
      const table = at < 0 ? undefined : (args[at]!.split('=')[1] ?? args[at + 1])
      const now = formatTime('%a %b %e %H:%M:%S %Y', c.task.clock.now())
      const shown = tablesOf(c).filter((t) => (table === undefined ? t.chains.size > 0 : t.name === table))
      return c.print(shown.map((t) => savedTable(t, c.name, now, own)).join(''))
    }
    const { table, command: letter, chain, how } = asked
    const chains = tablesOf(c).find((t) => t.name === table)?.chains
    if (!chains) throw new Fail(`${called(c)}: table '${table}' does not exist\nPerhaps ${c.name} or your kernel needs to be upgraded.`, 3)
    if (letter === 'L' || letter === 'S') {
      if (chain !== undefined && !chains.has(chain))
        throw new Fail(`${called(c)}: chain \`${chain}' in table \`${table}' is incompatible, use 'nft' tool.`)
      const shown = listed(table, chains).filter((each) => chain === undefined || each === chain)
      if (letter === 'S') return c.print(ruleLines(table, chains, shown, own).join(''))
      return c.print(shown.map((each) => listing(c, table, each, chains, how, own)).join('\n'))
    }
    if (!own) throw new Fail(`${called(c)}:  TABLE_ADD failed (Operation not supported): table ${table}`, 4)
    change(c, own, asked, chains)
  })
}

const NO_SUCH = 'iptables: No chain/target/match by that name.'
const BAD_RULE = 'iptables: Bad rule (does a matching rule exist in that chain?).'

/** Writes, removes or looks for what the command line asks. Throws Fail. */
function change(c: Command, own: OwnRules, asked: Asked, chains: ReadonlyMap<string, readonly FilterRule[]>): void {
  const { table, command: letter, chain, argument } = asked
  const builtIn = BUILT_IN[table]!
  if (letter === 'N') {
    if (chains.has(chain!)) throw new Fail('iptables: Chain already exists.')
    return void own.chain(table, chain!)
  }
  if (letter === 'P') {
    if (!builtIn.includes(chain!)) throw new Fail('iptables: Bad built-in chain name.')
    if (argument !== 'ACCEPT' && argument !== 'DROP') throw new Fail("iptables: Bad policy name. Run `dmesg' for more information.")
    return own.setPolicy(table, chain!, argument)
  }
  if (chain !== undefined && !chains.has(chain)) throw new Fail(NO_SUCH)
  const chosen = chain === undefined ? [...own.chains(table).keys()] : [chain]
  if (letter === 'F') {
    for (const name of chosen) Object.assign(own.chain(table, name), { before: [], after: [] })
  } else if (letter === 'Z') {
    for (const name of chosen) for (const rule of rulesOf(own.chain(table, name))) Object.assign(rule, { packets: 0, bytes: 0 })
  } else if (letter === 'X') {
    for (const name of chosen.filter((each) => chain !== undefined || !builtIn.includes(each))) {
      const used = [...chains.values()].flat().some((rule) => rule.target?.name === name)
      if (builtIn.includes(name) || used || rulesOf(own.chain(table, name)).length > 0 || !own.chains(table).has(name))
        throw new Fail(`${called(c)}:  CHAIN_DEL failed (Device or resource busy): chain ${name}`, 4)
      own.chains(table).delete(name)
    }
  } else if (letter === 'E') {
    if (chains.has(argument ?? '')) throw new Fail('iptables: File exists.')
    own.chains(table).set(argument!, own.chain(table, chain!))
    own.chains(table).delete(chain!)
  } else {
    // Nothing is asked of the other tables on a packet's way here.
    if (table !== 'filter' && table !== 'nat') throw unsupported(c, chain!)
    writeRule(own, asked, chains.get(chain!)!)
  }
}

const rulesOf = ({ before, after }: OwnChain): OwnRule[] => [...before, ...after]

/** Appends, inserts, replaces, removes or looks for one rule. @param all the rules of the chain, with those of kube-proxy */
function writeRule(
  own: OwnRules,
  { table, command: letter, chain: name = '', argument, rule: reader, described }: Asked,
  all: readonly FilterRule[],
): void {
  const rule = reader.read(name)
  const chain = own.chain(table, name)
  const text = saved(name, rule)
  if (letter === 'A') return void chain.after.push(rule)
  if (letter === 'I') {
    const at = Number(argument ?? 1)
    if (at < 1 || at > all.length + 1) throw new Fail('iptables: Index of insertion too big.')
    if (at <= chain.before.length + 1) return void chain.before.splice(at - 1, 0, rule)
    return void chain.after.splice(Math.max(0, at - 1 - (all.length - chain.after.length)), 0, rule)
  }
  const numbered = argument === undefined ? undefined : all[Number(argument) - 1]
  if (argument !== undefined && !numbered) throw new Fail(`iptables: Index of ${letter === 'R' ? 'replacement' : 'deletion'} too big.`)
  if (argument === undefined && !described && letter !== 'C') throw new Fail(BAD_RULE)
  for (const list of [chain.before, chain.after]) {
    const at = list.findIndex((each) => (numbered ? each === numbered : saved(name, each) === text))
    if (at < 0) continue
    if (letter === 'D') list.splice(at, 1)
    if (letter === 'R') list.splice(at, 1, rule)
    return
  }
  // Those of kube-proxy are there, and come back whoever takes them away.
  if (all.some((each) => each === numbered || saved(name, each) === text)) return
  throw new Fail(BAD_RULE)
}
