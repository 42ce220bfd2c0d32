/** The annotation by which a node once asked not to be given the pods of some controllers. */
import { field, type FieldError } from '../../errors.js'
import { jsonObjectProblem } from './data.js'
import { items, type Sent, type SentMap } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

const AVOID = 'scheduler.alpha.kubernetes.io/preferAvoidPods'

interface Avoided {
  preferAvoidPods?: ({ podSignature?: { podController?: Sent<k8s.V1OwnerReference> | null } | null } | null)[] | null
}

/** Checks that the annotation is JSON and names controllers. Nothing heeds it any more. */
export function validateNodeAnnotations(annotations: SentMap, path: string, errors: FieldError[]): void {
  const text = annotations?.[AVOID]
  if (!text) return
  const why = jsonObjectProblem(Buffer.from(text).toString('base64'), 'v1.AvoidPods')
  if (why) {
    errors.push(field.invalid(`${path}.AvoidPods`, AVOID, why))
    return
  }
  const { preferAvoidPods } = (JSON.parse(text) ?? {}) as Avoided
  items(preferAvoidPods).forEach((avoided, i) => {
    const at = `${path}.${AVOID}[${i}].PodSignature`
    const controller = avoided.podSignature?.podController
    if (!controller) errors.push(field.required(at))
    else if (!controller.controller) errors.push(field.invalid(`${at}.PodController.Controller`, false, 'must point to a controller'))
  })
}
