import { expect, test } from 'vitest'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { containerConfig } from '../../../src-main/cluster/kubelet/container-config.js'

test('an ephemeral container is run among the processes of the container that it targets', () => {
  const debug = { name: 'debugger', image: 'busybox', targetContainerName: 'app' }
  const pod = {
    metadata: { name: 'web', namespace: 'default' },
    spec: { containers: [{ name: 'app' }], ephemeralContainers: [debug] },
  } as Pod
  const config = (container: object): string | undefined => containerConfig(pod, container as never, [], new Map(), undefined).processesOf
  expect([debug, { name: 'app', image: 'nginx' }].map(config)).toEqual(['app', undefined])
})
