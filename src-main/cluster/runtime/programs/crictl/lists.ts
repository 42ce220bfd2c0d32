/** crictl ps, pods and images: what there is on the node. */
import { ImageError, type PulledImage } from '../../cri.js'
import { parseReference } from '../../images/reference.js'
import type { ListedContainer } from '../../node-cri.js'
import { fatal, labelsOf, matcher, newest, optionsOf, type Client, type Subcommand } from './client.js'
import { ago, shortId, size, table } from './format.js'
import { containerObject, digestOf, imageObject, printObject, sandboxObject } from './objects.js'

const COMMON = {
  'id=': 'I',
  'label=': 'L',
  'last=': 'n',
  latest: 'l',
  'name=': 'N',
  'namespace=': 'M',
  'no-trunc': 'T',
  'output=': 'o',
  quiet: 'q',
  'state=': 's',
}

const STATES: readonly string[] = ['created', 'running', 'exited', 'unknown']

/** What tells containers in the state that is asked for: those that run, without a word. */
function stateFilter({ c }: Client, state: string | undefined, all: boolean): (container: ListedContainer) => boolean {
  if (state !== undefined && !STATES.includes(state.toLowerCase()))
    throw fatal(c, 'listing containers: --state should be one of created, running, exited or unknown')
  const wanted = state?.toLowerCase() ?? (all ? undefined : 'running')
  return (container) => wanted === undefined || container.state === wanted
}

/** What tells an image that is named: by its reference, its repository, or the beginning of its id. */
function imageFilter(name: string | undefined): (image: PulledImage | undefined) => boolean {
  if (!name) return () => true
  let named: { repository: string; text: string } | undefined
  try {
    named = parseReference(name)
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
  }
  const tagged = /[:@]/.test(name.slice(name.lastIndexOf('/') + 1))
  return (image) => {
    if (!image) return false
    if (digestOf(image).startsWith(name) || shortId(digestOf(image)).startsWith(name)) return true
    return tagged ? image.reference === named?.text : image.id.split('@')[0] === named?.repository
  }
}

/** The image of a name, or of the beginning of its id. */
export function imageNamed({ cri }: Client, given: string): PulledImage | undefined {
  const images = cri.images()
  const isIt = ({ reference, id }: PulledImage): boolean => reference === given || id === given
  return images.find((image) => isIt(image) || digestOf(image).replace('sha256:', '').startsWith(given)) ?? images.find(imageFilter(given))
}

export const ps: Subcommand = {
  names: ['ps'],
  about: 'List containers',
  async run(client, argv) {
    const { c, cri } = client
    const long = { ...COMMON, all: 'a', 'image=': 'i', 'pod=': 'p' }
    const o = await optionsOf(client, 'aI:i:L:n:lN:M:To:p:qs:', long, argv)
    const inState = stateFilter(client, o.get('s'), o.has('a') || o.has('l') || o.has('n'))
    const labelled = labelsOf(client, o.all('L'))
    const [named, inNamespace, ofImage] = [matcher(client, o.get('N')), matcher(client, o.get('M')), imageFilter(o.get('i'))]
    const found = cri
      .containers()
      .filter((each) => inState(each) && each.id.startsWith(o.get('I') ?? '') && each.sandbox.id.startsWith(o.get('p') ?? ''))
      .filter((each) => labelled(each.labels) && named(each.name) && inNamespace(each.sandbox.config.namespace) && ofImage(each.image))
    const containers = newest(client, found, o)
    const format = o.get('o') ?? 'table'
    if (format !== 'table') return printObject(client, { containers: containers.map(containerObject) }, format)
    if (o.has('q')) return print(client, containers)
    const id = (text: string): string => (o.has('T') ? text : shortId(text))
    const rows = containers.map(({ id: own, image, createdAt, state, name, attempt, sandbox }) => [
      id(own),
      id(digestOf(image)),
      ago(c.task.clock.now() - createdAt),
      `${state[0]!.toUpperCase()}${state.slice(1)}`,
      name,
      String(attempt),
      id(sandbox.id),
      sandbox.config.name,
      sandbox.config.namespace,
    ])
    await c.print(table([['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'], ...rows]))
    return 0
  },
}

export const pods: Subcommand = {
  names: ['pods'],
  about: 'List pods',
  async run(client, argv) {
    const { c, cri } = client
    const o = await optionsOf(client, 'I:L:n:lN:M:To:qs:', COMMON, argv)
    const state = o.get('s')?.toLowerCase()
    if (state !== undefined && state !== 'ready' && state !== 'notready')
      throw fatal(c, 'listing pod sandboxes: --state should be ready or notready')
    const labelled = labelsOf(client, o.all('L'))
    const [named, inNamespace] = [matcher(client, o.get('N')), matcher(client, o.get('M'))]
    const found = cri
      .sandboxes()
      .filter((each) => each.id.startsWith(o.get('I') ?? '') && (state === undefined || each.ready === (state === 'ready')))
      .filter((each) => labelled(each.labels) && named(each.config.name) && inNamespace(each.config.namespace))
    const sandboxes = newest(client, found, o)
    const format = o.get('o') ?? 'table'
    if (format !== 'table') return printObject(client, { items: sandboxes.map(sandboxObject) }, format)
    if (o.has('q')) return print(client, sandboxes)
    const rows = sandboxes.map(({ id, config, createdAt, ready }) => [
      o.has('T') ? id : shortId(id),
      ago(c.task.clock.now() - createdAt),
      ready ? 'Ready' : 'NotReady',
      config.name,
      config.namespace,
      '0',
      config.runtimeHandler || '(default)',
    ])
    await c.print(table([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...rows]))
    return 0
  },
}

export const images: Subcommand = {
  names: ['images', 'image', 'img'],
  about: 'List images',
  async run(client, argv) {
    const { c, cri } = client
    const o = await optionsOf(client, 'dTo:q', { digests: 'd', 'no-trunc': 'T', 'output=': 'o', quiet: 'q' }, argv)
    const found = cri
      .images()
      .filter(imageFilter(o.operands[0]))
      .sort((a, b) => (a.reference < b.reference ? -1 : 1))
    const format = o.get('o') ?? 'table'
    if (format !== 'table') return printObject(client, { images: found.map(imageObject) }, format)
    if (o.has('q'))
      return print(
        client,
        found.map((image) => ({ id: digestOf(image) })),
      )
    const id = (text: string): string => (o.has('T') ? text : shortId(text))
    const digests = o.has('d')
    const rows = found.map((image) => {
      const [repository, digest] = image.id.split('@') as [string, string]
      const tag = image.reference.includes('@') ? '<none>' : image.reference.slice(repository.length + 1)
      return [repository, tag, ...(digests ? [id(digest)] : []), id(digest), size(image.size)]
    })
    await c.print(table([['IMAGE', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'SIZE'], ...rows]))
    return 0
  },
}

/** The ids alone, each on a line. */
async function print({ c }: Client, all: readonly { readonly id: string }[]): Promise<number> {
  await c.print(all.map(({ id }) => `${id}\n`).join(''))
  return 0
}
