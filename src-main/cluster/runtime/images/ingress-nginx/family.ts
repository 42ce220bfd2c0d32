/** registry.k8s.io/ingress-nginx/controller: the Ingress controller of the Kubernetes project. */
import type { ImageFamily } from '../image.js'
import type { Program } from '../../process.js'
import { versionOf } from '../tags.js'
import { alpineTree, place } from '../userland.js'
import { networkPrograms } from '../../programs/catalogue.js'
import { ingressController } from './controller.js'

const RELEASES = [
  ['1.0', 5],
  ['1.1', 3],
  ['1.2', 1],
  ['1.3', 1],
  ['1.4', 0],
  ['1.5', 2],
  ['1.6', 4],
  ['1.7', 1],
  ['1.8', 5],
  ['1.9', 6],
  ['1.10', 6],
  ['1.11', 8],
  ['1.12', 8],
  ['1.13', 4],
  ['1.14', 1],
] as const

/** dumb-init: runs the rest of its arguments as a child, hands signals on, and ends as it ends. */
const dumbInit: Program = async (process) => {
  const argv = process.argv.slice(1).filter((a, i, all) => a !== '--' || all.indexOf('--') !== i)
  const child = await process.spawn({ argv })
  for (const signal of ['TERM', 'INT', 'QUIT', 'HUP'] as const) process.onSignal(signal, () => child.kill(signal))
  return child.wait()
}

export const ingressNginx: ImageFamily = {
  repositories: ['registry.k8s.io/ingress-nginx/controller', 'k8s.gcr.io/ingress-nginx/controller'],
  tags: [...RELEASES].reverse().map(([minor, patch]) => `v${minor}.${patch}`),
  tag: (tag) => {
    // Tags are whole versions with a `v`.
    const found = /^v\d+\.\d+\.\d+$/.test(tag) ? versionOf(tag, RELEASES) : undefined
    if (!found) return undefined
    const { curl } = networkPrograms
    return {
      entrypoint: ['/usr/bin/dumb-init', '--'],
      cmd: ['/nginx-ingress-controller'],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      workingDir: '/etc/nginx',
      user: 'www-data',
      exposedPorts: [80, 443],
      size: 104_000_000,
      baseMemory: 20 * 1024 * 1024,
      files: () => ({
        ...alpineTree('3.22.1', { accounts: [{ name: 'www-data', id: 101, home: '/var/www' }] }),
        ...place('/usr/bin', { 'dumb-init': dumbInit, curl: curl! }),
        '/nginx-ingress-controller': { program: ingressController(found.version) },
        '/etc/nginx': { directory: true },
        '/etc/ingress-controller/ssl': { directory: true },
      }),
    }
  },
}
