/** crictl stats: what the containers of the node use, CPU over a sample of time. */
import { containerOf, labelsOf, numberOf, optionsOf, type Subcommand } from './client.js'
import { shortId, size, table } from './format.js'
import { printObject } from './objects.js'

/** How long is measured where nothing is said, seconds. */
const SAMPLE = 1

export const stats: Subcommand = {
  names: ['stats'],
  about: 'List container(s) resource usage statistics',
  async run(client, argv) {
    const { c, cri } = client
    const long = { all: 'a', 'id=': 'I', 'label=': 'L', 'output=': 'o', 'pod=': 'p', 'seconds=': 's' }
    const o = await optionsOf(client, 'aI:L:o:p:s:', long, argv)
    const labelled = labelsOf(client, o.all('L'))
    const given = o.get('I') ?? o.operands[0]
    const only = given === undefined ? undefined : containerOf(client, given, 'get container stats: ').id
    const measure = () =>
      cri
        .containers()
        .filter(({ id, sandbox, labels }) => (only ?? id) === id && sandbox.id.startsWith(o.get('p') ?? '') && labelled(labels))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id, name, labels, state }) => ({ id, name, labels, used: state === 'running' ? cri.stats(id) : undefined }))
    const format = o.get('o') ?? 'table'
    const began = c.task.clock.now()
    const before = measure()
    if (format !== 'table') {
      const messages = before.map(({ id, name, labels, used }) => ({
        attributes: { id, metadata: { attempt: 0, name }, labels, annotations: {} },
        cpu: { timestamp: `${began}000000`, usageCoreNanoSeconds: { value: String(used?.cpuNanos ?? 0) } },
        memory: { timestamp: `${began}000000`, workingSetBytes: { value: String(used?.memoryBytes ?? 0) } },
        writableLayer: { timestamp: `${began}000000`, usedBytes: { value: String(used?.diskBytes ?? 0) } },
      }))
      return printObject(client, { stats: messages }, format)
    }
    await c.task.sleep((numberOf(client, o, 's', 'seconds') ?? SAMPLE) * 1000)
    const nanoseconds = (c.task.clock.now() - began) * 1e6
    const rows = measure().flatMap(({ id, name, used }) => {
      const old = before.find((each) => each.id === id)
      if (!old || (!used && !o.has('a'))) return []
      const share = used && old.used && nanoseconds > 0 ? ((used.cpuNanos - old.used.cpuNanos) / nanoseconds) * 100 : 0
      return [[shortId(id), name, share.toFixed(2), size(used?.memoryBytes ?? 0), size(used?.diskBytes ?? 0), '0', '0B']]
    })
    await c.print(table([['CONTAINER', 'NAME', 'CPU %', 'MEM', 'DISK', 'INODES', 'SWAP'], ...rows]))
    return 0
  },
}
