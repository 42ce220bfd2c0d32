import { BadgeCheck, BadgeX, KeyRound } from '@lucide/vue'
import { backend } from '../../app/rpc.js'
import type { Target } from '../../stores/dialogs.js'
import type { KubeObject } from '../../stores/object.js'
import { formAction, on, type Action } from '../action.js'
import { kubectl } from '../kubectl.js'

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
        { id: 'duration', type: 'select', options: ['10m', '1h', '8h', '24h'] },
        { id: 'audience', type: 'text', optional: true, hint: 'audience' },
      ],
      initial: () => ({ duration: '1h', audience: '' }),
      command: (v, { targets: [target] }) =>
        kubectl(
          target!,
          'create',
          'token',
          target!.ref.name,
          `--duration=${v.duration}`,
          ...(v.audience ? [`--audience=${v.audience}`] : []),
        ),
      run: async ({ context, ref }, v) => {
        const seconds = Number.parseInt(v.duration, 10) * (v.duration.endsWith('m') ? 60 : 3600)
        const answer = (await backend.call('objects.subresource', {
          context,
          ref,
          subresource: 'token',
          verb: 'create',
          object: {
            apiVersion: 'authentication.k8s.io/v1',
            kind: 'TokenRequest',
            spec: { expirationSeconds: seconds, audiences: v.audience ? [v.audience] : [] },
          },
        })) as { status?: { token?: string } }
        return { result: answer.status?.token ?? '' }
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
      command: (_v, { targets }) => kubectl(targets[0]!, 'certificate', 'approve', ...targets.map((t) => t.ref.name)),
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
      command: (_v, { targets }) => kubectl(targets[0]!, 'certificate', 'deny', ...targets.map((t) => t.ref.name)),
      run: decide('Denied'),
    },
  }),
]
