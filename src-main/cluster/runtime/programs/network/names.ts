/** Looking names up: nslookup (busybox), dig, host, getent. */
import { DnsError, type DnsAnswer, type DnsType, type NetworkNamespace } from '../../../network/network.js'
import type { Process, Program } from '../../process.js'

/** The first nameserver, search domains and ndots of /etc/resolv.conf. */
function resolver(p: Process): { server: string; search: string[]; ndots: number } {
  const text = p.net.resolvConf
  const server = /^nameserver\s+(\S+)/m.exec(text)?.[1] ?? '127.0.0.1'
  const search = /^search\s+(.+)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? []
  return { server, search, ndots: Number(/ndots:(\d+)/.exec(text)?.[1] ?? 1) }
}

const isAddress = (text: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(text)
const reverse = (address: string): string => `${address.split('.').reverse().join('.')}.in-addr.arpa`
const undot = (name: string): string => name.replace(/\.$/, '')

async function query(net: NetworkNamespace, name: string, type: DnsType): Promise<DnsAnswer[] | DnsError> {
  try {
    return (await net.query?.(name, type)) ?? []
  } catch (error) {
    if (error instanceof DnsError) return error
    throw error
  }
}

export const nslookup: Program = async (p) => {
  const args = p.argv.slice(1)
  const type = (args
    .find((a) => /^-(query)?type=/.test(a))
    ?.split('=')[1]
    ?.toUpperCase() ?? '') as DnsType | ''
  const [name, given] = args.filter((a) => !a.startsWith('-'))
  if (!name) {
    await p.writeError(
      'BusyBox v1.36.1 (2024-06-13 09:00:00 UTC) multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n\nQuery DNS about HOST\n',
    )
    return 1
  }
  const { server: configured, search } = resolver(p)
  const server = given ?? configured
  await p.write(`Server:\t\t${server}\nAddress:\t${server}:53\n\n`)
  if (isAddress(name)) {
    const answer = await query(p.net, reverse(name), 'PTR')
    if (answer instanceof DnsError || !answer.length) {
      await p.write(`** server can't find ${reverse(name)}: NXDOMAIN\n\n`)
      return 1
    }
    for (const a of answer) await p.write(`${reverse(name)}\tname = ${undot(a.data)}\n`)
    await p.write('\n')
    return 0
  }
  // busybox asks for the name itself, and with each search domain when it has no dot at its end.
  const candidates = name.endsWith('.')
    ? [undot(name)]
    : name.includes('.')
      ? [name, ...search.map((s) => `${name}.${s}`)]
      : search.length
        ? search.map((s) => `${name}.${s}`)
        : [name]
  const misses: string[] = []
  for (const candidate of candidates) {
    const answer = await query(p.net, candidate, type || 'A')
    if (answer instanceof DnsError) {
      if (answer.code !== 'NXDOMAIN') {
        await p.write(`;; connection timed out; no servers could be reached\n\n`)
        return 1
      }
      misses.push(candidate)
      continue
    }
    for (const m of misses) await p.write(`** server can't find ${m}: NXDOMAIN\n\n`)
    for (const a of answer) {
      if (a.type === 'A' || a.type === 'AAAA') await p.write(`Name:\t${undot(a.name)}\nAddress: ${a.data}\n`)
      else if (a.type === 'CNAME') await p.write(`${undot(a.name)}\tcanonical name = ${undot(a.data)}\n`)
      else if (a.type === 'SRV') await p.write(`${undot(a.name)}\tservice = ${undot(a.data)}\n`)
      else await p.write(`${undot(a.name)}\t${a.type.toLowerCase()} = ${undot(a.data)}\n`)
    }
    if (!answer.length) await p.write(`*** Can't find ${candidate}: No answer\n`)
    await p.write('\n')
    return answer.length ? 0 : 1
  }
  for (const m of misses) await p.write(`** server can't find ${m}: NXDOMAIN\n\n`)
  return 1
}

export const dig: Program = async (p) => {
  const args = p.argv.slice(1)
  const short = args.includes('+short')
  const useSearch = args.includes('+search')
  const { server: configured, search } = resolver(p)
  const server = args.find((a) => a.startsWith('@'))?.slice(1) ?? configured
  const types = new Set(['A', 'AAAA', 'CNAME', 'SRV', 'PTR', 'NS', 'SOA', 'TXT', 'ANY'])
  let words = args.filter((a) => !/^[@+-]/.test(a))
  let type: DnsType = 'A'
  const x = args.indexOf('-x')
  if (x >= 0 && args[x + 1]) {
    words = [reverse(args[x + 1]!)]
    type = 'PTR'
  }
  const named = words.find((w) => types.has(w.toUpperCase()))
  if (named) {
    type = named.toUpperCase() as DnsType
    words = words.filter((w) => w !== named)
  }
  const name = words[0] ?? '.'
  let asked = undot(name)
  let answer = await query(p.net, asked, type)
  if (useSearch && answer instanceof DnsError) {
    for (const s of search) {
      const next = await query(p.net, `${asked}.${s}`, type)
      if (next instanceof DnsError) continue
      asked = `${asked}.${s}`
      answer = next
      break
    }
  }
  const records = answer instanceof DnsError ? [] : answer
  if (short) {
    for (const r of records) await p.write(`${r.data}\n`)
    return 0
  }
  if (answer instanceof DnsError && answer.code === 'TIMEOUT') {
    await p.write(
      `;; communications error to ${server}#53: timed out\n\n; <<>> DiG 9.18.28 <<>> ${p.argv.slice(1).join(' ')}\n;; global options: +cmd\n;; no servers could be reached\n`,
    )
    return 9
  }
  const status = answer instanceof DnsError ? answer.code : 'NOERROR'
  await p.write(
    `\n; <<>> DiG 9.18.28 <<>> ${p.argv.slice(1).join(' ')}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: ${p.random.int(65536)}\n;; flags: qr aa rd; QUERY: 1, ANSWER: ${records.length}, AUTHORITY: 0, ADDITIONAL: 1\n;; WARNING: recursion requested but not available\n\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n;; QUESTION SECTION:\n;${asked}.${' '.repeat(Math.max(1, 30 - asked.length))}IN\t${type}\n\n`,
  )
  if (records.length) {
    await p.write(';; ANSWER SECTION:\n')
    for (const r of records) await p.write(`${r.name.padEnd(24)}\t${r.ttl}\tIN\t${r.type}\t${r.data}\n`)
    await p.write('\n')
  }
  await p.write(
    `;; Query time: 0 msec\n;; SERVER: ${server}#53(${server}) (UDP)\n;; WHEN: ${new Date(p.clock.now()).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 UTC $4')}\n;; MSG SIZE  rcvd: ${60 + records.length * 40}\n\n`,
  )
  return 0
}

export const host: Program = async (p) => {
  const name = p.argv.slice(1).find((a) => !a.startsWith('-'))
  if (!name) {
    await p.writeError('Usage: host [-aCdilrTvVw] [-t type] hostname [server]\n')
    return 1
  }
  if (isAddress(name)) {
    const answer = await query(p.net, reverse(name), 'PTR')
    if (answer instanceof DnsError || !answer.length) {
      await p.write(`Host ${reverse(name)}. not found: 3(NXDOMAIN)\n`)
      return 1
    }
    for (const a of answer) await p.write(`${reverse(name)} domain name pointer ${a.data}\n`)
    return 0
  }
  try {
    for (const a of await p.net.resolve(name)) await p.write(`${name} has address ${a}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof DnsError)) throw error
    await p.write(`Host ${name} not found: 3(NXDOMAIN)\n`)
    return 1
  }
}

export const getent: Program = async (p) => {
  const [database, ...keys] = p.argv.slice(1)
  if (database === 'hosts' || database === 'ahosts' || database === 'ahostsv4') {
    let found = 0
    for (const key of keys) {
      try {
        for (const a of await p.net.resolve(key)) {
          await p.write(
            database === 'hosts'
              ? `${a.padEnd(15)} ${key}\n`
              : `${a.padEnd(15)} STREAM ${key}\n${a.padEnd(15)} DGRAM  \n${a.padEnd(15)} RAW    \n`,
          )
          found++
          if (database === 'hosts') break
        }
      } catch (error) {
        if (!(error instanceof DnsError)) throw error
      }
    }
    if (!keys.length)
      for (const line of p.net.hosts.split('\n')) if (line && !line.startsWith('#')) await p.write(`${line.replace(/\s+/, '       ')}\n`)
    return found || !keys.length ? 0 : 2
  }
  if (database === 'passwd' || database === 'group') {
    const lines = p.fs.exists(`/etc/${database}`) ? p.fs.readText(`/etc/${database}`).split('\n').filter(Boolean) : []
    const wanted = keys.length ? lines.filter((l) => keys.some((k) => l.split(':')[0] === k || l.split(':')[2] === k)) : lines
    for (const l of wanted) await p.write(`${l}\n`)
    return wanted.length || !keys.length ? 0 : 2
  }
  await p.writeError(database ? `getent: Unknown database: ${database}\n` : 'getent: wrong number of arguments\n')
  return 1
}
