/** What /proc/PID tells of a process besides its state: its namespaces (namespaces(7)) and its memory (proc_pid_maps(5)). */
import type { Namespaces } from './namespaces.js'

/** The numbers of the machine's own namespaces, as every Linux has them. */
const OF_THE_MACHINE = { cgroup: 4_026_531_835, ipc: 4_026_531_839, time: 4_026_531_834, user: 4_026_531_837 } as const
/** Where the numbers of namespaces begin that were made later. */
const FIRST = 4_026_532_200

const numbers = new WeakMap<object, number>()
let next = FIRST

/** The same for the same thing. */
function numberOf(thing: object): number {
  let number = numbers.get(thing)
  if (number === undefined) numbers.set(thing, (number = next++))
  return number
}

/** Names in /proc/PID/ns and where they point: `user` to `user:[4026531837]`. Equal targets are one namespace. */
export function namespaceLinks(namespaces: Namespaces): [name: string, target: string][] {
  const { mounts, net, pids, security } = namespaces
  const pid = numberOf(pids)
  const own = security?.firstUser
  const all: [name: string, kind: string, number: number][] = [
    ['cgroup', 'cgroup', numberOf(namespaces.cgroup)],
    ['ipc', 'ipc', numberOf(net) + 1000],
    ['mnt', 'mnt', numberOf(mounts)],
    ['net', 'net', numberOf(net)],
    ['pid', 'pid', pid],
    ['pid_for_children', 'pid', pid],
    ['time', 'time', OF_THE_MACHINE.time],
    ['time_for_children', 'time', OF_THE_MACHINE.time],
    ['user', 'user', own === undefined ? OF_THE_MACHINE.user : numberOf(net) + 2000],
    ['uts', 'uts', numberOf(net) + 3000],
  ]
  return all.map(([name, kind, number]) => [name, `${kind}:[${number}]`])
}

const hex = (n: number): string => n.toString(16).padStart(12, '0')

/**
 * The lines of /proc/PID/maps.
 *
 * @param program the file that runs; undefined for a process that has ended
 * @param memory resident bytes, which stand as its heap
 */
export function memoryMap(program: string | undefined, memory: number): string {
  if (program === undefined) return ''
  const PAGE = 4096
  const base = 0x559f_3c40_0000
  const line = (from: number, bytes: number, mode: string, what: string, offset = 0): string => {
    const to = from + Math.max(PAGE, Math.ceil(bytes / PAGE) * PAGE)
    const place = what.startsWith('/') ? '00:2f 1048601' : '00:00 0'
    return `${`${hex(from)}-${hex(to)} ${mode} ${offset.toString(16).padStart(8, '0')} ${place}`.padEnd(73)}${what}\n`
  }
  return [
    line(base, 0x2_0000, 'r--p', program),
    line(base + 0x2_0000, 0xd_0000, 'r-xp', program, 0x2_0000),
    line(base + 0xf_0000, 0x4_0000, 'r--p', program, 0xf_0000),
    line(base + 0x13_0000, 0x1_0000, 'rw-p', program, 0x13_0000),
    line(base + 0x100_0000, memory, 'rw-p', '[heap]'),
    line(0x7ffd_1a5c_0000, 0x2_1000, 'rw-p', '[stack]'),
    line(0x7ffd_1a5f_c000, 0x4000, 'r--p', '[vvar]'),
    line(0x7ffd_1a60_0000, 0x2000, 'r-xp', '[vdso]'),
  ].join('')
}
