import { afterEach, describe, expect, test } from 'vitest'
import { authorizePull } from '../../../src-main/cluster/runtime/images/private-registries.js'
import type { ImageObject } from '../../../src-main/cluster/api/kinds/image.js'
import { imageCatalogue } from '../../../src-main/cluster/runtime/images/resource.js'
import { families, markMissing, missingImages, resolveImage } from '../../../src-main/cluster/runtime/images/catalogue.js'

afterEach(() => {
  for (const reference of missingImages()) markMissing(reference, false)
})

describe('a reference', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.25', 'docker.io/library/nginx:1.25'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest'],
    ['luksa/kubia', 'docker.io/luksa/kubia:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    [`busybox@sha256:${'ab'.repeat(32)}`, `docker.io/library/busybox@sha256:${'ab'.repeat(32)}`],
    [`busybox:1.36@sha256:${'ab'.repeat(32)}`, `docker.io/library/busybox:1.36@sha256:${'ab'.repeat(32)}`],
    ['a/b/c/d:x', 'docker.io/a/b/c/d:x'],
    ['luksa:kubia', 'docker.io/library/luksa:kubia'],
  ])('%s is %s', (reference, normalised) => {
    expect(resolveImage(reference).reference).toBe(normalised)
  })

  test.each([
    'gcr.io/kubernetes-e2e-test-images/nonroot:1.0',
    'gcr.io/kubernetes-e2e-test-images/dnsutils:1.3',
    'gcr.io/kubernetes-e2e-test-images/agnhost:2.6',
    'gcr.io/kubernetes-e2e-test-images/resource-consumer:1.5',
    'gcr.io/k8s-authenticated-test/agnhost:2.6',
    'gcr.io/authenticated-image-pulling/alpine:3.7',
  ])("%s, of older tests of Kubernetes' own, is known", (reference) => {
    expect(resolveImage(reference)).toMatchObject({ reference, placeholder: false })
  })

  test.each(['webserver:404', 'foo:non-existent', 'redis-slave:nonexistent', 'shop/cart:does-not-exist'])(
    '%s is what nobody has',
    (reference) => {
      expect(() => resolveImage(reference)).toThrow('pull access denied, repository does not exist or may require authorization')
    },
  )

  test.each([
    '',
    'UP PER',
    'nginx:',
    'nginx:a b',
    ':tag',
    'nginx@sha256:abc',
    '/nginx',
    'a//b',
    'nginx:-x',
    '-nginx',
    `nginx:${'x'.repeat(129)}`,
  ])('%j is invalid', (reference) => {
    expect(() => resolveImage(reference)).toThrow(
      expect.objectContaining({
        reason: 'InvalidImageName',
        message: `couldn't parse image name ${JSON.stringify(reference)}: invalid reference format`,
      }),
    )
  })

  test('in upper case is told why', () => {
    expect(() => resolveImage('Nginx')).toThrow(
      `couldn't parse image name "Nginx": invalid reference format: repository name (library/Nginx) must be lowercase`,
    )
  })
})

describe('an image', () => {
  test('of a registry whose name is kept for what does not exist cannot be pulled', () => {
    expect(() => resolveImage('invalid.registry.k8s.io/invalid/alpine:3.1')).toThrow(
      'failed to pull and unpack image "invalid.registry.k8s.io/invalid/alpine:3.1": failed to resolve reference "invalid.registry.k8s.io/invalid/alpine:3.1": failed to do request: Head "https://invalid.registry.k8s.io/v2/invalid/alpine/manifests/3.1": dial tcp: lookup invalid.registry.k8s.io: no such host',
    )
  })

  test('that Kubernetes keeps for its tests of logins wants one', () => {
    const image = 'gcr.io/authenticated-image-pulling/alpine:3.7'
    expect(() => authorizePull(image)).toThrow('authorization failed: no basic auth credentials')
    authorizePull(image, [{ registry: 'https://gcr.io', username: '_json_key', password: '{}' }])
  })

  test('that the catalogue does not know is a placeholder', () => {
    expect(resolveImage('example.com/app:1').placeholder).toBe(true)
    expect(resolveImage('nginx').placeholder).toBe(false)
  })

  test.each([
    ['10.226.57.149:8080/tsf_100000000/ubuntu:16.04', ['/bin/bash']],
    ['harbor.example.com/library/busybox', ['sh']],
    ['registry.example.com/team/nginx:9.99', undefined],
    ['team/nginx:1.25', undefined],
  ])('%s is run as the official image when a registry of somebody has that under its name', (reference, cmd) => {
    const { image, placeholder } = resolveImage(reference)
    expect([placeholder, cmd && image.cmd]).toEqual([cmd === undefined, cmd])
  })

  test('with a tag that cannot exist fails as at a registry', () => {
    expect(() => resolveImage('nginx:9.99')).toThrow(
      expect.objectContaining({
        reason: 'ErrImagePull',
        message:
          'failed to pull and unpack image "docker.io/library/nginx:9.99": failed to resolve reference "docker.io/library/nginx:9.99": docker.io/library/nginx:9.99: not found',
      }),
    )
    for (const tag of ['1.161', '1.25.9', '1.07', '1.25-windows', 'nope']) expect(() => resolveImage(`nginx:${tag}`)).toThrow('not found')
  })

  test.each([
    'latest',
    '1',
    '1.7.9',
    '1.25',
    '1.25.3',
    '1.25-alpine',
    'alpine',
    'stable',
    'stable-alpine',
    'mainline',
    '1.27.4-bookworm',
    '1.21-perl',
  ])('nginx:%s exists', (tag) => {
    expect(resolveImage(`nginx:${tag}`).placeholder).toBe(false)
  })

  test('that was marked missing fails until it is there again', () => {
    markMissing('luksa/kubia:v9')
    markMissing('example.com/private')
    expect(() => resolveImage('luksa/kubia:v9')).toThrow(
      'failed to pull and unpack image "docker.io/luksa/kubia:v9": failed to resolve reference "docker.io/luksa/kubia:v9": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    )
    expect(() => resolveImage('example.com/private:anything')).toThrow('pull access denied')
    expect(resolveImage('luksa/kubia').placeholder).toBe(false)
    markMissing('example.com/private', false)
    expect(resolveImage('example.com/private:anything').placeholder).toBe(true)
  })
})

test('every image has the program that it starts', () => {
  for (const family of families) {
    for (const repository of family.repositories) {
      const image = family.tag('latest')
      if (!image) continue
      const files = image.files()
      const [program] = [...(image.entrypoint ?? []), ...(image.cmd ?? [])]
      const path = ['', '/bin/', '/usr/bin/', '/usr/sbin/', '/usr/local/bin/']
        .map((d) => d + program?.replace(/^\/bin\/bash$/, '/usr/bin/bash'))
        .find((p) => Object.hasOwn(files, p))
      expect(path, `${repository} starts ${program}`).toBeDefined()
    }
  }
})

describe('the tags that an image lists', () => {
  test.each(families.map((family) => [family.repositories[0]!, family] as const))('can all be pulled: %s', (_repository, family) => {
    expect(family.tags.length).toBeGreaterThan(0)
    expect(family.tags.filter((tag) => !family.tag(tag))).toEqual([])
    expect(new Set(family.tags).size).toBe(family.tags.length)
  })

  test('are those that people ask for, the newest first', () => {
    const tags = (name: string) => families.find((f) => f.repositories.includes(`docker.io/library/${name}`))!.tags
    expect(tags('redis').slice(0, 8)).toEqual(['latest', 'alpine', '8.2.2', '8.2.2-alpine', '8.2', '8.2-alpine', '8', '8-alpine'])
    expect(tags('debian').slice(0, 3)).toEqual(['latest', 'trixie', '13'])
  })
})

describe('images.drydock.dev', () => {
  const { get, list } = imageCatalogue().objects!
  const name = (o: object) => (o as ImageObject).metadata.name

  test('are all images that the cluster knows, by the names that people give them', () => {
    const names = [...list('')].map(name)
    expect(names).toHaveLength(families.length)
    expect(new Set(names).size).toBe(families.length)
    expect(names.filter((n) => !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(n!))).toEqual([])
    expect(names).toEqual(
      expect.arrayContaining(['nginx', 'luksa.kubia', 'registry.k8s.io.pause', 'registry.k8s.io.e2e-test-images.agnhost']),
    )
    expect(get('', 'bash')).toMatchObject({
      kind: 'Image',
      apiVersion: 'drydock.dev/v1',
      repositories: ['docker.io/library/bash', 'public.ecr.aws/docker/library/bash'],
    })
    expect(() => get('', 'nowhere')).toThrow('images.drydock.dev "nowhere" not found')
  })

  test('have nothing of what is marked as missing', () => {
    markMissing('nginx:1.29.7')
    markMissing('luksa/kubia')
    expect((get('', 'nginx') as ImageObject).tags).not.toContain('1.29.7')
    expect((get('', 'nginx') as ImageObject).tags).toContain('1.29')
    expect(() => get('', 'luksa.kubia')).toThrow('not found')
  })
})
