import { describe, expect, it } from 'vitest'
import { columnProblem, customColumns } from '../../src-main/backend/kinds/custom-columns.js'
import { jsonPath } from '../../src-main/backend/kinds/json-path.js'

const pod = {
  metadata: { name: 'web', labels: { 'app.kubernetes.io/name': 'web', tier: 'front' }, annotations: { owner: 'team-a' } },
  spec: {
    nodeName: 'n1',
    priority: 7,
    containers: [
      { name: 'a', image: 'nginx' },
      { name: 'b', image: 'redis' },
    ],
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'PodScheduled', status: 'False' },
    ],
  },
}

describe('a JSONPath finds what kubectl finds', () => {
  it.each([
    ['.spec.nodeName', ['n1']],
    ['{.spec.nodeName}', ['n1']],
    ['spec.nodeName', ['n1']],
    ['$.spec.nodeName', ['n1']],
    ['.spec.containers[*].image', ['nginx', 'redis']],
    ['.spec.containers[0].name', ['a']],
    ['.spec.containers[-1].name', ['b']],
    ['.spec.containers[0:1].name', ['a']],
    ['..image', ['nginx', 'redis']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    ['.status.conditions[?(@.status!="True")].type', ['PodScheduled']],
    ['.spec.containers[?(@.image)].name', ['a', 'b']],
    ["metadata.labels['app.kubernetes.io/name']", ['web']],
    ['.metadata.labels.app\\.kubernetes\\.io/name', ['web']],
    ['.spec.nothing.here', []],
  ])('%s', (expression, found) => {
    expect(jsonPath(expression)(pod)).toEqual(found)
  })

  it.each([
    ['', 'the expression is empty'],
    ['.a[', 'a bracket is not closed'],
    ['.a[x]', '[x] cannot be read'],
    ['.a[?(@.b==c)]', 'c is no value: texts are quoted'],
  ])('%s is refused with what is wrong', (expression, problem) => {
    expect(() => jsonPath(expression)).toThrow(problem)
  })
})

describe('columns that a person made', () => {
  it('show a label, an annotation and a path, numbers as numbers, several values joined', () => {
    const made = customColumns([
      { source: 'label', of: 'tier', title: 'Tier' },
      { source: 'annotation', of: 'owner', title: 'Owner' },
      { source: 'path', of: '.spec.priority', title: '' },
      { source: 'path', of: '.spec.containers[*].image', title: 'Images' },
      { source: 'path', of: '.status.conditions[0]', title: 'First' },
    ])
    expect(made.columns.map((c) => [c.id, c.title])).toEqual([
      ['custom:label:tier', 'Tier'],
      ['custom:annotation:owner', 'Owner'],
      ['custom:path:.spec.priority', '.spec.priority'],
      ['custom:path:.spec.containers[*].image', 'Images'],
      ['custom:path:.status.conditions[0]', 'First'],
    ])
    expect(made.cells(pod)).toEqual(['front', 'team-a', 7, 'nginx, redis', '{"type":"Ready","status":"True"}'])
  })

  it('are empty where the object has nothing, and where the expression cannot be read', () => {
    const made = customColumns([
      { source: 'label', of: 'none', title: '' },
      { source: 'path', of: '.a[', title: '' },
    ])
    expect(made.cells(pod)).toEqual([null, null])
    expect(columnProblem({ source: 'path', of: '.a[', title: '' })).toBe('a bracket is not closed')
    expect(columnProblem({ source: 'label', of: 'tier', title: '' })).toBeUndefined()
  })
})
