/** Contexts that cannot be connected to: what is wrong in their kubeconfigs, and what the window says of it. */

export interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, unknown> }[]
  users: { name: string; user: Record<string, unknown> }[]
  contexts: { name: string; context: Record<string, unknown> }[]
  [field: string]: unknown
}

export const unreachable: { name: string; change: (c: Kubeconfig) => unknown; told: string | RegExp; advice: string }[] = [
  {
    name: 'wrong-token',
    change: (c) => (c.users[0]!.user = { token: 'wrong' }),
    told: 'Unauthorized',
    advice: 'The server did not accept the credentials. They may have expired.',
  },
  {
    name: 'nobody-there',
    change: (c) => (c.clusters[0]!.cluster.server = 'https://127.0.0.1:1'),
    told: 'The connection was refused: nothing listens there.',
    advice: 'The server refused the connection.',
  },
  {
    name: 'no-such-name',
    change: (c) => (c.clusters[0]!.cluster.server = 'https://no-such-host.invalid:6443'),
    told: /The server name cannot be resolved/,
    advice: 'No answer from the server. Check the network, the VPN and the server address.',
  },
  {
    name: 'no-authority',
    change: (c) => delete c.clusters[0]!.cluster['certificate-authority-data'],
    told: /signed by (itself|an authority)/,
    advice: 'The certificate of the server does not match the certificate authority in the kubeconfig.',
  },
  {
    name: 'no-plugin',
    change: (c) =>
      (c.users[0]!.user = {
        exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-credential-plugin', interactiveMode: 'Never' },
      }),
    told: 'no-such-credential-plugin',
    advice: 'The credential plugin that the kubeconfig names did not work.',
  },
  {
    name: 'no-proxy',
    change: (c) => (c.clusters[0]!.cluster['proxy-url'] = 'http://127.0.0.1:1'),
    told: 'The proxy 127.0.0.1:1 refused the connection: nothing listens there.',
    advice: 'The kubeconfig names this proxy in proxy-url, or the environment does.',
  },
  {
    name: 'torn-authority',
    change: (c) => (c.clusters[0]!.cluster['certificate-authority-data'] = 'bm90aGluZw=='),
    told: 'certificate-authority-data of the cluster holds no certificate in PEM.',
    advice: 'Correct the kubeconfig; it is read again at each try.',
  },
]
