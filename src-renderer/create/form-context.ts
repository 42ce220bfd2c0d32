import { inject, onScopeDispose, reactive, type ComputedRef, type InjectionKey } from 'vue'
import { parseField } from '../editor/field-place.js'
import { useObjects } from '../stores/objects.js'
import type { KubeObject } from '../stores/object.js'
import type { Choice } from './forms/form.js'
import type { ServerProblem } from './server-problems.js'
import type { Path, Value } from './yaml-text.js'

/** What every field of a form shares. */
export interface FormContext {
  context: string
  /** The whole object as the YAML has it. */
  object: ComputedRef<Value>
  /** Writes into the YAML. */
  change: (changes: { path: Path; value: Value }[]) => void
  /** What the server found wrong with a field; with `inside`, also with what is in it. */
  problem: (path: Path, inside?: boolean) => string | undefined
  choices: Choices
}

export const formContextKey: InjectionKey<FormContext> = Symbol('form')

/** The form that a field is in. */
export function useForm(): FormContext {
  const form = inject(formContextKey)
  if (!form) throw new Error('a field stands outside of a form')
  return form
}

/** The problem of a field among those that the server told. */
export function problemAt(problems: readonly ServerProblem[], path: Path, inside: boolean): string | undefined {
  const wanted = path.map(String)
  return problems.find((p) => {
    const steps = parseField(p.field).map(String)
    return (
      p.field !== '' && (inside ? steps.length >= wanted.length : steps.length === wanted.length) && wanted.every((s, i) => steps[i] === s)
    )
  })?.message
}

/** Names to pick from, read from the cluster once a field asks for them. */
export interface Choices {
  want: (choice: Choice | 'workloads') => void
  names: (choice: Choice) => string[]
  objects: (kind: string) => readonly KubeObject[]
  /** The ports of a Service: their names, or numbers where they have none. */
  ports: (service: string) => string[]
}

const sources: Partial<Record<Choice, string>> = {
  namespaces: 'namespaces',
  services: 'services',
  configMaps: 'configmaps',
  secrets: 'secrets',
  tlsSecrets: 'secrets',
  claims: 'persistentvolumeclaims',
  serviceAccounts: 'serviceaccounts',
  ingressClasses: 'ingressclasses.networking.k8s.io',
}
export const workloadKinds = ['deployments.apps', 'statefulsets.apps', 'replicasets.apps', 'daemonsets.apps'] as const

export function useChoices(context: string, namespace: () => string, volumes: () => string[]): Choices {
  const wanted = reactive(new Set<string>())
  const keys = [...new Set([...Object.values(sources), ...workloadKinds])]
  const read = new Map(
    keys.map((key) => [
      key,
      useObjects(() => (wanted.has(key) ? { context, key, ...(key === 'namespaces' ? {} : { namespace: namespace() }) } : null)),
    ]),
  )
  onScopeDispose(() => wanted.clear())
  const objects = (key: string): readonly KubeObject[] => read.get(key)?.items.value ?? []
  return {
    want: (choice) => {
      const key = choice === 'workloads' ? undefined : sources[choice]
      for (const k of key ? [key] : choice === 'workloads' ? workloadKinds : []) wanted.add(k)
    },
    objects,
    names: (choice) => {
      if (choice === 'volumes') return volumes()
      const found = objects(sources[choice] ?? '').filter((o) => choice !== 'tlsSecrets' || o.type === 'kubernetes.io/tls')
      return found.map((o) => o.metadata.name)
    },
    ports: (service) =>
      ((objects('services').find((s) => s.metadata.name === service)?.spec?.ports ?? []) as { name?: string; port: number }[]).map(
        (p) => p.name ?? String(p.port),
      ),
  }
}
