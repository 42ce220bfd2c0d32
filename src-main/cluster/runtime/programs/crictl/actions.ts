/** crictl stop, stopp, rm, rmp and rmi: what ends and removes, and the kubelet finds out by itself. */
import type { PulledImage } from '../../cri.js'
import { external } from '../net/connection.js'
import { containerOf, fatal, help, numberOf, optionsOf, sandboxOf, type Client, type Subcommand } from './client.js'
import { imageNamed } from './lists.js'
import { digestOf } from './objects.js'

export const stop: Subcommand = {
  names: ['stop'],
  about: 'Stop one or more running containers',
  async run(client, argv) {
    const o = await optionsOf(client, 't:', { 'timeout=': 't' }, argv)
    if (o.operands.length === 0) return help(client)
    for (const given of o.operands) {
      const { id } = containerOf(client, given, `stopping the container "${given}": `)
      await external(client.c.task, client.cri.stop(id, numberOf(client, o, 't', 'timeout') ?? 0))
      await client.c.print(`${given}\n`)
    }
    return 0
  },
}

/** The sandboxes that are named. There is nothing to do about one that is gone: the runtime is content with that. */
export const stopp: Subcommand = {
  names: ['stopp'],
  about: 'Stop one or more running pods',
  async run(client, argv) {
    const { operands } = await optionsOf(client, '', {}, argv)
    if (operands.length === 0) return help(client)
    for (const given of operands) {
      const found = client.cri.sandboxes().find(({ id }) => id.startsWith(given))
      if (found) await external(client.c.task, client.cri.stopSandbox(found.id))
      await client.c.print(`Stopped sandbox ${given}\n`)
    }
    return 0
  },
}

/** Those that are named, or all with `--all`; with `--force` what runs is stopped first. */
interface Removing<T> {
  readonly names: readonly string[]
  readonly about: string
  all(client: Client): readonly T[]
  named(client: Client, given: string): T
  runs(each: T): boolean
  /** What is said of one that runs. */
  running(given: string): string
  remove(client: Client, each: T): Promise<void>
  done(given: string): string
}

function removing<T extends { readonly id: string }>(what: Removing<T>): Subcommand {
  return {
    names: what.names,
    about: what.about,
    async run(client, argv) {
      const o = await optionsOf(client, 'afk', { all: 'a', force: 'f', 'keep-logs': 'k' }, argv)
      const wanted = o.has('a')
        ? what.all(client).map((each) => ({ given: each.id, each }))
        : o.operands.map((given) => ({ given, each: what.named(client, given) }))
      if (wanted.length === 0 && !o.has('a')) return help(client)
      for (const { given, each } of wanted) {
        if (what.runs(each) && !o.has('f')) throw fatal(client.c, what.running(given))
        await external(client.c.task, what.remove(client, each))
        await client.c.print(what.done(given))
      }
      return 0
    },
  }
}

export const rm = removing({
  names: ['rm'],
  about: 'Remove one or more containers',
  all: ({ cri }) => cri.containers(),
  named: (client, given) => containerOf(client, given, `getting container status "${given}": `),
  runs: ({ state }) => state === 'running',
  running: (given) => `container "${given}" is running, please stop it first`,
  remove: ({ cri }, { id }) => cri.remove(id),
  done: (given) => `${given}\n`,
})

export const rmp = removing({
  names: ['rmp'],
  about: 'Remove one or more pods',
  all: ({ cri }) => cri.sandboxes(),
  named: (client, given) => sandboxOf(client, given, `getting sandbox status of pod "${given}": `),
  runs: ({ ready }) => ready,
  running: (given) => `pod sandbox "${given}" is running, please stop it first`,
  remove: ({ cri }, { id }) => cri.removeSandbox(id),
  done: (given) => `Removed sandbox ${given}\n`,
})

export const rmi: Subcommand = {
  names: ['rmi'],
  about: 'Remove one or more images',
  async run(client, argv) {
    const { c, cri } = client
    const o = await optionsOf(client, 'aq', { all: 'a', prune: 'q' }, argv)
    const inUse = new Set(cri.containers().map(({ image }) => image?.reference))
    const wanted = new Map<string, PulledImage | undefined>(o.operands.map((given) => [given, imageNamed(client, given)]))
    if (o.has('a') || o.has('q')) for (const image of cri.images()) wanted.set(image.reference, image)
    if (o.has('q')) for (const [given, image] of wanted) if (inUse.has(image?.reference)) wanted.delete(given)
    if (wanted.size === 0 && !o.has('a') && !o.has('q')) return help(client)
    let failed = false
    for (const [given, image] of wanted) {
      if (image) {
        cri.removeImage(image)
        await c.print(`Deleted: ${image.reference.includes('@') ? digestOf(image) : image.reference}\n`)
      } else {
        failed = true
        await c.warn(`no such image ${given}`)
      }
    }
    if (failed) throw fatal(c, 'unable to remove the image(s)')
    return 0
  },
}
