/** The logs of containers as files of their node. */
import { expect, test } from 'vitest'
import { startWholeCluster } from '../support/whole-cluster.js'
import { makeMachine } from './machine.js'

const POD = '/var/log/pods/default_web_u'

async function machine(options: Parameters<typeof makeMachine>[0] = {}) {
  const m = await makeMachine(options)
  const volume = m.runtime.hostPathVolume('minikube', '/var/log', 'Directory')
  const agent = await m.start({ name: 'agent', mounts: [{ volume, containerPath: '/var/log', readOnly: true }] })
  const sh = async (script: string, ms = 0): Promise<string> => (await m.exec(agent, ['sh', '-c', `exec 2>&1; ${script}`], { ms })).stdout
  return { m, agent, sh }
}

test('a log is a file of its pod, container and number of restarts, with time and stream of each line', async () => {
  const { m, sh } = await machine()
  await m.start({ name: 'main', attempt: 2, command: ['sh', '-c', 'echo hello; sleep 1; echo oh >&2; printf rest'] })
  await m.clock.advance(2_000)
  expect(await sh(`ls /var/log ${POD} ${POD}/main`)).toBe(`/var/log:\ncontainers\npods\n\n${POD}:\nagent\nmain\n\n${POD}/main:\n2.log\n`)
  const lines = ['00.000000000Z stdout F hello', '01.000000000Z stderr F oh', '01.000000000Z stdout P rest']
  expect(await sh(`cat ${POD}/main/2.log`)).toBe(lines.map((line) => `2026-11-21T09:17:${line}\n`).join(''))
  expect(await sh(`stat -c '%a %s' ${POD}/main/2.log; wc -c < ${POD}/main/2.log`)).toBe('640 134\n134\n')
})

test('a link by names leads to it, and goes with the container', async () => {
  const { m, agent, sh } = await machine()
  const id = await m.start({ name: 'main', command: ['echo', 'hello'] })
  expect(await sh('cd /var/log/containers; for f in *; do echo "$f $(readlink $f)"; done')).toBe(
    `web_default_agent-${agent}.log ${POD}/agent/0.log\nweb_default_main-${id}.log ${POD}/main/0.log\n`,
  )
  expect(await sh('cat /var/log/containers/web_default_main-*.log')).toBe('2026-11-21T09:17:00.000000000Z stdout F hello\n')
  await m.runtime.removeContainer(id)
  expect(await sh(`ls ${POD}; echo /var/log/containers/*main*`)).toBe('agent\n/var/log/containers/*main*\n')
})

test('an agent follows it while it grows', async () => {
  const { m, sh } = await machine()
  await m.start({ name: 'main', command: ['sh', '-c', 'for i in 1 2 3; do echo line $i; sleep 1; done'] })
  expect(await sh(`timeout 5 tail -f ${POD}/main/0.log | cut -d " " -f 4-`, 6_000)).toBe('line 1\nline 2\nline 3\n')
})

test('of a log that is too long the later half is kept, and nobody can make files beside it', async () => {
  const { m, sh } = await machine({ logLimit: 1_000 })
  const volume = m.runtime.hostPathVolume('minikube', '/', '')
  const root = await m.start({ name: 'root', mounts: [{ volume, containerPath: '/host', readOnly: false }] })
  const id = await m.start({
    name: 'main',
    command: ['sh', '-c', 'for i in 1 2 3 4 5; do echo $i; done; sleep 1; for i in $(seq 6 20); do echo $i; done'],
  })
  expect(await sh(`wc -l < ${POD}/main/0.log`)).toBe('5\n')
  await m.clock.advance(2_000)
  const kept = (await m.log(id)).trim().split('\n')
  expect(kept.at(-1)).toBe('20')
  expect(kept.length).toBeLessThan(20)
  expect(await sh(`cut -d " " -f 4 ${POD}/main/0.log`)).toBe(`${kept.join('\n')}\n`)
  expect((await m.exec(root, ['sh', '-c', 'touch /host/var/log/pods/mine'])).stderr).toBe(
    'touch: /host/var/log/pods/mine: Operation not permitted\n',
  )
})

test('each run of a container has a file of its own, and an agent on its node reads all of them', async () => {
  const c = await startWholeCluster({ nodes: 1 })
  const containers = [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'echo run; exit 1'] }]
  const { metadata } = await c.pod('crashing', { containers })
  await c.clock.advance(5_000)
  await c.pod('agent', {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'agent',
        image: 'busybox',
        command: ['sh', '-c', 'cd /var/log/pods/default_crashing_*; pwd; ls main; cat main/*.log | cut -d " " -f 2-'],
        volumeMounts: [{ name: 'logs', mountPath: '/var/log' }],
      },
    ],
    volumes: [{ name: 'logs', hostPath: { path: '/var/log' } }],
  })
  await c.clock.advance(5_000)
  expect(await c.logs('agent', 'agent')).toBe(`/var/log/pods/default_crashing_${metadata.uid}\n0.log\n1.log\nstdout F run\nstdout F run\n`)
  expect(c.errors).toEqual([])
  await c.stop()
})
