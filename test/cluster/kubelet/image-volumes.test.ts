/** Volumes that are the files of an image, as people see them from their containers, their pods' status and events. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(() => c.stop())

const image = (reference: string, more: object = {}): object => ({ name: 'volume', image: { reference, ...more } })
const shell = (script: string, mount: object | undefined): object => ({
  name: 'shell',
  image: 'debian',
  command: ['bash', '-c', `${script}; sleep infinity`],
  ...(mount ? { volumeMounts: [{ name: 'volume', mountPath: '/volume', ...mount }] } : {}),
})
async function waiting(name: string): Promise<string> {
  const { phase, containerStatuses } = (await c.get<Pod>(resources.pods, 'default', name)).status!
  const { reason, message } = containerStatuses![0]!.state!.waiting!
  return `${phase} ${reason} ${message}`
}

describe('an image volume', () => {
  test('has the files of the image, which nobody can write, and comes back as it was', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const script = 'cd /volume; ls; cat dir/file file; touch new; grep " /volume " /proc/mounts | cut -d" " -f1-3'
    await c.pod('image-volume', {
      containers: [shell(script, {})],
      volumes: [image('quay.io/crio/artifact:v2', { pullPolicy: 'IfNotPresent' })],
    })
    await c.clock.advance(30_000)
    const log = ['dir', 'file', '1', '2', "touch: cannot touch 'new': Read-only file system", 'overlay /volume overlay', '']
    expect((await c.logs('image-volume', 'shell')).split('\n')).toEqual(log)
    expect((await c.eventsOf('image-volume')).slice(1, 3)).toEqual([
      'Normal Pulling Pulling image "quay.io/crio/artifact:v2"',
      expect.stringMatching(/^Normal Pulled Successfully pulled image "quay.io\/crio\/artifact:v2" in .* Image size: 300 bytes\.$/),
    ])
    await c.restart()
    await c.clock.advance(30_000)
    expect((await c.logs('image-volume', 'shell')).split('\n')).toEqual(log)
  })

  test('can be mounted in part, and not at a path that it does not have', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const volumes = [image('quay.io/crio/artifact:v2')]
    await c.pod('part', { containers: [shell('cat /volume/file', { subPath: 'dir' })], volumes })
    await c.pod('none', { containers: [shell('cat /volume/file', { subPath: 'not-existing' })], volumes })
    await c.clock.advance(30_000)
    expect(await c.logs('part', 'shell')).toBe('1\n')
    expect(await waiting('none')).toMatch(
      /^Pending CreateContainerError failed to mount image volume: ImageVolumeMountFailed: failed to ensure image subpath "not-existing" in /,
    )
  })

  test('that cannot be pulled keeps back the containers that mount it, and no others', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const volumes = [image('quay.io/crio/artifact:v0')]
    await c.pod('used', { containers: [shell('', {})], volumes })
    await c.pod('unused', { containers: [shell('', undefined)], volumes })
    await c.pod('never', { containers: [shell('', {})], volumes: [image('quay.io/crio/artifact:v1', { pullPolicy: 'Never' })] })
    await c.clock.advance(500)
    expect(await waiting('used')).toMatch(/^Pending ErrImagePull .*quay.io\/crio\/artifact:v0/)
    await c.clock.advance(9000)
    expect(await waiting('used')).toMatch(/^Pending ImagePullBackOff Back-off pulling image "quay.io\/crio\/artifact:v0": ErrImagePull: /)
    expect((await c.eventsOf('used')).filter((e) => e.startsWith('Warning Failed Error'))).toEqual([
      'Warning Failed Error: ErrImagePull',
      'Warning Failed Error: ImagePullBackOff',
    ])
    expect(await waiting('never')).toBe(
      'Pending ErrImageNeverPull Container image "quay.io/crio/artifact:v1" is not present with pull policy of Never',
    )
    await c.clock.advance(20_000)
    expect((await c.get<Pod>(resources.pods, 'default', 'unused')).status!.phase).toBe('Running')
  })
})

test('a variable comes from a file that an init container wrote, as the documentation shows it', async () => {
  c = await startWholeCluster({ nodes: 1 })
  const from = (key: string, more: object = {}): object => ({
    name: key,
    valueFrom: { fileKeyRef: { volumeName: 'config', path: 'env/config.env', key, ...more } },
  })
  const file = "# comment\\nDB_ADDRESS='address'\\n\\nMULTI='line1\\nline2'\\n"
  const init = (text: string): object => ({
    name: 'setup-envfile',
    image: 'busybox',
    command: ['sh', '-c', `mkdir /data/env; printf "${text}" > /data/env/config.env`],
    volumeMounts: [{ name: 'config', mountPath: '/data' }],
  })
  const user = (...env: object[]): object => ({
    name: 'use-envfile',
    image: 'busybox',
    command: ['sh', '-c', 'env | grep -A1 -e DB_ -e MULTI'],
    env,
  })
  const pod = (text: string, ...env: object[]): object => ({
    restartPolicy: 'Never',
    initContainers: [init(text)],
    containers: [user(...env)],
    volumes: [{ name: 'config', emptyDir: {} }],
  })
  await c.pod('good', pod(file, from('DB_ADDRESS'), from('MULTI'), from('DB_NONE', { optional: true })))
  await c.pod('lacking', pod(file, from('DB_NONE')))
  await c.pod('broken', pod('DB_ADDRESS=address\\n', from('DB_ADDRESS', { optional: true })))
  await c.clock.advance(30_000)
  expect((await c.logs('good', 'use-envfile')).split('\n').sort()).toEqual(['', 'DB_ADDRESS=address', 'MULTI=line1', 'line2'])
  const { uid } = (await c.get<Pod>(resources.pods, 'default', 'lacking')).metadata
  expect(await waiting('lacking')).toBe(
    `Pending CreateContainerConfigError environment variable key "DB_NONE" not found in file "/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~empty-dir/config/env/config.env"`,
  )
  expect(await waiting('broken')).toBe("Pending CreateContainerConfigError couldn't parse env file")
})
