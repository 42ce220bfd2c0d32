/** polinux/stress: workers that use CPU and memory on purpose. */
import type { ImageFamily } from '../image.js'
import type { Program } from '../../process.js'
import { taskOf, type Task } from '../../task.js'
import { busyboxTree } from '../userland.js'

interface Plan {
  cpu: number
  io: number
  vm: number
  hdd: number
  vmBytes: number
  /** Milliseconds that a worker holds memory before it takes it anew; 0 does not hold it. */
  vmHang: number
  /** Milliseconds; undefined for ever. */
  timeout: number | undefined
  quiet: boolean
}

/** `150M` in bytes. */
function size(text: string): number {
  const units: Record<string, number> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }
  const match = /^(\d+)([bkmg])?$/i.exec(text)
  return match ? Number(match[1]) * units[match[2]?.toLowerCase() ?? 'b']! : NaN
}

/** `10s`, `5m` in milliseconds. */
function time(text: string): number {
  const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 }
  const match = /^(\d+)([smhdy])?$/.exec(text)
  return match ? Number(match[1]) * units[match[2] ?? 's']! * 1000 : NaN
}

const USAGE = `\`stress' imposes certain types of compute stress on your system

Usage: stress [OPTION [ARG]] ...
 -?, --help         show this help statement
     --version      show version statement
 -v, --verbose      be verbose
 -q, --quiet        be quiet
 -n, --dry-run      show what would have been done
 -t, --timeout N    timeout after N seconds
     --backoff N    wait factor of N microseconds before work starts
 -c, --cpu N        spawn N workers spinning on sqrt()
 -i, --io N         spawn N workers spinning on sync()
 -m, --vm N         spawn N workers spinning on malloc()/free()
     --vm-bytes B   malloc B bytes per vm worker (default is 256MB)
     --vm-stride B  touch a byte every B bytes (default is 4096)
     --vm-hang N    sleep N secs before free (default none, 0 is inf)
     --vm-keep      redirty memory instead of freeing and reallocating
 -d, --hdd N        spawn N workers spinning on write()/unlink()
     --hdd-bytes B  write B bytes per hdd worker (default is 1GB)

Example: stress --cpu 8 --io 4 --vm 2 --vm-bytes 128M --timeout 10s

Note: Numbers may be suffixed with s,m,h,d,y (time) or B,K,M,G (size).
`

function parse(args: readonly string[]): Plan | string {
  const plan: Plan = { cpu: 0, io: 0, vm: 0, hdd: 0, vmBytes: 256 * 1024 ** 2, vmHang: 0, timeout: undefined, quiet: false }
  const names: Record<string, 'cpu' | 'io' | 'vm' | 'hdd'> = {
    '-c': 'cpu',
    '--cpu': 'cpu',
    '-i': 'io',
    '--io': 'io',
    '-m': 'vm',
    '--vm': 'vm',
    '-d': 'hdd',
    '--hdd': 'hdd',
  }
  for (let i = 0; i < args.length; i++) {
    const [name = '', inline] = args[i]!.split('=', 2)
    const value = (): string => inline ?? args[++i] ?? ''
    const worker = names[name]
    if (worker) {
      const n = Number(value())
      if (!Number.isInteger(n) || n < 1) return `invalid number of ${worker === 'cpu' ? 'cpu' : worker} hogs: ${args[i]}`
      plan[worker] = n
    } else if (name === '--vm-bytes') plan.vmBytes = size(value())
    else if (name === '--vm-hang') plan.vmHang = time(value()) || Infinity
    else if (name === '-t' || name === '--timeout') plan.timeout = time(value())
    else if (name === '-q' || name === '--quiet') plan.quiet = true
    else if (['--vm-stride', '--backoff', '--hdd-bytes'].includes(name)) value()
    else if (!['--vm-keep', '-v', '--verbose'].includes(name)) return `unrecognized option: ${args[i]}`
  }
  return plan
}

const program: Program = async (process) => {
  const args = process.argv.slice(1)
  if (args.length === 0 || args.includes('--help') || args.includes('-?')) {
    await process.write(USAGE)
    return args.length === 0 ? 1 : 0
  }
  if (args.includes('--version')) {
    await process.write('stress 1.0.4\n')
    return 0
  }
  const plan = parse(args)
  const at = `[${process.pid}]`
  if (typeof plan === 'string') {
    await process.writeError(`stress: FAIL: ${at} (244) ${plan}\n`)
    return 1
  }
  const task = taskOf(process)
  const started = process.clock.now()
  if (!plan.quiet)
    await process.write(`stress: info: ${at} dispatching hogs: ${plan.cpu} cpu, ${plan.io} io, ${plan.vm} vm, ${plan.hdd} hdd\n`)
  const workers: Task[] = []
  const start = (n: number, work: (child: Task) => Promise<number>): void => {
    for (let i = 0; i < n; i++) workers.push(task.fork(work))
  }
  start(plan.cpu, spin(1))
  start(plan.io, spin(0.2))
  start(plan.hdd, spin(0.3))
  start(plan.vm, async (child) => {
    child.setMemory(plan.vmBytes)
    return plan.vmHang === 0 ? spin(1)(child) : hold(child, plan)
  })
  const seconds = (): number => Math.round((process.clock.now() - started) / 1000)
  let timer
  if (plan.timeout !== undefined) timer = process.clock.after(plan.timeout, () => workers.forEach((w) => w.deliver('ALRM', 'inside')))
  let failed = false
  let reaping = false
  for (const worker of workers) {
    const reason = await task.waitFor(worker)
    if ('code' in reason ? reason.code === 0 : reason.signal === 'ALRM' || reaping) continue
    failed = true
    const how =
      'signal' in reason
        ? `worker ${worker.pid} got signal ${reason.signal === 'KILL' ? 9 : 15}`
        : `worker ${worker.pid} returned error ${reason.code}`
    await process.writeError(`stress: FAIL: ${at} (415) <-- ${how}\nstress: WARN: ${at} (417) now reaping child worker processes\n`)
    reaping = true
    for (const other of workers) if (!other.ended) other.deliver('KILL', 'inside')
  }
  timer?.cancel()
  if (failed) {
    await process.writeError(`stress: FAIL: ${at} (451) failed run completed in ${seconds()}s\n`)
    return 1
  }
  if (!plan.quiet) await process.write(`stress: info: ${at} successful run completed in ${seconds()}s\n`)
  return 0
}

/** CPU milliseconds that touching one MiB of new memory takes. */
const TOUCH = 0.3

/** Takes its memory, holds it and gives it back, for ever. */
async function hold(child: Task, { vmBytes, vmHang }: Plan): Promise<number> {
  for (;;) {
    await child.compute((vmBytes / 1024 ** 2) * TOUCH)
    await child.sleep(Math.min(vmHang, 365 * 86_400_000))
  }
}

/** Computes a share of the time, for ever. */
function spin(share: number): (child: Task) => Promise<number> {
  return async (child) => {
    for (;;) {
      await child.compute(100 * share)
      if (share < 1) await child.sleep(100 * (1 - share))
    }
  }
}

export const stress: ImageFamily = {
  repositories: ['docker.io/polinux/stress', 'docker.io/progrium/stress'],
  tags: ['latest', '1.0.4'],
  tag: (tag) =>
    /^(latest|1\.0\.4)$/.test(tag)
      ? {
          cmd: ['stress', '--help'],
          size: 3_700_000,
          baseMemory: 700_000,
          files: () => ({ ...busyboxTree(), '/usr/local/bin/stress': { program } }),
        }
      : undefined,
}
