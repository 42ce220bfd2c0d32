import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { openStore } from '../../../src-main/cluster/store/mvcc.js'
import {
  CompactedError,
  FutureRevisionError,
  StoreClosedError,
  WriteConflictError,
  type StoreEvent,
} from '../../../src-main/cluster/store/store.js'

const clock = new VirtualClock({ start: 0, speed: 0 })
const PODS = '/registry/core/pods/'
const key = (name: string): string => `${PODS}default/${name}`
const pod = (name: string, value = ''): KubeObject => ({ kind: 'Pod', apiVersion: 'v1', metadata: { name }, value })
const names = (items: readonly { key: string }[]): string[] => items.map((i) => i.key.slice(PODS.length + 'default/'.length))

const directories: string[] = []
function temporary(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'drydock-store-'))
  directories.push(directory)
  return directory
}
afterEach(() => {
  for (const d of directories.splice(0)) rmSync(d, { recursive: true, force: true })
})

function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}

/** Bytes of buffers that are held: memory is given back beside the program, so it is asked until it gets no less. */
async function heldBytes(): Promise<number> {
  for (let last = Infinity; ;) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
    const now = process.memoryUsage().arrayBuffers
    if (now >= last) return last
    last = now
  }
}

describe('a write', () => {
  it('gets the next revision, is frozen, and its bytes are its JSON', async () => {
    const store = openStore({ clock })
    const a = await store.put(key('a'), pod('a'), 0)
    const b = await store.put(key('b'), pod('b'), 0)
    expect([a.modRevision, b.modRevision, store.revision]).toEqual([2, 3, 3])
    expect(b.object.metadata.resourceVersion).toBe('3')
    expect(b.bytes.toString()).toBe('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"b","resourceVersion":"3"},"value":""}')
    expect(Object.isFrozen(b.object.metadata)).toBe(true)
  })

  it('is visible at once, before it is acknowledged', () => {
    const store = openStore({ clock })
    void store.put(key('a'), pod('a'), 0)
    expect(store.get(key('a'))?.modRevision).toBe(2)
    expect(names(store.list(PODS).items)).toEqual(['a'])
  })

  it('leaves a frozen object that it is given as it was', async () => {
    const store = openStore({ clock })
    const first = await store.put(key('a'), pod('a'), 0)
    const second = await store.put(key('a'), first.object, first.modRevision)
    expect(first.object.metadata.resourceVersion).toBe('2')
    expect(second.object.metadata.resourceVersion).toBe('3')
    expect(second.createRevision).toBe(2)
  })

  it('is refused when the key holds another version than expected', async () => {
    const store = openStore({ clock })
    const a = await store.put(key('a'), pod('a'), 0)
    await expect(store.put(key('a'), pod('a'), 0)).rejects.toThrow(WriteConflictError)
    await expect(store.put(key('b'), pod('b'), 7)).rejects.toThrow(WriteConflictError)
    await expect(store.delete(key('a'), 99)).rejects.toMatchObject({ actual: a })
    await expect(store.delete(key('none'), 0)).rejects.toThrow(WriteConflictError)
    expect(store.revision).toBe(2)
  })
})

describe('a write after the end', () => {
  it('is refused as what came too late, and changes nothing', async () => {
    const store = openStore({ clock })
    const { modRevision } = await store.put(key('a'), pod('a'), 0)
    await store.close()
    await expect(store.put(key('b'), pod('b'), 0)).rejects.toThrow(new StoreClosedError())
    await expect(store.delete(key('a'), modRevision)).rejects.toThrow(StoreClosedError)
    expect([store.revision, names(store.list(PODS).items)]).toEqual([modRevision, ['a']])
  })
})

describe('a read at an older revision', () => {
  it('gives what was there then: older versions, deleted keys, and not what came later', async () => {
    const store = openStore({ clock })
    const a = await store.put(key('a'), pod('a', 'one'), 0) // 2
    const b = await store.put(key('b'), pod('b'), 0) // 3
    await store.put(key('a'), pod('a', 'two'), a.modRevision) // 4
    await store.delete(key('b'), b.modRevision) // 5
    await store.put(key('c'), pod('c'), 0) // 6
    await store.put(key('b'), pod('b', 'again'), 0) // 7
    const at = (revision: number): string[] =>
      store.list(PODS, { revision }).items.map((i) => `${String(i.object.metadata.name)}@${i.modRevision}`)
    expect([1, 2, 3, 4, 5, 6, 7].map(at)).toEqual([
      [],
      ['a@2'],
      ['a@2', 'b@3'],
      ['a@4', 'b@3'],
      ['a@4'],
      ['a@4', 'c@6'],
      ['a@4', 'b@7', 'c@6'],
    ])
    expect(store.get(key('b'), 4)?.modRevision).toBe(3)
    expect(store.get(key('b'), 6)).toBeUndefined()
    expect(() => store.get(key('a'), 8)).toThrow(FutureRevisionError)
  })

  it('is refused for what compaction has forgotten, and exact for what it has kept', async () => {
    const store = openStore({ clock })
    let version = 0
    for (let i = 0; i < 5; i++) version = (await store.put(key('a'), pod('a', String(i)), version)).modRevision
    const b = await store.put(key('b'), pod('b'), 0) // 7
    await store.delete(key('b'), b.modRevision) // 8
    await store.compact(4)
    expect(store.compactedRevision).toBe(4)
    expect(() => store.list(PODS, { revision: 3 })).toThrow(CompactedError)
    expect(() => store.watch(PODS, 3, () => undefined)).toThrow(CompactedError)
    expect([4, 5, 6].map((r) => store.get(key('a'), r)?.object['value'])).toEqual(['2', '3', '4'])
    expect(names(store.list(PODS, { revision: 7 }).items)).toEqual(['a', 'b'])
    await store.compact(8)
    expect(names(store.list(PODS, { revision: 8 }).items)).toEqual(['a'])
  })
})

describe('a list', () => {
  it('is in the order of keys whatever the order of writes, and takes limit and after', async () => {
    const store = openStore({ clock })
    const all = Array.from({ length: 2000 }, (_, i) => String(i).padStart(4, '0'))
    const shuffled = [...all].sort((x, y) => ((Number(x) * 7919) % 2003) - ((Number(y) * 7919) % 2003))
    await Promise.all(shuffled.map((n) => store.put(key(n), pod(n), 0)))
    await store.put('/registry/core/podtemplates/default/x', pod('x'), 0)
    expect(names(store.list(PODS).items)).toEqual(all)
    expect(store.count(PODS)).toBe(2000)
    const page = store.list(PODS, { after: key('0999'), limit: 3 })
    expect(names(page.items)).toEqual(['1000', '1001', '1002'])
    expect(page.remaining).toBe(997)
    expect(store.list(PODS, { after: key('1999'), limit: 3 })).toMatchObject({ items: [], remaining: 0 })
  })
})

describe('a watch', () => {
  it('first tells what happened since its revision, then what happens, each change once and in order', async () => {
    const store = openStore({ clock })
    const a = await store.put(key('a'), pod('a'), 0) // 2
    await store.put(key('b'), pod('b'), 0) // 3
    const told: string[] = []
    const stop = store.watch(PODS, 2, (events) =>
      told.push(...events.map((e) => `${e.type} ${e.current.object.metadata.name} ${e.revision}`)),
    )
    const c = store.put(key('c'), pod('c'), 0) // 4, in the same turn
    await Promise.all([c, store.put(key('a'), pod('a', '2'), a.modRevision), store.put('/registry/core/nodes/n', pod('n'), 0)])
    await store.delete(key('a'), 5)
    expect(told).toEqual(['put b 3', 'put c 4', 'put a 5', 'delete a 7'])
    stop()
    await store.put(key('d'), pod('d'), 0)
    expect(told).toHaveLength(4)
  })

  it('gets a delete with the last version, at the revision of the delete, and the version before', async () => {
    const store = openStore({ clock })
    const events: StoreEvent[] = []
    store.watch(PODS, store.revision, (e) => events.push(...e))
    const a = await store.put(key('a'), pod('a'), 0)
    await store.delete(key('a'), a.modRevision)
    expect(events[1]!.current.object.metadata.resourceVersion).toBe('3')
    expect(events[1]!.previous).toBe(a)
  })

  it('is told like all others that began at the same time', async () => {
    const store = openStore({ clock })
    const told = [0, 0, 0]
    const stops = told.map((_, i) => store.watch(PODS, store.revision, (events) => (told[i]! += events.length)))
    await store.put(key('a'), pod('a'), 0)
    await store.put(key('b'), pod('b'), 0)
    expect(told).toEqual([2, 2, 2])
    stops[1]!()
    await store.put(key('c'), pod('c'), 0)
    expect(told).toEqual([3, 2, 3])
  })

  it('is told of progress without changes of its own', async () => {
    const store = openStore({ clock })
    const progress: number[] = []
    store.watch(
      PODS,
      store.revision,
      () => undefined,
      (r) => progress.push(r),
    )
    await store.put('/registry/core/nodes/n', pod('n'), 0)
    expect(progress.at(-1)).toBe(2)
  })
})

describe('a thousand writes at once', () => {
  it('are told a few at a time, so that others have a turn in between, each change once and in order', async () => {
    const store = openStore({ clock })
    const log: string[] = []
    store.watch(PODS, store.revision, (events) => log.push(`${events.length} from ${events[0]!.revision}`))
    const writes = Array.from({ length: 1000 }, (_, i) => store.put(key(`p${i}`), pod(`p${i}`), 0))
    await writes[0]
    setImmediate(() => log.push('a turn'))
    await Promise.all(writes)
    expect(log.slice(0, 3)).toEqual(['64 from 2', '64 from 66', 'a turn'])
    expect(log.at(-1)).toBe('40 from 962')
    expect(log).toHaveLength(17)
    await store.durable(1001)
  })

  it('are not waited for to the end by who asks for one of the first', async () => {
    const store = openStore({ clock })
    const told: string[] = []
    const writes = Array.from({ length: 1000 }, (_, i) => store.put(key(`p${i}`), pod(`p${i}`), 0))
    void store.durable(10).then(() => told.push('durable 10'))
    void writes[999]!.then(() => told.push('the last write'))
    await Promise.all(writes)
    expect(told).toEqual(['durable 10', 'the last write'])
  })
})

describe('history', () => {
  it('is forgotten beyond the bound of revisions', async () => {
    const store = openStore({ clock, history: { revisions: 100 } })
    let version = 0
    for (let i = 0; i < 300; i++) version = (await store.put(key('a'), pod('a', String(i)), version)).modRevision
    const kept = store.revision - store.compactedRevision
    expect(kept).toBeGreaterThanOrEqual(100)
    expect(kept).toBeLessThanOrEqual(110)
  })

  it('keeps the bytes of what was replaced long ago, and parses them again when asked', async () => {
    const store = openStore({ clock })
    const first = (await store.put(key('a'), pod('a', 'first'), 0)).object
    const other = await store.put(key('b'), pod('b', 'stays'), 0)
    for (let i = 0, last = 2; i < 1100; i++) last = (await store.put(key('a'), pod('a', String(i)), last)).modRevision
    const then = store.get(key('a'), 2)!.object
    expect(then).toEqual(first)
    expect(then).not.toBe(first)
    expect(Object.isFrozen(then.metadata)).toBe(true)
    expect(store.get(key('b'))!.object).toBe(other.object)
  })

  it('holds the object of what was written long ago no longer than somebody else does', async () => {
    const store = openStore({ clock })
    const held = (await store.put(key('held'), pod('held', 'in a cache'), 0)).object
    const other = new WeakRef((await store.put(key('other'), pod('other', 'nowhere'), 0)).object)
    for (let i = 0, last = 0; i < 1100; i++) last = (await store.put(key('a'), pod('a', String(i)), last)).modRevision
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    expect(store.get(key('held'))!.object).toBe(held)
    expect(other.deref()).toBeUndefined()
    const { object, bytes } = store.get(key('other'))!
    expect(JSON.stringify(object)).toBe(bytes.toString())
    expect(Object.isFrozen(object.metadata)).toBe(true)
  })

  it('holds on to its own memory only, not to that of short buffers made at the same time', async () => {
    const store = openStore({ clock })
    const before = await heldBytes()
    for (let i = 0, last = 0; i < 3000; i++) {
      last = (await store.put(key('a'), pod('a', String(i)), last)).modRevision
      for (let k = 0; k < 3; k++) Buffer.from('y'.repeat(3000))
    }
    // 3000 versions of 130 bytes each, and not as many times eight KiB.
    expect((await heldBytes()) - before).toBeLessThan(8_000_000)
    expect(store.get(key('a'), 2)!.bytes.length).toBeLessThan(200)
  })

  it('is forgotten beyond the bound of bytes', async () => {
    const store = openStore({ clock, history: { bytes: 100_000 } })
    const big = 'x'.repeat(10_000)
    let version = 0
    for (let i = 0; i < 50; i++) version = (await store.put(key('a'), pod('a', big), version)).modRevision
    expect(store.revision - store.compactedRevision).toBeLessThan(12)
    expect(store.get(key('a'))?.modRevision).toBe(version)
  })
})

describe('after a restart', () => {
  it('everything acknowledged is back, with its history, and revisions go on', async () => {
    const directory = temporary()
    const first = openStore({ directory, clock })
    const a = await first.put(key('a'), pod('a', 'one'), 0)
    const b = await first.put(key('b'), pod('b'), 0)
    await first.put(key('a'), pod('a', 'zwei – 二'), a.modRevision)
    await first.delete(key('b'), b.modRevision)
    await first.close()

    const second = openStore({ directory, clock })
    expect(second.revision).toBe(5)
    expect(second.list(PODS).items.map((i) => i.object)).toEqual([
      { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a', resourceVersion: '4' }, value: 'zwei – 二' },
    ])
    expect(Object.isFrozen(second.get(key('a'))!.object)).toBe(true)
    expect(names(second.list(PODS, { revision: 3 }).items)).toEqual(['a', 'b'])
    const told: string[] = []
    second.watch(PODS, 2, (events) => told.push(...events.map((e) => `${e.type} ${e.revision}`)))
    const c = await second.put(key('c'), pod('c'), 0)
    expect(c.modRevision).toBe(6)
    expect(told).toEqual(['put 3', 'put 4', 'delete 5', 'put 6'])
    await second.close()
  })

  it('what was written while time jumped is back once it was settled', async () => {
    const directory = temporary()
    const jumping = new VirtualClock({ start: 0, speed: 0 })
    const first = openStore({ directory, clock: jumping })
    const told: number[] = []
    first.watch(PODS, first.revision, (events) => told.push(...events.map((e) => e.revision)))
    for (let i = 1; i <= 600; i++) jumping.after(i, () => void first.put(key(`p${i}`), pod(`p${i}`), 0))
    await jumping.advance(1_000)
    await first.settled()
    expect(told).toEqual(Array.from({ length: 600 }, (_, i) => i + 2))
    const second = openStore({ directory, clock: jumping })
    expect(second.count(PODS)).toBe(600)
    await first.close()
    await second.close()
  })

  it('what has long stayed as it is rests on disk alone, and reads as ever', async () => {
    const directory = temporary()
    const options = { directory, clock, history: { revisions: 20 }, restingBytes: 100_000 }
    const first = openStore(options)
    const text = 'x'.repeat(10_000)
    const before = await heldBytes()
    for (let i = 0; i < 1000; i += 50) {
      const group = Array.from({ length: 50 }, (_, k) => `p${i + k}`)
      await Promise.all(group.map((name) => first.put(key(name), pod(name, `${name.slice(1)} ${text}`), 0)))
    }
    // Of ten million bytes what is in history, and a hundred thousand more.
    expect((await heldBytes()) - before).toBeLessThan(2_000_000)
    expect(first.get(key('p7'))!.object['value']).toBe(`7 ${text}`)
    const told: StoreEvent[] = []
    first.watch(PODS, first.revision, (events) => told.push(...events))
    const replaced = await first.put(key('p7'), pod('p7', 'new'), first.get(key('p7'))!.modRevision)
    const gone = await first.delete(key('p8'), first.get(key('p8'))!.modRevision)
    expect(told.map((e) => e.previous!.object['value'])).toEqual([`7 ${text}`, `8 ${text}`])
    expect(gone.object['value']).toBe(`8 ${text}`)
    expect(first.get(key('p7'), replaced.modRevision - 1)!.bytes.toString()).toContain(`"value":"7 xxx`)
    await first.close()
    const second = openStore(options)
    const values = second.list(PODS).items.map((i) => String(JSON.parse(i.bytes.toString()).value))
    expect(values).toHaveLength(999)
    expect(values.filter((v) => v.endsWith(` ${text}`))).toHaveLength(998)
    expect(second.get(key('p7'))!.object['value']).toBe('new')
    await second.close()
  })

  it('what compaction forgot stays forgotten', async () => {
    const directory = temporary()
    const first = openStore({ directory, clock })
    const a = await first.put(key('a'), pod('a'), 0)
    await first.delete(key('a'), a.modRevision)
    await first.compact(3)
    await first.close()
    const second = openStore({ directory, clock })
    expect([second.revision, second.compactedRevision, second.count('/')]).toEqual([3, 3, 0])
    expect(() => second.get(key('a'), 2)).toThrow(CompactedError)
    await second.close()
  })
})
