import type { Kind } from './kind.js'
import { field } from '../errors.js'
import { FLOW_SCHEMAS, mandatorySpec } from '../flowcontrol/configuration.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { validateFlowConditions, validateFlowSchema } from './rules/flow-schema.js'
import { items, semanticEqual } from './rules/sent.js'
import { serverForm } from './rules/server-form.js'
import { keepStatus, OWN_METADATA, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type FlowSchema = Wire<k8s.V1FlowSchema> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ */
export const flowSchema: Kind<FlowSchema> = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  singular: 'flowschema',
  namespaced: false,
  model: 'V1FlowSchema',
  generational: true,

  setDefaults({ spec }) {
    if (spec) spec.matchingPrecedence ||= 1000
  },
  prepareForCreate: (object) => void (object.status = {}),
  prepareForUpdate: keepStatus,
  validate: ({ metadata, spec }) =>
    collect((errors) => {
      validateFlowSchema(metadata.name, spec ?? {}, errors)
      const fixed = mandatorySpec(FLOW_SCHEMAS, metadata.name)
      if (fixed && !semanticEqual(spec, fixed))
        errors.push(field.invalid('spec', serverForm('FlowSchemaSpec', spec), `spec of '${metadata.name}' must equal the fixed value`))
    }),

  /** Schemas are shown in the order in which they are tried. */
  rowOrder: (a, b) =>
    (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) || (a.metadata.name! < b.metadata.name! ? -1 : 1),

  columns: [
    nameColumn(),
    column('PriorityLevel', '@spec.priorityLevelConfiguration', (o) => o.spec?.priorityLevelConfiguration?.name ?? ''),
    column('MatchingPrecedence', '@spec.matchingPrecedence', (o) => o.spec?.matchingPrecedence ?? 0),
    column('DistinguisherMethod', '@spec.distinguisherMethod', (o) => o.spec?.distinguisherMethod?.type ?? '<none>'),
    ageColumn(),
    column(
      'MissingPL',
      'references a broken or non-existent PriorityLevelConfiguration',
      (o) => items(o.status?.conditions).find((c) => c.type === 'Dangling')?.status ?? '?',
    ),
  ],
  subresources: {
    status: statusSubresource<FlowSchema>({
      keep: OWN_METADATA,
      validateUpdate: ({ status }) => collect((errors) => validateFlowConditions(status, errors)),
    }),
  },
}
