import { UserMinus, UserPlus } from '@lucide/vue'
import type { KubeObject } from '../../stores/object.js'
import { formAction, on, type Action, type Values } from '../action.js'
import { kubectl, slashName } from '../kubectl.js'
import { mergePatch } from '../patch.js'

/** A subject of a RoleBinding or ClusterRoleBinding. */
interface Subject {
  kind: string
  name: string
  apiGroup?: string
  namespace?: string
}

const bindings = on('rolebindings.rbac.authorization.k8s.io', 'clusterrolebindings.rbac.authorization.k8s.io')
const subjectsOf = (o: KubeObject | null): Subject[] => (o as { subjects?: Subject[] } | null)?.subjects ?? []
/** As a choice: `User jane`, `ServiceAccount shop:robot`. */
const textOf = (s: Subject): string => `${s.kind} ${s.kind === 'ServiceAccount' ? `${s.namespace ?? ''}:` : ''}${s.name}`

function subjectOf(v: Values): Subject {
  const name = String(v.name ?? '').trim()
  return v.subjectKind === 'ServiceAccount'
    ? { kind: 'ServiceAccount', name, namespace: String(v.accountNamespace ?? '').trim() }
    : { kind: String(v.subjectKind), name, apiGroup: 'rbac.authorization.k8s.io' }
}
const flag: Record<string, string> = { User: '--user', Group: '--group', ServiceAccount: '--serviceaccount' }

/** Who has the role of a binding. */
export const subjectActions: Action[] = [
  formAction({
    id: 'add-subject',
    label: 'addSubject',
    icon: UserPlus,
    group: true,
    applies: bindings,
    needs: [{ verb: 'patch' }],
    form: {
      fields: () => [
        { id: 'subjectKind', type: 'select', options: ['User', 'Group', 'ServiceAccount'] },
        { id: 'name', type: 'text' },
        { id: 'accountNamespace', type: 'text', label: 'namespace', show: (v) => v.subjectKind === 'ServiceAccount' },
      ],
      initial: ({ targets: [target] }) => ({ subjectKind: 'User', name: '', accountNamespace: target?.ref.namespace ?? 'default' }),
      problem: (v, { object }) => (subjectsOf(object).some((s) => textOf(s) === textOf(subjectOf(v))) ? 'hasSubject' : undefined),
      command: (v, { targets: [target] }) => {
        const s = subjectOf(v)
        const who = s.kind === 'ServiceAccount' ? `${s.namespace}:${s.name}` : s.name
        return kubectl(target!, 'set', 'subject', slashName(target!), `${flag[s.kind]}=${who}`)
      },
      run: (target, v, object) => mergePatch(target, { subjects: [...subjectsOf(object), subjectOf(v)] }, object),
    },
  }),
  formAction({
    id: 'remove-subject',
    label: 'removeSubject',
    icon: UserMinus,
    applies: bindings,
    needs: [{ verb: 'patch' }],
    fits: (o) => subjectsOf(o).length > 0,
    form: {
      text: 'removeSubject',
      fields: ({ object }) => [{ id: 'subject', type: 'select', options: subjectsOf(object).map(textOf) }],
      initial: ({ object }) => ({ subject: subjectsOf(object).map(textOf)[0] ?? '' }),
      problem: (v, { object }) => (subjectsOf(object).some((s) => textOf(s) === v.subject) ? undefined : 'missing'),
      command: (v, { targets: [target], object }) => {
        const at = subjectsOf(object).findIndex((s) => textOf(s) === v.subject)
        return kubectl(target!, 'patch', slashName(target!), '--type=json', '-p', `[{"op":"remove","path":"/subjects/${at}"}]`)
      },
      run: (target, v, object) => mergePatch(target, { subjects: subjectsOf(object).filter((s) => textOf(s) !== v.subject) }, object),
    },
  }),
]
