import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { WebSocket } from 'ws'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseEntry } from '../../src-main/backend/exec/files.js'
import { startExecServer, type ExecServer } from './support/exec-server.js'

/** The files of a container, by the sh and stat of this machine in the part of the container's. */

let server: ExecServer
let container: string
const place = { context: 'fake', namespace: 'shop', pod: 'web', container: 'main' }

const say = (ws: WebSocket, channel: number, text: Buffer | string): void =>
  ws.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]))
const end = (ws: WebSocket, code: number): void =>
  say(
    ws,
    3,
    code === 0
      ? '{"status":"Success"}'
      : `{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"${code}"}]}}`,
  )
/** Runs the command that was asked for with paths in the folder that plays the container's root, and speaks for it. */
function run(ws: WebSocket, url: URL): void {
  const words = url.searchParams.getAll('command').map((word) => (word.startsWith('/') ? path.join(container, word) : word))
  const child = spawn(words[0]!, words.slice(1))
  child.stdout.on('data', (data: Buffer) => say(ws, 1, data.toString('latin1').replaceAll(container, '')))
  child.stderr.on('data', (data: Buffer) => say(ws, 2, data.toString().replaceAll(container, '')))
  child.on('close', (code) => end(ws, code ?? 1))
}

beforeEach(async () => {
  server = await startExecServer()
  server.connected = run
  container = path.join(server.directory, 'container')
  fs.mkdirSync(path.join(container, 'etc/nginx'), { recursive: true })
  fs.writeFileSync(path.join(container, 'etc/nginx.conf'), 'worker_processes 1;\n', { mode: 0o640 })
  fs.writeFileSync(path.join(container, 'etc/.hidden file'), '')
  fs.symlinkSync('nginx', path.join(container, 'etc/current'))
  fs.symlinkSync('nginx.conf', path.join(container, 'etc/it -> is'))
  fs.utimesSync(path.join(container, 'etc/nginx.conf'), 1_700_000_000, 1_700_000_000)
})
afterEach(() => server.close())

const list = (folder: string) => server.window.call('files.list', { ...place, path: folder })
const read = (file: string) => server.window.call('files.read', { ...place, path: file })

describe('the files of a container', () => {
  it('are listed with their sizes, times, modes and where links lead', async () => {
    const { path: folder, files, cut } = await list('/etc')
    expect([folder, cut]).toEqual(['/etc', false])
    const shown = files.map(({ name, type, mode, target, toFolder }) => [name, type, type === 'file' ? mode : '', target, toFolder])
    expect(shown.sort()).toEqual([
      ['.hidden file', 'file', '644', undefined, undefined],
      ['current', 'link', '', 'nginx', true],
      ['it -> is', 'link', '', 'nginx.conf', undefined],
      ['nginx', 'folder', '', undefined, undefined],
      ['nginx.conf', 'file', '640', undefined, undefined],
    ])
    expect(files.find((f) => f.name === 'nginx.conf')).toMatchObject({ size: 20, modified: 1_700_000_000_000 })
  })

  it('are none in an empty folder', async () => {
    expect(await list('/etc/nginx')).toEqual({ path: '/etc/nginx', files: [], cut: false })
  })

  it('are read from their beginning', async () => {
    expect(await read('/etc/nginx.conf')).toEqual({ bytes: new Uint8Array(Buffer.from('worker_processes 1;\n')), cut: false })
    fs.writeFileSync(path.join(container, 'large'), 'x'.repeat(1024 * 1024 + 5))
    const large = await read('/large')
    expect([large.bytes.length, large.cut]).toEqual([1024 * 1024, true])
  })

  it('that are not there, or are no folder, are told in the container’s words', async () => {
    await expect(list('/nope')).rejects.toMatchObject({ message: expect.stringContaining("can't cd to /nope") as string })
    await expect(read('/nope')).rejects.toMatchObject({ message: expect.stringContaining('No such file or directory') as string })
  })

  it('of an image without a shell are told not to be had', async () => {
    server.connected = (ws) =>
      say(ws, 3, '{"status":"Failure","reason":"InternalError","message":"exec: \\"sh\\": executable file not found in $PATH: unknown"}')
    await expect(list('/')).rejects.toMatchObject({
      reason: 'NoShell',
      message: 'The container "main" has no shell or no stat, by which files are listed.',
    })
  })
})

describe('a line about a file', () => {
  it.each([
    ["regular empty file|644|0|1700000000|root|root|a//b//'a'", 'a', 'file', undefined],
    ["symbolic link|777|7|1700000000|root|root|bin//'bin' -> 'usr/bin'", 'bin', 'link', 'usr/bin'],
    ['symbolic link|777|7|1700000000|root|root|bin//bin -> usr/bin', 'bin', 'link', 'usr/bin'],
    ["character special file|666|0|1700000000|root|root|null//'null'", 'null', 'other', undefined],
    ['fifo|644|0|1700000000|UNKNOWN|1000|it\'s//"it\'s"', "it's", 'other', undefined],
  ])('%s', (line, name, type, target) => {
    expect(parseEntry(line)).toEqual([expect.objectContaining({ name, type, ...(target ? { target } : {}) })])
  })

  it('about the folder itself, or in other words, is left out', () => {
    expect(["directory|755|4096|1|root|root|.//'.'", 'stat: nonsense', ''].flatMap(parseEntry)).toEqual([])
  })
})
