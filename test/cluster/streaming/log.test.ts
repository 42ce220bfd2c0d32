import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import https from 'node:https'
import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { startServer, text, type TestServer } from './server.js'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.kubelet.log = new PassThrough()
})

function get(path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => https.get(server.url + path, { ca: server.cert, agent: false }, resolve).on('error', reject))
}

const LOG = '/api/v1/namespaces/default/pods/single/log'

async function status(query: string): Promise<{ code: number; message: string }> {
  const { code, message } = JSON.parse(await text(await get(`${LOG}?${query}`)))
  return { code, message }
}

/** What a log sends over a WebSocket, and which sub-protocol it speaks. */
function overWebSocket(protocols: string[]): Promise<{ protocol: string; messages: (string | Buffer)[]; code: number }> {
  const ws = new WebSocket(server.url.replace('https', 'wss') + LOG, protocols, { ca: server.cert })
  const messages: (string | Buffer)[] = []
  ws.on('message', (data: Buffer, binary) => messages.push(binary ? data : data.toString()))
  return new Promise((resolve, reject) => {
    ws.once('error', reject)
    ws.once('close', (code) => resolve({ protocol: ws.protocol, messages, code }))
  })
}

describe('a log over a WebSocket', () => {
  test('is bytes after an empty message, and ends with the log', async () => {
    for (const protocols of [[], ['binary.k8s.io']]) {
      server.kubelet.log = new PassThrough()
      server.kubelet.log.end('one\n')
      expect(await overWebSocket(protocols)).toEqual({
        protocol: protocols[0] ?? '',
        messages: [Buffer.alloc(0), Buffer.from('one\n')],
        code: 1000,
      })
    }
  })

  test('is text in base64 for who asks for it', async () => {
    server.kubelet.log.end('one\n')
    expect(await overWebSocket(['base64.binary.k8s.io'])).toEqual({
      protocol: 'base64.binary.k8s.io',
      messages: ['', 'b25lCg=='],
      code: 1000,
    })
  })

  test('speaks nothing else', async () => {
    await expect(overWebSocket(['v5.channel.k8s.io'])).rejects.toThrow('403')
  })
})

describe('logs', () => {
  test('are plain text and end with the log', async () => {
    server.kubelet.log.end('one\ntwo\n')
    const res = await get(LOG)
    expect(res.statusCode).toBe(200)
    expect(res.headers['content-type']).toBe('text/plain')
    expect(res.headers['transfer-encoding']).toBe('chunked')
    expect(await text(res)).toBe('one\ntwo\n')
    expect(server.kubelet.logOptions).toEqual({ follow: false, previous: false, timestamps: false })
  })

  test('that are followed answer before there is a line, and stop when the client leaves', async () => {
    const res = await get(`${LOG}?follow=true`)
    expect(res.statusCode).toBe(200)
    server.kubelet.log.write('late\n')
    const [line] = await new Promise<Buffer[]>((resolve) => res.once('data', (data) => resolve([data])))
    expect(String(line)).toBe('late\n')
    const closed = new Promise((resolve) => server.kubelet.log.once('close', resolve))
    res.destroy()
    await closed
  })

  test('take all options', async () => {
    server.kubelet.log.end()
    await text(await get(`${LOG}?follow=1&previous=true&timestamps=&sinceSeconds=5&tailLines=0&limitBytes=10`))
    expect(server.kubelet.logOptions).toEqual({
      follow: true,
      previous: true,
      timestamps: true,
      sinceSeconds: 5,
      tailLines: 0,
      limitBytes: 10,
    })
  })

  test('refuse options that break a rule', async () => {
    expect(await status('tailLines=-1')).toEqual({
      code: 422,
      message: 'PodLogOptions "single" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    })
    expect((await status('limitBytes=0')).message).toBe(
      'PodLogOptions "single" is invalid: limitBytes: Invalid value: 0: must be greater than 0',
    )
    expect((await status('sinceSeconds=0')).message).toBe(
      'PodLogOptions "single" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0',
    )
    expect((await status('sinceSeconds=3&sinceTime=2026-01-01T00:00:00Z')).message).toBe(
      'PodLogOptions "single" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    )
    expect((await status('stream=Both')).message).toBe(
      'PodLogOptions "single" is invalid: stream: Unsupported value: "Both": supported values: "All", "Stderr", "Stdout"',
    )
  })

  test('refuse options that cannot be read', async () => {
    expect(await status('tailLines=ten')).toEqual({ code: 400, message: 'strconv.ParseInt: parsing "ten": invalid syntax' })
    expect(await status('sinceTime=yesterday')).toEqual({
      code: 400,
      message: 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
    })
    expect(await status('container=b')).toEqual({ code: 400, message: 'container b is not valid for pod single' })
  })
})
