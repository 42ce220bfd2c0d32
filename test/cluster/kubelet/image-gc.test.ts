/** Images go from a disk that is nearly full. */
import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { ImageGC } from '../../../src-main/cluster/kubelet/image-gc.js'
import { nodeStatus, type Machine } from '../../../src-main/cluster/kubelet/node-status.js'
import { NodeImages } from '../../../src-main/cluster/runtime/node-images.js'

const image = (name: string, size: number) => ({ reference: `${name}:1`, id: `sha256:${name}`, size, placeholder: false })

describe('a disk', () => {
  function start(eligible: number) {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    const asked: number[] = []
    const told: string[] = []
    const remove = (bytes: number): number => {
      asked.push(bytes)
      return Math.min(eligible, bytes)
    }
    const gc = new ImageGC({ clock, remove, tellNode: (type, reason, message) => told.push(`${type} ${reason} ${message}`) })
    return { clock, gc, asked, told }
  }

  test.each([
    [160, []],
    [151, [49]],
    [150, [50]],
    [10, [190]],
  ])('of 1000 with %i free has this much removed: %j', (available, expected) => {
    const { gc, asked } = start(1000)
    expect(gc.check(1000, available)).toBe(expected.length > 0)
    expect(asked).toEqual(expected)
  })

  test('is looked at each five minutes, and the node is told when there is not enough to remove', async () => {
    const { clock, gc, asked, told } = start(20)
    const failed =
      "Insufficient free disk space on the node's image filesystem (90% of 1000 B used). " +
      'Failed to free sufficient space by deleting unused images (freed 20 bytes). ' +
      'Investigate disk usage, as it could be used by active images, logs, volumes, or other data.'
    gc.check(1000, 100)
    expect(told).toEqual([`Warning FreeDiskSpaceFailed ${failed}`])
    await clock.advance(299_000)
    gc.check(1000, 100)
    expect([asked, gc.wantsMore]).toEqual([[100], false])
    await clock.advance(1_000)
    expect(gc.wantsMore).toBe(true)
    gc.check(1000, 100)
    expect(told.slice(1)).toEqual([`Warning FreeDiskSpaceFailed ${failed}`, `Warning ImageGCFailed ${failed}`])
    await clock.advance(300_000)
    gc.check(1000, 500)
    expect(gc.wantsMore).toBe(false)
  })
})

test.each([
  [27 * 2 ** 30 - 600 * 2 ** 20, '26.4 GiB'],
  [1536, '1.5 KiB'],
  [100 * 2 ** 40, '100.0 TiB'],
])('a disk of %i bytes is told as one of %s', (capacity, text) => {
  const told: string[] = []
  const clock = new VirtualClock({ start: 0, speed: 0 })
  new ImageGC({ clock, remove: () => 0, tellNode: (_type, _reason, message) => told.push(message) }).check(capacity, 0)
  expect(told[0]).toContain(`(100% of ${text} used)`)
})

describe('of the images of a node', () => {
  function three(): NodeImages {
    const images = new NodeImages()
    images.keep('old', image('old', 10), 0)
    images.keep('new', image('new', 30), 300)
    images.keep('mid', image('mid', 20), 200)
    return images
  }
  const left = (images: NodeImages): string[] => images.list().map((i) => i.reference)
  const none: ReadonlySet<string> = new Set()

  test('the largest is told of first', () => {
    expect(left(three())).toEqual(['new:1', 'mid:1', 'old:1'])
  })

  test.each<[string, Parameters<NodeImages['remove']>[0], number, string[]]>([
    ['all go that nobody uses', { inUse: none, before: 1000, bytes: Infinity }, 60, []],
    ['as many go as are wanted, those that came first', { inUse: none, before: 1000, bytes: 11 }, 30, ['new:1']],
    ['those in use stay', { inUse: new Set(['old:1']), before: 1000, bytes: 1 }, 20, ['new:1', 'old:1']],
    ['those that have only just come stay', { inUse: none, before: 250, bytes: Infinity }, 30, ['new:1']],
  ])('%s', (_, removal, freed, expected) => {
    const images = three()
    expect([images.remove(removal), left(images)]).toEqual([freed, expected])
  })

  test('those that were in use go last', () => {
    const images = three()
    images.wasUsed('old:1', 500)
    images.wasUsed('mid:1', 600)
    images.remove({ inUse: none, before: 1000, bytes: 31 })
    expect([left(images), images.get('old'), images.get('mid')?.reference]).toEqual([['mid:1'], undefined, 'mid:1'])
  })
})

test('a node tells of its fifty largest images', () => {
  const images = Array.from({ length: 60 }, (_, i) => ({ names: [`image-${i}`], sizeBytes: 60 - i }))
  const machine = { name: 'n', address: '10.0.0.1', cpu: '4', memory: '8Gi', ephemeralStorage: '100Gi', pods: '110' } as Machine
  const told = nodeStatus(machine, { networkReady: true, pressures: [], images, volumesInUse: [], previous: undefined, now: '' }).images!
  expect([told.length, told[0], told.at(-1)]).toEqual([50, images[0], images[49]])
})
