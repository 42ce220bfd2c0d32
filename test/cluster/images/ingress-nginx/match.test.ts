import { describe, expect, test } from 'vitest'
import type { Ingress } from '../../../../src-main/cluster/api/kinds/ingress.js'
import { buildServers, ownIngresses, type World } from '../../../../src-main/cluster/runtime/images/ingress-nginx/configuration.js'
import { matchLocation, matchServer, rewrittenUri } from '../../../../src-main/cluster/runtime/images/ingress-nginx/match.js'

const A = 'nginx.ingress.kubernetes.io/'
type Path = [path: string, type: 'Exact' | 'Prefix' | 'ImplementationSpecific', service: string]

/** An Ingress whose rules are paths by host; '' is no host. */
function ingress(
  name: string,
  rules: Record<string, Path[]>,
  extra: { annotations?: Record<string, string>; created?: string; spec?: object } = {},
): Ingress {
  return {
    metadata: { namespace: 'default', name, creationTimestamp: extra.created ?? '2026-01-01T00:00:00Z', annotations: extra.annotations },
    spec: {
      rules: Object.entries(rules).map(([host, paths]) => ({
        ...(host ? { host } : {}),
        http: {
          paths: paths.map(([path, pathType, service]) => ({
            path,
            pathType,
            backend: { service: { name: service, port: { number: 80 } } },
          })),
        },
      })),
      ...extra.spec,
    },
  } as never
}

const world = (extra: Partial<World> = {}): World => ({
  ingresses: new Map(),
  classes: new Map(),
  services: new Map(),
  slices: new Map(),
  secrets: new Map(),
  ...extra,
})

/** What answers a URL: the backend and the URI it sees. */
function route(ingresses: Ingress[], host: string, uri: string): string {
  const server = matchServer(buildServers(ingresses, world()), host)
  const location = matchLocation(server, uri.split('?')[0]!)
  return location ? `${location.backend!.name} ${rewrittenUri(location, uri)}` : '404'
}

describe('paths', () => {
  const paths: Path[] = [
    ['/', 'Prefix', 'root'],
    ['/foo', 'Prefix', 'foo'],
    ['/foo/bar', 'Prefix', 'bar'],
    ['/only', 'Exact', 'only'],
    ['/impl', 'ImplementationSpecific', 'impl'],
  ]
  test.each([
    ['/', 'root'],
    ['/foo', 'foo'],
    ['/foo/', 'foo'],
    ['/foo/x', 'foo'],
    ['/foobar', 'root'],
    ['/foo/bar', 'bar'],
    ['/foo/barx', 'foo'],
    ['/only', 'only'],
    ['/only/', 'root'],
    ['/ONLY', 'root'],
    ['/implement', 'impl'],
  ])('%s goes to %s', (path, service) => {
    expect(route([ingress('a', { 'web.test': paths })], 'web.test', path)).toBe(`default-${service}-80 ${path}`)
  })

  test('that nothing matches are answered by the default backend', () => {
    expect(route([ingress('a', { 'web.test': [['/foo', 'Prefix', 'foo']] })], 'web.test', '/bar')).toBe('404')
  })

  test('an Exact path goes before the same Prefix', () => {
    const both: Path[] = [
      ['/foo', 'Prefix', 'prefix'],
      ['/foo', 'Exact', 'exact'],
    ]
    expect(route([ingress('a', { 'web.test': both })], 'web.test', '/foo')).toBe('default-exact-80 /foo')
    expect(route([ingress('a', { 'web.test': both })], 'web.test', '/foo/x')).toBe('default-prefix-80 /foo/x')
  })

  test('of two Ingresses the older one has it', () => {
    const old = ingress('b', { 'web.test': [['/', 'Prefix', 'old']] }, { created: '2025-01-01T00:00:00Z' })
    const young = ingress('a', { 'web.test': [['/', 'Prefix', 'young']] })
    const all = world({
      ingresses: new Map([
        ['default/a', young],
        ['default/b', old],
      ]),
    })
    const own = ownIngresses(all, { ingressClass: 'nginx', controllerClass: 'k8s.io/ingress-nginx', withoutClass: true })
    expect(route(own, 'web.test', '/')).toBe('default-old-80 /')
  })
})

describe('hosts', () => {
  const all = [
    ingress('a', {
      'web.test': [['/', 'Prefix', 'web']],
      '*.web.test': [['/', 'Prefix', 'wild']],
      '': [['/any', 'Prefix', 'any']],
    }),
  ]
  test.each([
    ['web.test', '/', 'default-web-80 /'],
    ['WEB.test:8080', '/', 'default-web-80 /'],
    ['a.web.test', '/', 'default-wild-80 /'],
    ['a.b.web.test', '/any', 'default-any-80 /any'],
    ['192.168.49.2', '/any', 'default-any-80 /any'],
    ['192.168.49.2', '/', '404'],
    ['web.test', '/any', 'default-web-80 /any'],
  ])('%s with %s', (host, path, expected) => {
    expect(route(all, host, path)).toBe(expected)
  })

  test('a defaultBackend answers what the rules of its hosts do not, and everything when there are none', () => {
    const defaultBackend = { service: { name: 'fallback', port: { number: 80 } } }
    const some = ingress('a', { 'web.test': [['/foo', 'Prefix', 'foo']] }, { spec: { defaultBackend } })
    expect(route([some], 'web.test', '/x')).toBe('default-fallback-80 /x')
    expect(route([some], 'other.test', '/x')).toBe('404')
    expect(route([ingress('a', {}, { spec: { defaultBackend } })], 'other.test', '/x')).toBe('default-fallback-80 /x')
  })
})

describe('rewrite-target', () => {
  const rewrite = (target: string, path: string, uri: string): string =>
    route(
      [ingress('a', { 'web.test': [[path, 'ImplementationSpecific', 'web']] }, { annotations: { [`${A}rewrite-target`]: target } })],
      'web.test',
      uri,
    )

  test.each([
    ['/$2', '/something(/|$)(.*)', '/something', '/'],
    ['/$2', '/something(/|$)(.*)', '/something/new?q=1', '/new?q=1'],
    ['/', '/testpath', '/testpath', '/'],
    ['/', '/testpath', '/testpath/deep', '/'],
    ['/$1', '/(.*)', '/a/b', '/a/b'],
    ['/api?v=2', '/v2', '/v2?x=1', '/api?v=2&x=1'],
  ])('%s for %s turns %s into %s', (target, path, uri, expected) => {
    expect(rewrite(target, path, uri)).toBe(`default-web-80 ${expected}`)
  })

  test('makes every path of the host an expression, without regard to case', () => {
    const a = ingress('a', { 'web.test': [['/api', 'Prefix', 'api']] }, { annotations: { [`${A}rewrite-target`]: '/' } })
    const b = ingress('b', { 'web.test': [['/shop', 'Exact', 'shop']] })
    expect(route([a, b], 'web.test', '/SHOPPING')).toBe('default-shop-80 /SHOPPING')
    expect(route([a, b], 'web.test', '/nothing')).toBe('404')
  })

  test('an expression that could run for ever is given up', () => {
    const bad = ingress('a', { 'web.test': [['/(a+)+$', 'ImplementationSpecific', 'web']] }, { annotations: { [`${A}use-regex`]: 'true' } })
    expect(() => route([bad], 'web.test', `/${'a'.repeat(40)}!`)).toThrow('Memory exhausted')
  })
})

describe('the controller serves', () => {
  const classes = new Map([
    ['/nginx', { metadata: { name: 'nginx' }, spec: { controller: 'k8s.io/ingress-nginx' } }],
    ['/other', { metadata: { name: 'other' }, spec: { controller: 'example.com/other' } }],
  ]) as unknown as World['classes']
  const served = (one: Ingress, withoutClass = true): boolean =>
    ownIngresses(world({ classes, ingresses: new Map([['default/a', one]]) }), {
      ingressClass: 'nginx',
      controllerClass: 'k8s.io/ingress-nginx',
      withoutClass,
    }).length === 1
  const annotated = (name: string): Ingress => ingress('a', {}, { annotations: { 'kubernetes.io/ingress.class': name } })
  const classed = (ingressClassName: string): Ingress => ingress('a', {}, { spec: { ingressClassName } })

  test('Ingresses of its class, by name of the class or by the old annotation', () => {
    expect([served(classed('nginx')), served(classed('other')), served(classed('gone'))]).toEqual([true, false, false])
    expect([served(annotated('nginx')), served(annotated('other'))]).toEqual([true, false])
  })

  test('those without a class only where it is told to', () => {
    expect([served(ingress('a', {})), served(ingress('a', {}), false)]).toEqual([true, false])
  })
})

test('endpoints come from the slices of the named or numbered port, ready ones only', () => {
  const services = new Map([
    [
      'default/web',
      {
        spec: {
          ports: [
            { name: 'http', port: 80, targetPort: 'web' },
            { name: 'admin', port: 81 },
          ],
        },
      },
    ],
  ])
  const slices = new Map([
    [
      'default/web-1',
      {
        metadata: { namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
        addressType: 'IPv4',
        ports: [
          { name: 'http', port: 8080 },
          { name: 'admin', port: 9090 },
        ],
        endpoints: [
          { addresses: ['10.244.1.2'], conditions: { ready: true } },
          { addresses: ['10.244.1.3'], conditions: { ready: false } },
        ],
      },
    ],
  ])
  const at = (port: object): unknown => {
    const one = ingress('a', {}, { spec: { defaultBackend: { service: { name: 'web', port } } } })
    return buildServers([one], world({ services, slices } as never))[0]!.locations[0]!.backend
  }
  expect(at({ number: 80 })).toEqual({ name: 'default-web-80', endpoints: [{ host: '10.244.1.2', port: 8080 }] })
  expect(at({ name: 'admin' })).toEqual({ name: 'default-web-admin', endpoints: [{ host: '10.244.1.2', port: 9090 }] })
  expect(at({ number: 82 })).toEqual({ name: 'default-web-82', endpoints: [] })
})
