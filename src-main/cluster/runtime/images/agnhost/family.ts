/**
 * registry.k8s.io/e2e-test-images/agnhost: the test image of Kubernetes, one program with many subcommands.
 * https://github.com/kubernetes/kubernetes/tree/master/test/images/agnhost
 */
import type { Process, Program } from '../../process.js'
import { coreutilsPrograms, networkPrograms } from '../../programs/catalogue.js'
import type { ImageFamily } from '../image.js'
import { Latch } from '../server-process.js'
import { coredns } from '../control-plane/coredns.js'
import { versionOf } from '../tags.js'
import { consumer } from '../e2e-test-images/resource-consumer.js'
import { consume } from '../vish-stress/family.js'
import { accountFiles } from '../accounts.js'
import { alpineTree, place } from '../userland.js'
import { fakeRegistryServer, registryFiles } from './fake-registry.js'
import { h2cServer } from './h2c-server.js'
import { httpEchoServer } from './http-echo.js'
import { inClusterClient } from './cluster-client.js'
import { auditProxy } from './audit-proxy.js'
import { connect, resolverFacts } from './connectivity.js'
import { grpcHealthChecking } from './grpc.js'
import { guestbook } from './guestbook.js'
import { issuerDiscovery } from './issuer-discovery.js'
import { mtlsClient, mtlsServer } from './mtls.js'
import { mounttest } from './mounttest.js'
import { net } from './net.js'
import { netexec } from './netexec.js'
import { nettest } from './nettest.js'
import { podCertificateSigner } from './pod-certificate-signer.js'
import { portForwardTester } from './portforward.js'
import { consumerController } from './consumer-controller.js'
import { conversionWebhook } from './conversion-webhook.js'
import { fakeGitserver, noSnatTest, noSnatTestProxy, tcpReset } from './small-servers.js'
import { webhook } from './webhook.js'
import { liveness, logsGenerator, porter, serveHostname, testWebserver } from './servers.js'

interface Subcommand {
  /** As `help` lists it. */
  readonly short: string
  run(process: Process, args: readonly string[]): Promise<number>
}

/** Says so and waits. Unlike other programs it tells the signals apart. */
async function pause(process: Process): Promise<number> {
  const end = new Latch<number>()
  process.onSignal('INT', () => end.open(1))
  process.onSignal('TERM', () => end.open(2))
  await process.write('Paused\n')
  return end.wait(process)
}

const stress: Subcommand['run'] = (process, args) =>
  consume(process, args, { allocating: 'stress.go:67', spawning: 'stress.go:80', allocated: 'stress.go:70' })

const subcommands: Readonly<Record<string, Subcommand>> = {
  'audit-proxy': { short: 'Listens on port 8080 for incoming audit events', run: auditProxy },
  connect: { short: 'Attempts a TCP, UDP or SCTP connection and returns useful errors', run: connect },
  'crd-conversion-webhook': { short: 'Starts HTTP server on port 443 for testing CustomResourceConversionWebhook', run: conversionWebhook },
  'dns-server-list': { short: "Prints the host's DNS Server list", run: (process) => resolverFacts(process, 'dns-server-list') },
  'dns-suffix': { short: "Prints the host's DNS suffix list", run: (process) => resolverFacts(process, 'dns-suffix') },
  'entrypoint-tester': {
    short: "Prints the args it's passed and exits",
    run: (process) => process.write(`[${process.argv.join(' ')}]\n`).then(() => 0),
  },
  'etc-hosts': { short: "Prints the host's /etc/hosts file", run: (process) => resolverFacts(process, 'etc-hosts') },
  'fake-gitserver': { short: 'Fakes a git server', run: fakeGitserver },
  'fake-registry-server': { short: 'Starts a fake registry server for testing', run: fakeRegistryServer },
  'grpc-health-checking': { short: 'Starts a simple grpc health checking endpoint', run: grpcHealthChecking },
  guestbook: { short: 'Creates a HTTP server with various endpoints representing a guestbook app', run: guestbook },
  'h2c-server': { short: 'Starts a simple HTTP/2 cleartext (h2c) server', run: h2cServer },
  help: { short: 'Help about any command', run: (process) => process.write(usage()).then(() => 0) },
  'http-echo': { short: 'Echoes back the HTTP request as a JSON', run: httpEchoServer },
  inclusterclient: { short: 'Periodically poll the Kubernetes "/healthz" endpoint', run: inClusterClient },
  liveness: { short: 'Starts a server that is alive for 10 seconds', run: liveness },
  'logs-generator': { short: 'Outputs lines of logs to stdout uniformly', run: logsGenerator },
  mounttest: {
    short: 'Creates files with given permissions and outputs FS type, owner, mode, permissions, contents of files',
    run: mounttest,
  },
  mtlsclient: { short: 'Client is configured to build mTLS with server', run: mtlsClient },
  mtlsserver: { short: "Server is configured to build mTLS with client and echo client's spiffe identity", run: mtlsServer },
  net: { short: 'Creates webserver or runner for various networking tests', run: net },
  netexec: { short: 'Creates HTTP(S), UDP, and (optionally) SCTP servers with various endpoints', run: netexec },
  nettest: { short: 'Starts a tiny web server for checking networking connectivity', run: nettest },
  'no-snat-test': { short: 'Creates the /checknosnat and /whoami endpoints', run: noSnatTest },
  'no-snat-test-proxy': { short: 'Creates a proxy for the /checknosnat endpoint', run: noSnatTestProxy },
  nonewprivs: {
    short: 'Prints the UID of the running process',
    run: (process) => process.write(`Effective uid: ${process.uid}\n`).then(() => 0),
  },
  pause: { short: 'Pauses the execution', run: pause },
  podcertificatesigner: { short: 'Sign PodCertificateRequests addressed to a given signer', run: podCertificateSigner },
  'port-forward-tester': { short: 'Creates a TCP server that sends chunks of data', run: portForwardTester },
  porter: { short: 'Serves requested data on ports specified in ENV variables', run: porter },
  'resource-consumer': {
    short: 'Starts a HTTP server for consuming CPU, memory, and custom metrics',
    run: async (process) => consumer(process),
  },
  'resource-consumer-controller': {
    short: 'Starts a HTTP server that spreads requests around resource consumers',
    run: consumerController,
  },
  'serve-hostname': { short: 'Serves the hostname', run: serveHostname },
  stress: { short: 'Lightweight compute resource stress utlity', run: stress },
  'tcp-reset': { short: 'Serves on a tcp port and RST any connections received', run: tcpReset },
  'test-service-account-issuer-discovery': { short: 'Tests the service account issuer discovery feature', run: issuerDiscovery },
  'test-webserver': { short: 'Starts an HTTP fileserver', run: testWebserver },
  webhook: {
    short: 'Starts a HTTP server, useful for testing MutatingAdmissionWebhook and ValidatingAdmissionWebhook',
    run: webhook,
  },
}

function usage(): string {
  const width = Math.max(...Object.keys(subcommands).map((name) => name.length))
  const lines = Object.entries(subcommands).map(([name, { short }]) => `  ${name.padEnd(width)} ${short}\n`)
  return `Usage:\n  app [command]\n\nAvailable Commands:\n${lines.join('')}\nUse "app [command] --help" for more information about a command.\n`
}

const program =
  (version: string): Program =>
  async (process) => {
    const [name, ...args] = process.argv.slice(1)
    if (name === '--version') return process.write(`app version ${version}\n`).then(() => 0)
    const subcommand = name === undefined || name === '--help' ? subcommands['help'] : subcommands[name]
    if (subcommand) return subcommand.run(process, args)
    return process.writeError(`Error: unknown command "${name}" for "app"\nRun 'app --help' for usage.\n`).then(() => 1)
  }

/** Who is in a group besides their own: for tests of supplemental groups. */
const USER_OF_TESTS = { name: 'user-defined-in-image', id: 1000 }

/** What it installs besides Alpine: bind-tools, curl, netcat-openbsd, iproute2. */
const PACKAGES = Object.fromEntries(
  Object.entries(networkPrograms).filter(([name]) => ['curl', 'dig', 'host', 'nslookup', 'nc', 'ip', 'ss'].includes(name)),
)

export const agnhost: ImageFamily = {
  repositories: [
    'registry.k8s.io/e2e-test-images/agnhost',
    'k8s.gcr.io/e2e-test-images/agnhost',
    'gcr.io/kubernetes-e2e-test-images/agnhost',
    'gcr.io/k8s-authenticated-test/agnhost',
  ],
  tags: Array.from({ length: 60 }, (_, n) => `2.${59 - n}`),
  tag(tag) {
    const found = versionOf(
      tag,
      Array.from({ length: 60 }, (_, minor) => [`2.${minor}`, 0] as const),
    )
    if (!found || tag === 'latest' || found.variant !== '') return undefined
    const version = found.version.replace(/\.0$/, '')
    return {
      entrypoint: ['/agnhost'],
      cmd: ['pause'],
      exposedPorts: [80, 8080, 8081, 9376],
      size: 51_000_000,
      baseMemory: 4_000_000,
      files: () => ({
        ...alpineTree('3.21.5', { accounts: [USER_OF_TESTS] }),
        '/etc/group': `${accountFiles('alpine', [USER_OF_TESTS])['/etc/group'] as string}group-defined-in-image:x:50000:user-defined-in-image\n`,
        ...place('/usr/bin', PACKAGES),
        ...place('/bin', { bash: coreutilsPrograms['bash']! }),
        '/agnhost': { program: program(version) },
        // For tests of DNS that bring their own Corefile.
        '/coredns': { program: coredns },
        // For tests that start it under another name.
        '/agnhost-2': { symlink: 'agnhost' },
        ...registryFiles(),
        '/uploads': { directory: true, mode: 0o777 },
      }),
    }
  },
}
