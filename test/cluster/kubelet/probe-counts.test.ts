/** How often probes have run, also those that are left out because they would go the same way. */
import { expect, it } from 'vitest'
import type { Container } from '../../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { ContainerProbes, type ProbeContext } from '../../../src-main/cluster/kubelet/probes/prober.js'
import { createNetwork } from '../../../src-main/cluster/network/fabric.js'
import { Random } from '../../../src-main/cluster/random.js'

it('probes of a steady listener count with every period, and as what they are once it is gone', async () => {
  const clock = new VirtualClock({ start: 0, speed: 0 })
  const network = createNetwork({ clock, random: new Random(1) })
  const from = network.addNode('n1', '192.168.49.2', '10.244.0.0/24')
  const web = network.addPod({ node: 'n1', namespace: 'default', name: 'web' })
  let asked = 0
  const listener = web.listen(8080, (connection) => (asked++, connection.resume().end()), '0.0.0.0', { steady: true })
  const container = { name: 'c', readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 10, failureThreshold: 3 } }
  const context = {
    clock,
    from,
    podIP: web.ip,
    container: container as unknown as Container,
    instance: { started: true, startedAt: 0 },
    events: { event: () => undefined },
    onChange: () => undefined,
  }
  const probes = new ContainerProbes(context as unknown as ProbeContext)
  const counted = (): unknown => probes.results().map(([kind, { success, failure }]) => [kind, success, failure])
  await clock.advance(1_000)
  expect([counted(), asked]).toEqual([[['readiness', 1, 0]], 1])
  await clock.advance(59_999)
  expect([counted(), asked]).toEqual([[['readiness', 6, 0]], 1])
  await clock.advance(1)
  await clock.advance(1_000)
  expect([counted(), asked]).toEqual([[['readiness', 7, 0]], 1])
  listener.close()
  await clock.advance(9_000)
  await clock.advance(1_000)
  expect([counted(), asked]).toEqual([[['readiness', 7, 1]], 1])
  probes.stop()
  await clock.advance(60_000)
  expect(counted()).toEqual([['readiness', 7, 1]])
})
