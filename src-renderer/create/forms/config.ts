import { identity, type Form } from './form.js'

const immutable = { id: 'immutable', path: ['immutable'], type: 'check' } as const

export const configMap: Form = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  sections: [identity(), { id: 'data', fields: [{ id: 'data', path: ['data'], type: 'data', secret: false, wide: true }, immutable] }],
}

const is =
  (type: string) =>
  (o: { type?: string } | undefined): boolean =>
    (o?.type ?? 'Opaque') === type
const own = ['kubernetes.io/tls', 'kubernetes.io/dockerconfigjson', 'kubernetes.io/basic-auth', 'kubernetes.io/ssh-auth']

export const secret: Form = {
  apiVersion: 'v1',
  kind: 'Secret',
  // Each type has keys of its own; what was entered for another one has no place in it.
  follow: (_o, path, value) => (path === 'type' && own.includes(value) ? [{ path: ['data'], value: undefined }] : []),
  sections: [
    identity({ id: 'secretType', path: ['type'], type: 'select', options: ['Opaque', ...own], standard: 'Opaque' }),
    {
      id: 'data',
      fields: [
        {
          id: 'tlsCrt',
          path: ['data', 'tls.crt'],
          type: 'secretValue',
          multiline: true,
          file: true,
          wide: true,
          required: true,
          when: is(own[0]!),
        },
        {
          id: 'tlsKey',
          path: ['data', 'tls.key'],
          type: 'secretValue',
          multiline: true,
          file: true,
          wide: true,
          required: true,
          when: is(own[0]!),
        },
        { id: 'registry', path: ['data', '.dockerconfigjson'], type: 'dockerConfig', wide: true, when: is(own[1]!) },
        { id: 'username', path: ['data', 'username'], type: 'secretValue', when: is(own[2]!) },
        { id: 'password', path: ['data', 'password'], type: 'secretValue', when: is(own[2]!) },
        {
          id: 'sshKey',
          path: ['data', 'ssh-privatekey'],
          type: 'secretValue',
          multiline: true,
          file: true,
          wide: true,
          required: true,
          when: is(own[3]!),
        },
        { id: 'data', path: ['data'], type: 'data', secret: true, wide: true, when: (o) => !own.includes(o?.type) },
        immutable,
      ],
    },
  ],
}
