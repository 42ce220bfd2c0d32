import { PassThrough, Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { EarlyOutput } from '../../../src-main/cluster/api/streaming/early-output.js'
import type { Session } from '../../../src-main/cluster/kubelet/endpoint.js'

/** A client's streams that note what comes in which order. */
function client(): { seen: string[]; stdout: Writable; stderr: Writable } {
  const seen: string[] = []
  const to = (name: string): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        seen.push(`${name}:${chunk.toString()}`)
        done()
      },
    })
  return { seen, stdout: to('stdout'), stderr: to('stderr') }
}

it('what a process writes before its client is there arrives in the order in which it was written', async () => {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const early = new EarlyOutput({ stdout, stderr } as unknown as Session)
  for (const [stream, text] of [
    [stderr, 'a'],
    [stdout, 'b'],
    [stderr, 'c'],
  ] as const) {
    stream.write(text)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const to = client()
  early.handOn(to)
  expect(to.seen).toEqual(['stderr:a', 'stdout:b', 'stderr:c'])
  // What comes later is read by whoever took over.
  stdout.write('d')
  expect(to.seen).toHaveLength(3)
  expect(stdout.read()?.toString()).toBe('d')
})

it('a process that writes without end waits for its client', async () => {
  const stdout = new PassThrough()
  const early = new EarlyOutput({ stdout } as unknown as Session)
  const piece = Buffer.alloc(64 * 1024)
  for (let i = 0; i < 8; i++) {
    stdout.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const to = client()
  early.handOn(to)
  expect(to.seen).toHaveLength(4)
})
