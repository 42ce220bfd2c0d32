/** What a tool is: what an assistant is told of it, and what it does with the clusters. */
import type { Clusters } from './clusters.js'

/** A JSON Schema of one parameter. */
export interface ParameterSchema {
  type: 'string' | 'integer' | 'boolean' | 'array'
  description: string
  enum?: readonly string[]
  minimum?: number
  maximum?: number
  minLength?: number
  default?: string | number | boolean
  items?: { type: 'string' }
}

/** The parameters of a tool as JSON Schema. */
export interface InputSchema {
  type: 'object'
  properties: Record<string, ParameterSchema>
  required?: string[]
  additionalProperties: false
}

/** One call under way. */
export interface Call {
  clusters: Clusters
  /** Aborts when the assistant does not want the answer any more. */
  signal: AbortSignal
  /** Tells how far it is, if the assistant wants to know. */
  progress(done: number, of: number, message: string): void
}

export interface Tool<P = never> {
  name: string
  title: string
  description: string
  /** What it may do to a cluster. */
  effect: 'reads' | 'changes' | 'destroys'
  /** Calling it again with the same parameters changes nothing more. */
  idempotent?: true
  parameters: Record<string, ParameterSchema>
  required?: readonly string[]
  /** Gives the text of the answer. Rejects with what the server said. */
  run(parameters: P, call: Call): Promise<string>
}

/** A tool whose parameters have been checked against its schema, whatever they are. */
export type AnyTool = Tool<never>

export function inputSchema({ parameters, required = [] }: Pick<AnyTool, 'parameters' | 'required'>): InputSchema {
  return { type: 'object', properties: parameters, ...(required.length ? { required: [...required] } : {}), additionalProperties: false }
}

/** Parameters that many tools have. */
export const contextParameter: ParameterSchema = {
  type: 'string',
  minLength: 1,
  description: 'The kubeconfig context of the cluster, by its name as the tool "contexts" tells it.',
}
export const kindParameter: ParameterSchema = {
  type: 'string',
  minLength: 1,
  description:
    'A kind as kubectl takes it: plural, kind or short name, with its group where it has to be told apart: pods, Deployment, svc, certificates.cert-manager.io.',
}
export const offsetParameter: ParameterSchema = {
  type: 'integer',
  minimum: 0,
  default: 0,
  description: 'Where to go on in an answer that was cut, in characters, as it said.',
}
export const objectNamespace: ParameterSchema = {
  type: 'string',
  description: "Namespace of the object; the context's own when left out. Of no meaning for kinds of the whole cluster.",
}
