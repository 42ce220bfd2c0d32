import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import path from 'node:path'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'

/** Ingress, NetworkPolicy and Tunnels with kubectl, and this machine's own HTTP clients on the ports that were opened. */

let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const apply = (yaml: string): string => ok('apply -f -', yaml)
/** curl in the pod `client`. */
const curl = (...args: string[]): string => ok(['exec', 'client', '--', 'curl', '-s', ...args])

const tunnel = (name: string, spec: string): string =>
  `apiVersion: drydock.dev/v1\nkind: Tunnel\nmetadata: {name: ${name}}\nspec: ${spec}\n`
const ready = (name: string): string => ok(`wait tunnel/${name} --for=condition=Ready --timeout=30s`)

/** Asks an HTTP port of this machine: status and body. */
function get(port: number, host: string, options: https.RequestOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { request } = options.protocol === 'https:' ? https : http
    const req = request({ host: '127.0.0.1', port, headers: { Host: host }, agent: false, ...options }, (res) => {
      let body = ''
      res.on('data', (part) => (body += part))
      res.on('end', () => resolve(`${res.statusCode} ${body}`))
    })
    req.on('error', reject)
    req.end()
  })
}

/** A port of this machine that is free now. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
}

beforeAll(async () => {
  cluster = await TestCluster.start()
  ok('create deployment echo --image=hashicorp/http-echo -- /http-echo -listen=:5678 -text=echo')
  ok('expose deployment echo --port=80 --target-port=5678')
  ok('run client --image=curlimages/curl --command -- sleep 1000000')
  ok('wait --for=condition=Available deployment/echo --timeout=60s')
  ok('wait --for=condition=Ready pod/client --timeout=60s')
})
afterAll(() => cluster.stop())

describe('an Ingress', () => {
  beforeAll(() => {
    expect(ok('get namespaces -o name')).not.toContain('ingress-nginx')
    ok(['create', 'ingress', 'echo', '--class=nginx', '--rule=echo.test/*=echo:80', '--rule=*.wild.test/only=echo:80'])
    ok('wait ingress/echo --for=jsonpath={.status.loadBalancer.ingress[0].ip}=192.168.49.2 --timeout=60s')
  })

  it('brings the controller, which gives it an address and an event', () => {
    expect(ok('get ingressclass nginx --no-headers')).toMatch(/^nginx +k8s.io\/ingress-nginx +<none> +\S+\n$/)
    expect(ok('get ingress --no-headers')).toMatch(/^echo +nginx +echo.test,\*.wild.test +192.168.49.2 +80 +\S+\n$/)
    ok('rollout status deployment ingress-nginx-controller -n ingress-nginx --timeout=30s')
    expect(ok('get deployment -n ingress-nginx --no-headers')).toMatch(/^ingress-nginx-controller +1\/1 +1 +1 +\S+\n$/)
    expect(ok('describe ingress echo')).toMatch(/Normal +Sync +\S+ +nginx-ingress-controller +Scheduled for sync\n/)
  })

  it('is reached on the ports 80 and 443 of the node, by host and path', () => {
    expect(curl('http://192.168.49.2/', '-H', 'Host: echo.test')).toBe('echo\n')
    expect(curl('http://192.168.49.2/only', '-H', 'Host: a.wild.test')).toBe('echo\n')
    expect(curl('http://192.168.49.2/other', '-H', 'Host: a.wild.test')).toContain('<center><h1>404 Not Found</h1></center>')
    expect(curl('http://192.168.49.2/')).toContain('<hr><center>nginx</center>')
    expect(curl('-k', 'https://192.168.49.2/', '-H', 'Host: echo.test')).toBe('echo\n')
  })

  it('answers 503 while its Service has no endpoints', async () => {
    ok('scale deployment echo --replicas=0')
    ok('wait --for=delete pod -l app=echo --timeout=60s')
    // The controller hears of the pod's end a little later; until then it is 502.
    const status = (): string => curl('-o', '/dev/null', '-w', '%{http_code}', 'http://192.168.49.2/', '-H', 'Host: echo.test')
    await expect.poll(status, { timeout: 20_000 }).toBe('503')
    ok('scale deployment echo --replicas=1')
    ok('wait --for=condition=Available deployment/echo --timeout=60s')
  })

  it('serves TLS with the certificate of its Secret, by server name, through a tunnel of this machine', async () => {
    const key = path.join(cluster.directory, 'tls.key')
    const crt = path.join(cluster.directory, 'tls.crt')
    const request = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=tls.test',
      '-addext',
      'subjectAltName=DNS:tls.test',
    ]
    execFileSync('openssl', [...request, '-keyout', key, '-out', crt], { stdio: 'ignore' })
    ok(`create secret tls web-tls --cert=${crt} --key=${key}`)
    ok(['create', 'ingress', 'secure', '--class=nginx', '--rule=tls.test/*=echo:80,tls=web-tls'])
    ok('wait ingress/secure --for=jsonpath={.status.loadBalancer.ingress[0].ip}=192.168.49.2 --timeout=60s')
    apply(tunnel('secure', '{ingress: secure}'))
    ready('secure')
    const [plain, secure] = ok('get tunnel secure -o jsonpath={.status.ports[*].localPort}').split(' ').map(Number)
    expect(await get(plain!, 'tls.test')).toContain('308 ')
    const ca = fs.readFileSync(crt)
    expect(await get(secure!, 'tls.test', { protocol: 'https:', servername: 'tls.test', ca })).toBe('200 echo\n')
    const issuer = await new Promise((resolve) => {
      const socket = tls.connect({ host: '127.0.0.1', port: secure!, servername: 'other.test', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().issuer.CN)
        socket.destroy()
      })
    })
    expect(issuer).toBe('Kubernetes Ingress Controller Fake Certificate')
  })

  it('rewrites paths', () => {
    ok('create deployment who --image=traefik/whoami')
    ok('expose deployment who --port=80')
    ok('wait --for=condition=Available deployment/who --timeout=60s')
    ok([
      'create',
      'ingress',
      'rewrite',
      '--class=nginx',
      '--annotation=nginx.ingress.kubernetes.io/rewrite-target=/$2',
      '--annotation=nginx.ingress.kubernetes.io/use-regex=true',
      '--rule=rewrite.test/api(/|$)(.*)=who:80',
    ])
    ok('wait ingress/rewrite --for=jsonpath={.status.loadBalancer.ingress[0].ip}=192.168.49.2 --timeout=60s')
    expect(curl('http://192.168.49.2/api/v1?q=1', '-H', 'Host: rewrite.test')).toContain('\nGET /v1?q=1 HTTP/1.1\nHost: rewrite.test\n')
  })
})

describe('a NetworkPolicy', () => {
  it('lets connections time out until it allows them', () => {
    const policy = (ingress: string): string =>
      `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: echo}\nspec: {podSelector: {matchLabels: {app: echo}}, ingress: ${ingress}}\n`
    apply(policy('[]'))
    expect(cluster.kubectl('exec client -- curl -s -m 2 http://echo').code).toBe(28)
    apply(policy('[{from: [{podSelector: {matchLabels: {run: client}}}], ports: [{port: 5678}]}]'))
    expect(curl('-m', '30', 'http://echo')).toBe('echo\n')
    // The controller is in another namespace.
    expect(curl('-o', '/dev/null', '-w', '%{http_code}', 'http://192.168.49.2/', '-H', 'Host: echo.test')).toBe('504')
    ok('delete networkpolicy echo')
  })
})

describe('a Tunnel', () => {
  it('gives a load balancer an address of this machine until it is deleted', async () => {
    const port = await freePort()
    ok(`expose deployment echo --name=balanced --type=LoadBalancer --port=${port} --target-port=5678`)
    expect(ok('get service balanced --no-headers')).toMatch(/ <pending> +/)
    apply(tunnel('balanced', '{service: balanced}'))
    ready('balanced')
    ok('wait service/balanced --for=jsonpath={.status.loadBalancer.ingress[0].ip}=127.0.0.1 --timeout=30s')
    expect(await get(port, '127.0.0.1')).toBe('200 echo\n')
    expect(ok('get tunnel balanced --no-headers')).toMatch(
      new RegExp(`^balanced +service/balanced +http://127.0.0.1:${port} +True +Listening +\\S+\n$`),
    )
    ok('delete tunnel balanced')
    await expect.poll(() => ok('get service balanced --no-headers'), { timeout: 10_000 }).toMatch(/ <pending> +/)
    await expect(get(port, '127.0.0.1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('leads to a node port, and counts what passed', async () => {
    ok('expose deployment echo --name=node --type=NodePort --port=80 --target-port=5678')
    const nodePort = ok('get service node -o jsonpath={.spec.ports[0].nodePort}')
    apply(tunnel('node', `{nodePort: ${nodePort}, localPort: ${await freePort()}}`))
    ready('node')
    expect(await get(Number(ok('get tunnel node -o jsonpath={.status.ports[0].localPort}')), 'x')).toBe('200 echo\n')
    ok('wait tunnel/node --for=jsonpath={.status.connections}=0 --timeout=30s')
    await expect.poll(() => Number(ok('get tunnel node -o jsonpath={.status.bytesReceived}')), { timeout: 10_000 }).toBeGreaterThan(100)
  })

  it('says why it does not listen', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as net.AddressInfo
    apply(tunnel('taken', `{service: echo, localPort: ${port}}`))
    ok('wait tunnel/taken --for=condition=Ready=False --timeout=30s')
    expect(ok('get tunnel taken -o jsonpath={.status.conditions[0].reason}:{.status.conditions[0].message}')).toBe(
      `PortInUse:port ${port} of 127.0.0.1 is in use by another program of this machine`,
    )
    taken.close()
    ready('taken')
    ok('delete tunnel taken')
    expect(cluster.kubectl('apply -f -', tunnel('both', '{service: a, ingress: b}')).stderr).toBe(
      'The Tunnel "both" is invalid: spec.ingress: Forbidden: may not be specified when `service` is\n',
    )
  })

  it('is closed with the cluster and open again, on the same port, after a restart', async () => {
    apply(tunnel('kept', '{service: echo}'))
    ready('kept')
    const port = Number(ok('get tunnel kept -o jsonpath={.status.ports[0].localPort}'))
    await cluster.stop({ keep: true })
    await expect(get(port, 'x')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    cluster = await TestCluster.start({ directory: cluster.directory })
    await expect.poll(() => get(port, 'x').catch((error) => error.code), { timeout: 30_000 }).toBe('200 echo\n')
    expect(ok('get tunnel kept -o jsonpath={.status.ports[0].localPort}')).toBe(String(port))
  })
})

describe("ingress-nginx' own manifest for clouds", () => {
  it('is installed with its Jobs, and has its address once a tunnel leads to its load balancer', async () => {
    const own = await TestCluster.start({ args: ['--nodes', '1', '--speed', '10'] })
    try {
      const run = (args: string, input?: string): string => own.ok(args, input)
      run(`apply -f ${path.resolve(import.meta.dirname, '../data/ingress-nginx.yaml')}`)
      run('create ingress any --class=nginx --rule=any.test/*=none:80')
      run('rollout status deployment/ingress-nginx-controller -n ingress-nginx --timeout=60s')
      for (const job of ['create', 'patch'])
        run(`wait job/ingress-nginx-admission-${job} -n ingress-nginx --for=condition=Complete --timeout=60s`)
      expect(run('get validatingwebhookconfiguration ingress-nginx-admission -o jsonpath={.webhooks[0].clientConfig.caBundle}')).toBe(
        run('get secret ingress-nginx-admission -n ingress-nginx -o jsonpath={.data.ca}'),
      )
      expect(run('get ingress any --no-headers')).toMatch(/^any +nginx +any.test +80 +\S+\n$/)
      run('apply -n ingress-nginx -f -', tunnel('lb', '{service: ingress-nginx-controller}'))
      run('wait ingress/any --for=jsonpath={.status.loadBalancer.ingress[0].ip}=127.0.0.1 --timeout=60s')
      const port = Number(run('get tunnel lb -n ingress-nginx -o jsonpath={.status.ports[0].localPort}'))
      expect(await get(port, 'any.test')).toContain('503 ')
    } finally {
      await own.stop()
    }
  })
})
