import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect } from './rules/checks.js'
import { column, containerColumns, nameColumn } from './rules/columns.js'
import { setTemplateDefaults, validateTemplate } from './rules/pod-template.js'
import { podTemplateWarnings } from './rules/pod-warnings.js'
import { formatLabels } from './rules/selectors.js'
import { semanticEqual } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

export type PodTemplate = Wire<k8s.V1PodTemplate> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-template-v1/ */
export const podTemplate: Kind<PodTemplate> = {
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  singular: 'podtemplate',
  namespaced: true,
  model: 'V1PodTemplate',
  generational: true,
  changesGeneration: (object, old) => !semanticEqual(object.template, old.template),

  setDefaults: (object) => setTemplateDefaults((object.template ??= {})),
  validate: ({ template }) => collect((errors) => validateTemplate(template, 'template', errors)),

  warnings: ({ template }) => podTemplateWarnings(template, 'template'),

  columns: [
    nameColumn(),
    ...containerColumns<PodTemplate>((o) => o.template?.spec?.containers, false),
    column('Pod Labels', 'The labels for the pod template.', (o) => formatLabels(o.template?.metadata?.labels)),
  ],
}
