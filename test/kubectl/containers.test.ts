import { Exec, KubeConfig, type V1Status } from '@kubernetes/client-node'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster, type Running } from './support/cluster.js'

/** kubectl's commands on the containers of pods: run, attach, exec, cp, logs, debug and port-forward, with their options. */

const PODS = `apiVersion: v1
kind: Pod
metadata: {name: box, labels: {app: box}}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: main, image: busybox, command: [sh, -c, "echo started; sleep 3600"], env: [{name: COLOR, value: blue}]}]
---
apiVersion: v1
kind: Pod
metadata: {name: two, labels: {app: two}}
spec:
  terminationGracePeriodSeconds: 1
  initContainers:
  - {name: first, image: busybox, command: [sh, -c, "echo prepared"]}
  containers:
  - {name: web, image: registry.k8s.io/e2e-test-images/agnhost:2.59, args: [netexec, --http-port=8080], ports: [{name: http, containerPort: 8080}], readinessProbe: {httpGet: {port: 8080}, periodSeconds: 1}}
  - {name: side, image: busybox, command: [sh, -c, "for i in 1 2 3; do echo line $i; done; echo at last >&2; sleep 3600"]}
---
apiVersion: v1
kind: Pod
metadata: {name: bare}
spec: {terminationGracePeriodSeconds: 1, containers: [{name: main, image: "registry.k8s.io/pause:3.10"}]}
---
apiVersion: v1
kind: Service
metadata: {name: two}
spec: {selector: {app: two}, ports: [{name: web, port: 80, targetPort: http}]}
`

let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
/** What kubectl says of a failure. It may log besides that input was still on its way when the command had ended. */
const refused = (args: string[] | string): string => {
  const out = cluster.kubectl(args)
  expect(out.code, out.stdout).not.toBe(0)
  return out.stderr.replace(/^E\d{4} .*websocket: close sent.*\n/gm, '')
}

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
  ok('create -f -', PODS)
  ok('wait --for=condition=Ready pod/box pod/two pod/bare --timeout=60s')
})
afterAll(async () => {
  await cluster?.stop()
})

describe('run and attach', () => {
  it('run --rm -i prints what the pod printed and leaves nothing', () => {
    const out = cluster.kubectl(['run', 'once', '--image=busybox', '--restart=Never', '--rm', '-i', '--quiet', '--', 'echo', 'hello'])
    expect(out.stdout).toBe('hello\n')
    expect(cluster.kubectl('get pod once').stderr).toBe('Error from server (NotFound): pods "once" not found\n')
  })

  it('run --expose makes the Service too', () => {
    expect(ok('run shown --image=nginx --port=80 --expose')).toBe('service/shown created\npod/shown created\n')
    expect(ok('wait --for=condition=Ready pod/shown --timeout=30s')).toBe('pod/shown condition met\n')
    expect(ok('delete pod,service shown --now')).toBe(
      'pod "shown" deleted from default namespace\nservice "shown" deleted from default namespace\n',
    )
  })

  it('attach follows what the container prints', async () => {
    ok(['run', 'talk', '--image=busybox', '--restart=Never', '--', 'sh', '-c', 'while true; do echo tick; sleep 0.2; done'])
    ok('wait --for=condition=Ready pod/talk --timeout=30s')
    const attached = cluster.start('attach talk')
    await attached.until('tick\ntick\n')
    await attached.stop()
    ok('delete pod talk --now')
  })

  it('attach types into a container that has a stdin, and says which it took', async () => {
    ok(['run', 'ear', '--image=busybox', '--restart=Never', '--stdin', '--attach=false', '--', 'cat'])
    ok('wait --for=condition=Ready pod/ear --timeout=30s')
    const attached = cluster.start('attach -i ear')
    attached.type('heard\n')
    await attached.until('heard\n')
    attached.end()
    const ended = await cluster.kubectlAsync('wait --for=jsonpath={.status.phase}=Succeeded pod/ear --timeout=30s')
    expect(ended.stdout).toBe('pod/ear condition met\n')
    expect(refused('attach ear')).toBe('error: cannot attach a container in a completed pod; current phase is Succeeded\n')
    expect(refused('attach two -c nope')).toBe('error: cannot attach to the container: container nope not found in pod two\n')
    ok('delete pod ear --now')
  })
})

describe('exec, cp and logs', () => {
  it('exec has the environment, the exit code, and says what is missing', () => {
    expect(ok(['exec', 'box', '--', 'sh', '-c', 'echo $COLOR'])).toBe('blue\n')
    expect(cluster.kubectl(['exec', 'box', '--', 'sh', '-c', 'exit 4'])).toEqual({
      code: 4,
      stdout: '',
      stderr: 'command terminated with exit code 4\n',
    })
    expect(refused('exec box -c nope -- ls')).toBe('Error from server (BadRequest): container nope is not valid for pod box\n')
    expect(refused('exec box -- nosuch')).toMatch(/^error: Internal error occurred: .*exec: "nosuch": executable file not found in \$PATH/)
    expect(refused('exec nosuch -- ls')).toBe('Error from server (NotFound): pods "nosuch" not found\n')
  })

  it('exec ends with what ended the command, and with the end of its input', () => {
    const side = (...command: string[]): number => cluster.kubectl(['exec', 'two', '-c', 'side', '--', ...command]).code
    expect(side('sh', '-c', 'kill -9 $$')).toBe(137)
    expect(side('sh', '-c', 'exit 300')).toBe(44)
    expect(side('cat')).toBe(0)
    expect(ok('exec -i two -c side -- wc -c', 'x'.repeat(100_000))).toBe('100000\n')
    expect(refused('exec two -c side -- /etc/passwd')).toMatch(/exec: "\/etc\/passwd": permission denied: unknown\n$/)
    expect(refused('exec two -c side -- /nope')).toMatch(/exec: "\/nope": stat \/nope: no such file or directory: unknown\n$/)
    expect(refused('exec two -c side')).toBe('error: you must specify at least one command for the container\n')
  })

  it('three hundred shells are open at once, each with its own input and output', async () => {
    const config = new KubeConfig()
    config.loadFromFile(cluster.kubeconfig)
    const shells = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const [input, output] = [new PassThrough(), new PassThrough()]
        let end: (status: V1Status) => void = () => undefined
        const status = new Promise<V1Status>((resolve) => (end = resolve))
        const said = text(output)
        const command = ['sh', '-c', 'read line; echo "$line of $HOSTNAME"']
        await new Exec(config).exec('default', 'box', 'main', command, output, null, input, false, (of) => (output.end(), end(of)))
        return { input, said, status }
      }),
    )
    expect(ok(['exec', 'box', '--', 'sh', '-c', 'ps | grep -c [r]ead'])).toBe('300\n')
    shells.forEach(({ input }, i) => input.write(`line ${i}\n`))
    expect(await Promise.all(shells.map(async ({ said, status }) => [await said, (await status).status]))).toEqual(
      shells.map((_, i) => [`line ${i} of box\n`, 'Success']),
    )
  })

  it('cp takes files and folders there and back', () => {
    const here = (name: string): string => path.join(cluster.directory, name)
    fs.mkdirSync(here('folder/deep'), { recursive: true })
    fs.writeFileSync(here('folder/deep/a.bin'), Buffer.from([0, 1, 2, 255]))
    fs.writeFileSync(here('one.txt'), 'data\n')
    ok(['cp', here('one.txt'), 'box:/tmp/one.txt'])
    expect(ok('exec box -- cat /tmp/one.txt')).toBe('data\n')
    ok(['cp', here('folder'), 'box:/tmp/'])
    ok(['cp', 'box:/tmp/folder/deep/a.bin', here('back.bin')])
    expect(fs.readFileSync(here('back.bin'))).toEqual(Buffer.from([0, 1, 2, 255]))
  })

  it('cp keeps links on the way in and leaves them on the way out, and says where it cannot write', () => {
    const here = (name: string): string => path.join(cluster.directory, name)
    fs.mkdirSync(here('linked'))
    fs.writeFileSync(here('linked/a'), 'a\n')
    fs.symlinkSync('a', here('linked/link'))
    ok(['cp', here('linked'), 'default/two:/tmp/', '-c', 'side'])
    expect(ok('exec two -c side -- readlink /tmp/linked/link')).toBe('a\n')
    const back = cluster.kubectl(['cp', 'two:tmp/linked', here('came'), '-c', 'side'])
    expect([back.code, back.stderr]).toEqual([0, expect.stringMatching(/^warning: skipping symlink: ".*came\/link" -> "a"/)])
    expect(fs.readdirSync(here('came'))).toEqual(['a'])
    expect(refused(['cp', here('one.txt'), 'two:/nope/dir/one', '-c', 'side'])).toBe(
      "tar: can't change directory to '/nope/dir': No such file or directory\ncommand terminated with exit code 1\n",
    )
    expect(refused(['cp', here('one.txt'), 'bare:/one'])).toMatch(/exec: "tar": executable file not found in \$PATH: unknown\n$/)
  })

  it('logs of containers that are named, all of them, or the first', () => {
    expect(cluster.kubectl('logs two --tail=0').stderr).toBe('Defaulted container "web" out of: web, side, first (init)\n')
    expect(ok('logs two -c side')).toBe('line 1\nline 2\nline 3\nat last\n')
    expect(ok('logs two first')).toBe('prepared\n')
    const all = ok('logs two --all-containers --prefix --tail=1').trimEnd().split('\n')
    expect(all.map((line) => line.split('] ')[0]).sort()).toEqual(['[pod/two/first', '[pod/two/side', '[pod/two/web'])
    expect(refused('logs two -c nope')).toBe('error: container nope is not valid for pod two\n')
    expect(refused('logs two web --all-containers')).toBe('error: --all-containers=true should not be specified with container name web\n')
  })

  it('logs since a time, of one line at most, and of too many at once', () => {
    expect(ok('logs two -c side --since-time=2100-01-01T00:00:00Z')).toBe('')
    expect(ok('logs two -c side --since-time=2000-01-01T00:00:00Z --tail=1')).toBe('at last\n')
    expect(refused('logs two -c side --since=1s --since-time=2000-01-01T00:00:00Z')).toBe(
      'error: at most one of `sinceTime` or `sinceSeconds` may be specified\n',
    )
    expect(refused('logs two --tail=-2')).toBe('error: --tail must be greater than or equal to -1\n')
    expect(refused('logs -l app=two --all-containers -f --max-log-requests=1')).toBe(
      'error: you are attempting to follow 3 log streams, but maximum allowed concurrency is 1, use --max-log-requests to increase the limit\n',
    )
    expect(cluster.kubectl('logs -l app=none').stderr).toBe('No resources found in default namespace.\n')
  })

  it('logs -f ends with its container, and --previous has what the one before said', async () => {
    ok(['run', 'again', '--image=busybox', '--stdin', '--attach=false', '--', 'sh', '-c', 'echo begins; read line; echo "$line"; exit 1'])
    ok('wait --for=condition=Ready pod/again --timeout=30s')
    const follow = cluster.start('logs -f again')
    await follow.until('begins\n')
    const followed = new Promise((resolve) => follow.child.once('close', resolve))
    const typed = cluster.start('attach -i again')
    typed.type('ends\n')
    expect(await followed).toBe(0)
    expect(follow.output()).toBe('begins\nends\n')
    ok('wait --for=jsonpath={.status.containerStatuses[0].restartCount}=1 pod/again --timeout=60s')
    expect(ok('logs again --previous')).toBe('begins\nends\n')
    ok('delete pod again --now')
    await typed.stop()
  })

  it('logs of a pod, of many with their names, and of none', () => {
    expect(ok('logs box')).toBe('started\n')
    expect(ok('logs box --timestamps')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z started\n$/)
    expect(ok('logs -l app=box --prefix')).toBe('[pod/box/main] started\n')
    ok(['run', 'lines', '--image=busybox', '--restart=Never', '--', 'sh', '-c', 'for i in 1 2 3 4 5; do echo line $i; done'])
    ok('wait --for=jsonpath={.status.phase}=Succeeded pod/lines --timeout=30s')
    expect(ok('logs lines --tail=2')).toBe('line 4\nline 5\n')
    expect(ok('logs lines --limit-bytes=8')).toBe('line 1\nl')
    expect(ok('logs lines --since=1h --all-containers --prefix --tail=1')).toBe('[pod/lines/lines] line 5\n')
    ok('delete pod lines --now')
    expect(refused('logs box --previous')).toBe(
      'Error from server (BadRequest): previous terminated container "main" in pod "box" not found\n',
    )
    expect(refused('logs nosuch')).toBe('error: error from server (NotFound): pods "nosuch" not found in namespace "default"\n')
  })
})

describe('debug', () => {
  it('adds a container to a running pod', () => {
    ok(['debug', 'box', '--image=busybox', '--profile=general', '-c', 'look', '--', 'sh', '-c', 'echo looking'])
    ok(['wait', '--for=jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.reason}=Completed', 'pod/box', '--timeout=30s'])
    expect(ok('logs box -c look')).toBe('looking\n')
    expect(ok('get pod box -o jsonpath={.metadata.generation}')).toBe('2')
  })

  it('makes a copy of a pod, and a pod on a node', () => {
    ok(['debug', 'box', '--copy-to=copy', '--image=busybox', '--profile=general', '-c', 'look', '--', 'sleep', '3600'])
    ok('wait --for=condition=Ready pod/copy --timeout=30s')
    expect(ok('get pod copy -o jsonpath={.spec.containers[*].name}')).toBe('main look')
    ok('delete pod copy --now')
    const out = cluster.kubectl(['debug', 'node/drydock-m02', '--image=busybox', '--profile=general', '--', 'true'])
    expect(out.stdout + out.stderr).toMatch(
      /^Creating debugging pod node-debugger-drydock-m02-\w{5} with container debugger on node drydock-m02\.\n$/,
    )
    const [pod] = ok('get pods -o name')
      .split('\n')
      .filter((n) => n.includes('node-debugger'))
    expect(ok(['get', pod!, '-o', 'jsonpath={.spec.nodeName} {.spec.hostNetwork} {.spec.hostPID}'])).toBe('drydock-m02 true true')
    ok(['delete', pod!, '--now'])
  })

  it('copies a pod with other images, another command, one process namespace, or in its place', () => {
    const copy = (...options: string[]): unknown => {
      ok(['debug', 'two', '--copy-to=other', '--profile=general', ...options])
      ok('wait --for=jsonpath={.spec.nodeName} pod/other --timeout=30s')
      const { spec } = JSON.parse(ok('get pod other -o json'))
      ok('delete pod other --now')
      const containers = spec.containers.map((c: { name: string; image: string; command?: string[] }) => [c.name, c.image, c.command])
      return [containers, spec.shareProcessNamespace ?? false, spec.nodeName !== undefined]
    }
    const web = ['web', 'registry.k8s.io/e2e-test-images/agnhost:2.59', undefined]
    const [, side] = JSON.parse(ok('get pod two -o jsonpath={.spec.containers}')) as [unknown, { command: string[] }]
    expect(copy('--set-image=*=nginx')).toEqual([[['web', 'nginx', undefined], ['side', 'nginx', side.command]], false, true]) // prettier-ignore
    expect(copy('-c', 'side', '--', 'sleep', '100')).toEqual([[web, ['side', 'busybox', ['sleep', '100']]], true, true])
    const shared = copy('--share-processes', '--image=busybox', '-c', 'look', '--', 'sleep', '100')
    expect(shared).toEqual([[web, ['side', 'busybox', side.command], ['look', 'busybox', ['sleep', '100']]], true, true])
    expect(refused('debug two --image=busybox --set-image=web=nginx')).toBe('error: --set-image may only be used with --copy-to.\n')
    expect(refused('debug two --copy-to=two --image=busybox -c a --profile=general')).toBe(
      'Error from server (AlreadyExists): pods "two" already exists\n',
    )
    expect(refused('debug two --image=busybox -c a --profile=bad')).toBe('error: unknown profile: bad\n')
    ok('run goes --image=busybox --restart=Never -- sleep 3600')
    ok('debug goes --copy-to=came --replace --image=busybox -c look --profile=general -- sleep 3600')
    expect(refused('get pod goes')).toBe('Error from server (NotFound): pods "goes" not found\n')
    ok('delete pod came --now')
  })

  it.each([
    ['general', { capabilities: { add: ['SYS_PTRACE'] } }],
    ['baseline', undefined],
    [
      'restricted',
      {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      },
    ],
    ['netadmin', { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } }],
    ['sysadmin', { privileged: true }],
  ])('adds a container with the profile %s', (profile, securityContext) => {
    const name = `as-${profile}`
    ok(['debug', 'box', '--image=busybox', `--profile=${profile}`, '-c', name, '--target=main', '--', 'true'])
    const { spec } = JSON.parse(ok('get pod box -o json'))
    const added = spec.ephemeralContainers.find((c: { name: string }) => c.name === name)
    expect([added.securityContext, added.targetContainerName]).toEqual([securityContext, 'main'])
  })

  it('refuses a target that is not there', () => {
    expect(refused('debug box --image=busybox --target=nope -c last --profile=general').split('\n').at(-2)).toMatch(
      /^The Pod "box" is invalid: spec\.ephemeralContainers\[\d\]\.targetContainerName: Not found: "nope"$/,
    )
  })
})

describe('port-forward', () => {
  /** The ports of this machine that a port-forward took, in order. */
  const portsOf = async (forward: Running, count: number): Promise<number[]> => {
    await forward.until(new RegExp(`(?:Forwarding from 127\\.0\\.0\\.1:\\d+ -> \\d+\\n[^]*){${count}}`))
    return [...forward.output().matchAll(/127\.0\.0\.1:(\d+) ->/g)].map(([, port]) => Number(port))
  }
  const hostname = (port: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const request = http.get({ host: '127.0.0.1', port, path: '/hostname', agent: false }, (answer) => {
        answer.setEncoding('utf8')
        let text = ''
        answer.on('data', (part: string) => (text += part))
        answer.on('end', () => resolve(text))
      })
      request.on('error', reject)
    })

  it('leads to several ports, of a pod, or behind a Service by number or name', async () => {
    const pod = cluster.start('port-forward pod/two :8080 :http')
    const [byNumber, byName] = await portsOf(pod, 2)
    expect([await hostname(byNumber!), await hostname(byName!)]).toEqual(['two', 'two'])
    expect(pod.output()).toContain(`Forwarding from 127.0.0.1:${byName} -> 8080\n`)
    const service = cluster.start('port-forward service/two :80 :web')
    const [first, second] = await portsOf(service, 2)
    expect([await hostname(first!), await hostname(second!)]).toEqual(['two', 'two'])
    expect(service.output()).toContain(`Forwarding from 127.0.0.1:${first} -> 8080\n`)
    await Promise.all([pod.stop(), service.stop()])
  })

  it('goes on when its container starts again, and ends with its pod', async () => {
    const listening = async (): Promise<void> => {
      const log = cluster.start('logs -f brief')
      await log.until('Started HTTP server on port 8080')
      await log.stop()
    }
    ok('run brief --image=registry.k8s.io/e2e-test-images/agnhost:2.59 -- netexec --http-port=8080')
    ok('wait --for=condition=Ready pod/brief --timeout=30s')
    await listening()
    const forward = cluster.start('port-forward brief :8080')
    const [port] = await portsOf(forward, 1)
    expect(await hostname(port!)).toBe('brief')
    cluster.kubectl('exec brief -- kill 1')
    ok('wait --for=jsonpath={.status.containerStatuses[0].restartCount}=1 pod/brief --timeout=60s')
    ok('wait --for=condition=Ready pod/brief --timeout=60s')
    await listening()
    expect(await hostname(port!)).toBe('brief')
    ok('delete pod brief --now')
    hostname(port!).catch(() => undefined)
    await forward.until('error: lost connection to pod\n')
  })

  it('says what it does not find', () => {
    expect(refused('port-forward service/two :81')).toBe('error: Service two does not have a service port 81\n')
    expect(refused('port-forward pod/two :nope')).toBe("error: Pod 'two' does not have a named port 'nope'\n")
    expect(refused('port-forward nosuch :80')).toBe('Error from server (NotFound): pods "nosuch" not found\n')
  })
})
