/**
 * All images that the cluster knows how to run, and what becomes of a reference: a known image, a placeholder for an
 * unknown one, or the error that a registry would give.
 */
import { ImageError } from '../cri.js'
import { controlPlane } from './control-plane/family.js'
import type { Image, ImageFamily } from './image.js'
import { agnhost } from './agnhost/family.js'
import { alpine } from './alpine/family.js'
import { artifact } from './artifact/family.js'
import { bash } from './bash/family.js'
import { batchJob } from './batch-job/family.js'
import { busybox, kubernetesBusybox } from './busybox/family.js'
import { busyboxplus } from './busyboxplus/family.js'
import { curl } from './curl/family.js'
import { debian } from './debian/family.js'
import { echoserver } from './echoserver/family.js'
import { gbFrontend } from './gb-frontend/family.js'
import { helloFrontend } from './hello-frontend/family.js'
import { hpaExample } from './hpa-example/family.js'
import { e2eTestImages } from './e2e-test-images/family.js'
import { httpEcho } from './http-echo/family.js'
import { httpd } from './httpd/family.js'
import { httpsNginx } from './https-nginx/family.js'
import { ingressNginx } from './ingress-nginx/family.js'
import { webhookCertgen } from './ingress-nginx/webhook-certgen.js'
import { kubia } from './kubia/family.js'
import { kubiaUnhealthy } from './kubia-unhealthy/family.js'
import { netshoot } from './netshoot/family.js'
import { nginx, nginxSlim } from './nginx/family.js'
import { node } from './node/family.js'
import { pause } from './pause/family.js'
import { perl } from './perl/family.js'
import { redis, redisFollower } from './redis/family.js'
import { serveHostnameImage } from './serve-hostname/family.js'
import { scmMsaDemo } from './scm-msa-demo/family.js'
import { ssdMonitor } from './ssd-monitor/family.js'
import { stress } from './stress/family.js'
import { ubuntu } from './ubuntu/family.js'
import { vishStress } from './vish-stress/family.js'
import { whoami } from './whoami/family.js'
import { echoServer, goProxy, helloApp, helloGo, kubernetesBootcamp, nodeHello } from './text-servers/family.js'
import { placeholderImage } from './placeholder/image.js'
import { parseReference, type Reference } from './reference.js'

/** One line per folder: adding an image is adding its folder and its line. */
export const families: readonly ImageFamily[] = [
  ...controlPlane,
  agnhost,
  alpine,
  artifact,
  bash,
  batchJob,
  busybox,
  busyboxplus,
  curl,
  debian,
  echoserver,
  ...e2eTestImages,
  gbFrontend,
  helloFrontend,
  hpaExample,
  httpEcho,
  httpd,
  httpsNginx,
  ingressNginx,
  webhookCertgen,
  kubernetesBusybox,
  kubia,
  kubiaUnhealthy,
  netshoot,
  nginx,
  nginxSlim,
  node,
  pause,
  perl,
  redis,
  redisFollower,
  scmMsaDemo,
  serveHostnameImage,
  ssdMonitor,
  stress,
  ubuntu,
  vishStress,
  whoami,
  echoServer,
  goProxy,
  helloApp,
  helloGo,
  kubernetesBootcamp,
  nodeHello,
]

const byRepository = new Map(families.flatMap((family) => family.repositories.map((repository) => [repository, family] as const)))

/** What a reference resolves to. */
export interface ResolvedImage {
  /** Normalised as containerd does: `docker.io/library/nginx:1.25`. */
  reference: string
  image: Image
  /** The catalogue does not know the repository: a program that listens on the container's ports stands in. */
  placeholder: boolean
}

const known = new Map<string, ResolvedImage>()

/** References that a person has marked as missing, normalised; a repository without tag stands for all its tags. */
const missing = new Set<string>()

/** Makes pulls of a reference (`luksa/kubia:v9`, or `luksa/kubia` for all tags) fail from now on, or succeed again. */
export function markMissing(reference: string, isMissing = true): void {
  const { repository, text } = parseReference(reference)
  const key = /[:@]/.test(reference.slice(reference.lastIndexOf('/') + 1)) ? text : repository
  if (isMissing) missing.add(key)
  else missing.delete(key)
}

/** Tags by which people, and the tests of Kubernetes (`webserver:404`, `foo:non-existent`), name what no registry has. */
const SAYS_MISSING = /^(404|non-?existent|not-?found|(does-?not|no-?such)-?(exist|tag|version|image))$/i

/** Repositories by which they name it: `non-existing-repo/non-existing-image` of the page on pod failure policies. */
const REPOSITORY_SAYS_MISSING = /(^|\/)(non-?exist(ing|ent)|no-such|does-?not-?exist)(-|\/|$)/i

/** What is marked as missing now. */
export function missingImages(): ReadonlySet<string> {
  return missing
}

/**
 * Resolves a reference as it stands in a pod. Throws {@link ImageError}: `InvalidImageName` for what is no reference,
 * `ErrImagePull` in containerd's wording for what no registry has.
 */
export function resolveImage(reference: string): ResolvedImage {
  const parsed = parseReference(reference)
  if (missing.has(parsed.text) || missing.has(parsed.repository)) throw denied(parsed)
  const cached = known.get(parsed.text)
  if (cached) return cached
  const resolved = look(parsed)
  known.set(parsed.text, resolved)
  return resolved
}

function look(parsed: Reference): ResolvedImage {
  const [host = '', ...path] = parsed.repository.split('/')
  // RFC 2606 keeps the name for hosts that do not exist, and so do the registries of Kubernetes.
  if (/(^|\.)invalid(\.|$)/.test(host)) {
    const url = `https://${host}/v2/${path.join('/')}/manifests/${parsed.digest ?? parsed.tag}`
    throw unresolved(parsed, `failed to do request: Head ${JSON.stringify(url)}: dial tcp: lookup ${host}: no such host`)
  }
  const family = byRepository.get(parsed.repository)
  if (!family && parsed.tag !== undefined && SAYS_MISSING.test(parsed.tag)) throw denied(parsed)
  if (!family && REPOSITORY_SAYS_MISSING.test(path.join('/'))) throw denied(parsed)
  if (!family) {
    const copy = copied(parsed)
    return { reference: parsed.text, image: copy ?? placeholderImage(parsed.text), placeholder: !copy }
  }
  // A digest alone names some version; which one it was cannot be told, so it runs the latest.
  const image = family.tag(parsed.tag ?? 'latest')
  if (!image) throw unresolved(parsed, `${parsed.text}: not found`)
  return { reference: parsed.text, image, placeholder: false }
}

/**
 * The official image that a registry of somebody's own has under its name, such as `10.0.0.1:8080/mirror/ubuntu:16.04`: the
 * name and the tag are those of Docker Hub. On Docker Hub itself others have images of their own under such names.
 */
function copied({ repository, tag }: Reference): Image | undefined {
  if (repository.startsWith('docker.io/')) return undefined
  const name = repository.slice(repository.lastIndexOf('/') + 1)
  return byRepository.get(`docker.io/library/${name}`)?.tag(tag ?? 'latest')
}

function unresolved({ text }: Reference, why: string): ImageError {
  return new ImageError('ErrImagePull', `failed to pull and unpack image "${text}": failed to resolve reference "${text}": ${why}`)
}

function denied(parsed: Reference): ImageError {
  return unresolved(
    parsed,
    'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
  )
}
