/** Images from registries that want a login, in a whole cluster. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { registryLogins } from '../../../src-main/cluster/kubelet/pull-secrets.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(async () => {
  // Registries are the same for all clusters of a process.
  await c.admin.resource(resources.secrets).delete('kube-system', 'drydock-registries')
  await c.clock.settle()
  await c.stop()
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** What `kubectl create secret docker-registry` makes. */
function dockerSecret(name: string, namespace: string, server: string, username: string, password: string): object {
  const auths = { [server]: { username, password, email: 'jane@example.com', auth: base64(`${username}:${password}`) } }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    metadata: { name, namespace },
    data: { '.dockerconfigjson': base64(JSON.stringify({ auths })) },
  }
}

async function start(): Promise<void> {
  c = await startWholeCluster({ nodes: 1 })
  await c.create(resources.secrets, dockerSecret('drydock-registries', 'kube-system', 'registry.example.com', 'jane', 'secret'))
}

const image = 'registry.example.com/shop/web:1.0'
const spec = (more: object = {}) => ({ containers: [{ name: 'web', image }], ...more })
const waiting = async (name: string) => (await c.get<Pod>(resources.pods, 'default', name)).status!.containerStatuses![0]!.state!.waiting
const NO_LOGIN =
  `failed to pull and unpack image "${image}": failed to resolve reference "${image}": pull access denied, repository does not ` +
  'exist or may require authorization: authorization failed: no basic auth credentials'

describe('an image of a private registry', () => {
  test('is not given to a pod without a login: ErrImagePull, then ImagePullBackOff; with the Secret it is pulled', async () => {
    await start()
    await c.pod('web', spec())
    expect(await waiting('web')).toEqual({ reason: 'ErrImagePull', message: NO_LOGIN })
    await c.clock.advance(1_000)
    expect(await waiting('web')).toEqual({
      reason: 'ImagePullBackOff',
      message: `Back-off pulling image "${image}": ErrImagePull: ${NO_LOGIN}`,
    })
    expect((await c.eventsOf('web')).filter((e) => !e.startsWith('Normal'))).toEqual([
      `Warning Failed Failed to pull image "${image}": ${NO_LOGIN}`,
      'Warning Failed Error: ErrImagePull',
      'Warning Failed Error: ImagePullBackOff',
    ])
    await c.create(resources.secrets, dockerSecret('regcred', 'default', 'https://registry.example.com', 'jane', 'secret'))
    await c.pod('with-secret', spec({ imagePullSecrets: [{ name: 'regcred' }] }))
    await c.clock.advance(30_000)
    expect((await c.get<Pod>(resources.pods, 'default', 'with-secret')).status!.phase).toBe('Running')
    // What one pod has pulled with its Secret is not for the other.
    await c.clock.advance(600_000)
    expect((await waiting('web'))!.message).toContain(NO_LOGIN)
  })

  test('is refused to a wrong password, and given to the Secret of the pod’s ServiceAccount', async () => {
    await start()
    await c.create(resources.secrets, dockerSecret('wrong', 'default', 'registry.example.com', 'jane', 'guess'))
    await c.pod('web', spec({ imagePullSecrets: [{ name: 'wrong' }] }))
    await c.clock.advance(1_000)
    expect((await waiting('web'))!.message).toContain(
      `failed to resolve reference "${image}": unexpected status from HEAD request to ` +
        'https://registry.example.com/v2/shop/web/manifests/1.0: 401 Unauthorized',
    )
    await c.create(resources.secrets, dockerSecret('right', 'default', '*.example.com', 'jane', 'secret'))
    await c.admin
      .resource(resources.serviceaccounts)
      .patch('default', 'default', { imagePullSecrets: [{ name: 'right' }] }, { type: 'merge' })
    await c.clock.settle()
    await c.pod('by-account', spec())
    await c.clock.advance(30_000)
    const pod = await c.get<Pod>(resources.pods, 'default', 'by-account')
    expect([pod.spec!.imagePullSecrets, pod.status!.phase]).toEqual([[{ name: 'right' }], 'Running'])
  })

  test('is for everybody once its registry is open again', async () => {
    await start()
    await c.admin
      .resource(resources.secrets)
      .patch('kube-system', 'drydock-registries', { data: { '.dockerconfigjson': base64('{"auths":{}}') } }, { type: 'merge' })
    await c.clock.settle()
    await c.pod('web', spec())
    await c.clock.advance(30_000)
    expect((await c.get<Pod>(resources.pods, 'default', 'web')).status!.phase).toBe('Running')
    expect(registryLogins({ metadata: {}, data: { '.dockercfg': base64('{"r.example.com":{"auth":"YTpiOmM="}}') } } as never)).toEqual([
      { registry: 'r.example.com', username: 'a', password: 'b:c' },
    ])
  })
})
