/** nautilus and kitten: servers that say which of the two they are, for demonstrations of rolling updates. */
import type { Image } from '../image.js'
import { testWebserver } from '../agnhost/servers.js'

/** Serves /data.json with the name of its picture on port 80. */
export function updateDemo(name: string): Image {
  return {
    entrypoint: ['/agnhost-server'],
    exposedPorts: [80],
    size: 49_000_000,
    baseMemory: 4_000_000,
    files: () => ({
      '/agnhost-server': { program: (process) => testWebserver(process, []) },
      '/data.json': `{\n"image": "${name}.jpg"\n}\n`,
      '/html/data.json': { symlink: '../data.json' },
    }),
  }
}
