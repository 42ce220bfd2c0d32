/** What the machine is made of: lscpu and lsblk; and what a process has in memory: pmap. */
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Command } from './command.js'
import { humanSize } from './sizes.js'

const LSCPU = {
  short: 'aBbCcJepsxyhV',
  long: { all: 'a', bytes: 'B', online: 'b', offline: 'c', json: 'J', 'extended=?': 'e', 'parse=?': 'p', 'sysroot=': 's', hex: 'x', physical: 'y', 'caches=?': 'C' },
  usage: '[options]\n\nDisplay information about the CPU architecture',
} // prettier-ignore

export const lscpu: Program = command('coreutils', async (c) => {
  const o = await c.options(LSCPU)
  const text = c.fs.readText('/proc/cpuinfo')
  const field = (name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? ''
  const count = text.match(/^processor/gm)?.length ?? 1
  const cores = Array.from({ length: count }, (_, i) => i)
  if (o.has('p')) {
    const lines = cores.map((i) => `${i},${i},0,0,,${i},${i},${i},0\n`).join('')
    return c.print(
      `# The following is the parsable format, which can be fed to other\n# programs. Each different item in every column has an unique ID\n# starting usually from zero.\n# CPU,Core,Socket,Node,,L1d,L1i,L2,L3\n${lines}`,
    )
  }
  if (o.has('e'))
    return c.print(
      `CPU NODE SOCKET CORE L1d:L1i:L2:L3 ONLINE\n${cores.map((i) => `${String(i).padStart(3)}    0      0 ${String(i).padStart(4)} ${`${i}:${i}:${i}:0`.padEnd(13)}    yes\n`).join('')}`,
    )
  const list = count === 1 ? '0' : `0-${count - 1}`
  const cacheKb = parseInt(field('cache size'), 10)
  const rows: [string, string][] = [
    ['Architecture', 'x86_64'],
    ['CPU op-mode(s)', '32-bit, 64-bit'],
    ['Byte Order', 'Little Endian'],
    ['CPU(s)', String(count)],
    ['On-line CPU(s) list', list],
    ['Vendor ID', field('vendor_id')],
    ['Model name', field('model name')],
    ['CPU family', field('cpu family')],
    ['Model', field('model')],
    ['Thread(s) per core', '1'],
    ['Core(s) per socket', String(count)],
    ['Socket(s)', '1'],
    ['BogoMIPS', field('bogomips')],
    ['L3 cache', `${humanSize(cacheKb * 1024).replace(/([KMG])$/, ' $1iB')} (1 instance)`],
    ['NUMA node(s)', '1'],
    ['NUMA node0 CPU(s)', list],
  ]
  if (o.has('J')) return c.print(`{\n   "lscpu": [\n${rows.map(([name, data]) => `      {\n         "field": "${name}:",\n         "data": "${data}"\n      }`).join(',')}\n   ]\n}\n`) // prettier-ignore
  const width = Math.max(...rows.map(([name]) => name.length)) + 1
  await c.print(rows.map(([name, data]) => `${`${name}:`.padEnd(width + 1)}${data}\n`).join(''))
})

const LSBLK_COLUMNS = ['NAME', 'MAJ:MIN', 'RM', 'SIZE', 'RO', 'TYPE', 'MOUNTPOINTS']

const LSBLK = {
  short: 'aAbdDe:fhiI:JlmMnNo:OpPrsStVx:z',
  long: {
    all: 'a', bytes: 'b', nodeps: 'd', json: 'J', list: 'l', fs: 'f', noheadings: 'n', 'output=': 'o', 'output-all': 'O', paths: 'p', pairs: 'P', raw: 'r',
    ascii: 'i', 'exclude=': 'e', 'include=': 'I', topology: 't', perms: 'm', inverse: 's', 'sort=': 'x', 'tree=?': 'T', discard: 'D', scsi: 'S', noempty: 'A',
  },
  usage: '[options] [<device> ...]\n\nList information about block devices',
} // prettier-ignore

/** `60G`, `1.5T`: with one digit behind the point at most. */
function diskSize(bytes: number): string {
  let [value, power] = [bytes, 0]
  for (; value >= 1024 && power < 5; power++) value /= 1024
  return `${Math.round(value * 10) / 10}${'BKMGTP'[power]}`
}

interface Disk {
  name: string
  major: string
  minor: string
  bytes: number
  parent: string | undefined
}

function disksOf(c: Command): Disk[] {
  if (!c.fs.exists('/proc/partitions')) return []
  const rows = c.fs.readText('/proc/partitions').split('\n').slice(2).map((line) => line.trim().split(/\s+/)).filter((row) => row.length === 4) // prettier-ignore
  const names = rows.map((row) => row[3]!)
  return rows.map(([major, minor, blocks, name]) => ({
    name: name!,
    major: major!,
    minor: minor!,
    bytes: Number(blocks) * 1024,
    parent: names.find((other) => other !== name && new RegExp(`^${other}p?\\d+$`).test(name!)),
  }))
}

/** Where partitions are mounted, by the name of the device. */
function mountPoints(c: Command, name: string): string[] {
  return c.fs.readText('/proc/self/mounts').split('\n').map((line) => line.split(' ')).filter(([device]) => device === `/dev/${name}`).map(([, path]) => path!) // prettier-ignore
}

export const lsblk: Program = command('coreutils', async (c) => {
  const o = await c.options(LSBLK)
  const all = disksOf(c)
  for (const path of o.operands)
    if (!all.some((disk) => `/dev/${disk.name}` === path)) await c.warn(`${path}: not a block device`, 32)
  if (c.status !== 0) return c.status
  const wanted = o.get('o')?.toUpperCase().split(',') ?? (o.has('f') ? ['NAME', 'FSTYPE', 'FSVER', 'LABEL', 'UUID', 'FSAVAIL', 'FSUSE%', 'MOUNTPOINTS'] : LSBLK_COLUMNS)
  const known = [...LSBLK_COLUMNS, 'FSTYPE', 'FSVER', 'LABEL', 'UUID', 'FSAVAIL', 'FSUSE%', 'MOUNTPOINT', 'KNAME', 'PATH', 'PKNAME', 'MODEL']
  const unknown = wanted.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Fail(`lsblk: unknown column: ${unknown.toLowerCase()}`)
  const roots = all.filter((disk) => (o.operands.length > 0 ? o.operands.includes(`/dev/${disk.name}`) : disk.parent === undefined))
  const shown = roots.flatMap((root) => {
    const below = o.has('d') ? [] : all.filter((disk) => disk.parent === root.name)
    return [[root, ''] as const, ...below.map((disk, i) => [disk, o.has('l') || o.has('r') || o.has('P') || o.has('J') ? '' : i === below.length - 1 ? (o.has('i') ? '`-' : '└─') : o.has('i') ? '|-' : '├─'] as const)]
  })
  const rows = shown.map(([disk, branch]) => {
    const mounted = mountPoints(c, disk.name)
    const values: Readonly<Record<string, string>> = {
      NAME: `${branch}${o.has('p') ? '/dev/' : ''}${disk.name}`, KNAME: disk.name, PATH: `/dev/${disk.name}`, PKNAME: disk.parent ?? '',
      'MAJ:MIN': `${disk.major.padStart(3)}:${disk.minor.padEnd(3)}`, RM: '0', SIZE: o.has('b') ? String(disk.bytes) : diskSize(disk.bytes), RO: '0',
      TYPE: disk.parent === undefined ? 'disk' : 'part', MOUNTPOINTS: mounted.join('\n'), MOUNTPOINT: mounted[0] ?? '', FSTYPE: disk.parent === undefined ? '' : 'ext4',
    }
    return wanted.map((name) => values[name] ?? '')
  })
  if (o.has('P')) return c.print(rows.map((row) => `${row.map((value, i) => `${wanted[i]}="${value.trim()}"`).join(' ')}\n`).join(''))
  if (o.has('J')) return c.print(`${JSON.stringify({ blockdevices: rows.map((row) => Object.fromEntries(row.map((value, i) => [wanted[i]!.toLowerCase(), value.trim()]))) }, undefined, 3)}\n`)
  const table = [...(o.has('n') ? [] : [wanted.map((name) => name)]), ...rows.flatMap(spread)]
  if (o.has('r')) return c.print(table.map((row) => `${row.map((value) => value.trim()).join(' ')}\n`).join(''))
  const right = new Set(['RM', 'SIZE', 'RO', 'FSAVAIL', 'FSUSE%'])
  const widths = wanted.map((_, i) => Math.max(...table.map((row) => row[i]!.length)))
  await c.print(table.map((row) => `${row.map((value, i) => (i === row.length - 1 ? value : right.has(wanted[i]!) ? value.padStart(widths[i]!) : value.padEnd(widths[i]!))).join(' ')}\n`).join(''))
}) // prettier-ignore

/** Several mount points stand below each other. */
function spread(row: readonly string[]): string[][] {
  const lines = Math.max(...row.map((value) => value.split('\n').length))
  return Array.from({ length: lines }, (_, i) => row.map((value) => value.split('\n')[i] ?? ''))
}

const PMAP = {
  short: 'xXqpdA:cC:nN:V',
  long: { extended: 'x', quiet: 'q', 'show-path': 'p', device: 'd', 'range=': 'A' },
  usage: '[options] PID [PID ...]\n\nReport the memory map of a process',
}

export const pmap: Program = command('coreutils', async (c) => {
  const o = await c.options(PMAP)
  if (o.operands.length === 0) throw c.usageError(PMAP)
  let status = 0
  for (const text of o.operands) {
    if (!/^\d+$/.test(text)) throw c.usageError(PMAP)
    let maps: string
    try {
      maps = c.fs.readText(`/proc/${text}/maps`)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      status = 42
      continue
    }
    const command = c.fs.readText(`/proc/${text}/cmdline`).replace(/\0/g, ' ').trimEnd()
    const rows = maps.split('\n').filter(Boolean).map((line) => /^(\w+)-(\w+) (\S+) \w+ \S+ \d+\s*(.*)$/.exec(line)!.slice(1) as [string, string, string, string]) // prettier-ignore
    const named = (path: string): string => (path === '[stack]' ? '  [ stack ]' : path === '' || path.startsWith('[') ? '  [ anon ]' : o.has('p') ? path : path.split('/').at(-1)!)
    const kb = ([from, to]: [string, string, string, string]): number => (parseInt(to, 16) - parseInt(from, 16)) / 1024
    const mode = (flags: string): string => `${flags.slice(0, 3)}${flags[3] === 's' ? 's' : '-'}-`
    const total = rows.reduce((sum, row) => sum + kb(row), 0)
    let out = `${text}:   ${command}\n`
    if (o.has('x')) {
      if (!o.has('q')) out += 'Address           Kbytes     RSS   Dirty Mode  Mapping\n'
      const dirty = (row: [string, string, string, string]): number => (row[2].includes('w') ? kb(row) : 0)
      for (const row of rows) out += `${row[0].padStart(16, '0')} ${String(kb(row)).padStart(7)} ${String(kb(row)).padStart(7)} ${String(dirty(row)).padStart(7)} ${mode(row[2])} ${named(row[3])}\n`
      if (!o.has('q')) out += `---------------- ------- ------- ------- \ntotal kB ${String(total).padStart(15)} ${String(total).padStart(7)} ${String(rows.reduce((sum, row) => sum + dirty(row), 0)).padStart(7)}\n`
    } else {
      for (const row of rows) out += `${row[0].padStart(16, '0')} ${String(kb(row)).padStart(6)}K ${mode(row[2])} ${named(row[3])}\n`
      if (!o.has('q')) out += ` total ${String(total).padStart(16)}K\n`
    }
    await c.print(out)
  }
  return status
}) // prettier-ignore
