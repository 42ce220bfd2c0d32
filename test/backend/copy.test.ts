import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { WebSocket } from 'ws'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CopyEvent, CopyParams } from '../../src-main/backend/rpc/contract.js'
import { startExecServer, type ExecServer } from './support/exec-server.js'

/** Copying files, by the tar of this machine in the part of the container's. */

let server: ExecServer
let container: string
let here: string

/** Runs the command that was asked for in the folder that plays the container's root, and speaks for it. */
function run(ws: WebSocket, url: URL): void {
  const words = url.searchParams.getAll('command').map((word) => (word.startsWith('/') ? path.join(container, word) : word))
  const child = spawn(words[0]!, words.slice(1))
  const say = (channel: number, text: Buffer | string): void => ws.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]))
  child.stdout.on('data', (data: Buffer) => say(1, data))
  child.stderr.on('data', (data: Buffer) => say(2, data.toString().replaceAll(container, '')))
  ws.on('message', (data: Buffer) => {
    if (data[0] === 0) child.stdin.write(data.subarray(1))
    if (data[0] === 255) child.stdin.end()
  })
  const status = (code: number) =>
    code === 0
      ? '{"status":"Success"}'
      : `{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"${code}"}]}}`
  child.on('close', (code) => say(3, status(code ?? 1)))
  child.on('error', () => say(3, status(127)))
}

async function copy(params: Pick<CopyParams, 'direction' | 'remote' | 'local'>): Promise<CopyEvent & { type: 'end' }> {
  const stream = server.window.open('copy', { context: 'fake', namespace: 'shop', pod: 'web', container: 'main', ...params })
  await stream.untilEnd()
  return stream.events.at(-1) as CopyEvent & { type: 'end' }
}

beforeEach(async () => {
  server = await startExecServer()
  server.connected = run
  container = path.join(server.directory, 'container')
  here = path.join(server.directory, 'here')
  for (const folder of ['etc/nginx/conf.d', 'var/log', 'tmp']) fs.mkdirSync(path.join(container, folder), { recursive: true })
  fs.writeFileSync(path.join(container, 'etc/nginx/nginx.conf'), 'worker_processes 1;\n')
  fs.writeFileSync(path.join(container, 'etc/nginx/conf.d/default.conf'), 'listen 80;\n')
  fs.mkdirSync(here)
})
afterEach(() => server.close())

const read = (...parts: string[]): string => fs.readFileSync(path.join(...parts), 'utf8')

describe('from a container', () => {
  it('a file comes under the name that was asked for, or under its own into a folder that is there', async () => {
    expect(await copy({ direction: 'from', remote: '/etc/nginx/nginx.conf', local: path.join(here, 'mine.conf') })).toMatchObject({
      files: 1,
      skipped: 0,
    })
    await copy({ direction: 'from', remote: '/etc/nginx/nginx.conf', local: here })
    expect(fs.readdirSync(here).sort()).toEqual(['mine.conf', 'nginx.conf'])
    expect(read(here, 'mine.conf')).toBe('worker_processes 1;\n')
  })

  it('a folder comes with all that is in it', async () => {
    expect(await copy({ direction: 'from', remote: '/etc/nginx/', local: path.join(here, 'copy') })).toMatchObject({ files: 2 })
    expect(read(here, 'copy/nginx.conf')).toBe('worker_processes 1;\n')
    expect(read(here, 'copy/conf.d/default.conf')).toBe('listen 80;\n')
  })

  it('links are left out, and counted', async () => {
    fs.symlinkSync('/etc/passwd', path.join(container, 'etc/nginx/passwd'))
    expect(await copy({ direction: 'from', remote: '/etc/nginx', local: here })).toMatchObject({ files: 2, skipped: 1 })
    expect(fs.readdirSync(path.join(here, 'nginx')).sort()).toEqual(['conf.d', 'nginx.conf'])
  })

  it('what is not there is told in the words of tar', async () => {
    const { error } = await copy({ direction: 'from', remote: '/etc/none', local: here })
    expect(error?.message).toContain('none: Cannot stat: No such file or directory')
    expect(fs.readdirSync(here)).toEqual([])
  })

  it('a folder of this machine that is not there is told before anything is asked of the container', async () => {
    server.connected = () => expect.unreachable('the container was asked')
    const local = path.join(here, 'none/deep')
    expect((await copy({ direction: 'from', remote: '/etc/nginx', local })).error).toMatchObject({
      reason: 'NotFound',
      message: `The folder ${path.join(here, 'none')} does not exist.`,
    })
  })

  it('a container without tar says so', async () => {
    server.connected = (ws, url) => {
      url.searchParams.set('command', 'no-such-program')
      run(ws, url)
    }
    expect((await copy({ direction: 'from', remote: '/etc/nginx', local: here })).error).toMatchObject({
      reason: 'NoTar',
      message: 'The container "main" has no tar, by which files are copied.',
    })
  })
})

describe('to a container', () => {
  it('a file comes under the name that was asked for, or under its own into a folder that is there', async () => {
    fs.writeFileSync(path.join(here, 'index.html'), '<h1>hello</h1>\n')
    await copy({ direction: 'to', local: path.join(here, 'index.html'), remote: '/tmp' })
    expect(await copy({ direction: 'to', local: path.join(here, 'index.html'), remote: '/tmp/other.html' })).toMatchObject({ files: 1 })
    expect(fs.readdirSync(path.join(container, 'tmp')).sort()).toEqual(['index.html', 'other.html'])
    expect(read(container, 'tmp/other.html')).toBe('<h1>hello</h1>\n')
  })

  it('a folder of many megabytes comes whole', async () => {
    fs.mkdirSync(path.join(here, 'site/deep'), { recursive: true })
    const bytes = Buffer.alloc(9 * 1024 * 1024, 'drydock ')
    fs.writeFileSync(path.join(here, 'site/deep/large.bin'), bytes)
    fs.symlinkSync('/etc/passwd', path.join(here, 'site/link'))
    expect(await copy({ direction: 'to', local: path.join(here, 'site'), remote: '/var/log/site' })).toMatchObject({ files: 1, skipped: 1 })
    expect(fs.readFileSync(path.join(container, 'var/log/site/deep/large.bin')).equals(bytes)).toBe(true)
  })

  it('a folder that cannot be written to is told in the words of tar', async () => {
    fs.writeFileSync(path.join(here, 'a'), 'a')
    const { error } = await copy({ direction: 'to', local: path.join(here, 'a'), remote: '/none/a' })
    expect(error?.message).toContain('No such file or directory')
  })

  it('a context that is protected as read-only gives files and takes none', async () => {
    await server.window.call('settings.set', { change: { clusters: { fake: { protection: 'read-only' } } } })
    const to = server.window.open('copy', {
      context: 'fake',
      namespace: 'shop',
      pod: 'web',
      container: 'main',
      direction: 'to',
      remote: '/tmp',
      local: here,
    })
    expect((await to.untilEnd()).error?.reason).toBe('ReadOnly')
    expect((await copy({ direction: 'from', remote: '/etc/nginx/nginx.conf', local: here })).error).toBeUndefined()
  })
})
