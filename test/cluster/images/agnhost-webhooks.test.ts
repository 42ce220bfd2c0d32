/** agnhost's webhooks: what they answer to the reviews that an API server sends. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fakeCertificate } from '../../../src-main/cluster/runtime/images/ingress-nginx/fake-certificate.js'
import { Machine, type Box } from './machine.js'

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'

let certificate: { name: string; value: string }[]
beforeAll(async () => {
  const { cert, key } = await fakeCertificate(Date.UTC(2026, 10, 21))
  certificate = [
    { name: 'CERT', value: cert },
    { name: 'KEY', value: key },
  ]
})

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})

const exitCode = (box: Box): number | undefined => machine.runtime.containerInfo(box.id)!.exitCode

/** Runs a subcommand with a certificate and a token of a service account in its files. */
const serve = (env: readonly { name: string; value: string }[], ...args: string[]): Promise<Box> => {
  const account = '/var/run/secrets/kubernetes.io/serviceaccount'
  const files = `mkdir -p ${account}; echo t > ${account}/token; echo "$CERT" > /tmp/crt; echo "$KEY" > /tmp/key`
  const command = `${files}; exec /agnhost ${args.join(' ')} --tls-cert-file=/tmp/crt --tls-private-key-file=/tmp/key`
  return machine.run(AGNHOST, { command: ['sh', '-c', command], env: [...certificate, ...env] })
}

/** Posts a body from within the container; gives the status and the answer. */
async function post(box: Box, url: string, body: unknown, ...headers: string[]): Promise<[status: string, answer: string]> {
  const type = headers.some((h) => h.startsWith('Content-Type')) ? [] : ['-H', 'Content-Type: application/json']
  const more = headers.flatMap((header) => ['-H', header])
  const data = typeof body === 'string' ? body : JSON.stringify(body)
  const { stdout } = await box.exec('curl', '-sk', '-w', '\n%{http_code}', ...type, ...more, '-d', data, url)
  const at = stdout.lastIndexOf('\n')
  return [stdout.slice(at + 1), stdout.slice(0, at)]
}

describe('agnhost webhook', () => {
  let box: Box
  const start = async (...args: string[]): Promise<void> => {
    box = await serve([], 'webhook', '--port=8443', ...args)
  }
  const pods = { group: '', version: 'v1', resource: 'pods' }
  const configMaps = { group: '', version: 'v1', resource: 'configmaps' }

  /** The verdict on a request, its patch decoded. */
  const verdict = async (path: string, request: object, version = 'v1'): Promise<unknown> => {
    const sent = {
      apiVersion: `admission.k8s.io/${version}`,
      kind: 'AdmissionReview',
      request: { uid: 'u-1', operation: 'CREATE', ...request },
    }
    const [status, text] = await post(box, `https://localhost:8443${path}`, sent)
    expect(status).toBe('200')
    const { kind, apiVersion, response } = JSON.parse(text)
    expect([kind, apiVersion, response.uid]).toEqual(['AdmissionReview', sent.apiVersion, 'u-1'])
    const { uid: _uid, patch, ...rest } = response
    return patch === undefined ? rest : { ...rest, patch: JSON.parse(Buffer.from(patch, 'base64').toString()) }
  }
  const patched = (...patch: object[]): object => ({ allowed: true, patchType: 'JSONPatch', patch })
  const denied = (status: object): object => ({ allowed: false, status: { metadata: {}, ...status } })

  test('is ready, knows its paths, and speaks of no other kind', async () => {
    await start()
    expect((await box.exec('curl', '-sk', 'https://localhost:8443/readyz')).stdout).toBe('ok')
    expect(await post(box, 'https://localhost:8443/toString', {})).toEqual(['404', '404 page not found\n'])
    const refused = async (body: unknown): Promise<unknown> => post(box, 'https://localhost:8443/always-deny', body)
    expect(await refused('')).toEqual([
      '400',
      "Request could not be decoded: couldn't get version/kind; json parse error: unexpected end of JSON input\n",
    ])
    expect(await refused({})).toEqual(['400', "Request could not be decoded: Object 'Kind' is missing in '{}'\n"])
    expect(await refused({ apiVersion: 'v1', kind: 'Pod' })).toEqual(['400', 'Unsupported group version kind: /v1, Kind=Pod\n'])
    expect(await post(box, 'https://localhost:8443/always-deny', '{}', 'Content-Type: text/plain')).toEqual(['200', ''])
    expect(await box.log()).toContain('] contentType=text/plain, expect application/json\n')
    expect(await box.stop()).toBe(2)
  })

  test.each(['v1', 'v1beta1'])('denies always, or allows after five seconds, in %s', async (version) => {
    await start('-v=4')
    expect(await verdict('/always-deny', {}, version)).toEqual(denied({ message: 'this webhook denies all requests' }))
    const before = machine.clock.now()
    expect(await verdict('/always-allow-delay-5s', {}, version)).toEqual({
      allowed: true,
      status: { metadata: {}, message: 'this webhook allows all requests' },
    })
    expect(machine.clock.now() - before).toBeGreaterThanOrEqual(5_000)
    expect(await box.log()).toContain('] always-allow-with-delay sleeping for 5 seconds\n')
  })

  test('adds a label to an object without labels, with others, and with another value', async () => {
    await start()
    const label = (labels?: object): Promise<unknown> => verdict('/add-label', { object: { metadata: { labels } } })
    expect(await label()).toEqual(patched({ op: 'add', path: '/metadata/labels', value: { 'added-label': 'yes' } }))
    expect(await label({ a: 'b' })).toEqual(patched({ op: 'add', path: '/metadata/labels/added-label', value: 'yes' }))
    expect(await label({ 'added-label': 'no' })).toEqual(patched({ op: 'replace', path: '/metadata/labels/added-label', value: 'yes' }))
    expect(await label({ 'added-label': 'yes' })).toEqual({ allowed: true })
  })

  test('denies pods by label and by the names of containers', async () => {
    await start()
    const bad = { metadata: { labels: { 'webhook-e2e-test': 'webhook-disallow' } }, spec: { containers: [{ name: 'webhook-disallow' }] } }
    expect(await verdict('/pods', { resource: pods, object: bad })).toEqual(
      denied({ message: 'the pod contains unwanted label; the pod contains unwanted container name;' }),
    )
    expect(await verdict('/pods', { resource: pods, object: { spec: { containers: [{ name: 'main' }] } } })).toEqual({ allowed: true })
    expect(await verdict('/pods', { resource: configMaps })).toEqual(denied({ message: 'expect resource to be /v1, Resource=pods' }))
  })

  test('never answers for a pod that is to wait for ever', async () => {
    await start()
    const object = { metadata: { labels: { 'webhook-e2e-test': 'wait-forever' } } }
    const review = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: { uid: 'u', operation: 'CREATE', resource: pods, object },
    }
    const { code, stderr } = await box.exec(
      'curl',
      '-ksS',
      '-m',
      '5',
      '-H',
      'Content-Type: application/json',
      '-d',
      JSON.stringify(review),
      'https://localhost:8443/pods',
    )
    expect(code).toBe(28)
    expect(stderr).toContain('Operation timed out')
  })

  test('gives pods an init container and a sidecar, once', async () => {
    await start('--sidecar-image=busybox:1')
    const pod = { metadata: { name: 'webhook-to-be-mutated' }, spec: { containers: [{ name: 'main' }] } }
    const init = { image: 'webhook-added-image', name: 'webhook-added-init-container', resources: {} }
    expect(await verdict('/mutating-pods', { resource: pods, object: pod })).toEqual(
      patched({ op: 'add', path: '/spec/initContainers', value: [init] }),
    )
    const done = { ...pod, spec: { ...pod.spec, initContainers: [init] } }
    expect(await verdict('/mutating-pods', { resource: pods, object: done })).toEqual({ allowed: true })
    expect(await verdict('/mutating-pods-sidecar', { resource: pods, object: pod })).toEqual(
      patched({ op: 'add', path: '/spec/containers/-', value: { image: 'busybox:1', name: 'webhook-added-sidecar', resources: {} } }),
    )
    await start()
    expect(await verdict('/mutating-pods-sidecar', { resource: pods, object: pod })).toEqual(
      denied({ status: 'Failure', message: 'No image specified by the sidecar-image parameter', code: 500 }),
    )
  })

  test('denies attaching to one container with input', async () => {
    await start()
    const attach = (object: object, name = 'to-be-attached-pod', subResource = 'attach'): Promise<unknown> =>
      verdict('/pods/attach', { operation: 'CONNECT', resource: pods, subResource, name, object })
    expect(await attach({ stdin: true, container: 'container1' })).toEqual(
      denied({ message: "attaching to pod 'to-be-attached-pod' is not allowed" }),
    )
    expect(await attach({ stdin: false, container: 'container1' })).toEqual({ allowed: true })
    expect(await attach({ stdin: true, container: 'container1' }, 'other')).toEqual({ allowed: true })
    expect(await attach({}, 'to-be-attached-pod', 'exec')).toEqual(denied({ message: 'expect subresource to be attach, got exec' }))
  })

  test.each([
    ['/configmaps', 'configmap', 'unwanted key and value'],
    ['/custom-resource', 'custom resource', 'unwanted data'],
  ])('%s denies unwanted data, and deleting what is to stay', async (path, what, unwanted) => {
    await start()
    const marked = (mark: string): object => ({ data: { 'webhook-e2e-test': mark } })
    const on = (operation: string, more: object): Promise<unknown> => verdict(path, { resource: configMaps, operation, ...more })
    expect(await on('UPDATE', { object: marked('webhook-disallow') })).toEqual(denied({ reason: `the ${what} contains ${unwanted}` }))
    expect(await on('DELETE', { object: null, oldObject: marked('webhook-nondeletable') })).toEqual(
      denied({ reason: `the ${what} cannot be deleted because it contains unwanted key and value` }),
    )
    expect(await on('DELETE', { object: null, oldObject: marked('webhook-disallow') })).toEqual({ allowed: true })
  })

  test.each(['/mutating-configmaps', '/mutating-custom-resource'])('%s adds one stage after the other', async (path) => {
    await start()
    const mutated = (data?: object): Promise<unknown> => verdict(path, { resource: configMaps, object: { data } })
    expect(await mutated({ 'mutation-start': 'yes' })).toEqual(patched({ op: 'add', path: '/data/mutation-stage-1', value: 'yes' }))
    expect(await mutated({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes' })).toEqual(
      patched({ op: 'add', path: '/data/mutation-stage-2', value: 'yes' }),
    )
    expect(await mutated()).toEqual({ allowed: true })
  })

  test('denies definitions of custom resources by label', async () => {
    await start()
    const crds = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' }
    const object = { metadata: { labels: { 'webhook-e2e-test': 'webhook-disallow' } } }
    expect(await verdict('/crd', { resource: crds, object })).toEqual(denied({ message: 'the crd contains unwanted label' }))
    expect(await verdict('/crd', { resource: crds, object: {} })).toEqual({ allowed: true })
    expect(await verdict('/crd', { resource: pods, object })).toEqual(
      denied({
        message:
          'expect resource to be one of [apiextensions.k8s.io/v1beta1, Resource=customresourcedefinitions, apiextensions.k8s.io/v1, Resource=customresourcedefinitions] but got /v1, Resource=pods',
      }),
    )
  })

  test('ends at once without a certificate', async () => {
    const none = await machine.run(AGNHOST, { args: ['webhook'] })
    expect([exitCode(none), await none.log()]).toEqual([
      255,
      'F1121 09:17:00.000000       1 config.go:35] open : no such file or directory\n',
    ])
  })
})

describe('agnhost crd-conversion-webhook', () => {
  const IN_CLUSTER = [
    { name: 'KUBERNETES_SERVICE_HOST', value: '10.96.0.1' },
    { name: 'KUBERNETES_SERVICE_PORT', value: '443' },
  ]
  const start = (): Promise<Box> => serve(IN_CLUSTER, 'crd-conversion-webhook')
  const review = (desiredAPIVersion: string, ...objects: object[]): object => ({
    kind: 'ConversionReview',
    apiVersion: 'apiextensions.k8s.io/v1',
    request: { uid: 'u-1', desiredAPIVersion, objects },
  })
  const v1 = { apiVersion: 'stable.example.com/v1', kind: 'E', metadata: { name: 'a' } }
  const v2 = { ...v1, apiVersion: 'stable.example.com/v2' }

  test('says that it is ready', async () => {
    const box = await start()
    expect((await box.exec('curl', '-sk', 'https://localhost/readyz')).stdout).toBe('ok')
  })

  test('converts to and fro between host with port and the two apart', async () => {
    const box = await start()
    const convert = async (to: string, ...objects: object[]): Promise<{ request: object; response: Record<string, unknown> }> => {
      const [status, answer] = await post(box, 'https://localhost/crdconvert', review(to, ...objects), 'Accept: application/json')
      expect(status).toBe('200')
      return JSON.parse(answer)
    }
    const answer = await convert(v2.apiVersion, { ...v1, hostPort: 'h:80' }, v1)
    expect(answer).toEqual({
      kind: 'ConversionReview',
      apiVersion: 'apiextensions.k8s.io/v1',
      request: { uid: '', desiredAPIVersion: '', objects: null },
      response: { uid: 'u-1', convertedObjects: [{ ...v2, host: 'h', port: '80' }, v2], result: { metadata: {}, status: 'Success' } },
    })
    expect((await convert(v1.apiVersion, { ...v2, host: 'h', port: '80' }, { ...v2, port: '1' })).response['convertedObjects']).toEqual([
      { ...v1, hostPort: 'h:80' },
      { ...v1, hostPort: ':1' },
    ])
    const failure = async (to: string, object: object): Promise<unknown> => (await convert(to, object)).response
    const failed = (message: string): object => ({
      uid: 'u-1',
      convertedObjects: null,
      result: { metadata: {}, status: 'Failure', message },
    })
    expect(await failure(v2.apiVersion, { ...v1, hostPort: 'h' })).toEqual(failed('invalid hostPort value `h`'))
    expect(await failure(v1.apiVersion, v1)).toEqual(
      failed('conversion from a version to itself should not call the webhook: stable.example.com/v1'),
    )
    expect(await failure('stable.example.com/v3', v1)).toEqual(failed('unexpected conversion version "stable.example.com/v3"'))
  })

  test('reads and writes YAML, and refuses what is neither', async () => {
    const box = await start()
    const yaml =
      'kind: ConversionReview\napiVersion: apiextensions.k8s.io/v1\nrequest: {uid: u, desiredAPIVersion: stable.example.com/v2, objects: []}\n'
    const [, answer] = await post(box, 'https://localhost/crdconvert', yaml, 'Content-Type: application/yaml', 'Accept: application/yaml')
    expect(answer).toContain('  uid: u\n  convertedObjects: []\n')
    expect(await post(box, 'https://localhost/crdconvert', '{}', 'Content-Type: text/plain')).toEqual([
      '400',
      'invalid Content-Type header `text/plain`\n',
    ])
    expect(await post(box, 'https://localhost/crdconvert', review('x'), 'Accept: text/html')).toEqual([
      '400',
      'invalid accept header `text/html`\n',
    ])
  })

  test('ends at once outside of a cluster', async () => {
    const box = await serve([], 'crd-conversion-webhook')
    expect([exitCode(box), (await box.log()).replace(/^.*] /, '')]).toEqual([
      255,
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined\n',
    ])
  })
})
