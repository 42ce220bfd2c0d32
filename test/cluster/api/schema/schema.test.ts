import { describe, expect, it } from 'vitest'
import { annotations, atomicModels, quantities } from '../../../../src-main/cluster/api/schema/annotations.js'
import { groupVersionKindOf } from '../../../../src-main/cluster/api/schema/groups.js'
import { loadSchema } from '../../../../src-main/cluster/api/schema/schema.js'

const schema = loadSchema()

describe('the API schema', () => {
  it('knows a model with its fields, requirements and words', () => {
    const spec = schema.model('V1DeploymentSpec')
    expect(spec.definition).toBe('io.k8s.api.apps.v1.DeploymentSpec')
    expect(spec.description).toBe('DeploymentSpec is the specification of the desired behavior of the Deployment.')
    expect(spec.required).toEqual(['selector', 'template'])
    expect(spec.properties.get('paused')).toMatchObject({ type: 'boolean', description: 'Indicates that the deployment is paused.' })
    expect(spec.properties.get('replicas')).toMatchObject({ type: 'integer', format: 'int32', goType: 'int32' })
    expect(spec.properties.get('strategy')).toMatchObject({ type: 'object', patchStrategy: ['retainKeys'] })
  })

  it('describes every field, also those that hold an object', () => {
    expect(schema.model('V1Deployment').properties.get('spec')!.description).toContain(
      'Specification of the desired behavior of the Deployment.',
    )
    const silent: string[] = []
    for (const name of schema.names()) {
      for (const p of schema.model(name).properties.values()) if (p.type === 'object' && !p.description) silent.push(`${name}.${p.name}`)
    }
    expect(silent).toEqual([])
  })

  it('knows how lists and maps merge', () => {
    const pod = schema.model('V1PodSpec').properties
    expect(pod.get('containers')).toMatchObject({ list: 'map', keys: ['name'], patchStrategy: ['merge'], patchMergeKey: 'name' })
    expect(pod.get('volumes')).toMatchObject({ patchStrategy: ['merge', 'retainKeys'] })
    expect(pod.get('tolerations')).toMatchObject({ list: 'atomic', patchStrategy: [] })
    expect(pod.get('nodeSelector')!.atomic).toBe(true)
    const service = schema.model('V1ServiceSpec').properties.get('ports')!
    expect(service).toMatchObject({ keys: ['port', 'protocol'], patchMergeKey: 'port' })
    expect(schema.model('V1ObjectMeta').properties.get('finalizers')).toMatchObject({ list: 'set', patchStrategy: ['merge'] })
    expect(schema.model('V1PersistentVolumeSpec').properties.get('claimRef')!.atomic).toBe(false)
    expect(schema.model('V1EndpointSubset').properties.get('addresses')!.items!.atomic).toBe(true)
  })

  it('gives each definition the group that declares it', () => {
    expect(schema.model('V1TopologySelectorTerm').definition).toBe('io.k8s.api.core.v1.TopologySelectorTerm')
    expect(schema.model('RbacV1Subject').definition).toBe('io.k8s.api.rbac.v1.Subject')
    expect(schema.model('V1LabelSelector').definition).toBe('io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector')
    expect(schema.model('V1CustomResourceDefinition').definition).toBe(
      'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
    )
    expect(groupVersionKindOf(schema.model('V1ClusterRole').definition)).toEqual({
      group: 'rbac.authorization.k8s.io',
      version: 'v1',
      kind: 'ClusterRole',
    })
    const definitions = schema.names().map((name) => schema.model(name).definition)
    expect(new Set(definitions).size).toBe(definitions.length)
  })

  it('has everything that the annotations speak of', () => {
    const missing: string[] = []
    for (const [model, fields] of Object.entries(annotations)) {
      for (const [field, a] of Object.entries(fields)) {
        const property = schema.has(model) ? schema.model(model).properties.get(field) : undefined
        if (!property || (a.list && property.type !== 'array')) missing.push(`${model}.${field}`)
        for (const key of a.keys ?? []) if (!property?.items?.model?.properties.has(key)) missing.push(`${model}.${field}[${key}]`)
      }
    }
    for (const [model, fields] of Object.entries(quantities)) {
      for (const field of fields) {
        const property = schema.model(model).properties.get(field)
        if ((property?.items ?? property)?.type !== 'quantity') missing.push(`${model}.${field}`)
      }
    }
    for (const model of atomicModels) if (!schema.has(model)) missing.push(model)
    expect(missing).toEqual([])
  })
})
