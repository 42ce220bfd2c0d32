/** The settings of a redis server: `redis.conf`, the command line, CONFIG SET. */
import type { Process } from '../../process.js'

/** Settings that are amounts of memory, which may have a unit. */
const MEMORY = new Set(['maxmemory', 'repl-backlog-size', 'auto-aof-rewrite-min-size', 'proto-max-bulk-len', 'client-query-buffer-limit'])
const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1e3, kb: 1024, m: 1e6, mb: 1024 ** 2, g: 1e9, gb: 1024 ** 3 }

/** The directives of redis.conf (https://redis.io/docs/latest/operate/oss_and_stack/management/config/). */
const DIRECTIVES = new Set(
  `
acl-pubsub-default aclfile acllog-max-len active-defrag-cycle-max active-defrag-cycle-min active-defrag-ignore-bytes
active-defrag-max-scan-fields active-defrag-threshold-lower active-defrag-threshold-upper active-expire-effort activedefrag
activerehashing always-show-logo aof-disable-auto-gc aof-load-truncated aof-rewrite-incremental-fsync aof-timestamp-enabled
aof-use-rdb-preamble aof_rewrite_cpulist appenddirname appendfilename appendfsync appendonly auto-aof-rewrite-min-size
auto-aof-rewrite-percentage bgsave_cpulist bind bind-source-addr bio_cpulist busy-reply-threshold check-thp
client-output-buffer-limit client-query-buffer-limit cluster-allow-pubsubshard-when-down cluster-allow-reads-when-down
cluster-allow-replica-migration cluster-announce-bus-port cluster-announce-hostname cluster-announce-human-nodename
cluster-announce-ip cluster-announce-port cluster-announce-tls-port cluster-compatibility-sample-ratio cluster-config-file
cluster-enabled cluster-link-sendbuf-limit cluster-migration-barrier cluster-node-timeout cluster-port
cluster-preferred-endpoint-type cluster-replica-no-failover cluster-replica-validity-factor cluster-require-full-coverage
cluster-slave-no-failover cluster-slave-validity-factor crash-log-enabled crash-memcheck-enabled daemonize databases
dbfilename dir disable-thp dynamic-hz enable-debug-command enable-module-command enable-protected-configs
hash-max-listpack-entries hash-max-listpack-value hash-max-ziplist-entries hash-max-ziplist-value hide-user-data-from-log
hll-sparse-max-bytes hz ignore-warnings include io-threads io-threads-do-reads jemalloc-bg-thread key-load-delay
latency-monitor-threshold latency-tracking latency-tracking-info-percentiles lazyexpire-nested-arbitrary-keys
lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del lazyfree-lazy-user-del lazyfree-lazy-user-flush
lfu-decay-time lfu-log-factor list-compress-depth list-max-listpack-size list-max-ziplist-size loadmodule locale-collate
logfile loglevel lookahead lua-time-limit masterauth masteruser max-new-connections-per-cycle
max-new-tls-connections-per-cycle maxclients maxmemory maxmemory-clients maxmemory-eviction-tenacity maxmemory-policy
maxmemory-samples min-replicas-max-lag min-replicas-to-write min-slaves-max-lag min-slaves-to-write no-appendfsync-on-rewrite
notify-keyspace-events oom-score-adj oom-score-adj-values pidfile port proc-title-template propagation-error-behavior
protected-mode proto-max-bulk-len rdb-del-sync-files rdb-save-incremental-fsync rdbchecksum rdbcompression rename-command
repl-backlog-size repl-backlog-ttl repl-disable-tcp-nodelay repl-diskless-load repl-diskless-sync repl-diskless-sync-delay
repl-diskless-sync-max-replicas repl-ping-replica-period repl-ping-slave-period repl-timeout replica-announce-ip
replica-announce-port replica-announced replica-full-sync-buffer-limit replica-ignore-disk-write-errors
replica-ignore-maxmemory replica-lazy-flush replica-priority replica-read-only replica-serve-stale-data replicaof requirepass
sanitize-dump-payload save sentinel server_cpulist set-max-intset-entries set-max-listpack-entries set-max-listpack-value
set-proc-title shutdown-on-sigint shutdown-on-sigterm shutdown-timeout slave-announce-ip slave-announce-port
slave-ignore-maxmemory slave-lazy-flush slave-priority slave-read-only slave-serve-stale-data slaveof slowlog-log-slower-than
slowlog-max-len socket-mark-id stop-writes-on-bgsave-error stream-node-max-bytes stream-node-max-entries supervised
syslog-enabled syslog-facility syslog-ident tcp-backlog tcp-keepalive timeout tls-auth-clients tls-ca-cert-dir
tls-ca-cert-file tls-cert-file tls-ciphers tls-ciphersuites tls-client-cert-file tls-client-key-file tls-client-key-file-pass
tls-cluster tls-dh-params-file tls-key-file tls-key-file-pass tls-port tls-prefer-server-ciphers tls-protocols tls-replication
tls-session-cache-size tls-session-cache-timeout tls-session-caching tracking-table-max-keys unixsocket unixsocketperm user
zset-max-listpack-entries zset-max-listpack-value zset-max-ziplist-entries zset-max-ziplist-value
`
    .trim()
    .split(/\s+/),
)

/** What a server says of a line that it cannot read. @param line of the file, where there is one, else of what the command line makes */
function refused(version: string, line: number, text: string): string {
  return `\n*** FATAL CONFIG FILE ERROR (Redis ${version}) ***\nReading the configuration file, at line ${line}\n>>> '${text}'\nBad directive or wrong number of arguments\n`
}

/** Sets one as it is kept: without quotes, amounts of memory in bytes (`2mb` is 2097152). */
export function setSetting(settings: Map<string, string>, name: string, value: string): void {
  const key = name.toLowerCase()
  const text = value.replace(/^"(.*)"$/, '$1')
  const amount = MEMORY.has(key) ? /^(\d+)([a-z]*)$/i.exec(text) : null
  const unit = amount && UNITS[amount[2]!.toLowerCase()]
  settings.set(key, unit ? String(Number(amount[1]) * unit) : text)
}

/** The settings of a server: defaults, then the configuration file, then the command line; or what is wrong with them. */
export function settingsOf(process: Process, version: string): Map<string, string> | string {
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
    for (const [i, line] of process.fs.readText(file).split('\n').entries()) {
      const [name, ...value] = line
        .replace(/^\s*#.*/, '')
        .trim()
        .split(/\s+/)
      if (name && (!DIRECTIVES.has(name.toLowerCase()) || value.length === 0)) return refused(version, i + 1, line.trim())
      if (name) setSetting(settings, name, value.join(' '))
    }
  }
  for (let [i, line] = [0, 2]; i < args.length; i++, line++) {
    const name = args[i]!.replace(/^--/, '').toLowerCase()
    const value: string[] = []
    while (args[i + 1] !== undefined && !args[i + 1]!.startsWith('--')) value.push(args[++i]!)
    if (!DIRECTIVES.has(name) || (value.length === 0 && name !== 'save'))
      return refused(version, line, `${name}${value.map((word) => ` "${word}"`).join('')}`)
    setSetting(settings, name, value.join(' '))
  }
  return settings
}
