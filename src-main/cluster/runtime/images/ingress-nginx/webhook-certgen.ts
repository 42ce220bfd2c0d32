/**
 * registry.k8s.io/ingress-nginx/kube-webhook-certgen: the Jobs of ingress-nginx' manifest that make the certificate of its
 * admission webhook and put it into the webhook's configuration.
 */
import type { KubeObject, Secret } from '../../../api/object.js'
import type { Process, Program } from '../../process.js'
import { ApiError, InClusterApi } from '../in-cluster-api.js'
import type { ImageFamily } from '../image.js'
import { fakeCertificate } from './fake-certificate.js'

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1'

function flag(argv: readonly string[], name: string): string | undefined {
  return argv.find((a) => a.startsWith(`--${name}=`))?.slice(name.length + 3)
}

function say(process: Process, level: string, msg: string): Promise<void> {
  const time = new Date(process.clock.now()).toISOString().slice(0, 19)
  return process.writeError(`${JSON.stringify({ level, msg, source: 'cmd/main.go', time: `${time}Z` })}\n`)
}

const program: Program = async (process) => {
  const [command = '', ...args] = process.argv.slice(1)
  const namespace = flag(args, 'namespace') ?? ''
  const secretPath = `/api/v1/namespaces/${namespace}/secrets`
  const name = flag(args, 'secret-name') ?? ''
  try {
    const api = new InClusterApi(process)
    const secret = await api.request<Secret>('GET', `${secretPath}/${name}`).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 404) return undefined
      throw error
    })
    if (command === 'create') {
      await say(process, 'info', secret ? 'secret already exists' : 'creating new secret')
      if (!secret) await create(process, api, secretPath, name, (flag(args, 'host') ?? '').split(','))
      return 0
    }
    if (command === 'patch') {
      if (!secret?.data?.['ca']) throw new Error(`no secret with '${name}' in '${namespace}'`)
      await patch(api, flag(args, 'webhook-name') ?? '', secret.data['ca'], args)
      await say(process, 'info', `Patched hook(s)`)
      return 0
    }
    await process.writeError(`Error: unknown command "${command}" for "kube-webhook-certgen"\n`)
    return 1
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'Killed') throw error
    await say(process, 'fatal', error.message)
    return 1
  }
}

async function create(process: Process, api: InClusterApi, path: string, name: string, hosts: readonly string[]): Promise<void> {
  const { cert, key } = await fakeCertificate(process.clock.now(), {
    organization: 'nil2',
    commonName: hosts[0] ?? 'nil2',
    dnsNames: hosts,
  })
  const encode = (text: string): string => Buffer.from(text).toString('base64')
  const data = { ca: encode(cert), cert: encode(cert), key: encode(key) }
  await api.request('POST', path, { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'Opaque', data })
}

async function patch(api: InClusterApi, name: string, caBundle: string, args: readonly string[]): Promise<void> {
  const kinds = [
    ['patch-validating', 'validatingwebhookconfigurations'],
    ['patch-mutating', 'mutatingwebhookconfigurations'],
  ] as const
  for (const [option, resource] of kinds) {
    if (flag(args, option) === 'false') continue
    const path = `${WEBHOOKS}/${resource}/${name}`
    const configuration = await api.request<KubeObject & { webhooks?: object[] }>('GET', path)
    const failurePolicy = flag(args, 'patch-failure-policy')
    const webhooks = (configuration.webhooks ?? []).map((hook) => ({
      ...hook,
      clientConfig: { ...(hook as { clientConfig?: object }).clientConfig, caBundle },
      ...(failurePolicy ? { failurePolicy } : {}),
    }))
    // Its role may get and update, as the manifest has it.
    await api.request('PUT', path, { ...configuration, webhooks })
  }
}

export const webhookCertgen: ImageFamily = {
  repositories: ['registry.k8s.io/ingress-nginx/kube-webhook-certgen'],
  tags: ['v1.6.4', 'v1.6.3', 'v1.5.2', 'v1.4.4', 'v1.4.1', 'v1.4.0', 'v1.3.0', 'v1.1.1'],
  tag: (tag) =>
    /^v?\d+[\d.]*(-\w+)?$/.test(tag)
      ? {
          entrypoint: ['/kube-webhook-certgen'],
          user: '65532:65532',
          size: 25_000_000,
          files: () => ({
            '/kube-webhook-certgen': { program },
            '/etc/passwd': 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
            '/tmp': { directory: true, mode: 0o1777 },
          }),
        }
      : undefined,
}
