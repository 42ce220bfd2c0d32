/** The names of ports, by /etc/services. */
import type { Command } from '../command.js'

/** The lines of /etc/services, without comments, as words. */
function entries(c: Command): string[][] {
  const text = c.fs.exists('/etc/services') ? c.fs.readText('/etc/services') : ''
  return text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
}

/** What a port is called; undefined when the file does not know. */
export function serviceName(c: Command, port: number, protocol: 'tcp' | 'udp'): string | undefined {
  return entries(c).find(([, number]) => number === `${port}/${protocol}`)?.[0]
}

/** The port of a name; undefined when the file does not know. */
export function portOf(c: Command, name: string): number | undefined {
  const found = entries(c).find(([first, number, ...aliases]) => number !== undefined && (first === name || aliases.includes(name)))
  return found && Number.parseInt(found[1]!)
}
