import { BadgeCheck, BadgeX, FileKey, KeyRound } from '@lucide/vue'
import { backend } from '../../app/rpc.js'
import { useContexts } from '../../stores/contexts.js'
import type { Target } from '../../stores/dialogs.js'
import type { KubeObject } from '../../stores/object.js'
import { formAction, on, type Action } from '../action.js'
import { kubectl, kubectlOn, quote } from '../kubectl.js'

interface CsrCondition {
  type: string
}
const undecided = (o: KubeObject) => !(o.status?.conditions ?? []).some((c: CsrCondition) => c.type === 'Approved' || c.type === 'Denied')

/** Approves or denies a CertificateSigningRequest, as `kubectl certificate` does. */
function decide(type: 'Approved' | 'Denied') {
  return async ({ context, ref }: Target, _v: unknown, object: KubeObject): Promise<void> => {
    const lastUpdateTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
    const condition = {
      type,
      status: 'True',
      reason: type === 'Approved' ? 'DrydockApprove' : 'DrydockDeny',
      message: type === 'Approved' ? 'This CSR was approved in Drydock.' : 'This CSR was denied in Drydock.',
      lastUpdateTime,
    }
    await backend.call('objects.subresource', {
      context,
      ref,
      subresource: 'approval',
      verb: 'update',
      object: { ...object, status: { ...object.status, conditions: [...(object.status?.conditions ?? []), condition] } },
    })
  }
}

const DURATIONS = ['10m', '1h', '8h', '24h'] as const
/** Asks for a token of a ServiceAccount; `duration` is one of {@link DURATIONS}. */
async function requestToken({ context, ref }: Target, duration: string, audience: string): Promise<string> {
  const answer = (await backend.call('objects.subresource', {
    context,
    ref,
    subresource: 'token',
    verb: 'create',
    object: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        expirationSeconds: Number.parseInt(duration, 10) * (duration.endsWith('m') ? 60 : 3600),
        audiences: audience ? [audience] : [],
      },
    },
  })) as { status?: { token?: string } }
  return answer.status?.token ?? ''
}
const tokenCommand = (target: Target, duration: string, audience = ''): string =>
  kubectl(target, 'create', 'token', target.ref.name, `--duration=${duration}`, ...(audience ? [`--audience=${audience}`] : []))

/** Writes the kubeconfig to `NAME.kubeconfig`, which nobody else can read: kubectl sees to that. */
function accountCommand(target: Target, duration: string): string {
  const { namespace = '', name } = target.ref
  const file = `${name}.kubeconfig`
  const config = (...words: string[]) => ['kubectl', 'config', '--kubeconfig', file, ...words].map(quote).join(' ')
  const root = kubectl(target, 'get', 'configmap', 'kube-root-ca.crt', '-o', 'jsonpath={.data.ca\\.crt}')
  const server = useContexts().get(target.context)?.server ?? ''
  return [
    `${root} | ${config('set-cluster', 'cluster', `--server=${server}`, '--certificate-authority=/dev/stdin', '--embed-certs')}`,
    `${config('set-credentials', name)} --token="$(${tokenCommand(target, duration)})"`,
    config('set-context', `${name}@cluster`, '--cluster=cluster', `--user=${name}`, `--namespace=${namespace}`),
    config('use-context', `${name}@cluster`),
  ].join('\n')
}

/** A kubeconfig in JSON, which is YAML, for whoever acts with this token. The CA is what the cluster gives to its pods. */
export function accountKubeconfig(account: { server: string; ca: string; namespace: string; name: string; token: string }): string {
  const { server, ca, namespace, name, token } = account
  const cluster = { server, ...(ca ? { 'certificate-authority-data': btoa(ca) } : {}) }
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'cluster', cluster }],
      users: [{ name, user: { token } }],
      contexts: [{ name: `${name}@cluster`, context: { cluster: 'cluster', user: name, namespace } }],
      'current-context': `${name}@cluster`,
    },
    null,
    2,
  )
}

/** Actions on ServiceAccounts and CertificateSigningRequests. */
export const accessActions: Action[] = [
  formAction({
    id: 'token',
    label: 'token',
    icon: KeyRound,
    group: true,
    applies: on('serviceaccounts'),
    needs: [{ verb: 'create', subresource: 'token' }],
    form: {
      text: 'token',
      fields: () => [
        { id: 'duration', type: 'select', options: DURATIONS },
        { id: 'audience', type: 'text', optional: true, hint: 'audience' },
      ],
      initial: () => ({ duration: '1h', audience: '' }),
      command: (v, { targets: [target] }) => tokenCommand(target!, v.duration, v.audience),
      run: async (target, v) => ({ result: await requestToken(target, v.duration, v.audience) }),
    },
  }),
  formAction({
    id: 'account-kubeconfig',
    label: 'accountKubeconfig',
    icon: FileKey,
    applies: on('serviceaccounts'),
    needs: [{ verb: 'create', subresource: 'token' }],
    form: {
      text: 'accountKubeconfig',
      fields: () => [{ id: 'duration', type: 'select', options: DURATIONS }],
      initial: () => ({ duration: '1h' }),
      command: (v, { targets: [target] }) => accountCommand(target!, v.duration),
      run: async (target, v) => {
        const { context, ref } = target
        const namespace = ref.namespace ?? ''
        const root = { group: '', version: 'v1', resource: 'configmaps', namespace, name: 'kube-root-ca.crt' }
        const map = (await backend.call('objects.get', { context, ref: root })) as { data?: Record<string, string> }
        const token = await requestToken(target, v.duration, '')
        const server = useContexts().get(context)?.server ?? ''
        return { result: accountKubeconfig({ server, ca: map.data?.['ca.crt'] ?? '', namespace, name: ref.name, token }) }
      },
    },
  }),
  formAction({
    id: 'approve',
    label: 'approve',
    icon: BadgeCheck,
    group: true,
    many: true,
    applies: on('certificatesigningrequests.certificates.k8s.io'),
    needs: [{ verb: 'update', subresource: 'approval' }],
    fits: undecided,
    form: {
      text: 'approve',
      command: (_v, { targets }) => kubectlOn(targets, (group) => ['certificate', 'approve', ...group.map((t) => t.ref.name)]),
      run: decide('Approved'),
    },
  }),
  formAction({
    id: 'deny',
    label: 'deny',
    icon: BadgeX,
    many: true,
    danger: true,
    applies: on('certificatesigningrequests.certificates.k8s.io'),
    needs: [{ verb: 'update', subresource: 'approval' }],
    fits: undecided,
    form: {
      text: 'deny',
      command: (_v, { targets }) => kubectlOn(targets, (group) => ['certificate', 'deny', ...group.map((t) => t.ref.name)]),
      run: decide('Denied'),
    },
  }),
]
