import { beforeEach, describe, expect, it } from 'vitest'
import type { ContainerConfig } from '../../../src-main/cluster/runtime/cri.js'
import { containerConfig, makeMachine, type Machine } from './machine.js'

/** A machine with a usual pod that sleeps, and a pod with the processes of the node (`hostPID: true`). */
let m: Machine
let usual: string
let host: string

beforeEach(async () => {
  m = await makeMachine()
  usual = await m.start({ command: ['sh', '-c', 'sleep 1000; true'] })
  host = await inNode('host', ['sleep', '5000'])
})

type Given = Partial<ContainerConfig> & { node?: string }

async function inNode(name: string, command: string[], { node = 'minikube', ...config }: Given = {}): Promise<string> {
  const pod = { namespace: 'default', name, uid: name, node, hostname: name, hosts: '', resolvConf: '', hostNetwork: false, hostPID: true }
  const { id: sandbox } = await m.runtime.runPodSandbox(pod)
  const id = await m.runtime.createContainer(sandbox, containerConfig({ command, ...config }))
  await m.runtime.startContainer(id)
  await m.clock.settle()
  return id
}

/** What `ps` says, as `PPID ARGUMENTS` by pid. */
async function processes(id: string): Promise<Map<string, string>> {
  const { stdout } = await m.exec(id, ['ps', '-o', 'pid,ppid,args'])
  const lines = stdout.trimEnd().split('\n').slice(1)
  return new Map(lines.map((line) => /^ *(\d+) +(\d+) (.*)$/.exec(line)!).map(([, pid, ppid, args]) => [pid!, `${ppid} ${args}`]))
}
const pidOf = (list: Map<string, string>, args: string): string => [...list].find(([, line]) => line.endsWith(` ${args}`))![0]

describe('a container with the processes of its node', () => {
  it('sees the system, containerd, the kubelet, and the processes of all pods under those of containerd', async () => {
    const list = await processes(host)
    const system = [...list.values()].slice(0, 4).map((line) => line.split(' ').slice(0, 2).join(' '))
    expect(system).toEqual(['0 /sbin/init', '1 /lib/systemd/systemd-journald', '1 /usr/bin/containerd', '1 /usr/bin/kubelet'])
    const shim = pidOf(
      list,
      `/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${m.sandboxId} -address /run/containerd/containerd.sock`,
    )
    const shell = pidOf(list, 'sh -c sleep 1000; true')
    expect(list.get(shell)).toBe(`${shim} sh -c sleep 1000; true`)
    expect(list.get(pidOf(list, 'sleep 1000'))).toBe(`${shell} sleep 1000`)
    expect([...list.values()].filter((line) => line.endsWith(' /pause'))).toHaveLength(2)
  })

  it('has its first process, and what is executed in it, under the shim of its own pod', async () => {
    const list = await processes(host)
    const parentOf = (args: string): string => list.get(pidOf(list, args))!.split(' ')[0]!
    expect(list.get(parentOf('sleep 5000'))).toContain('/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id ')
    expect(parentOf('ps -o pid,ppid,args')).toBe(parentOf('sleep 5000'))
    expect(parentOf('sleep 5000')).not.toBe(parentOf('sh -c sleep 1000; true'))
    expect((await m.exec(host, ['sh', '-c', 'echo $PPID'])).stdout).toBe(`${parentOf('sleep 5000')}\n`)
  })

  it('knows itself and others by the pids of the node, which stay as they are', async () => {
    const list = await processes(host)
    expect((await m.exec(host, ['pidof', 'sleep'])).stdout.trim().split(' ').sort()).toEqual(
      [pidOf(list, 'sleep 5000'), pidOf(list, 'sleep 1000')].sort(),
    )
    const shell = pidOf(list, 'sh -c sleep 1000; true')
    expect(pidOf(await processes(host), 'sh -c sleep 1000; true')).toBe(shell)
    expect((await m.exec(host, ['sh', '-c', `tr '\\0' ' ' < /proc/${shell}/cmdline; grep PPid /proc/${shell}/status`])).stdout).toBe(
      `sh -c sleep 1000; true PPid:\t${list.get(shell)!.split(' ')[0]}\n`,
    )
    expect((await m.exec(host, ['cat', '/proc/1/root/etc/hostname'])).stdout).toBe('minikube\n')
  })

  it('is not seen by a usual container, which has a first process of its own', async () => {
    expect([...(await processes(usual)).keys()].slice(0, 2)).toEqual(['1', '2'])
    expect((await m.exec(usual, ['pidof', 'sleep'])).stdout).toBe('2\n')
  })

  it('ends other containers from outside of their namespace, and what it ends of the system starts again', async () => {
    const list = await processes(host)
    await m.exec(host, ['kill', '-9', pidOf(list, 'sh -c sleep 1000; true')])
    await m.clock.settle()
    expect(m.runtime.containerInfo(usual)).toMatchObject({ state: 'exited', exitCode: 137 })
    const kubelet = [...list].find(([, line]) => line.startsWith('1 /usr/bin/kubelet'))!
    await m.exec(host, ['kill', '-9', kubelet[0]])
    const after = await processes(host)
    expect([after.has(kubelet[0]), [...after.values()].includes(kubelet[1])]).toEqual([false, true])
    expect([...after.values()].some((line) => line.endsWith(' sleep 1000'))).toBe(false)
  })

  it('shares them with other such pods, and leaves them when its pod ends', async () => {
    const other = await inNode('other', ['sleep', '7000'])
    expect(pidOf(await processes(host), 'sleep 7000')).toBe(pidOf(await processes(other), 'sleep 7000'))
    const { sandboxId } = m.runtime.containerInfo(other)!
    const stopping = m.runtime.stopPodSandbox(sandboxId)
    await m.clock.advance(1000)
    await stopping
    const left = [...(await processes(host)).values()].join('\n')
    expect([left.includes('sleep 7000'), left.includes(sandboxId), left.includes('/sbin/init')]).toEqual([false, false, true])
    expect(m.runtime.containerInfo(host)!.state).toBe('running')
  })
})

describe('nsenter', () => {
  const said = async (id: string, ...argv: string[]): Promise<string> => {
    const { stdout, stderr, code } = await m.exec(id, argv)
    return `${stdout}${stderr}${code}`
  }
  let node: string
  beforeEach(async () => {
    node = await inNode('shell', ['sleep', '9000'], { privileged: true })
  })

  it('of a privileged container with the processes of its node runs a program on the node itself', async () => {
    const enter = ['nsenter', '-t', '1', '-m', '-u', '-i', '-n', '-p']
    expect(await said(node, ...enter, '--', 'sh', '-c', 'hostname; pwd; head -n1 /etc/os-release')).toBe(
      'minikube\n/\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n0',
    )
    const links = await said(node, ...enter, 'sh', '-c', 'readlink /proc/self/ns/mnt; readlink /proc/1/ns/mnt')
    const [own, first] = links.split('\n')
    expect(own).toBe(first)
    expect(await said(node, ...enter, 'sh', '-c', 'ps -p 1 -o args=; echo left > /home/note')).toBe('/sbin/init\n0')
    expect((await m.exec(node, ['sh', '-c', 'ls /home; hostname'])).stdout).toBe('shell\n')
    expect(await said(node, ...enter, 'cat', '/home/note')).toBe('left\n0')
  })

  it('enters one namespace of another container and leaves the rest as it is', async () => {
    const pid = pidOf(await processes(host), 'sleep 1000')
    const [name, os] = (await m.exec(usual, ['sh', '-c', 'hostname; cat /etc/hostname'])).stdout.split('\n')
    expect(name).not.toBe('shell')
    expect(await said(node, 'nsenter', '-t', pid, '-u', 'sh', '-c', 'hostname; cat /etc/hostname')).toBe(`${name}\nshell\n0`)
    expect(await said(node, 'nsenter', '-t', pid, '-m', 'sh', '-c', 'hostname; cat /etc/hostname')).toBe(`shell\n${os}\n0`)
  })

  it('is refused to others, and where there is nothing to enter', async () => {
    const denied = "nsenter: setns(): can't reassociate to namespace 'mnt': "
    expect(await said(host, 'nsenter', '-t', '1', '-m', 'ls')).toBe(`${denied}Operation not permitted\n1`)
    expect(await said(node, 'nsenter', '--mount=/etc/passwd', 'ls')).toBe(`${denied}Invalid argument\n1`)
    expect(await said(node, 'nsenter', '-t', '99999', '-n', 'ls')).toBe(
      "nsenter: can't open '/proc/99999/ns/net': No such file or directory\n1",
    )
    expect(await said(node, 'nsenter', '-t', '1', '-m', 'nothing')).toBe("nsenter: can't execute 'nothing': No such file or directory\n127")
  })

  it('leaves its processes to their own container, with which they end', async () => {
    await m.exec(node, ['nsenter', '-t', '1', '-m', 'sh', '-c', 'sleep 8000 >/dev/null 2>&1 &'])
    expect([...(await processes(host)).values()].join()).toContain(' sleep 8000')
    const stopping = m.runtime.stopPodSandbox(m.runtime.containerInfo(node)!.sandboxId)
    await m.clock.advance(1000)
    await stopping
    expect([...(await processes(host)).values()].join()).not.toContain(' sleep 8000')
  })
})

describe('the root of a node in a container', () => {
  it('comes with its own processes, by which its namespaces are entered', async () => {
    const mounts = [{ containerPath: '/rootfs', readOnly: false, volume: m.runtime.hostPathVolume('minikube', '/', '') }]
    const id = await m.start({ command: ['sleep', '100'], privileged: true, mounts })
    const inside = ['nsenter', '--mount=/rootfs/proc/1/ns/mnt', '--', 'sh', '-c', 'echo here > /home/file; cat /proc/1/comm']
    expect((await m.exec(id, inside)).stdout).toBe('init\n')
    expect((await m.exec(id, ['sh', '-c', 'cat /rootfs/home/file /rootfs/proc/1/comm /proc/1/comm'])).stdout).toBe('here\ninit\nsleep\n')
  })

  it('shares mounts with containers as far as their propagation says', async () => {
    const inDirectory = (propagation?: 'HostToContainer' | 'Bidirectional'): Promise<string> => {
      const volume = m.runtime.hostPathVolume('minikube', '/srv/shared', 'DirectoryOrCreate')
      const mounts = [{ containerPath: '/mnt', readOnly: false, volume, ...(propagation ? { propagation } : {}) }]
      return m.start({ name: propagation ?? 'None', command: ['sleep', '100'], privileged: true, mounts })
    }
    const both = await inDirectory('Bidirectional')
    const slave = await inDirectory('HostToContainer')
    const apart = await inDirectory()
    const node = await inNode('shell', ['sleep', '9000'], { privileged: true })
    const all: [id: string, at: string][] = [
      [both, '/mnt'],
      [slave, '/mnt'],
      [apart, '/mnt'],
    ]
    for (const [id] of all) await m.exec(id, ['mkdir', '-p', '/mnt/both', '/mnt/slave', '/mnt/apart', '/mnt/node'])
    const mount = (at: string): string => `mount -t tmpfs x ${at} && echo yes > ${at}/file`
    await m.exec(both, ['sh', '-c', mount('/mnt/both')])
    await m.exec(slave, ['sh', '-c', mount('/mnt/slave')])
    await m.exec(apart, ['sh', '-c', mount('/mnt/apart')])
    const onNode = async (command: string): Promise<string> =>
      (await m.exec(node, ['nsenter', '-t', '1', '-m', 'sh', '-c', command])).stdout
    await onNode(mount('/srv/shared/node'))
    const seen = async (id: string): Promise<string> => (await m.exec(id, ['sh', '-c', 'cd /mnt; echo */file'])).stdout.trim()
    expect([await seen(both), await seen(slave), await seen(apart)]).toEqual([
      'both/file node/file',
      'both/file node/file slave/file',
      'apart/file',
    ])
    expect(await onNode('cd /srv/shared; echo */file; umount node')).toBe('both/file node/file\n')
    await m.exec(both, ['umount', '/mnt/both'])
    expect([await seen(both), await seen(slave), await onNode('cd /srv/shared; echo */file')]).toEqual(['*/file', 'slave/file', '*/file\n'])
  })
})
