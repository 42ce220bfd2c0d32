/** What clients are warned of in the templates of workloads. */
import type { ObjectMeta } from '../../object.js'
import type { SentTemplate } from './pod-template.js'
import { podTemplateWarnings } from './pod-warnings.js'

interface Workload {
  metadata: ObjectMeta
}

/** Warnings for the template of a workload, on a create and whenever an update makes a new generation. */
export function templateWarnings(
  object: Workload,
  old: Workload | undefined,
  template: SentTemplate | null | undefined,
  path = 'spec.template',
): string[] {
  return old && old.metadata.generation === object.metadata.generation ? [] : podTemplateWarnings(template, path)
}
