// A key typed in a pod's shell until its echo comes back, over a real WebSocket exec with a terminal.
import { Exec, KubeConfig } from '@kubernetes/client-node'
import { PassThrough, Writable } from 'node:stream'
import { percentile, round, startCluster } from './support.mjs'

export async function run() {
  const cluster = await startCluster(['--nodes', '1'])
  try {
    await cluster.request('POST', '/api/v1/namespaces/default/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'shell' },
      spec: { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1000000'] }] },
    })
    for (;;) {
      const pod = JSON.parse(await cluster.request('GET', '/api/v1/namespaces/default/pods/shell'))
      if (pod.status?.phase === 'Running') break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const config = new KubeConfig()
    config.loadFromFile(cluster.kubeconfig)
    const stdin = new PassThrough()
    let onData = () => undefined
    const stdout = new Writable({
      write: (chunk, _encoding, done) => {
        onData(chunk)
        done()
      },
    })
    const socket = await new Exec(config).exec('default', 'shell', 'main', ['sh'], stdout, null, stdin, true)
    await new Promise((resolve) => (onData = resolve))
    const samples = []
    for (let i = 0; i < 500; i++) {
      const began = performance.now()
      const echo = new Promise((resolve) => (onData = resolve))
      stdin.write(i % 60 === 59 ? '\u0015' : 'a')
      await echo
      samples.push(performance.now() - began)
    }
    socket.close()
    return [{ what: 'shell: key to echo, p99', value: round(percentile(samples, 0.99), 1), unit: 'ms', budget: 16 }]
  } finally {
    await cluster.stop()
  }
}
