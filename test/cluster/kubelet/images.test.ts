import type * as k8s from '@kubernetes/client-node'
import { describe, expect, test } from 'vitest'
import { runsToCompletion } from '../../../src-main/cluster/kubelet/container-config.js'
import { imageNameError } from '../../../src-main/cluster/kubelet/image-name.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { bench, pod } from './harness.js'

describe('images', () => {
  test('one that is not there ends in ErrImagePull, then ImagePullBackOff, and is tried again after 10, 20, 40 seconds', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nope = { missing: true }) })
    const error = 'failed to resolve reference "docker.io/library/nope": docker.io/library/nope: not found'
    await b.create(pod({ image: 'nope' }))
    expect(b.pod().status!.containerStatuses![0]!.state!.waiting).toEqual({ reason: 'ErrImagePull', message: error })
    await b.clock.advance(1_000)
    expect(b.pod().status!.containerStatuses![0]!.state!.waiting).toEqual({
      reason: 'ImagePullBackOff',
      message: `Back-off pulling image "nope": ErrImagePull: ${error}`,
    })
    expect(b.api.events('web')).toEqual([
      'Normal Pulling Pulling image "nope"',
      `Warning Failed Failed to pull image "nope": ${error}`,
      'Warning Failed Error: ErrImagePull',
      'Normal BackOff Back-off pulling image "nope"',
      'Warning Failed Error: ImagePullBackOff',
    ])
    expect(b.pod().status!.phase).toBe('Pending')
    const pulls = (): number => b.runtime.calls.filter((c) => c === 'pull nope').length
    expect(pulls()).toBe(1)
    await b.clock.advance(9_000)
    expect(pulls()).toBe(2)
    delete b.runtime.behaviours.nope!.missing
    await b.clock.advance(20_000)
    expect(b.pod().status!.phase).toBe('Running')
  })

  test('one that is there is not pulled, unless the policy is Always', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod())
    expect(b.runtime.calls).not.toContain('pull nginx')
    expect(b.api.events('web')[0]).toBe('Normal Pulled Container image "nginx" already present on machine and can be accessed by the pod')
    await b.create(pod({ imagePullPolicy: 'Always' }, {}, 'fresh'))
    expect(b.runtime.calls).toContain('pull nginx')
  })

  test('with the policy Never one that is missing is ErrImageNeverPull', async () => {
    const b = await bench()
    await b.create(pod({ imagePullPolicy: 'Never' }))
    const message = 'Container image "nginx" is not present with pull policy of Never'
    expect(b.pod().status!.containerStatuses![0]!.state!.waiting).toEqual({ reason: 'ErrImageNeverPull', message })
    expect(b.api.events('web')).toEqual([`Warning ErrImageNeverPull ${message}`, 'Warning Failed Error: ErrImageNeverPull'])
  })

  test('a name that is none is InvalidImageName', async () => {
    const b = await bench()
    await b.create(pod({ image: 'UPPER' }))
    expect(b.pod().status!.containerStatuses![0]!.state!.waiting).toEqual({
      reason: 'InvalidImageName',
      message:
        'Failed to apply default image tag "UPPER": couldn\'t parse image name "UPPER": invalid reference format: repository name (library/UPPER) must be lowercase',
    })
  })

  test('names that can be and names that cannot', () => {
    for (const good of [
      'nginx',
      'nginx:1.25',
      'luksa/kubia',
      'registry.k8s.io/pause:3.10',
      'localhost:5000/a/b',
      `a@sha256:${'0'.repeat(64)}`,
    ])
      expect(imageNameError(good)).toBeUndefined()
    expect(imageNameError('a b')).toBe('couldn\'t parse image name "a b": invalid reference format')
    expect(imageNameError('nginx:')).toBe('couldn\'t parse image name "nginx:": invalid reference format')
    expect(imageNameError('foo/Bar')).toBe(
      'couldn\'t parse image name "foo/Bar": invalid reference format: repository name (foo/Bar) must be lowercase',
    )
  })

  test('one that the catalogue does not know runs as a placeholder, and an event says so', async () => {
    const b = await bench({ behave: (r) => (r.behaviours['acme/shop'] = { present: true, placeholder: true }) })
    await b.create(pod({ image: 'acme/shop' }))
    expect(b.pod().status!.phase).toBe('Running')
    expect(b.api.events('web')).toContain(
      'Warning PlaceholderImage Image "acme/shop" is not in the catalogue of the embedded cluster: a placeholder runs instead and listens on the declared ports',
    )
  })

  test('one of an init container or of a Job ends when it has no port to listen on', async () => {
    const b = await bench({ behave: (r) => (r.behaviours['acme/shop'] = { present: true, placeholder: true }) })
    await b.create(pod({}, { initContainers: [{ name: 'migrate', image: 'acme/shop' }] }))
    expect(b.api.events('web')).toContain(
      'Warning PlaceholderImage Image "acme/shop" is not in the catalogue of the embedded cluster: a placeholder runs instead and ends',
    )
  })

  test.each<[string, Partial<k8s.V1PodSpec>, object, boolean]>([
    ['an init container', { initContainers: [{ name: 'app' }] }, {}, true],
    ['a sidecar', { initContainers: [{ name: 'app', restartPolicy: 'Always' }] }, {}, false],
    ['a container of a Deployment', { containers: [{ name: 'app', command: ['/serve'] }] }, {}, false],
    ['a container of a Job', { restartPolicy: 'OnFailure', containers: [{ name: 'app' }] }, { kind: 'Job', controller: true }, true],
    ['a server in a pod that is not restarted', { restartPolicy: 'Never', containers: [{ name: 'app' }] }, {}, false],
    ['a command in a pod that is not restarted', { restartPolicy: 'Never', containers: [{ name: 'app', args: ['up'] }] }, {}, true],
    ['an ephemeral container', { restartPolicy: 'Never', ephemeralContainers: [{ name: 'app', command: ['sh'] }] }, {}, false],
  ])('%s is to end by itself or is not', (_, spec, owner, expected) => {
    const full = { restartPolicy: 'Always', containers: [], ...spec }
    const container = [...(full.initContainers ?? []), ...full.containers, ...(full.ephemeralContainers ?? [])][0]!
    const subject = { metadata: { ownerReferences: [owner] }, spec: full } as unknown as Pod
    expect(runsToCompletion(subject, container)).toBe(expected)
  })

  test('pulls on one node wait for each other', async () => {
    const b = await bench({
      behave: (r) => {
        r.behaviours.one = { pullMs: 2_000 }
        r.behaviours.two = { pullMs: 500 }
      },
    })
    await b.create(pod({ image: 'one' }, {}, 'first'))
    await b.create(pod({ image: 'two' }, {}, 'second'))
    await b.clock.advance(2_500)
    expect(b.api.events('second')).toContain(
      'Normal Pulled Successfully pulled image "two" in 500ms (2.5s including waiting). Image size: 1000 bytes.',
    )
  })

  test('a pod that is deleted while its image is pulled goes at once', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { pullMs: 60_000 }) })
    await b.create(pod())
    await b.api.client().resource({ group: '', version: 'v1', resource: 'pods' }).delete('default', 'web')
    await b.clock.settle()
    expect(b.api.pod('web')).toBeUndefined()
    expect(b.runtime.sandboxes.size).toBe(0)
  })
})

describe('image pull secrets', () => {
  test('that are missing are told of, and the image is pulled all the same', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { pullMs: 100 }) })
    await b.create(pod({}, { imagePullSecrets: [{ name: 'regcred' }, { name: 'other' }] }))
    await b.clock.advance(1_000)
    expect(b.pod().status!.phase).toBe('Running')
    expect(b.api.events('web')[0]).toBe(
      'Warning FailedToRetrieveImagePullSecret Unable to retrieve some image pull secrets (regcred, other); attempting to pull the image may not succeed.',
    )
  })
})
