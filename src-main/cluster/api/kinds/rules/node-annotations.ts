/** Annotations of nodes from before there were fields: taints, and the controllers whose pods a node asked not to be given. */
import { field, type FieldError } from '../../errors.js'
import { jsonProblem } from './data.js'
import { items, type Sent, type SentMap } from './sent.js'
import { validateTaints } from './tolerations.js'
import type * as k8s from '@kubernetes/client-node'

const TAINTS = 'scheduler.alpha.kubernetes.io/taints'
const AVOID = 'scheduler.alpha.kubernetes.io/preferAvoidPods'

interface Avoided {
  preferAvoidPods?: ({ podSignature?: { podController?: Sent<k8s.V1OwnerReference> | null } | null } | null)[] | null
}

/** Checks that they are JSON of what they stand for. Nothing heeds them any more. */
export function validateNodeAnnotations(annotations: SentMap, path: string, errors: FieldError[]): void {
  if (annotations?.[TAINTS]) validateTaintsText(annotations[TAINTS], path, errors)
  if (annotations?.[AVOID]) validateAvoided(annotations[AVOID], path, errors)
}

function validateTaintsText(text: string, path: string, errors: FieldError[]): void {
  const why = jsonProblem(text, 'array', '[]v1.Taint')
  if (why) errors.push(field.invalid(path, TAINTS, why))
  else validateTaints(JSON.parse(text) as Sent<k8s.V1Taint>[], `${path}.${TAINTS}`, errors)
}

function validateAvoided(text: string, path: string, errors: FieldError[]): void {
  const why = jsonProblem(text, 'object', 'v1.AvoidPods')
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
