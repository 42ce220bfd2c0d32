/** What containers find in their files and leave behind in them, with the real runtime. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster

afterEach(() => c.stop())

const conf = (color: string): object => ({ metadata: { name: 'conf', namespace: 'default' }, data: { color } })

test('a changed ConfigMap reaches the mounted volume within a minute, a file mounted by subPath only with a new container', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.create(resources.configmaps, conf('blue'))
  await c.pod('reader', {
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', 'while true; do echo $(cat /whole/color) $(cat /one/color); sleep 100; done'],
        volumeMounts: [
          { name: 'conf', mountPath: '/whole' },
          { name: 'conf', mountPath: '/one/color', subPath: 'color' },
        ],
      },
    ],
    volumes: [{ name: 'conf', configMap: { name: 'conf' } }],
    tolerations: [{ operator: 'Exists' }],
  })
  await c.clock.advance(30_000)
  await c.admin.resource(resources.configmaps).patch('default', 'conf', { data: { color: 'green' } }, { type: 'merge' })
  await c.clock.advance(100_000)
  expect(await c.logs('reader', 'main')).toBe('blue blue\ngreen blue\n')
})

describe('the termination message', () => {
  const message = async (script: string, policy?: string): Promise<string | undefined> => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('ends', {
      restartPolicy: 'Never',
      containers: [
        { name: 'main', image: 'busybox', command: ['sh', '-c', script], ...(policy ? { terminationMessagePolicy: policy } : {}) },
      ],
      tolerations: [{ operator: 'Exists' }],
    })
    await c.clock.advance(30_000)
    const { status } = await c.get<Pod>(resources.pods, 'default', 'ends')
    return status!.containerStatuses![0]!.state!.terminated!.message
  }

  test('is what the container wrote to /dev/termination-log', async () => {
    expect(await message('echo noise; echo why > /dev/termination-log; exit 1')).toBe('why\n')
  })

  test('with FallbackToLogsOnError is the end of the log of a container that failed and wrote none', async () => {
    expect(await message('echo first; echo last; exit 1', 'FallbackToLogsOnError')).toBe('first\nlast\n')
  })

  test('with FallbackToLogsOnError is none for a container that succeeded', async () => {
    expect(await message('echo fine', 'FallbackToLogsOnError')).toBe(undefined)
  })
})
