import { CirclePause, CirclePlay, Play, RotateCcw } from '@lucide/vue'
import { backend } from '../../app/rpc.js'
import type { Target } from '../../stores/dialogs.js'
import type { KubeObject } from '../../stores/object.js'
import { formAction, on, type Action, type Outcome, type Values } from '../action.js'
import { kubectl, kubectlOn, names, quote, slashName } from '../kubectl.js'
import { mergePatch, nameSuffix } from '../patch.js'

const JOBS = { group: 'batch', version: 'v1', resource: 'jobs' }
const finished = (o: KubeObject) =>
  (o.status?.conditions ?? []).some(
    (c: { type: string; status: string }) => /^(Complete|Completed|Failed)$/.test(c.type) && c.status === 'True',
  )

async function createJob(target: Target, name: string, metadata: object, spec: object): Promise<Outcome> {
  const where = target.ref.namespace ? { namespace: target.ref.namespace } : {}
  await backend.call('objects.create', {
    context: target.context,
    resource: { ...JOBS, ...where },
    object: { apiVersion: 'batch/v1', kind: 'Job', metadata: { ...metadata, name, ...where }, spec },
  })
  return {
    undo: () => backend.call('objects.delete', { context: target.context, ref: { ...JOBS, ...where, name }, propagation: 'Background' }),
  }
}

/** A Job from a CronJob's template, as `kubectl create job --from` makes it. */
export function jobFromCronJob(cron: KubeObject): { metadata: object; spec: object } {
  const template = cron.spec?.jobTemplate ?? {}
  return {
    metadata: {
      ...(template.metadata?.labels ? { labels: template.metadata.labels } : {}),
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...template.metadata?.annotations },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: cron.metadata.name, uid: cron.metadata.uid, controller: true }],
    },
    spec: template.spec ?? {},
  }
}

/** A Job like another one: without its selector and the labels by which its controller knew its pods. */
export function jobAgain(job: KubeObject): { metadata: object; spec: object } {
  const own = /^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/
  const without = (labels: Record<string, string> = {}) => Object.fromEntries(Object.entries(labels).filter(([k]) => !own.test(k)))
  const { selector: _s, manualSelector: _m, suspend: _p, ...spec } = job.spec ?? {}
  return {
    metadata: { labels: without(job.metadata.labels) },
    spec: {
      ...spec,
      template: { ...spec.template, metadata: { ...spec.template?.metadata, labels: without(spec.template?.metadata?.labels) } },
    },
  }
}

const suspendWords = (suspend: boolean) => ['--type=merge', '-p', JSON.stringify({ spec: { suspend } })]

/** Actions on CronJobs and Jobs. */
export const jobActions: Action[] = [
  formAction({
    id: 'trigger',
    label: 'trigger',
    icon: Play,
    group: true,
    applies: on('cronjobs.batch'),
    needs: [{ verb: 'create', resource: JOBS }],
    form: {
      text: 'trigger',
      fields: () => [{ id: 'name', type: 'text' }],
      initial: ({ targets: [target] }) => ({ name: `${target?.ref.name.slice(0, 46)}-manual-${nameSuffix()}` }),
      command: (v, { targets: [target] }) =>
        kubectl(target!, 'create', 'job', v.name, `--from=${slashName(target!).replace('.batch', '')}`),
      run: (target, v, cron) => {
        const { metadata, spec } = jobFromCronJob(cron)
        return createJob(target, v.name, metadata, spec)
      },
    },
  }),
  formAction({
    id: 'rerun',
    label: 'rerun',
    icon: RotateCcw,
    group: true,
    applies: on('jobs.batch'),
    needs: [{ verb: 'create', resource: JOBS }],
    form: {
      text: 'rerun',
      fields: () => [{ id: 'name', type: 'text' }],
      initial: ({ targets: [target] }) => ({ name: `${target?.ref.name.replace(/-again-\w{5}$/, '').slice(0, 46)}-again-${nameSuffix()}` }),
      command: rerunCommand,
      run: (target, v, job) => {
        const { metadata, spec } = jobAgain(job)
        return createJob(target, v.name, metadata, spec)
      },
    },
  }),
  formAction({
    id: 'suspend',
    label: 'suspend',
    icon: CirclePause,
    many: true,
    applies: on('cronjobs.batch', 'jobs.batch', 'jobsets.jobset.x-k8s.io'),
    needs: [{ verb: 'patch' }],
    fits: (o) => !o.spec?.suspend && !finished(o),
    form: {
      text: 'suspend',
      command: (_v, { targets }) => kubectlOn(targets, (group) => ['patch', ...names(group), ...suspendWords(true)]),
      run: (target, _v, object) => mergePatch(target, { spec: { suspend: true } }, object),
    },
  }),
  formAction({
    id: 'unsuspend',
    label: 'unsuspend',
    icon: CirclePlay,
    many: true,
    applies: on('cronjobs.batch', 'jobs.batch', 'jobsets.jobset.x-k8s.io'),
    needs: [{ verb: 'patch' }],
    fits: (o) => o.spec?.suspend === true,
    form: {
      command: (_v, { targets }) => kubectlOn(targets, (group) => ['patch', ...names(group), ...suspendWords(false)]),
      run: (target, _v, object) => mergePatch(target, { spec: { suspend: false } }, object),
    },
  }),
]

/** kubectl has no command of its own for this: the Job is read, stripped as {@link jobAgain} does it, and created. */
function rerunCommand(v: Values, { targets: [target] }: { targets: readonly Target[] }): string {
  const program = [
    'def own: with_entries(select(.key | test("^(batch.kubernetes.io/)?(controller-uid|job-name)$") | not));',
    `.metadata = {name: ${JSON.stringify(v.name)}, namespace: .metadata.namespace, labels: (.metadata.labels // {} | own)}`,
    '| .spec.template.metadata.labels |= (. // {} | own)',
    '| del(.status, .spec.selector, .spec.manualSelector, .spec.suspend)',
  ].join(' ')
  return `${kubectl(target!, 'get', slashName(target!), '-o', 'json')} | jq ${quote(program)} | ${kubectl(target!, 'create', '-f', '-')}`
}
