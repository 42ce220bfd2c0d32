import { describe, expect, it } from 'vitest'
import { commandProblems } from '../../../src-main/backend/commands/check.js'
import { addressFor, argumentsFor, shellWord } from '../../../src-main/backend/commands/variables.js'
import type { OwnCommand } from '../../../src-main/backend/rpc/contract.js'

const values = new Map([
  ['NAME', 'web-0'],
  ['NAMESPACE', 'shop'],
  ['CONTEXT', 'harbour'],
  ['COL-NODE', 'node-1'],
  ['COL-IMAGES', 'nginx:1.27, busybox'],
  ['COL-READY', 'true'],
  ['POD', ''],
])
const words = (command: string, ...args: string[]) => argumentsFor(command, args, values)
const evil =
  (value: string) =>
  (...args: string[]) =>
    argumentsFor('kubectl', args, new Map([['NAME', value]]))

describe('the arguments of a command of their own', () => {
  it('have the facts of the object in the place of variables, with braces or without', () => {
    expect(words('kubectl', 'logs', '-n', '$NAMESPACE', 'pod/$NAME', '--context=${CONTEXT}', '$COL-NODE:8080', '${COL-NODE}-x')).toEqual([
      'logs',
      '-n',
      'shop',
      'pod/web-0',
      '--context=harbour',
      'node-1:8080',
      'node-1-x',
    ])
  })

  it('keep what is no variable, such as those of a shell, and turn true into false after an exclamation mark', () => {
    expect(words('tool', '$name', '$1', '$$', '$(date)', '$!COL-READY')).toEqual(['$name', '$1', '$$', '$(date)', 'false'])
  })

  it('are one word each, whatever an object is called: no shell ever reads them', () => {
    expect(evil('a; rm -rf ~ $(id) "')('get', 'clusterrole', '$NAME')).toEqual(['get', 'clusterrole', 'a; rm -rf ~ $(id) "'])
    expect(words('kubectl', 'annotate', 'images=$COL-IMAGES')).toEqual(['annotate', 'images=nginx:1.27, busybox'])
  })

  it('are refused where a name would be taken for an option', () => {
    expect(() => evil('--all')('delete', 'clusterrole', '$NAME')).toThrow(
      'args[2] would be "--all", which the program would read as an option. It was not run.',
    )
    expect(evil('--all')('delete', 'clusterrole', '--field-selector=metadata.name=$NAME')).toHaveLength(3)
  })

  it('take harmless words into scripts of shells, and no others', () => {
    expect(words('bash', '-c', 'kubectl logs $NAME | less')).toEqual(['-c', 'kubectl logs web-0 | less'])
    expect(words('sh', '-c', 'for p in $(kubectl get pod -n $NAMESPACE); do echo $p; done')).toEqual([
      '-c',
      'for p in $(kubectl get pod -n shop); do echo $p; done',
    ])
    for (const value of ['$(touch /tmp/x)', 'a b', '`id`', "x';id;'", '-rf', 'a\nid', '名'])
      for (const args of [
        ['-c', '$NAME'],
        ['-lc', 'echo $NAME'],
        ['exec', '--', 'sh', '-c', 'cat $NAME'],
        ['--', 'watch', '$NAME'],
      ])
        expect(() => evil(value)(...args), `${value} in ${args.join(' ')}`).toThrow(/is read as a program, and \$NAME is/)
    expect(() => argumentsFor('ssh', ['$NAME', 'id'], new Map([['NAME', 'a;b']]))).toThrow(/\$NAME is "a;b"/)
    expect(() => words('bash', '-c', 'kubectl -n $POD get pods')).toThrow(
      'args[1] is read as a program, and $POD has no value for this object.',
    )
  })

  it('name the variable of the environment by which a script gets any value', () => {
    expect(() => words('bash', '-c', 'echo $COL-IMAGES')).toThrow(
      'args[1] is read as a program, and $COL-IMAGES is "nginx:1.27, busybox", which is more than a word there. Write "$DRYDOCK_COL_IMAGES" with its quotes, which a shell reads from the environment.',
    )
  })

  it('are shown as a POSIX shell would want them', () => {
    expect(['get', 'a b', "it's", '', '$(id)'].map(shellWord)).toEqual(['get', "'a b'", "'it'\\''s'", "''", "'$(id)'"])
  })
})

describe('the address of a link of their own', () => {
  it('holds values that cannot leave their part of it', () => {
    const url = 'https://grafana.example/d/pods?var-pod=$NAME&var-ns=${NAMESPACE}#$COL-IMAGES'
    expect(addressFor(url, values)).toBe('https://grafana.example/d/pods?var-pod=web-0&var-ns=shop#nginx%3A1.27%2C%20busybox')
    expect(addressFor('https://x.example/$NAME', new Map([['NAME', '../?admin=1&x']]))).toBe('https://x.example/..%2F%3Fadmin%3D1%26x')
  })

  it('is of the web, whatever a value says', () => {
    expect(() => addressFor('$NAME', new Map([['NAME', 'javascript:alert(1)']]))).toThrow('is no address of the web')
    expect(() => addressFor('file:///etc/passwd', values)).toThrow('"file:///etc/passwd" is no address of the web.')
  })
})

describe('a command of their own', () => {
  const wrong = (command: Partial<OwnCommand>) =>
    commandProblems({ name: 'Top', scopes: ['po'], command: 'kubectl', ...command }).map(({ field, problem }) => [field, problem.message])

  it('has nothing wrong with it where it can be run', () => {
    expect(
      wrong({ args: ['top', 'pod', '$NAME', '-n', '$NAMESPACE', '$COL-ANY'], scopes: ['all', 'deployments.apps', 'apps/v1/deployments'] }),
    ).toEqual([])
    expect(wrong({ command: 'sh', args: ['-c', 'echo $HOME $NAME'] })).toEqual([])
    expect(commandProblems({ name: 'Docs', scopes: ['all'], url: 'https://example.com/$KIND' })).toEqual([])
  })

  it('is told which field is wrong, and what mends it', () => {
    expect(wrong({ name: ' ' })).toEqual([['name', 'The command has no name. Give it one that menus show.']])
    expect(wrong({ scopes: [] }).map(([f]) => f)).toEqual(['scopes'])
    expect(wrong({ scopes: ['po', 'a b'] })).toEqual([
      ['scopes[1]', '"a b" is no kind. Name kinds as kubectl takes them, such as pods or deployments.apps, or "all".'],
    ])
    expect(wrong({ command: '' }).map(([f]) => f)).toEqual(['command'])
    expect(wrong({ command: 'kubectl get' })).toEqual([
      ['command', '"kubectl get" holds several words. Leave the program here and put the other words into the arguments, one each.'],
    ])
    expect(wrong({ command: '$NAME' }).map(([f]) => f)).toEqual(['command'])
    const [[field, words]] = wrong({ args: ['top', '$FILTER'] }) as [[string, string]]
    expect([field, words.startsWith('There is no variable $FILTER. There are $NAME, $NAMESPACE,')]).toEqual(['args[1]', true])
    for (const url of ['ftp://x', 'javascript:1', 'example.com', '$COL-URL'])
      expect(
        commandProblems({ name: 'Docs', scopes: ['all'], url }).map((p) => p.field),
        url,
      ).toEqual(['url'])
  })
})
