/** agnhost fake-registry-server: hands out the one image that lies in /var/registry, by the OCI distribution protocol. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Process } from '../../process.js'
import type { ImageFile } from '../image.js'
import { goFlag, goLogTime } from '../http-echo/family.js'
import { isAddressInUse, serveInProcess, untilTerminated } from '../server-process.js'
import { httpError } from './golog.js'

const DIRECTORY = '/var/registry'
/** Who may pull with `--private`. */
const LOGIN = Buffer.from('user:password').toString('base64')
/** What it has, and the name of its only tag. */
const [IMAGE, TAG] = ['pause', 'testing']

const INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json'
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'

const digestOf = (data: string | Uint8Array): string => `sha256:${createHash('sha256').update(data).digest('hex')}`

/**
 * The files of /var/registry: the image's list of platforms, its manifest, configuration and layer, by their digests
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md).
 */
export function registryFiles(): Readonly<Record<string, ImageFile>> {
  // An archive that is empty but for its end.
  const layer = gzipSync(Buffer.alloc(1024))
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { User: '65535:65535', Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], Entrypoint: ['/pause'] },
    rootfs: { type: 'layers', diff_ids: [digestOf(Buffer.alloc(1024))] },
  })
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: config.length, digest: digestOf(config) },
    layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: layer.length, digest: digestOf(layer) }],
  })
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [
      { mediaType: MANIFEST, size: manifest.length, digest: digestOf(manifest), platform: { architecture: 'amd64', os: 'linux' } },
    ],
  })
  const at = `${DIRECTORY}/${IMAGE}`
  return {
    [`${at}/manifests/${TAG}`]: `${digestOf(index)}\n`,
    [`${at}/manifests/${digestOf(index)}`]: index,
    [`${at}/manifests/${digestOf(manifest)}`]: manifest,
    [`${at}/blobs/${digestOf(config)}`]: config,
    [`${at}/blobs/${digestOf(layer)}`]: layer,
  }
}

/** Serves `/v2/` on `--port`; with `--private` for one login. A tag leads to its digest. */
export async function fakeRegistryServer(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, 'port') ?? 5000)
  const closed = args.some((arg) => /^--?private(=true)?$/.test(arg))
  const say = (text: string): Promise<void> => process.writeError(`${goLogTime(process)} ${text}\n`)
  const read = (path: string): Uint8Array | undefined => {
    try {
      return process.fs.readFile(path)
    } catch {
      return undefined
    }
  }
  process.setMemory(8 * 1024 * 1024)
  await say(`HTTP server starting to listen on :${port}`)
  try {
    serveInProcess(process, port, async (req, res) => {
      req.resume()
      const path = new URL(req.url ?? '/', 'http://registry').pathname
      if (!path.startsWith('/v2/')) return httpError(res, 404, '404 page not found')
      if (closed && req.headers.authorization !== `Basic ${LOGIN}`) {
        res.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Restricted"', 'Content-Type': 'text/plain; charset=utf-8' })
        return void res.end('Unauthorized\n')
      }
      res.setHeader('Docker-Distribution-Api-Version', 'registry/2.0')
      if (path === '/v2/') return void res.end()
      const [name = '', kind, identifier] = path.slice('/v2/'.length).split('/')
      if (identifier === undefined || (kind !== 'blobs' && kind !== 'manifests')) return httpError(res, 404, '404 page not found')
      const file = `${DIRECTORY}/${name}/${kind}/${identifier}`
      const data = read(file)
      if (kind === 'blobs') await say(`Serving blob: ${file}`)
      if (!data) return httpError(res, 404, '404 page not found')
      if (kind === 'blobs') return void res.setHeader('Content-Type', 'application/octet-stream').end(data)
      const content = Buffer.from(data).toString()
      if (!identifier.startsWith('sha256:')) {
        res.writeHead(307, { Location: (req.url ?? '').replace(identifier, content.trim()) })
        return void res.end()
      }
      res.setHeader('Content-Type', /"mediaType":\s*"([^"]+)"/.exec(content)?.[1] ?? 'text/plain; charset=utf-8')
      await say(`Serving manifest: ${file}`)
      res.end(data)
    })
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await say(`Error while starting the HTTP server: listen tcp :${port}: bind: address already in use`)
    return 1
  }
  return untilTerminated(process)
}
