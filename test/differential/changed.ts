/**
 * Recorded cases (Kubernetes 1.20) that a current API server answers differently. Each is asserted to differ still, and
 * only where it says, so that the list holds nothing that is not true.
 */
export interface Change {
  /** What has changed in Kubernetes. */
  what: string
  /** Where that is documented. */
  source: string
  /** A part of each difference that is found. */
  differs: string[]
}

export const CHANGED: Readonly<Record<string, Change>> = {
  'validation/pod-hostport-hostnetwork': {
    what: 'the hostPort is blamed: it is what gets a default from the containerPort',
    source: 'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (hostNetwork)',
    differs: ['message: want', 'causes[0].message: want', 'got "spec.containers[0].ports[0].hostPort"'],
  },
  'validation/ingress-empty': {
    what: 'invalid values that are structures or lists are told as JSON, not in the syntax of Go',
    source: 'https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation/field#Error.ErrorBody',
    differs: ['got "Ingress.networking.k8s.io \\"i\\" is invalid: spec: Invalid value: null', 'got "Invalid value: null'],
  },
  'validation/namespace-dots': {
    what: 'a label that is refused for its dots alone is told so',
    source: 'https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation#IsDNS1123Label',
    differs: [
      'got "Namespace \\"a.b\\" is invalid: metadata.name: Invalid value: \\"a.b\\": must not contain dots"',
      'got "Invalid value: \\"a.b\\": must not contain dots"',
    ],
  },
  'validation/hpa-no-target': {
    what: 'what a HorizontalPodAutoscaler scales has to name its API group, since 1.35',
    source: 'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/ (scaleTargetRef)',
    differs: ['details.causes: want 2 elements'],
  },
  'list/field-bad': {
    what: 'Services have field selectors of their own (spec.clusterIP, spec.type) since 1.31, which word the refusal differently',
    source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/#list-of-supported-fields',
    differs: ['got "field label not supported: spec.x"'],
  },
  'errors/unknown-group': {
    what: 'a path that nobody serves is not found in plain words, not with a list of paths, since 1.23',
    source: 'https://github.com/kubernetes/kubernetes/pull/138219 (what unregistered paths are answered before it)',
    differs: ['GET /nothing: content-type: want "application/json", got "text/plain"', 'GET /nothing: : want {}, got nothing'],
  },
  'discovery/resources-api-v1': {
    what: 'evictions are of policy/v1, since 1.22',
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/',
    differs: ['resources[pods/eviction].version: want "v1beta1", got "v1"'],
  },
  'crd/int-or-string': {
    what: 'a value of the wrong type in a custom resource has a reason of its own',
    source: 'https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation/field#ErrorType (ErrorTypeTypeInvalid)',
    differs: ['details.causes[0].reason: want "FieldValueInvalid", got "FieldValueTypeInvalid"'],
  },
  'crd/pruning': {
    what: 'unknown fields are warned of, sorted, as fieldValidation=Warn is the default since 1.25',
    source: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation (KEP-2885)',
    differs: [
      'headers.warning: want nothing, got "299 - \\"unknown field \\\\\\"extra\\\\\\"\\", 299 - \\"unknown field \\\\\\"spec.bogus\\\\\\"\\"',
    ],
  },
}
