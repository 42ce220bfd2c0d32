/** The settings of a redis server: `redis.conf`, the command line, CONFIG SET. */
import type { Process } from '../../process.js'

/** Settings that are amounts of memory, which may have a unit. */
const MEMORY = new Set(['maxmemory', 'repl-backlog-size', 'auto-aof-rewrite-min-size', 'proto-max-bulk-len', 'client-query-buffer-limit'])
const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1e3, kb: 1024, m: 1e6, mb: 1024 ** 2, g: 1e9, gb: 1024 ** 3 }

/** Sets one as it is kept: without quotes, amounts of memory in bytes (`2mb` is 2097152). */
export function setSetting(settings: Map<string, string>, name: string, value: string): void {
  const key = name.toLowerCase()
  const text = value.replace(/^"(.*)"$/, '$1')
  const amount = MEMORY.has(key) ? /^(\d+)([a-z]*)$/i.exec(text) : null
  const unit = amount && UNITS[amount[2]!.toLowerCase()]
  settings.set(key, unit ? String(Number(amount[1]) * unit) : text)
}

/** The settings of a server: defaults, then the configuration file, then the command line; or what is wrong with them. */
export function settingsOf(process: Process): Map<string, string> | string {
  const settings = new Map([
    ['port', '6379'],
    ['dir', process.cwd === '/' ? '/data' : process.cwd],
    ['dbfilename', 'dump.rdb'],
    ['appendonly', 'no'],
    ['requirepass', ''],
    ['maxmemory', '0'],
    ['maxmemory-policy', 'noeviction'],
    ['save', '3600 1 300 100 60 10000'],
    ['bind', '* -::*'],
    ['protected-mode', 'no'],
    ['timeout', '0'],
    ['tcp-keepalive', '300'],
    ['databases', '16'],
    ['loglevel', 'notice'],
    ['appendfsync', 'everysec'],
    ['appendfilename', 'appendonly.aof'],
    ['maxclients', '10000'],
    ['maxmemory-samples', '5'],
  ])
  const args = process.argv.slice(1)
  const file = args[0] !== undefined && !args[0].startsWith('--') ? args.shift() : undefined
  if (file !== undefined) {
    if (!process.fs.exists(file)) return `Fatal error, can't open config file '${file}': No such file or directory\n`
    for (const line of process.fs.readText(file).split('\n')) {
      const [name, ...value] = line
        .replace(/^\s*#.*/, '')
        .trim()
        .split(/\s+/)
      if (name) setSetting(settings, name, value.join(' '))
    }
  }
  for (let i = 0; i < args.length; i++) {
    const name = args[i]!.replace(/^--/, '').toLowerCase()
    const value: string[] = []
    while (args[i + 1] !== undefined && !args[i + 1]!.startsWith('--')) value.push(args[++i]!)
    setSetting(settings, name, value.join(' '))
  }
  return settings
}
