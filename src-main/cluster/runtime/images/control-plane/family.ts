/**
 * The images of kube-system. The simulator does their work; these programs say in their logs what they are, hold their
 * place. CoreDNS serves what its Corefile says.
 */
import { inspectionPrograms } from '../../programs/catalogue.js'
import type { Image, ImageFamily } from '../image.js'
import { klogLine } from '../klog.js'
import { isAddressInUse, Latch } from '../server-process.js'
import { coredns } from './coredns.js'
import { etcd } from './etcd.js'
import { serveProxy, startupLog } from './kube-proxy.js'
import type { Process, Program } from '../../process.js'

/** Runs until TERM or INT, having said something. */
function daemon(lines: (p: Process) => readonly string[], serve?: (p: Process) => void, memory = 24 * 1024 * 1024): Program {
  return async (p) => {
    const stop = new Latch<number>()
    for (const signal of ['TERM', 'INT'] as const) p.onSignal(signal, () => stop.open(0))
    p.setMemory(memory)
    for (const line of lines(p)) await p.writeError(`${line}\n`)
    try {
      serve?.(p)
    } catch (error) {
      if (!isAddressInUse(error)) throw error
      await p.writeError('listen tcp: bind: address already in use\n')
      return 1
    }
    return stop.wait(p)
  }
}

function family(
  repository: string,
  program: Program,
  file: string,
  size: number,
  tags = ['v1.36.0'],
  more: Image['files'] = () => ({}),
): ImageFamily {
  const image: Image = {
    entrypoint: [file],
    size,
    baseMemory: 8 * 1024 * 1024,
    files: () => ({
      [file]: { program },
      '/etc/passwd': 'root:x:0:0:root:/root:/sbin/nologin\n',
      '/tmp': { directory: true, mode: 0o1777 },
      ...more(),
    }),
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  }
  return { repositories: [repository], tags, tag: (tag) => (/^v?\d/.test(tag) ? image : undefined) }
}

/** kube-proxy brings the program that it writes its rules with. */
function filterTools(): ReturnType<Image['files']> {
  const names = ['iptables', 'iptables-save', 'ip6tables', 'ip6tables-save']
  return Object.fromEntries(names.map((name) => [`/usr/sbin/${name}`, { program: inspectionPrograms[name]! }]))
}

export const controlPlane: readonly ImageFamily[] = [
  family(
    'registry.k8s.io/kube-apiserver',
    daemon(
      (p) => [klogLine(p, 'server.go:150', 'Version: v1.36.0'), klogLine(p, 'secure_serving.go:211', 'Serving securely on [::]:8443')],
      undefined,
      200 * 1024 * 1024,
    ),
    '/usr/local/bin/kube-apiserver',
    27_000_000,
  ),
  family(
    'registry.k8s.io/kube-controller-manager',
    daemon((p) => [klogLine(p, 'controllermanager.go:187', '"Starting" version="v1.36.0"')], undefined, 50 * 1024 * 1024),
    '/usr/local/bin/kube-controller-manager',
    23_000_000,
  ),
  family(
    'registry.k8s.io/kube-scheduler',
    daemon((p) => [klogLine(p, 'server.go:176', '"Starting Kubernetes Scheduler" version="v1.36.0"')], undefined, 30 * 1024 * 1024),
    '/usr/local/bin/kube-scheduler',
    17_500_000,
  ),
  family('registry.k8s.io/kube-proxy', daemon(startupLog, serveProxy), '/usr/local/bin/kube-proxy', 26_000_000, undefined, filterTools),
  family('registry.k8s.io/etcd', etcd, '/usr/local/bin/etcd', 23_500_000, ['3.6.8-0']),
  family('registry.k8s.io/coredns/coredns', coredns, '/coredns', 22_800_000, ['v1.14.2']),
  family(
    'docker.io/kindest/kindnetd',
    daemon((p) => [klogLine(p, 'main.go:109', 'connected to apiserver: https://10.96.0.1:443')]),
    '/bin/kindnetd',
    44_000_000,
    ['v20250512-df8de77b'],
  ),
]
