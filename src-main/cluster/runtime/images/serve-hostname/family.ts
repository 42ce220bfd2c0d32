/** serve_hostname: tells the name of its pod, in "Debug Services" and in many examples older than agnhost. */
import { serveHostname } from '../agnhost/servers.js'
import type { ImageFamily } from '../image.js'
import { busyboxTree } from '../userland.js'

export const serveHostnameImage: ImageFamily = {
  repositories: [
    'registry.k8s.io/serve_hostname',
    'k8s.gcr.io/serve_hostname',
    'gcr.io/google_containers/serve_hostname',
    'registry.k8s.io/e2e-test-images/serve-hostname',
    'k8s.gcr.io/e2e-test-images/serve-hostname',
  ],
  tags: ['latest', '1.4', '1.3', '1.2', '1.1'],
  tag: (tag) =>
    /^(latest|v?1\.\d)$/.test(tag)
      ? {
          entrypoint: ['/serve_hostname'],
          exposedPorts: [9376],
          size: 2_800_000,
          baseMemory: 1_500_000,
          files: () => ({
            ...busyboxTree(),
            '/serve_hostname': { program: (process) => serveHostname(process, process.argv.slice(1)) },
          }),
        }
      : undefined,
}
