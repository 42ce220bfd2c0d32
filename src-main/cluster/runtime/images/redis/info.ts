/** INFO: what a server tells of itself, section by section, under the names of https://redis.io/docs/latest/commands/info/ */

/** What the sections are made of. Times in ms since the epoch. */
export interface ServerFacts {
  readonly version: string
  readonly pid: number
  readonly port: string
  readonly runId: string
  readonly config: string
  readonly startedAt: number
  readonly now: number
  readonly clients: number
  readonly commands: number
  readonly connections: number
  readonly dirty: number
  readonly lastSave: number
  readonly memory: number
  readonly maxMemory: string
  readonly maxMemoryPolicy: string
  readonly appendOnly: boolean
  readonly replication: readonly string[]
  /** Clients that wait for something. */
  readonly blocked: number
  /** Those of SELECT in their order. */
  readonly databases: readonly { keys: number; expiring: number }[]
}

/** `1.00M`, as Redis shortens bytes. */
function human(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(2)}K`
  return bytes < 1024 ** 3 ? `${(bytes / 1024 ** 2).toFixed(2)}M` : `${(bytes / 1024 ** 3).toFixed(2)}G`
}

/** The sections in the order in which they are told. */
const SECTIONS: Readonly<Record<string, (f: ServerFacts) => readonly string[]>> = {
  Server: (f) => {
    const uptime = Math.floor((f.now - f.startedAt) / 1000)
    return [
      `redis_version:${f.version}`,
      'redis_git_sha1:00000000',
      'redis_git_dirty:0',
      'redis_mode:standalone',
      'os:Linux 6.8.0-64-generic x86_64',
      'arch_bits:64',
      'multiplexing_api:epoll',
      `process_id:${f.pid}`,
      'process_supervised:no',
      `run_id:${f.runId}`,
      `tcp_port:${f.port}`,
      `server_time_usec:${f.now * 1000}`,
      `uptime_in_seconds:${uptime}`,
      `uptime_in_days:${Math.floor(uptime / 86_400)}`,
      'hz:10',
      'configured_hz:10',
      'executable:/data/redis-server',
      `config_file:${f.config}`,
    ]
  },
  Clients: (f) => [`connected_clients:${f.clients}`, 'cluster_connections:0', 'maxclients:10000', `blocked_clients:${f.blocked}`],
  Memory: (f) => [
    `used_memory:${f.memory}`,
    `used_memory_human:${human(f.memory)}`,
    `used_memory_peak:${f.memory}`,
    `used_memory_peak_human:${human(f.memory)}`,
    `maxmemory:${f.maxMemory}`,
    `maxmemory_human:${human(Number(f.maxMemory))}`,
    `maxmemory_policy:${f.maxMemoryPolicy}`,
    'mem_allocator:jemalloc-5.3.0',
  ],
  Persistence: (f) => [
    'loading:0',
    `rdb_changes_since_last_save:${f.dirty}`,
    'rdb_bgsave_in_progress:0',
    `rdb_last_save_time:${Math.floor(f.lastSave / 1000)}`,
    'rdb_last_bgsave_status:ok',
    `aof_enabled:${f.appendOnly ? 1 : 0}`,
    'aof_rewrite_in_progress:0',
  ],
  Stats: (f) => [`total_connections_received:${f.connections}`, `total_commands_processed:${f.commands}`, 'rejected_connections:0'],
  Replication: (f) => f.replication,
  CPU: () => ['used_cpu_sys:0.000000', 'used_cpu_user:0.000000'],
  Modules: () => [],
  Errorstats: () => [],
  Cluster: () => ['cluster_enabled:0'],
  Keyspace: (f) => f.databases.flatMap(({ keys, expiring }, i) => (keys > 0 ? [`db${i}:keys=${keys},expires=${expiring},avg_ttl=0`] : [])),
}

const EVERYTHING = new Set(['all', 'default', 'everything'])

/** The sections that are asked for, or all; one that there is not tells nothing. */
export function info(facts: ServerFacts, asked: readonly string[]): string {
  const wanted = new Set(asked.map((name) => name.toLowerCase()))
  const all = asked.length === 0 || asked.some((name) => EVERYTHING.has(name.toLowerCase()))
  return Object.entries(SECTIONS)
    .filter(([name]) => all || wanted.has(name.toLowerCase()))
    .map(([name, lines]) => [`# ${name}`, ...lines(facts), ''].join('\r\n'))
    .join('\r\n')
}
