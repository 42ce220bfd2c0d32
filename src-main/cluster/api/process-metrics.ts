/** What every component tells of its own process, under the names of Prometheus' client for Go. */
import { labelled } from './exposition.js'
import { VERSION } from './http/version.js'

/** The metrics `go_*`, in the order of their names. */
export function goMetrics(): string {
  const { heapTotal, heapUsed, rss } = process.memoryUsage()
  const own = (name: string, help: string, value: number): string => labelled(name, 'gauge', help, [[{}, value]])
  return [
    own('go_goroutines', 'Number of goroutines that currently exist.', process.getActiveResourcesInfo().length),
    labelled('go_info', 'gauge', 'Information about the Go environment.', [[{ version: VERSION.goVersion }, 1]]),
    own(
      'go_memstats_alloc_bytes',
      'Number of bytes allocated in heap and currently in use. Equals to /memory/classes/heap/objects:bytes.',
      heapUsed,
    ),
    own(
      'go_memstats_heap_alloc_bytes',
      'Number of heap bytes allocated and currently in use, same as go_memstats_alloc_bytes. Equals to /memory/classes/heap/objects:bytes.',
      heapUsed,
    ),
    own(
      'go_memstats_heap_inuse_bytes',
      'Number of heap bytes that are in use. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes',
      heapTotal,
    ),
    own('go_memstats_sys_bytes', 'Number of bytes obtained from system. Equals to /memory/classes/total:byte.', rss),
    own('go_threads', 'Number of OS threads created.', THREADS),
  ].join('')
}

/** The main thread, and those of libuv's pool. */
const THREADS = 5
/** What systemd gives a service (`LimitNOFILE`). */
const MOST_FILES = 1_048_576

/**
 * The metrics `process_*`, in the order of their names.
 * @param started ms since the epoch
 */
export function processMetrics(started: number): string {
  const { user, system } = process.cpuUsage()
  const rss = process.memoryUsage.rss()
  const own = (name: string, type: 'counter' | 'gauge', help: string, value: number): string => labelled(name, type, help, [[{}, value]])
  return [
    own('process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.', (user + system) / 1e6),
    own('process_max_fds', 'gauge', 'Maximum number of open file descriptors.', MOST_FILES),
    own('process_open_fds', 'gauge', 'Number of open file descriptors.', process.getActiveResourcesInfo().length),
    own('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', rss),
    own('process_start_time_seconds', 'gauge', 'Start time of the process since unix epoch in seconds.', started / 1000),
    own('process_virtual_memory_bytes', 'gauge', 'Virtual memory size in bytes.', rss),
  ].join('')
}

/** `kubernetes_build_info` */
export function buildInfo(): string {
  const { gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform, major, minor } = VERSION
  const git = { git_version: gitVersion, git_commit: gitCommit, git_tree_state: gitTreeState }
  return labelled(
    'kubernetes_build_info',
    'gauge',
    "[BETA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
    [[{ ...git, build_date: buildDate, go_version: goVersion, compiler, platform, major, minor }, 1]],
  )
}
