import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster, type Running } from './support/cluster.js'

/** The commands of a first hour with Kubernetes, with the manifests of the study notes, as kubectl prints them. */

const seeds = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../data/seeds')
const seed = (name: string): string => path.join(seeds, name)
let cluster: TestCluster

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
})
afterAll(async () => {
  await cluster?.stop()
})

/** Lines of columns as lists of words. */
const table = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((l) => l.trimEnd().split(/\s{2,}/))

/** A port of this machine that is free right now. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })

const get = (port: number, pathname = '/'): Promise<{ code: number; text: string; server: string | string[] | undefined }> =>
  new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path: pathname, agent: false }, (response) => {
      let text = ''
      response.on('data', (d: Buffer) => (text += d.toString()))
      response.on('end', () => resolve({ code: response.statusCode!, text, server: response.headers.server }))
    })
    request.on('error', reject)
  })

describe('nodes', () => {
  it('are one control plane and two workers, with pod CIDRs of their own', () => {
    const nodes = table(cluster.ok('get nodes'))
    expect(nodes[0]).toEqual(['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION'])
    expect(nodes.slice(1).map((n) => [n[0], n[1], n[2], n[4]])).toEqual([
      ['drydock', 'Ready', 'control-plane', 'v1.36.0'],
      ['drydock-m02', 'Ready', '<none>', 'v1.36.0'],
      ['drydock-m03', 'Ready', '<none>', 'v1.36.0'],
    ])
    expect(cluster.ok(['get', 'nodes', '-o', 'jsonpath={range .items[*]}{.spec.podCIDR}{"\\n"}{end}'])).toBe(
      '10.244.0.0/24\n10.244.1.0/24\n10.244.2.0/24\n',
    )
    expect(cluster.ok(['get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}'])).toBe('10.96.0.1')
  })

  it('renew their leases in kube-node-lease', () => {
    expect(cluster.ok(['get', 'lease', '-n', 'kube-node-lease', '-o', 'name']).trim().split('\n')).toEqual([
      'lease.coordination.k8s.io/drydock',
      'lease.coordination.k8s.io/drydock-m02',
      'lease.coordination.k8s.io/drydock-m03',
    ])
  })
})

describe('a pod', () => {
  it('goes from its manifest to Running, and get -o wide shows its address and node', () => {
    expect(cluster.ok(['apply', '-f', seed('kubia-manual.yaml')])).toBe('pod/kubia-manual created\n')
    expect(cluster.ok('wait --for=condition=Ready pod/kubia-manual --timeout=60s')).toBe('pod/kubia-manual condition met\n')
    const [head, row] = table(cluster.ok('get pods -o wide'))
    expect(head).toEqual(['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', 'IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES'])
    expect([row![0], row![1], row![2], row![3]]).toEqual(['kubia-manual', '1/1', 'Running', '0'])
    expect(row![5]).toMatch(/^10\.244\.[012]\.\d+$/)
    expect(row![6]).toMatch(/^drydock(-m0[23])?$/)
    expect(row!.slice(7)).toEqual(['<none>', '<none>'])
  })

  it('applied again is unchanged', () => {
    expect(cluster.ok(['apply', '-f', seed('kubia-manual.yaml')])).toBe('pod/kubia-manual unchanged\n')
  })

  it('tells its events in the order they happened', () => {
    const reasons = cluster
      .ok([
        'get',
        'events',
        '--field-selector',
        'involvedObject.name=kubia-manual',
        '-o',
        'jsonpath={range .items[*]}{.reason}{"\\n"}{end}',
      ])
      .trim()
      .split('\n')
    expect(reasons).toEqual(['Scheduled', 'Pulling', 'Pulled', 'Created', 'Started'])
    expect(cluster.ok('describe pod kubia-manual')).toContain('Successfully assigned default/kubia-manual to drydock')
  })

  it('writes a log, which logs prints and logs -f follows', async () => {
    expect(cluster.ok('logs kubia-manual')).toBe('Kubia server starting...\n')
    const follow = cluster.start('logs -f kubia-manual')
    await follow.until('Kubia server starting...\n')
    const port = await freePort()
    const forward = cluster.start(['port-forward', 'kubia-manual', `${port}:8080`])
    await forward.until(`Forwarding from 127.0.0.1:${port} -> 8080`)
    expect((await get(port)).text).toBe("You've hit kubia-manual\n")
    await follow.until(/Received request from \S+\n/)
    await forward.stop()
    await follow.stop()
  })

  it('answers many requests over one port-forward', async () => {
    const port = await freePort()
    const forward = cluster.start(['port-forward', 'pod/kubia-manual', `${port}:8080`])
    await forward.until(`Forwarding from 127.0.0.1:${port} -> 8080`)
    const answers = await Promise.all(Array.from({ length: 40 }, () => get(port)))
    expect(new Set(answers.map((a) => `${a.code} ${a.text}`))).toEqual(new Set(["200 You've hit kubia-manual\n"]))
    await forward.stop()
  })

  it('runs a command with exec, with its output, its input and its exit code', () => {
    expect(cluster.ok('exec kubia-manual -- hostname')).toBe('kubia-manual\n')
    expect(cluster.ok('exec -i kubia-manual -- cat', 'through and back\n')).toBe('through and back\n')
    const failed = cluster.kubectl(['exec', 'kubia-manual', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3'])
    expect(failed).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\ncommand terminated with exit code 3\n' })
  })

  it('gives a shell with exec -it, which echoes, answers, and ends with exit', async () => {
    const shell = cluster.start('exec -it kubia-manual -- sh', { tty: true })
    await shell.until(/[#$] $/)
    shell.type('hostname\r')
    await shell.until(/hostname\r\nkubia-manual\r\n/)
    shell.type('echo $((6*7))\r')
    await shell.until(/\r\n42\r\n/)
    shell.type('exit 7\r')
    const code = await new Promise<number | null>((resolve) => shell.child.once('exit', resolve))
    expect(code).toBe(7)
  })

  it('is typed into as a person does: editing, Ctrl-C and Ctrl-\\ during sleep, vi, top, and a window that is resized', async () => {
    cluster.ok('run typed --image=busybox --command -- sleep 1000000')
    cluster.ok('wait --for=condition=Ready pod/typed --timeout=60s')
    const shell = cluster.start('exec -it typed -- sh', { tty: true })
    const types = async (keys: string, answer: RegExp): Promise<void> => {
      shell.type(keys)
      await shell.until(answer)
    }
    await shell.until(/[#$] $/)
    await types('echo wrld\x1b[D\x1b[D\x1b[Do\r', /\r\nworld\r\n.*# $/)
    await types('sleep 1000\r', /sleep 1000\r\n$/)
    await types('\x03', /\^C\r?\n.*[#$] $/)
    await types('echo status $?\r', /\r\nstatus 130\r\n.*[#$] $/)
    await types('vi /tmp/note\r', /note/)
    await types('ihello\x1b', /hello/)
    await types(':wq\r', /# $/)
    await types('cat /tmp/note; echo read\r', /\r\nhello\r\nread\r\n.*[#$] $/)
    await types('top\r', /PID +PPID +USER.*COMMAND/)
    await types('q', /[#$] $/)
    await types('sleep 1000\r', /sleep 1000\r\n$/)
    await types('\x1c', /\^\\[^]*[#$] $/)
    await types('echo status $?\r', /\r\nstatus 131\r\n.*[#$] $/)
    shell.resize(41, 123)
    await types('while [ "$(stty size)" != "41 123" ]; do sleep 0.1; done; stty size\r', /\r\n41 123\r\n.*[#$] $/)
    shell.resize(24, 80)
    await types('while [ "$(stty size)" != "24 80" ]; do sleep 0.1; done; stty size; exit 5\r', /\r\n24 80\r\n/)
    expect(await new Promise<number | null>((resolve) => shell.child.once('exit', resolve))).toBe(5)
    cluster.ok('delete pod typed --now')
  })

  it('keeps what label sets, refuses to overwrite without being told, and is found by it', () => {
    expect(cluster.ok(['create', '-f', seed('kubia-manual-with-labels.yaml')])).toBe('pod/kubia-manual-with-labels created\n')
    expect(cluster.ok('label po kubia-manual creation_method=manual')).toBe('pod/kubia-manual labeled\n')
    const refused = cluster.kubectl('label po kubia-manual-with-labels env=debug')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toBe("error: 'env' already has a value (prod), and --overwrite is false\n")
    expect(cluster.ok('label po kubia-manual-with-labels env=debug --overwrite')).toBe('pod/kubia-manual-with-labels labeled\n')
    expect(table(cluster.ok('get pods -l env=debug -L creation_method,env'))[1]!.filter((_, i) => i !== 4)).toEqual([
      'kubia-manual-with-labels',
      expect.any(String),
      expect.any(String),
      '0',
      'manual',
      'debug',
    ])
    expect(cluster.ok(['get', 'po', '-l', '!env', '-o', 'name'])).toBe('pod/kubia-manual\n')
  })

  it('that needs a label no node has stays Pending until a node gets it', () => {
    cluster.ok(['create', '-f', seed('kubia-gpu.yaml')])
    expect(cluster.ok('wait --for=jsonpath={.status.conditions[0].reason}=Unschedulable pod/kubia-gpu --timeout=30s')).toContain(
      'condition met',
    )
    expect(cluster.ok('describe pod kubia-gpu')).toContain("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.")
    expect(cluster.ok('label node drydock-m02 gpu=true')).toBe('node/drydock-m02 labeled\n')
    expect(cluster.ok('wait --for=condition=Ready pod/kubia-gpu --timeout=60s')).toBe('pod/kubia-gpu condition met\n')
    expect(cluster.ok(['get', 'pod', 'kubia-gpu', '-o', 'jsonpath={.spec.nodeName}'])).toBe('drydock-m02')
  })

  it('is gone after delete, which waits for it', () => {
    expect(cluster.ok('delete pod kubia-gpu --grace-period=1')).toBe('pod "kubia-gpu" deleted from default namespace\n')
    const missing = cluster.kubectl('get pod kubia-gpu')
    expect(missing).toEqual({ code: 1, stdout: '', stderr: 'Error from server (NotFound): pods "kubia-gpu" not found\n' })
  })
})

describe('a ReplicationController', () => {
  it('whose selector does not match its template is refused, and says why', () => {
    const refused = cluster.kubectl(['create', '-f', seed('kubia-rc-mismatch.yaml')])
    expect(refused.code).toBe(1)
    // Kubernetes prints the labels as JSON since 1.33; the notes show the older map[string]string{"app":"kubia"}.
    expect(refused.stderr).toBe(
      'The ReplicationController "kubia-rc" is invalid: spec.template.metadata.labels: Invalid value: {"app":"kubia"}: `selector` does not match template `labels`\n',
    )
  })

  it('keeps three pods, replaces one that is deleted or relabelled, and deletes a stray one', async () => {
    expect(cluster.ok(['create', '-f', seed('kubia-rc.yaml')])).toBe('replicationcontroller/kubia created\n')
    cluster.ok('wait --for=jsonpath={.status.readyReplicas}=3 rc/kubia --timeout=60s')
    const names = (): string[] => cluster.ok('get pods -l app=kubia --field-selector status.phase=Running -o name').trim().split('\n')
    const created = (): number => cluster.ok('describe rc kubia').match(/SuccessfulCreate/g)!.length
    const before = names()
    expect(before).toHaveLength(3)
    cluster.ok(['delete', before[0]!, '--grace-period=1'])
    await expect.poll(created, { timeout: 60_000 }).toBe(4)
    cluster.ok(['label', before[1]!, 'app=kubia-dev', '--overwrite'])
    await expect.poll(created, { timeout: 60_000 }).toBe(5)
    expect(cluster.ok(['get', before[1]!, '-o', 'jsonpath={.metadata.ownerReferences}'])).toBe('')
    // Not ready, so that it is the first to go however soon it runs.
    const overrides = '{"spec":{"terminationGracePeriodSeconds":1,"readinessGates":[{"conditionType":"example.com/checked"}]}}'
    cluster.ok(['run', 'stray', '--image=luksa/kubia', '--labels=app=kubia', `--overrides=${overrides}`])
    cluster.ok('wait --for=delete pod/stray --timeout=60s')
    expect(cluster.ok('describe rc kubia')).toMatch(/SuccessfulDelete .* replication-controller {2}Deleted pod: stray/)
  })

  it('scales up and down', () => {
    expect(cluster.ok('scale rc kubia --replicas=5')).toBe('replicationcontroller/kubia scaled\n')
    cluster.ok('wait --for=jsonpath={.status.readyReplicas}=5 rc/kubia --timeout=60s')
    cluster.ok('scale rc kubia --replicas=1')
    cluster.ok('wait --for=jsonpath={.status.replicas}=1 rc/kubia --timeout=60s')
    const [head, row] = table(cluster.ok('get rc'))
    expect(head).toEqual(['NAME', 'DESIRED', 'CURRENT', 'READY', 'AGE'])
    expect(row!.slice(0, 4)).toEqual(['kubia', '1', '1', '1'])
  })

  it('deleted with --cascade=orphan leaves its pods, and a new one adopts them', () => {
    // Pods that are on their way out are still listed until their grace period is over.
    const staying = [
      'get',
      'pods',
      '-l',
      'app=kubia',
      '-o',
      'go-template={{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}}{{"\\n"}}{{end}}{{end}}',
    ]
    const [pod, ...others] = cluster.ok(staying).trim().split('\n')
    expect(others).toEqual([])
    expect(cluster.ok('delete rc kubia --cascade=orphan')).toBe('replicationcontroller "kubia" deleted from default namespace\n')
    expect(cluster.ok(staying)).toBe(`${pod}\n`)
    cluster.ok(['create', '-f', seed('kubia-rc.yaml')])
    cluster.ok('wait --for=jsonpath={.status.readyReplicas}=3 rc/kubia --timeout=60s')
    expect(cluster.ok(['get', 'pod', pod!, '-o', 'jsonpath={.metadata.ownerReferences[0].name}'])).toBe('kubia')
  })
})

describe('a Service', () => {
  it('answers inside the cluster under its address and its names, from each of its pods', () => {
    cluster.ok(['create', '-f', seed('kubia-svc.yaml')])
    cluster.ok('wait --for=create endpoints/kubia --timeout=60s')
    cluster.ok('wait --for=jsonpath={.subsets[0].ports[0].port}=8080 endpoints/kubia --timeout=60s')
    const ip = cluster.ok('get svc kubia -o jsonpath={.spec.clusterIP}')
    expect(ip).toMatch(/^10\.96\.\d+\.\d+$/)
    const hits = new Set<string>()
    const pod = cluster.ok('get pods -l app=kubia -o name').trim().split('\n')[0]!
    for (const host of [ip, 'kubia', 'kubia.default', 'kubia.default.svc.cluster.local']) {
      for (let i = 0; i < 4; i++) hits.add(cluster.ok(['exec', pod, '--', 'curl', '-s', `http://${host}`]))
    }
    expect(hits.size).toBeGreaterThan(1)
    for (const h of hits) expect(h).toMatch(/^You've hit kubia-[a-z0-9]{5}\n$/)
  })
})

describe('a Deployment', () => {
  it('rolls out, and answers as the nginx of its tag', async () => {
    expect(cluster.ok(['apply', '-f', seed('nginx-deployment.yaml')])).toBe('deployment.apps/nginx-deployment created\n')
    expect(cluster.ok('rollout status deployment/nginx-deployment --timeout=60s')).toContain(
      'deployment "nginx-deployment" successfully rolled out\n',
    )
    expect(table(cluster.ok('get deployment nginx-deployment'))[1]!.slice(0, 4)).toEqual(['nginx-deployment', '2/2', '2', '2'])
    const port = await freePort()
    const forward = cluster.start(['port-forward', 'deployment/nginx-deployment', `${port}:80`])
    await forward.until(`Forwarding from 127.0.0.1:${port} -> 80`)
    const page = await get(port)
    expect([page.code, page.server]).toEqual([200, 'nginx/1.7.9'])
    expect(page.text).toContain('<h1>Welcome to nginx!</h1>')
    expect((await get(port, '/missing')).code).toBe(404)
    await forward.stop()
  })

  it('updates by replacing its pods, and undoes the update', () => {
    expect(cluster.ok('set image deployment/nginx-deployment nginx=nginx:1.25')).toBe('deployment.apps/nginx-deployment image updated\n')
    expect(cluster.ok('rollout status deployment/nginx-deployment --timeout=60s')).toContain('successfully rolled out')
    expect(
      table(cluster.ok('rollout history deployment/nginx-deployment').split('\n').slice(1).join('\n'))
        .slice(1)
        .map((r) => r[0]),
    ).toEqual(['1', '2'])
    expect(cluster.ok('rollout undo deployment/nginx-deployment')).toBe('deployment.apps/nginx-deployment rolled back\n')
    expect(cluster.ok('rollout status deployment/nginx-deployment --timeout=60s')).toContain('successfully rolled out')
    expect(cluster.ok('get deployment nginx-deployment -o jsonpath={.spec.template.spec.containers[0].image}')).toBe('nginx:1.7.9')
  })

  it('scales, and takes its ReplicaSets and pods with it when it is deleted', () => {
    expect(cluster.ok('scale deployment nginx-deployment --replicas=4')).toBe('deployment.apps/nginx-deployment scaled\n')
    cluster.ok('wait --for=jsonpath={.status.readyReplicas}=4 deployment/nginx-deployment --timeout=60s')
    expect(cluster.ok('delete deployment nginx-deployment')).toBe('deployment.apps "nginx-deployment" deleted from default namespace\n')
    cluster.ok('wait --for=delete pod -l app=nginx --timeout=60s')
    expect(cluster.ok('get rs -o name')).toBe('')
  })
})

describe('what goes wrong', () => {
  it('an image that does not exist ends in ImagePullBackOff', () => {
    cluster.ok('run broken --image=nginx:no-such-tag')
    cluster.ok('wait --for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff pod/broken --timeout=60s')
    expect(cluster.ok('describe pod broken')).toMatch(
      /Failed to pull image "nginx:no-such-tag": .*docker\.io\/library\/nginx:no-such-tag: not found/,
    )
    cluster.ok('delete pod broken --now')
  })

  it('an image that was marked as missing fails to pull until it is not marked any more', () => {
    cluster.ok('-n kube-system create configmap drydock-images --from-literal=missing=redis:7.2')
    cluster.ok('run absent --image=redis:7.2')
    cluster.ok('wait --for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff pod/absent --timeout=60s')
    expect(cluster.ok('describe pod absent')).toContain('docker.io/library/redis:7.2')
    cluster.ok('-n kube-system delete configmap drydock-images')
    cluster.ok('delete pod absent --now')
    cluster.ok('run absent --image=redis:7.2')
    cluster.ok('wait --for=condition=Ready pod/absent --timeout=60s')
    cluster.ok('delete pod absent --now')
  })

  it('an image name that is not valid is told so', () => {
    // kubectl run looks at the name itself; a manifest reaches the kubelet.
    cluster.ok(
      'create -f -',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'invalid' },
        spec: { containers: [{ name: 'main', image: 'nginx:UPPER/lower' }] },
      }),
    )
    cluster.ok('wait --for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=InvalidImageName pod/invalid --timeout=60s')
    cluster.ok('delete pod invalid --now')
  })

  it('an unknown image runs a placeholder that listens on the declared port, and an event says so', async () => {
    cluster.ok('run stranger --image=example.com/team/app:v1 --port=9000')
    cluster.ok('wait --for=condition=Ready pod/stranger --timeout=60s')
    expect(
      cluster.ok(['get', 'events', '--field-selector', 'involvedObject.name=stranger', '-o', 'jsonpath={.items[*].message}']),
    ).toContain('placeholder')
    const port = await freePort()
    const forward: Running = cluster.start(['port-forward', 'stranger', `${port}:9000`])
    await forward.until('Forwarding from')
    expect((await get(port)).code).toBe(200)
    await forward.stop()
    cluster.ok('delete pod stranger --now')
  })

  it('a container that exits is restarted with growing pauses', () => {
    cluster.ok(['run', 'crash', '--image=busybox', '--', 'sh', '-c', 'echo once; exit 1'])
    cluster.ok('wait --for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff pod/crash --timeout=60s')
    expect(cluster.ok('logs crash --previous')).toBe('once\n')
    expect(Number(cluster.ok('get pod crash -o jsonpath={.status.containerStatuses[0].restartCount}'))).toBeGreaterThan(0)
    cluster.ok('delete pod crash --now')
  })

  it('a namespace takes everything in it along', () => {
    cluster.ok('create namespace short-lived')
    cluster.ok('-n short-lived create configmap settings --from-literal=a=1')
    cluster.ok('-n short-lived create deployment web --image=nginx --replicas=2')
    expect(cluster.ok('delete namespace short-lived')).toBe('namespace "short-lived" deleted\n')
    expect(cluster.kubectl('get namespace short-lived').stderr).toBe('Error from server (NotFound): namespaces "short-lived" not found\n')
  })
})

describe('what kubectl asks of the schema', () => {
  it('explain prints the fields of a kind', () => {
    const text = cluster.ok('explain deployment.spec.strategy.rollingUpdate')
    expect(text).toContain('GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n')
    expect(text).toContain('maxSurge\t<IntOrString>')
  })

  it('a manifest with an unknown field or a wrong type is refused', () => {
    const manifest = fs.readFileSync(seed('nginx-deployment.yaml'), 'utf8')
    const unknown = cluster.kubectl('create -f -', manifest.replace('replicas: 2', 'replicaz: 2'))
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toContain('strict decoding error: unknown field "spec.replicaz"')
    const wrong = cluster.kubectl('create -f -', manifest.replace('replicas: 2', 'replicas: two'))
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toContain('cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32')
  })
})
