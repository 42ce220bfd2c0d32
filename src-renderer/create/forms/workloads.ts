import { identity, labels, type Form } from './form.js'
import { followName, podTemplate } from './pod-template.js'

export const deployment: Form = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  sections: [
    identity({ id: 'replicas', path: ['spec', 'replicas'], type: 'number', min: 0, placeholder: '1' }, labels),
    ...podTemplate(['spec', 'template', 'spec']),
    {
      id: 'rollout',
      folded: true,
      fields: [
        {
          id: 'strategy',
          path: ['spec', 'strategy', 'type'],
          type: 'select',
          options: ['RollingUpdate', 'Recreate'],
          standard: 'RollingUpdate',
        },
        {
          id: 'maxSurge',
          path: ['spec', 'strategy', 'rollingUpdate', 'maxSurge'],
          type: 'intOrString',
          placeholder: '25%',
          when: (o) => o?.spec?.strategy?.type !== 'Recreate',
        },
        {
          id: 'maxUnavailable',
          path: ['spec', 'strategy', 'rollingUpdate', 'maxUnavailable'],
          type: 'intOrString',
          placeholder: '25%',
          when: (o) => o?.spec?.strategy?.type !== 'Recreate',
        },
        { id: 'minReadySeconds', path: ['spec', 'minReadySeconds'], type: 'number', min: 0, placeholder: '0' },
        { id: 'revisionHistoryLimit', path: ['spec', 'revisionHistoryLimit'], type: 'number', min: 0, placeholder: '10' },
        { id: 'progressDeadline', path: ['spec', 'progressDeadlineSeconds'], type: 'number', min: 1, placeholder: '600' },
      ],
    },
  ],
  follow: (o, path, value) =>
    followName(o, path, value, [
      ['metadata', 'labels'],
      ['spec', 'selector', 'matchLabels'],
      ['spec', 'template', 'metadata', 'labels'],
    ]),
}

const jobFields = (spec: (string | number)[]) =>
  [
    { id: 'completions', path: [...spec, 'completions'], type: 'number', min: 0, placeholder: '1' },
    { id: 'parallelism', path: [...spec, 'parallelism'], type: 'number', min: 0, placeholder: '1' },
    { id: 'completionMode', path: [...spec, 'completionMode'], type: 'select', options: ['NonIndexed', 'Indexed'], standard: 'NonIndexed' },
    { id: 'backoffLimit', path: [...spec, 'backoffLimit'], type: 'number', min: 0, placeholder: '6' },
    { id: 'activeDeadline', path: [...spec, 'activeDeadlineSeconds'], type: 'number', min: 1 },
    { id: 'ttl', path: [...spec, 'ttlSecondsAfterFinished'], type: 'number', min: 0 },
  ] as const

const once = ['Never', 'OnFailure']

export const job: Form = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  sections: [
    identity(labels),
    { id: 'job', fields: [...jobFields(['spec']), { id: 'suspend', path: ['spec', 'suspend'], type: 'check' }] },
    ...podTemplate(['spec', 'template', 'spec'], once),
  ],
}

export const cronJob: Form = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  sections: [
    identity(),
    {
      id: 'schedule',
      fields: [
        { id: 'schedule', path: ['spec', 'schedule'], type: 'schedule', required: true, wide: true },
        { id: 'timeZone', path: ['spec', 'timeZone'], type: 'text', placeholder: 'Etc/UTC' },
        {
          id: 'concurrencyPolicy',
          path: ['spec', 'concurrencyPolicy'],
          type: 'select',
          options: ['Allow', 'Forbid', 'Replace'],
          standard: 'Allow',
        },
        { id: 'startingDeadline', path: ['spec', 'startingDeadlineSeconds'], type: 'number', min: 0 },
        { id: 'suspend', path: ['spec', 'suspend'], type: 'check' },
        { id: 'successfulHistory', path: ['spec', 'successfulJobsHistoryLimit'], type: 'number', min: 0, placeholder: '3' },
        { id: 'failedHistory', path: ['spec', 'failedJobsHistoryLimit'], type: 'number', min: 0, placeholder: '1' },
      ],
    },
    ...podTemplate(['spec', 'jobTemplate', 'spec', 'template', 'spec'], once),
    { id: 'job', folded: true, fields: jobFields(['spec', 'jobTemplate', 'spec']) },
  ],
}

export const autoscaler: Form = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  sections: [
    identity(),
    {
      id: 'scaling',
      fields: [
        { id: 'scaleTarget', path: ['spec', 'scaleTargetRef'], type: 'workload', required: true, wide: true },
        { id: 'minReplicas', path: ['spec', 'minReplicas'], type: 'number', min: 0, placeholder: '1' },
        { id: 'maxReplicas', path: ['spec', 'maxReplicas'], type: 'number', min: 1, required: true },
      ],
    },
    {
      id: 'metrics',
      fields: [
        {
          id: 'metrics',
          path: ['spec', 'metrics'],
          type: 'list',
          wide: true,
          bare: true,
          item: () => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }),
          title: (m, i) => String(m?.resource?.name ?? m?.type ?? i + 1),
          fields: [
            { id: 'resource', path: ['resource', 'name'], type: 'select', options: ['cpu', 'memory'] },
            { id: 'metricTarget', path: ['resource', 'target', 'type'], type: 'select', options: ['Utilization', 'AverageValue'] },
            {
              id: 'averageUtilization',
              path: ['resource', 'target', 'averageUtilization'],
              type: 'number',
              min: 1,
              placeholder: '80',
              when: (m) => m?.resource?.target?.type !== 'AverageValue',
            },
            {
              id: 'averageValue',
              path: ['resource', 'target', 'averageValue'],
              type: 'text',
              mono: true,
              placeholder: '500Mi',
              when: (m) => m?.resource?.target?.type === 'AverageValue',
            },
          ],
        },
      ],
    },
    {
      id: 'behaviour',
      folded: true,
      fields: [
        { id: 'upWindow', path: ['spec', 'behavior', 'scaleUp', 'stabilizationWindowSeconds'], type: 'number', min: 0, placeholder: '0' },
        {
          id: 'downWindow',
          path: ['spec', 'behavior', 'scaleDown', 'stabilizationWindowSeconds'],
          type: 'number',
          min: 0,
          placeholder: '300',
        },
      ],
    },
  ],
}
