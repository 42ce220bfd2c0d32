/**
 * registry.k8s.io/e2e-test-images: the images besides agnhost that Kubernetes' own tests and many examples run. Most are
 * rebuilt versions of others, whose tags have a number of the rebuild behind them (`httpd:2.4.39-4`).
 * https://github.com/kubernetes/kubernetes/tree/master/test/images
 */
import { busybox } from '../busybox/family.js'
import { httpd } from '../httpd/family.js'
import type { Image, ImageFamily } from '../image.js'
import { nginx } from '../nginx/family.js'
import { perl } from '../perl/family.js'
import { redis } from '../redis/family.js'
import { extraPrograms, networkPrograms } from '../../programs/catalogue.js'
import { alpineTree, busyboxTree, debianTree, place } from '../userland.js'
import { resourceConsumer } from './resource-consumer.js'
import { updateDemo } from './update-demo.js'

const REGISTRIES = ['registry.k8s.io/e2e-test-images', 'k8s.gcr.io/e2e-test-images', 'gcr.io/kubernetes-e2e-test-images']

/** Tags such as `1.4`, the newest first. */
const ONES = Array.from({ length: 10 }, (_, n) => `1.${9 - n}`)

function family(name: string, tag: (tag: string) => Image | undefined, tags: readonly string[] = ONES): ImageFamily {
  return { repositories: REGISTRIES.map((registry) => `${registry}/${name}`), tags, tag }
}

/** Another image, built again: a tag needs its version, `latest` does not exist. */
function rebuilt(name: string, of: ImageFamily): ImageFamily {
  return family(
    name,
    (tag) => (tag === 'latest' ? undefined : of.tag(tag.replace(/^(\d+(?:\.\d+)*)-\d+$/, '$1'))),
    of.tags.filter((tag) => /^\d+\.\d+\.\d+$/.test(tag)).map((tag) => `${tag}-1`),
  )
}

/** Tags such as `1.4`. */
const numbered =
  (image: Image): ((tag: string) => Image | undefined) =>
  (tag) =>
    /^1\.\d$/.test(tag) ? image : undefined

/** busybox as user 1234. */
const nonroot: Image = { cmd: ['/bin/sh'], user: '1234', size: 2_300_000, baseMemory: 700_000, files: () => busyboxTree() }

/** A Debian with all that asks name servers. */
const dnsutils: Image = {
  cmd: ['/bin/sh'],
  size: 107_000_000,
  baseMemory: 2_000_000,
  files: () => ({
    ...debianTree('jessie'),
    ...place('/usr/bin', { ...networkPrograms, ...extraPrograms }),
    '/results': { directory: true },
  }),
}

/** What the page on debugging DNS ran before there was the one above. */
const alpineDnsutils: Image = {
  cmd: ['/bin/sh'],
  size: 9_000_000,
  baseMemory: 700_000,
  files: () => ({ ...alpineTree('3.6'), ...place('/usr/bin', networkPrograms) }),
}

/** Tells who it runs as; its file is root's with the setuid bit, which counts for nothing without new privileges. */
const noNewPrivileges: Image = {
  entrypoint: ['/nnp'],
  size: 4_300_000,
  baseMemory: 700_000,
  files: () => ({
    ...alpineTree('3.21.5'),
    '/nnp': {
      mode: 0o4755,
      program: async (process) => {
        const kept = /^NoNewPrivs:\s*1$/m.test(process.fs.readText('/proc/self/status'))
        await process.write(`Effective uid: ${kept ? process.uid : 0}\n`)
        return 0
      },
    },
  }),
}

export const e2eTestImages: readonly ImageFamily[] = [
  rebuilt('busybox', busybox),
  rebuilt('httpd', httpd),
  rebuilt('nginx', nginx),
  rebuilt('perl', perl),
  rebuilt('redis', redis),
  family('nonroot', numbered(nonroot)),
  family('nonewprivs', numbered(noNewPrivileges)),
  family('jessie-dnsutils', numbered(dnsutils)),
  family('dnsutils', numbered(alpineDnsutils)),
  family('nautilus', numbered(updateDemo('nautilus'))),
  family('kitten', numbered(updateDemo('kitten'))),
  family('resource-consumer', (tag) => (/^1\.\d{1,2}$/.test(tag) ? resourceConsumer : undefined)),
]
