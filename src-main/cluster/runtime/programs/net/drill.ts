/** drill of ldns: asks the cluster's DNS, and shows the sections of the answer. */
import { targetsOf } from '../../../network/dns-message.js'
import { DnsError, type DnsAnswer, type DnsType } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { command, Fail } from '../command.js'
import { formatTime } from '../strftime.js'
import { ask, authority, nameserver, reverse, serverAddress } from './names.js'

const TYPES = /^(?:A|AAAA|CNAME|SRV|PTR|NS|SOA|TXT|ANY)$/i
const USAGE = `  Usage: drill name [@server] [type] [class]
	<name>  can be a domain name or an IP address (-x lookups)
	<type>  defaults to A
	<class> defaults to IN

	arguments may be placed in random order
`

const record = (a: DnsAnswer): string => `${a.name}\t${a.ttl}\tIN\t${a.type}\t${a.data}\n`

export function drill(): Program {
  return command('coreutils', async (c) => {
    let [named, type, name, short] = [nameserver(c), 'A', '', false]
    for (let i = 1; i < c.task.argv.length; i++) {
      const a = c.task.argv[i]!
      if (a === '-v')
        return void (await c.print(
          'drill version 1.8.4 (ldns version 1.8.4)\nWritten by NLnet Labs.\n\nCopyright (c) 2004-2008 NLnet Labs.\nLicensed under the revised BSD license.\nThere is NO warranty; not even for MERCHANTABILITY or FITNESS\nFOR A PARTICULAR PURPOSE.\n',
        ))
      if (a === '-h') return void (await c.print(USAGE))
      if (a === '-Q') short = true
      else if (a === '-x') [name, type] = [reverse(c.task.argv[++i] ?? ''), 'PTR']
      else if (/^-[46DSTaust]$/.test(a)) continue
      else if (/^-[VpbckodIyrwif]$/.test(a)) i++
      else if (a.startsWith('-')) throw new Fail(`drill: unrecognized option: ${a.slice(1)}\n${USAGE}`.trimEnd())
      else if (a.startsWith('@')) named = a.slice(1)
      else if (TYPES.test(a) && (name !== '' || i < c.task.argv.length - 1)) type = a.toUpperCase()
      else if (!/^(IN|CH)$/i.test(a)) name = a
    }
    if (name === '') throw new Fail(USAGE.trimEnd())
    const server = await serverAddress(c, named)
    if (server === undefined) throw new Fail(`Error: error parsing the server address '${named}'`)
    const asked = `${name.replace(/\.$/, '')}.`
    const found = await ask(c, asked, type as DnsType, server)
    if (found instanceof DnsError && found.code === 'TIMEOUT')
      throw new Fail('Error: error sending query: Could not send or receive, because of network error')
    const answers = found instanceof DnsError ? [] : found
    if (short) return void (await c.print(answers.map((a) => `${a.data}\n`).join('')))
    const zone = answers.length === 0 ? await authority(c, asked, server) : []
    const along = (await Promise.all(targetsOf(answers).map((target) => ask(c, target, 'A', server)))).flatMap((a) =>
      a instanceof DnsError ? [] : a,
    )
    const code = found instanceof DnsError ? found.code : 'NOERROR'
    const size =
      12 +
      asked.length +
      5 +
      [...answers, ...zone, ...along].reduce((sum, a) => sum + a.name.length + 11 + (a.type === 'A' ? 4 : a.data.length + 1), 0)
    await c.print(`;; ->>HEADER<<- opcode: QUERY, rcode: ${code}, id: ${c.task.random.int(65_536)}
;; flags: qr aa rd ; QUERY: 1, ANSWER: ${answers.length}, AUTHORITY: ${zone.length}, ADDITIONAL: ${along.length} 
;; QUESTION SECTION:
;; ${asked}\tIN\t${type}

;; ANSWER SECTION:
${answers.map(record).join('')}
;; AUTHORITY SECTION:
${zone.map(record).join('')}
;; ADDITIONAL SECTION:
${along.map(record).join('')}
;; Query time: 0 msec
;; SERVER: ${server}
;; WHEN: ${formatTime('%a %b %e %H:%M:%S %Y', c.task.clock.now())}
;; MSG SIZE  rcvd: ${size}
`)
    return 0
  })
}
